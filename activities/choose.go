package activities

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// purposeSplit is the purpose of telling that people chose differently.
const purposeSplit = "split"

// readChoice reads what an approval chose and says what is missing.
func (s *session) readChoice(row port.InboxRow, ask port.Ask, d *port.Decision) string {
	if len(ask.Body.Choose) == 0 || d.Choice != port.Approve && d.Choice != port.ApproveWith {
		return ""
	}
	var in, raw map[string]any
	if len(row.Values) > 0 && json.Unmarshal(row.Values, &in) != nil {
		return "Your decision could not be read. Please decide again."
	}
	raw = map[string]any{}
	for _, q := range ask.Body.Choose {
		if v, ok := in[port.ChooseID+q.ID.V]; ok {
			raw[q.ID.V] = v
		}
	}
	clean, problems := playbooks.CheckAnswers(ask.Body.Choose, raw, s.zone(port.Addressee{Person: row.Person}), row.ReceivedAt)
	for _, q := range ask.Body.Choose {
		if why, bad := problems[q.ID.V]; bad {
			return "“" + q.Text.V + "”: " + why
		}
	}
	var ok bool
	if d.Chosen, ok = plainValue(clean).(map[string]any); !ok {
		return "Your decision could not be read. Please decide again."
	}
	return ""
}

// plainValue is a value as JSON has it, so that what was chosen before and what
// is chosen now are the same when they look the same.
func plainValue(v any) any {
	var out any
	b, err := json.Marshal(v)
	if err != nil || json.Unmarshal(b, &out) != nil {
		return nil
	}
	return out
}

// raisedBy looks whether what a decision chose asks for more lines: the open
// step with them, or nil. Once raised it stays so until the evidence changes or
// the round ends: a change of mind must not let anybody out of the decision.
func (s *session) raisedBy(v *port.Verdict, open *port.OpenStep) (*port.OpenStep, error) {
	step := s.def.Playbook.Step(open.Step)
	if step == nil || v.Decision.Chosen == nil || open.Raised != "" {
		return nil, nil
	}
	scope := s.scope()
	scope.Now = v.At
	scope.Choice = s.eval.Choice(step, v.Decision.Chosen)
	for _, r := range step.Approval.Raise {
		holds, err := s.eval.Holds(r.When, scope)
		if err != nil {
			return nil, fmt.Errorf("step %s: raise: %w", step.ID, err)
		}
		if !holds {
			continue
		}
		next := *open
		next.Raised, v.Raised = r.To.V, r.To.V
		next.Needs, err = s.needs(r.Need, "")
		return &next, err
	}
	return nil, nil
}

// raise puts the lines of the pattern that a verdict asks for in the place of
// those of the step.
func (s *session) raise(o *port.OpenStep, v port.Verdict) error {
	if v.Raised == "" || o.Raised != "" {
		return nil
	}
	step := s.def.Playbook.Step(o.Step)
	i := slices.IndexFunc(step.Approval.Raise, func(r playbooks.Raise) bool { return r.To.V == v.Raised })
	if i < 0 {
		return nil
	}
	needs, err := s.needs(step.Approval.Raise[i].Need, "")
	if err != nil {
		return fmt.Errorf("step %s: raise: %w", step.ID, err)
	}
	o.Raised, o.Needs = v.Raised, needs
	s.record(o.Place(s.state.Run.ID), "approval.raised", v.DecisionID, o.Version, port.Record{
		At: v.At, Actor: v.Person, Header: map[string]string{"pattern": v.Raised}, Body: map[string]any{"chosen": v.Decision.Chosen},
	})
	return nil
}

// widen asks those who came to decide by a raise, and gives the ask as it is
// then; nil when nobody came.
func (s *session) widen(o *port.OpenStep, v port.Verdict) *port.AskBody {
	if v.Raised == "" || o.Raised != v.Raised {
		return nil
	}
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == o.Token })
	if i < 0 {
		return nil
	}
	for _, to := range s.deciders(s.org, o.Lines) {
		if slices.ContainsFunc(o.Addressees, func(a port.Addressee) bool { return a.ID() == to.ID() }) {
			continue
		}
		o.Addressees = append(o.Addressees, to)
		s.putMessage(*o, to, "")
	}
	body := s.asks[i].Body
	body.Addressees, body.Lines = o.Addressees, o.Lines
	body.Actions = s.actions(s.def.Playbook.Step(o.Step), *o)
	s.asks[i].Body = body
	return &body
}

// choiceLines say what was chosen by whom, and what that leads to.
func (s *session) choiceLines(o port.OpenStep, st approval.State) []string {
	step := s.def.Playbook.Step(o.Step)
	if step == nil || step.Approval == nil || len(step.Approval.Choose) == 0 {
		return nil
	}
	var out []string
	if st.Choice != nil {
		out = append(out, "Chosen: "+s.chosenText(step, st.Choice))
	} else {
		latest := map[string]port.Decision{}
		var people []string
		for _, d := range o.Decisions {
			if _, known := latest[d.Person]; !known {
				people = append(people, d.Person)
			}
			latest[d.Person] = d
		}
		for _, p := range people {
			if c := latest[p].Chosen; c != nil {
				out = append(out, s.name(p)+" chose "+s.chosenText(step, c))
			}
		}
	}
	if st.Split {
		out = append(out, saySplit)
	}
	if o.Raised != "" && st.Status == approval.Open {
		out = append(out, "Because of a choice made, more people decide than at first.")
	}
	return out
}

const saySplit = "There are approvals enough, but not of the same choice, so nothing is decided. Please talk to each other; whoever decided may press Approve again and choose anew."

// chosenText is a choice as people read it.
func (s *session) chosenText(step *playbooks.Step, chosen map[string]any) string {
	var parts []string
	for _, q := range s.chooseOf(step) {
		if v, ok := chosen[q.ID.V]; ok {
			parts = append(parts, q.Text.V+": "+s.answerText(q, asList(v)))
		}
	}
	return strings.Join(parts, "; ")
}

// chooseOf are the choices of an approval as people were asked them.
func (s *session) chooseOf(step *playbooks.Step) []playbooks.Question {
	for _, a := range slices.Backward(s.asks) {
		if a.Step == step.ID.V && a.Item == s.itemOf(a.Step) && len(a.Body.Choose) > 0 {
			return a.Body.Choose
		}
	}
	return step.Approval.Choose
}

// tellSplit tells all who decide that they chose differently, below the message
// they decided in: an edited message alone calls nobody.
func (s *session) tellSplit(o port.OpenStep, v port.Verdict) {
	st := approval.Compute(o.Lines, o.Decisions)
	if v.Decision == nil || !st.Split {
		return
	}
	for _, to := range o.Addressees {
		c := port.Card{To: to, ThreadOf: s.askKey(o, to), Title: "Different choices: " + o.Title, Lines: s.choiceLines(o, st)}
		s.intend(port.Effect{
			Place: o.Place(s.state.Run.ID), Purpose: purposeSplit, Addressee: to.ID(), N: o.StateVersion, Kind: port.EffectPost, Token: o.Token, Of: s.askKey(o, to),
		}, c)
	}
}
