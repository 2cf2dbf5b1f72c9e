package activities

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// standing is a form that is answered and may be changed, as if it were open;
// nil when the ask is none, or not the one whose answers stand.
func (s *session) standing(ask port.Ask) *port.OpenStep {
	step, d := s.def.Playbook.Step(ask.Step), s.state.FindDone(ask.Step, ask.Item)
	if step == nil || step.Form == nil || !step.Form.Again || d == nil || d.Token != ask.Token || s.state.Outcome != "" {
		return nil
	}
	names, _, err := s.asked(step, step.Form.Ask)
	if err != nil {
		return nil // who is asked is nobody now: the answers stay as they are
	}
	return &port.OpenStep{
		Step: ask.Step, Item: ask.Item, Kind: string(ask.Kind), Title: ask.Body.Title, Round: ask.Round, Version: ask.Version,
		StateVersion: ask.StateVersion, Token: ask.Token, OpenedAt: ask.OpenedAt, Names: names, Addressees: ask.Body.Addressees, Due: ask.Body.Due,
	}
}

// staysOpen keeps the ask of an answered form open where the answers may be
// changed, filled in with them, and puts the button onto its message.
func (s *session) staysOpen(o port.OpenStep, v port.Verdict, card *port.Card) bool {
	step := s.def.Playbook.Step(o.Step)
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == o.Token })
	if step == nil || step.Form == nil || !step.Form.Again || i < 0 {
		return false
	}
	body := s.asks[i].Body
	body.Prefill = map[string]any{}
	filled, _ := plainValue(v.Values).(map[string]any)
	maps.Copy(body.Prefill, filled)
	maps.DeleteFunc(body.Prefill, func(_ string, answer any) bool { _, apart := port.ApartRef(answer); return apart })
	body.Questions = askedAgain(body.Questions, v.Fields)
	s.asks[i].Body, s.asks[i].StateVersion = body, o.StateVersion
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskOpen, StateVersion: o.StateVersion, Body: &body})
	card.Token = o.Token
	card.Buttons = []port.Button{{Action: port.ActionAnswer, Label: "Change your answers"}}
	card.Footer = "The answers may be changed until the run ends. What depends on them is worked out anew, and decisions about them are asked again."
	return true
}

// revise puts changed answers in the place of those that stood.
func (s *session) revise(v port.Verdict) error {
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == v.Token })
	if i < 0 || v.Closes != port.StepDone {
		return nil
	}
	o := s.standing(s.asks[i])
	d := s.state.FindDone(v.Step, v.Item)
	if o == nil || d == nil {
		return nil
	}
	o.StateVersion++
	s.state.Revision++
	if !slices.Contains(s.state.Revised, v.Step) {
		s.state.Revised = append(s.state.Revised, v.Step)
	}
	d.Fields, d.By, d.At, d.Version = v.Fields, v.Person, v.At, d.Version+1
	if err := s.restrict(); err != nil {
		return err
	}
	card := s.closedCard(*o, v)
	card.Title = "Changed: " + o.Title
	s.staysOpen(*o, v, &card)
	s.editAll(*o, o.StateVersion, card)
	s.comment(s.issueOf(v.Step, v.Item), "changed", d.Version, s.name(v.Person)+" changed the answers. What depends on them is worked out anew.")
	s.record(o.Place(s.state.Run.ID), "step.changed", v.DecisionID, d.Version, port.Record{
		At: v.At, Actor: v.Person, Header: map[string]string{"kind": o.Kind, "version": fmt.Sprint(d.Version)}, Body: map[string]any{"result": v.Fields},
	})
	return nil
}

// settleForm ends that the answers of a finished form may be changed.
func (s *session) settleForm(d port.StepResult, why string) {
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == d.Token && d.Token != "" })
	if i < 0 || s.asks[i].State != port.AskOpen || s.asks[i].Kind != playbooks.KindForm {
		return
	}
	a := s.asks[i]
	s.asks[i].State = port.AskSettled
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: a.Token, State: port.AskSettled, StateVersion: a.StateVersion + 1, ClosedAt: s.now})
	o := port.OpenStep{
		Step: a.Step, Item: a.Item, Kind: string(a.Kind), Title: a.Body.Title, Round: a.Round, Version: a.Version, Token: a.Token, Addressees: a.Body.Addressees, Due: a.Body.Due,
	}
	card := s.closedCard(o, port.Verdict{Person: d.By, At: d.At, Fields: d.Fields})
	card.Lines = append(card.Lines, "The answers cannot be changed any more: "+why)
	s.editAll(o, a.StateVersion+1, card)
}

