package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

func (p *play) act(a scenario.Act) error {
	switch {
	case a.Says != nil:
		return p.says(a.Pos, a.Says)
	case a.Happens != nil:
		if err := p.happens(a.Happens); err != nil {
			return err
		}
		return p.settle()
	case a.Until != nil:
		t := a.Until.At
		if t.IsZero() {
			var err error
			if t, err = p.main().Definition.Calendar.End(p.stage.Now(), a.Until.Later, a.Until.Zone); err != nil {
				p.fail(a.Pos, "%v", err)
				return nil
			}
		}
		return p.until(t)
	case a.Organisation != nil:
		if err := p.stage.Load(p.ctx, *a.Organisation, p.stage.Now()); err != nil {
			return fmt.Errorf("load the organisation: %w", err)
		}
		p.now = *a.Organisation
		if err := p.acts.TellRuns(p.ctx, p.now); err != nil {
			return err
		}
		return p.settle()
	case len(a.Register) > 0:
		if err := p.write(a.Register); err != nil {
			return err
		}
		return p.settle()
	case a.Ends != nil:
		return p.ends(a.Pos, a.Ends)
	case a.Expect != nil:
		return p.expect(a.Expect)
	}
	return nil
}

// action is what a verb is called where it is decided.
var action = map[string]string{
	scenario.Answers: port.ActionAnswer, scenario.Approves: port.ActionApprove, scenario.Rejects: port.ActionReject,
	scenario.SendsBack: port.ActionChanges, scenario.Abstains: port.ActionAbstain, scenario.Recuses: port.ActionRecuse,
	scenario.Cancels: "cancel",
}

// says has a person act on the ask now open at a step, and holds what became of
// it against what was expected.
func (p *play) says(at source.Pos, s *scenario.Says) error {
	r := p.main()
	var open *port.OpenStep
	if s.Step != "" {
		if open = r.openAt(s); open == nil {
			p.fail(at, "%s is not open now. %s", s.Step, stands(r))
			return nil
		}
	}
	if s.Verb == scenario.Finishes {
		return p.finishes(at, s, r, open)
	}
	row := port.InboxRow{Kind: port.InboxSubmit, Action: action[s.Verb]}
	var values map[string]any
	switch s.Verb {
	case scenario.Answers:
		ask, err := p.stage.Ledger.AskByToken(p.ctx, open.Token)
		if err != nil {
			return fmt.Errorf("read what is asked: %w", err)
		}
		values = answers(ask, s.With)
	case scenario.Cancels:
		row.Kind = port.InboxCommand
		values = map[string]any{"reason": s.Reason}
	default:
		values = decision(&row, s)
		if open == nil {
			break
		}
		ask, err := p.stage.Ledger.AskByToken(p.ctx, open.Token)
		if err != nil {
			return fmt.Errorf("read what is asked: %w", err)
		}
		for _, q := range ask.Body.Choose { // `with` names what is chosen as the playbook does
			if v, ok := s.With[q.ID.V]; ok {
				values[port.ChooseID+q.ID.V] = v
			}
		}
	}
	var err error
	if row.Values, err = json.Marshal(values); err != nil {
		return fmt.Errorf("keep the answers: %w", err)
	}
	if open != nil {
		row.Token = open.Token
	}
	return p.put(at, s, r, row)
}

// openAt is what is open at a step: also a form that is answered, where its answers
// may be changed.
func (r *run) openAt(s *scenario.Says) *port.OpenStep {
	id, item := playbooks.ReadStepRef(s.Step)
	if o := r.state.FindOpen(id, item); o != nil || s.Verb != scenario.Answers {
		return o
	}
	step, d := r.Definition.Playbook.Step(id), r.state.FindDone(id, item)
	if step == nil || step.Form == nil || !step.Form.Again || d == nil || d.Token == "" {
		return nil
	}
	return &port.OpenStep{Step: id, Item: item, Token: d.Token}
}

// decision are the values of the window of a decision.
func decision(row *port.InboxRow, s *scenario.Says) map[string]any {
	values := map[string]any{}
	if s.Reason != "" {
		values["reason"] = s.Reason
	}
	for i, c := range s.Conditions {
		row.Action = port.ActionConditions
		values[fmt.Sprintf("c%d_text", i+1)], values[fmt.Sprintf("c%d_owner", i+1)], values[fmt.Sprintf("c%d_due", i+1)] = c.Text, c.Owner, c.Due
	}
	for k, v := range s.With {
		values[k] = v
	}
	return values
}

// answers are the values of a form. For one that goes through a list they are
// given by the id of the entry.
func answers(ask port.Ask, with map[string]any) map[string]any {
	if len(ask.Body.Rows) == 0 {
		return with
	}
	out := map[string]any{}
	all, _ := with[scenario.EveryEntry].(map[string]any)
	for i := range ask.Body.Rows {
		for q, answer := range all {
			out[port.RowID(i+1)+q] = answer
		}
	}
	for name, v := range with {
		row, _ := v.(map[string]any)
		if name == scenario.EveryEntry {
			continue
		}
		for i, entry := range ask.Body.Rows {
			if id(entry.Item) != name && entry.Title != name {
				continue
			}
			for q, answer := range row {
				out[port.RowID(i+1)+q] = answer
			}
			name = ""
		}
		if name != "" {
			out[name] = v // judged as what nobody has asked
		}
	}
	return out
}

// id is what an entry is known by.
func id(entry any) string {
	m, ok := entry.(map[string]any)
	switch {
	case !ok:
		return fmt.Sprint(entry)
	case m["id"] != nil:
		return fmt.Sprint(m["id"])
	}
	return id(m["item"])
}

