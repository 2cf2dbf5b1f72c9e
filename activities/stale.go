package activities

import (
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// askJoined asks again what was decided before something happened that would have
// begun the run. Open decisions are asked again because their evidence shows it,
// and what follows a rejection is not held up.
func (s *session) askJoined(rejected bool) error {
	if !s.state.Reopen {
		return nil
	}
	s.state.Reopen = false
	if rejected {
		return nil
	}
	return s.decideAgain("Something happened", "something happened that would have begun this anew", "")
}

// decideAgain begins a new round for the decisions that were made on other evidence:
// all of them, because those side by side do not come again with each other.
func (s *session) decideAgain(what, why, by string) error {
	var back []goingBack
	var again []string
	var first time.Time
	for _, step := range s.def.Playbook.All() {
		d, err := s.staleIn(step)
		if err != nil {
			return err
		}
		if d == nil || slices.Contains(again, step.ID.V) {
			continue
		}
		steps, _ := from(s.def.Playbook.Steps, true, step.ID.V)
		again = append(again, steps...)
		back = append(back, goingBack{target: step.ID.V, step: step.ID.V, why: why, by: by})
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
	}
	if len(back) == 0 {
		return nil
	}
	if err := s.newRound(what+", so this", back); err != nil {
		return err
	}
	s.state.RoundWhy = fmt.Sprintf("Round %d: %s, so the decision of %s does not count any more.", s.state.Round, why, moment(first, s.org.Profile.Zone))
	return nil
}

// staleIn is a decision of the step that is stale, of any entry where the step
// stands in an each; nil for none.
func (s *session) staleIn(step *playbooks.Step) (*port.StepResult, error) {
	keys := []string{""}
	if each := s.def.Playbook.EachOf(step.ID.V); each != nil && step.Approval != nil {
		for _, it := range s.items(each) {
			keys = append(keys, it.key)
		}
	}
	for _, key := range keys {
		back := s.within(step.ID.V, key)
		stale, err := s.stale(step)
		back()
		if stale || err != nil {
			return s.state.FindDone(step.ID.V, key), err
		}
	}
	return nil, nil
}

// stale tells whether a decision stands that was made on other evidence than
// there is now.
func (s *session) stale(step *playbooks.Step) (bool, error) {
	d := s.state.FindDone(step.ID.V, s.itemOf(step.ID.V))
	if step.Approval == nil || d == nil || d.State != port.StepDone || d.Fields["outcome"] == outcomeChanges || d.Fields["outcome"] == port.OutcomeRejected {
		return false, nil
	}
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == d.Token && d.Token != "" })
	if i < 0 {
		return false, nil
	}
	doc, err := s.document(step, d.Round)
	if err != nil || doc.digest == s.asks[i].Body.Digest {
		return false, err
	}
	difference, err := s.difference(s.asks[i].Body.Digest, doc)
	return len(difference) > 0, err
}