// reconsider looks again at all that was decided by expressions, because answers
// were changed: values are computed anew, steps whose condition holds now are
// opened, those whose condition does not are withdrawn, and what was approved on
// other answers is asked again. What is sent or done outside is not undone.
func (s *session) reconsider() error {
	revised := s.state.Revised
	if len(revised) == 0 {
		return nil
	}
	s.state.Revised = nil
	if err := s.reconsiderSteps(s.def.Playbook.Steps); err != nil {
		return err
	}
	if err := s.reviewNeeds(); err != nil {
		return err
	}
	return s.decideAgain("Answers were changed", "answers it was decided on were changed", s.state.FindDone(revised[0], "").By)
}

func (s *session) reconsiderSteps(steps []*playbooks.Step) error {
	for _, step := range steps {
		id := step.ID.V
		d, open := s.state.FindDone(id, s.itemOf(id)), s.state.FindOpen(id, s.itemOf(id))
		if d == nil && open == nil && id != "" {
			continue // not come so far
		}
		if !step.When.Empty() && step.Kind != playbooks.KindBack {
			holds, err := s.eval.Holds(step.When, s.scope())
			if err != nil {
				return fmt.Errorf("step %s: when: %w", id, err)
			}
			skipped := d != nil && d.State == port.StepSkipped
			switch {
			case holds && skipped:
				s.unskip(step)
				continue
			case !holds && !skipped && step.Kind == playbooks.KindClock:
				continue // a clock that was started is not undone
			case !holds && !skipped:
				s.skip(step, step)
				continue
			case skipped:
				continue
			}
		}
		if step.Kind == playbooks.KindSet && d != nil {
			s.state.Done = slices.DeleteFunc(s.state.Done, func(r port.StepResult) bool { return r.Step == id && s.mine(id, r.Item) })
			if err := s.evaluateSet(step); err != nil {
				return err
			}
		}
		if step.Each != nil {
			if err := s.reconsiderItems(step); err != nil {
				return err
			}
			continue
		}
		if step.Holds() {
			if err := s.reconsiderSteps(step.Inner()); err != nil {
				return err
			}
		}
	}
	return nil
}

// unskip forgets that a step and all in it were skipped, so that they are
// visited.
func (s *session) unskip(step *playbooks.Step) {
	for _, inner := range step.All() {
		s.state.Done = slices.DeleteFunc(s.state.Done, func(r port.StepResult) bool {
			return r.Step == inner.ID.V && s.mine(r.Step, r.Item) && r.State == port.StepSkipped
		})
	}
	s.askAnew(step)
}

// askAnew begins a new round where something is needed again that was withdrawn in
// this one: what was withdrawn stays so, with its issue, and a new one is asked.
func (s *session) askAnew(step *playbooks.Step) {
	inside := func(id string) bool {
		return slices.ContainsFunc(step.All(), func(x *playbooks.Step) bool { return x.ID.V == id })
	}
	if !slices.ContainsFunc(s.asks, func(a port.Ask) bool {
		return a.Round == s.state.Round && a.State == port.AskWithdrawn && inside(a.Step)
	}) {
		return
	}
	s.state.Round++
	s.state.RoundWhy = fmt.Sprintf("Round %d: this was withdrawn, and is needed again.", s.state.Round)
	s.record(s.runPlace(), "round.started", "", s.state.Round, port.Record{
		Header: map[string]string{"round": fmt.Sprint(s.state.Round), "from": step.ID.V}, Body: map[string]any{"reason": "withdrawn, and needed again"},
	})
}

// reconsiderItems looks again at the steps of every entry of an each. The list
// itself stays as it was when the each began.
func (s *session) reconsiderItems(step *playbooks.Step) error {
	for _, it := range s.items(step) {
		was := s.at
		s.at = at{item: it, each: step}
		err := s.reconsiderSteps(step.Each.Steps)
		s.at = was
		if err != nil {
			return err
		}
	}
	return nil
}

// reviewNeeds asks an open approval again where other lines decide now.
func (s *session) reviewNeeds() error {
	for _, o := range slices.Clone(s.state.Open) {
		step := s.def.Playbook.Step(o.Step)
		if step == nil || step.Approval == nil || o.Raised != "" {
			continue
		}
		back := s.within(o.Step, o.Item)
		needs, err := s.needs(step.Approval.Need, "")
		back()
		if err != nil {
			return fmt.Errorf("step %s: need: %w", step.ID, err)
		}
		if len(needs) == 0 || reflect.DeepEqual(plainList(needs), plainList(o.Needs)) {
			continue
		}
		back = s.within(o.Step, o.Item)
		doc, err := s.document(step, o.Round)
		back()
		if err != nil {
			return err
		}
		difference, err := s.difference(o.Digest, doc)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.state.Open, func(x port.OpenStep) bool { return x.Token == o.Token })
		if err := s.askAgain(i, doc, append(difference, "Who decides was worked out anew from the changed answers.")); err != nil {
			return err
		}
	}
	return nil
}
