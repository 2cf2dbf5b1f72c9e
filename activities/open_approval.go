package activities

import (
	"fmt"
	"strconv"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// openApproval asks the deciding lines for a decision about the evidence as it
// is now.
func (s *session) openApproval(step *playbooks.Step) error {
	o, err := s.newOpening(step, step.Title)
	if err != nil {
		return err
	}
	if o.open.Needs, err = s.needs(step.Approval.Need, ""); err != nil {
		return fmt.Errorf("step %s: need: %w", step.ID, err)
	}
	if len(o.open.Needs) == 0 {
		return &parkError{fmt.Sprintf("step %s: no line of its need applies, so nobody could decide; give one line without `when`", step.ID)}
	}
	if o.open.Never, err = s.never(step.Approval.Never); err != nil {
		return fmt.Errorf("step %s: never: %w", step.ID, err)
	}
	return s.putApproval(o)
}

// putApproval resolves lines and evidence and opens one version of the ask.
func (s *session) putApproval(o *opening) error {
	doc, err := s.document(o.step, o.open.Round)
	if err != nil {
		return err
	}
	o.open.Digest = doc.digest
	s.addDocument(doc)
	o.open.Lines = s.lines(s.org, &o.open, s.now)
	o.open.Addressees = s.deciders(s.org, o.open.Lines)
	if len(o.open.Addressees) == 0 {
		return &parkError{fmt.Sprintf("step %s: nobody may decide: every line is vacant or excluded", o.step.ID)}
	}
	if err := s.deadline(o); err != nil {
		return err
	}
	o.body.Actions = s.actions(o.step, o.open)
	if o.body.Choose, err = s.questions(o.step.Approval.Choose, s.scope()); err != nil {
		return err
	}
	if o.step.Approval.Changes.V != "" {
		o.body.Changes = s.stepTitle(o.step.Approval.Changes.V)
	}
	o.issue.Description = "Decide in Slack: press Approve, Reject or one of the other buttons in the message from Aimsbot. Moving this issue decides nothing."
	s.put(o)
	return nil
}

func (s *session) actions(step *playbooks.Step, o port.OpenStep) []string {
	out := []string{port.ActionApprove, port.ActionConditions, port.ActionReject}
	if step.Approval.Changes.V != "" {
		out = append(out, port.ActionChanges)
	}
	for _, l := range o.Lines {
		if hasCommittee(l) {
			out = append(out, port.ActionAbstain, port.ActionRecuse)
			break
		}
	}
	return append(out, port.ActionEvidence)
}

func hasCommittee(l port.Line) bool {
	for _, a := range l.AnyOf {
		if hasCommittee(a) {
			return true
		}
	}
	return l.Kind == port.LineCommittee
}

// needs evaluates the lines that apply to names.
func (s *session) needs(need []playbooks.Need, prefix string) ([]port.NeedLine, error) {
	var out []port.NeedLine
	for i, n := range need {
		if !n.When.Empty() {
			holds, err := s.eval.Holds(n.When, s.scope())
			if err != nil {
				return nil, err
			}
			if !holds {
				continue
			}
		}
		l := port.NeedLine{ID: prefix + strconv.Itoa(i+1), Votes: n.Votes, Chair: n.Chair.V}
		var name playbooks.Str
		switch {
		case !n.Role.Empty():
			l.Kind, name = port.LineRole, n.Role
		case !n.Person.Empty():
			l.Kind, name = port.LinePerson, n.Person
		case !n.Committee.Empty():
			l.Kind, name = port.LineCommittee, n.Committee
		default:
			l.Kind = port.LineAnyOf
			inner, err := s.needs(n.AnyOf, l.ID+".")
			if err != nil {
				return nil, err
			}
			l.AnyOf = inner
		}
		if l.Kind != port.LineAnyOf {
			text, err := s.eval.Text(name.V, s.scope())
			if err != nil {
				return nil, err
			}
			l.Name = text
		}
		out = append(out, l)
	}
	return out, nil
}

// never evaluates the people excluded by the step itself.
func (s *session) never(list []playbooks.Str) ([]string, error) {
	var out []string
	for _, n := range list {
		names, err := s.eval.People(playbooks.People{One: n}, s.scope())
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			out = append(out, s.everybody(name)...)
		}
	}
	return out, nil
}

// everybody lists the people behind a name, whether they act now or not.
func (s *session) everybody(name string) []string {
	if r, ok := s.org.Role(name); ok {
		if r.Holder == "" {
			return r.Deputies
		}
		return append([]string{r.Holder}, r.Deputies...)
	}
	if c, ok := s.org.Committee(name); ok {
		return append(append([]string{c.Chair}, c.Members...), c.Alternates...)
	}
	return []string{name}
}

// deciders are the messages of an approval: a direct message to each person of
// a role or person line, one message in each committee's channel.
func (s *session) deciders(o org.Organisation, lines []port.Line) []port.Addressee {
	var to []port.Addressee
	seen := map[string]bool{}
	add := func(a port.Addressee) {
		if !seen[a.ID()] {
			seen[a.ID()] = true
			to = append(to, a)
		}
	}
	for _, l := range lines {
		switch l.Kind {
		case port.LineCommittee:
			if c, ok := o.Committee(l.Name); ok {
				for _, a := range s.members(c, sitting(l), "the "+c.Title+" decides") {
					add(a)
				}
			}
		case port.LineAnyOf:
			for _, a := range s.deciders(o, l.AnyOf) {
				add(a)
			}
		default:
			for _, seat := range l.Seats {
				if seat.Excluded == "" {
					add(port.Addressee{Person: seat.Person, Why: s.whyLine(o, l, seat.Person)})
				}
			}
		}
	}
	return to
}

func (s *session) whyLine(o org.Organisation, l port.Line, person string) string {
	if l.Kind == port.LinePerson {
		return "the playbook names you"
	}
	if r, ok := o.Role(l.Name); ok && r.Holder == person {
		return "you are the " + r.Title
	}
	return "you stand in for the " + l.Title
}

// stepTitle is how people call a step.
func (s *session) stepTitle(id string) string {
	for _, d := range s.state.Open {
		if d.Step == id && d.Item == s.itemOf(id) {
			return d.Title
		}
	}
	if a := s.lastAsk(id, s.itemOf(id)); a != nil {
		return a.Body.Title
	}
	if st := s.def.Playbook.Step(id); st != nil && (st.Holds() || st.Wait != nil || st.Start != nil) && !st.Title.Empty() {
		if text, err := s.eval.Text(st.Title.V, s.scope()); err == nil {
			return text
		}
	}
	return s.plainName(id)
}

// lastAsk is the newest ask of a step, also one that was made just now; nil for none.
func (s *session) lastAsk(step, item string) *port.Ask {
	for _, asks := range [][]port.Ask{s.batch.Asks, s.asks} {
		for i := len(asks) - 1; i >= 0; i-- {
			if a := &asks[i]; a.Step == step && a.Item == item {
				return a
			}
		}
	}
	return nil
}

// plainName is how people call a step that nobody was asked.
func (s *session) plainName(id string) string {
	if s.itemOf(id) == "" {
		return sentence(words(id))
	}
	return s.ofItem(sentence(words(id)))
}
