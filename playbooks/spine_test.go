package playbooks_test

import (
	"slices"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// complaint is another kind of incident: it asks more, has a deadline and work of
// its own, and ends in its own words.
const complaint = `playbook: complaint
extends: incident-spine
title: Somebody was treated unfairly
outcomes: {founded: {}, not_founded: {}}
starts: {by: [anyone], events: [{event: complaint.filed, with: {channel: external, what: '${event.what}'}}]}
change:
  intake:
    ask_also: [{id: asks, text: What do they want, type: choices, options: {explanation: An explanation, other: Something else}}]
  contain:
    approval:
      choose:
        measure: {text: Which measure, type: choice, options: {human: A human decides, none: Nothing}}
        fix_by: {text: By when is it repaired, type: date}
  ended: {end: {outcome: founded}}
place:
  - before: persons
    steps:
      - id: rights
        when: '"explanation" in steps.intake.asks'
        steps:
          - {id: rights_clock, title: Answer the person, clock: {rule: gdpr-12-3, from: steps.intake.aware_at, owner: [data-protection-officer], stop: [reply]}}
          - id: reply
            task: {assign: '${steps.triage.incident_lead}', title: Answer the person, evidence: required}
            due: {clock: rights_clock, part: 75%}
  - before: investigate
    steps:
      - id: group_test
        form: {ask: model-validation-lead, title: Are groups treated alike, questions: [{id: pattern, text: Is there a pattern, type: yesno}]}
        due: 10 working days
  - before: ended
    steps:
      - id: ended_not_founded
        end: {outcome: not_founded, when: '!steps.group_test.pattern'}
remove: [near_miss, ended_near_miss_late, not_real, ended_not_real_late]
`

// TestSpineIsExtended: another kind of incident needs no change of the spine.
func TestSpineIsExtended(t *testing.T) {
	t.Parallel()
	var all []playbooks.File
	for _, f := range library.Playbooks() {
		all = append(all, playbooks.File{Name: f.Name, Source: f.Source})
	}
	p, problems := playbooks.CheckWith(playbooks.File{Name: "complaint.yaml", Source: []byte(complaint)}, playbooks.NewBases(all...), demo(t), rules(t))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, o := range p.Outcomes {
		words = append(words, o.Name.V)
	}
	if want := []string{"founded", "not_founded"}; !slices.Equal(words, want) {
		t.Errorf("it ends as %v, want %v", words, want)
	}
}