// put keeps a row as intake does, lets the runs go on, and looks at the verdict.
func (p *play) put(at source.Pos, s *scenario.Says, r *run, row port.InboxRow) error {
	v, err := p.keep(s, r, row)
	if err != nil {
		return err
	}
	p.verdict(at, s, v.Verdict == port.VerdictAccepted, v.Reason)
	return nil
}

// keep keeps a row as intake does, and answers the verdict on it.
func (p *play) keep(s *scenario.Says, r *run, row port.InboxRow) (v port.Verdict, err error) {
	p.rows++
	row.DecisionID, row.DeliveryKey = fmt.Sprintf("decision-%d", p.rows), fmt.Sprintf("delivery-%d", p.rows)
	row.Run, row.Person, row.ReceivedAt = r.ID, s.Person, p.stage.Now()
	who, _ := p.now.Person(s.Person)
	row.Origin = port.Origin{Door: "slack", Team: who.Slack.Team, User: who.Slack.User}
	stored, _, err := p.stage.Ledger.Put(p.ctx, row)
	if err != nil {
		return v, fmt.Errorf("keep what was said: %w", err)
	}
	if err := p.settle(); err != nil {
		return v, err
	}
	rows, err := p.stage.Ledger.RowsAfter(p.ctx, r.ID, stored.ID-1, 1)
	if err != nil || len(rows) == 0 || rows[0].Verdict == nil {
		return v, cmp.Or(err, fmt.Errorf("row %d of run %s has no verdict", stored.ID, r.ID))
	}
	return *rows[0].Verdict, nil
}

// verdict holds what became of something against what was expected.
func (p *play) verdict(at source.Pos, s *scenario.Says, counts bool, reason string) {
	doing := strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Person, s.Verb, s.Step))
	switch want := s.Refused; {
	case want.Empty() && !counts:
		p.fail(at, "%s, which was refused: %s", doing, reason)
	case !want.Empty() && counts:
		p.fail(want.Pos, "%s should have been refused, but it counts", doing)
	case !want.Empty() && !strings.Contains(reason, want.V):
		p.fail(want.Pos, "%s was refused with other words: %s", doing, reason)
	}
}

// finishes puts evidence on the issue of a task, moves it to done and tells the
// run, as Jira does.
func (p *play) finishes(at source.Pos, s *scenario.Says, r *run, open *port.OpenStep) error {
	i := p.out.of(r.ID, s.Step)
	if i == nil {
		p.fail(at, "%s has no issue in Jira yet", s.Step)
		return nil
	}
	if len(s.With) > 0 { // the questions of the task, which are answered in Slack
		values, err := json.Marshal(s.With)
		if err != nil {
			return fmt.Errorf("keep the answers: %w", err)
		}
		v, err := p.keep(s, r, port.InboxRow{Kind: port.InboxSubmit, Action: port.ActionAnswer, Token: open.Token, Values: values})
		if err != nil {
			return err
		}
		if v.Verdict != port.VerdictAccepted {
			p.verdict(at, s, false, v.Reason)
			return nil
		}
	}
	who, _ := p.now.Person(s.Person)
	round := open.Round
	p.out.mu.Lock()
	if s.Evidence != "" {
		i.Evidence = append(i.Evidence, port.EvidenceItem{Kind: "link", Name: s.Evidence, URL: s.Evidence, By: who.Jira, At: p.stage.Now()})
	}
	i.Category, i.Status, i.DoneBy, i.DoneAt = port.CategoryDone, "Done", who.Jira, p.stage.Now()
	p.out.mu.Unlock()
	p.rows++
	_, _, err := p.stage.Ledger.Put(p.ctx, port.InboxRow{
		Kind: port.InboxHint, Action: "changed", Token: open.Token, Run: r.ID, ReceivedAt: p.stage.Now(), Origin: port.Origin{Door: "jira", User: who.Jira},
		DecisionID: fmt.Sprintf("decision-%d", p.rows), DeliveryKey: fmt.Sprintf("delivery-%d", p.rows),
	})
	if err != nil {
		return fmt.Errorf("keep the hint: %w", err)
	}
	if err := p.settle(); err != nil {
		return err
	}
	still := r.state.FindOpen(playbooks.ReadStepRef(s.Step))
	// In a later round it is asked anew, because what was finished led back to it.
	p.verdict(at, s, still == nil || still.Round > round, p.reopened(r, i))
	return nil
}

// reopened is why a task is open again.
func (p *play) reopened(r *run, i *issue) string {
	all, err := p.stage.Ledger.EffectsOf(p.ctx, r.ID)
	if err != nil {
		return err.Error()
	}
	why := "it stayed open"
	for _, e := range all {
		if e.Kind == port.EffectComment && e.Step == i.place.Step {
			full, err := p.stage.Ledger.Effect(p.ctx, e.Key)
			var c port.Comment
			if err == nil && json.Unmarshal(full.Body, &c) == nil {
				why = c.Text
			}
		}
	}
	return why
}

// stands says where a run stands, for somebody whose scenario went another way.
func stands(r *run) string {
	switch {
	case r.state.Outcome != "":
		return "The run has ended: " + r.state.Outcome + "."
	case r.state.Parked != "":
		return "The run cannot go on: " + r.state.Parked + "."
	case len(r.state.Open) == 0:
		return "Nothing is open."
	}
	var open []string
	for _, o := range r.state.Open {
		open = append(open, playbooks.StepRef(o.Step, o.Item))
	}
	return "Open: " + strings.Join(open, ", ") + "."
}
