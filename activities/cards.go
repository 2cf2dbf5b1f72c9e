package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// card writes the message of an open step for one addressee: what, which
// system, why you, by when, where the evidence is, what happens next.
func (s *session) card(o port.OpenStep, to port.Addressee) port.Card {
	defer s.within(o.Step, o.Item)()
	c := port.Card{To: to, Title: o.Title, Token: o.Token, Lines: s.lead(o, to), Fields: s.context(o, to)}
	switch o.Kind {
	case "form":
		c.Buttons = []port.Button{{Action: port.ActionAnswer, Label: "Answer", Style: "primary"}}
		c.Footer = "Your answers take the run to its next step. The Jira issue follows by itself."
		if step := s.def.Playbook.Step(o.Step); step != nil && step.Form != nil && step.Form.Opinion {
			c.Footer = "Your opinion is recorded and shown to those who decide. It is not a vote. The Jira issue follows by itself."
		}
	case "task":
		c.Lines = append(c.Lines, s.checklist(o)...)
		s.taskCard(&c, o)
	case "approval":
		s.approvalCard(&c, o)
	}
	return c
}

func (s *session) lead(o port.OpenStep, to port.Addressee) []string {
	process := s.def.Playbook.Title.V
	if process == "" {
		process = s.def.Playbook.Name.V
	}
	what := map[string]string{"form": "needs your answers", "task": "needs this done", "approval": "needs a decision"}[o.Kind]
	lines := []string{fmt.Sprintf("%s for %s %s. You are asked because %s.", process, s.subjectName(), what, to.Why)}
	if to.Channel != "" {
		lines = []string{fmt.Sprintf("%s for %s %s. It is asked here because %s.", process, s.subjectName(), what, to.Why)}
	}
	switch {
	case s.state.RoundWhy != "":
		if s.state.FindPrevious(o.Step, o.Item) != nil { // who is asked the first time need not know
			lines = append(lines, strings.TrimSpace(s.state.RoundWhy))
		}
	case o.Round > 1:
		lines = append(lines, fmt.Sprintf("Round %d: changes were asked for. %s", o.Round, s.changeReason()))
	}
	if o.Version > 1 {
		lines = append(lines, "The evidence changed since it was first asked; decisions given before do not count.")
	}
	if o.Missed {
		lines = append(lines, "The deadline has passed. It stays open until it is answered.")
	}
	return lines
}

// changeReason is what the last 'ask for changes' said.
func (s *session) changeReason() string {
	for i := len(s.state.Previous) - 1; i >= 0; i-- {
		if p := s.state.Previous[i]; p.Kind == "approval" {
			if why, _ := p.Fields["changes"].(string); why != "" {
				return fmt.Sprintf("%s wrote: %s", s.name(p.By), why)
			}
		}
	}
	return ""
}

func (s *session) context(o port.OpenStep, to port.Addressee) []port.Field {
	f := []port.Field{s.subjectField()}
	if !o.Due.IsZero() {
		f = append(f, port.Field{Label: "Due", Value: moment(o.Due, s.zone(to))})
	}
	return append(f, port.Field{Label: "Run", Value: s.state.Run.ID})
}

// checklist is the points of a task, as its issue has them.
func (s *session) checklist(o port.OpenStep) []string {
	step := s.def.Playbook.Step(o.Step)
	if step == nil || step.Task == nil {
		return nil
	}
	var points []string
	for _, c := range step.Task.Checklist {
		if text, err := s.eval.Text(c.V, s.scope()); err == nil {
			points = append(points, "• "+text)
		}
	}
	var out []string
	if len(points) > 0 {
		out = append(out, strings.Join(points, "\n"))
	}
	if step.Task.Evidence.V == "required" {
		out = append(out, "Evidence is required: put a file or a link on the Jira issue before you close it.")
	}
	return out
}

func (s *session) approvalCard(c *port.Card, o port.OpenStep) {
	step := s.def.Playbook.Step(o.Step)
	if doc, err := s.document(step, o.Round); err == nil {
		c.Facts = s.facts(doc)
	}
	st := approval.Compute(o.Lines, o.Decisions)
	c.Lines = append(c.Lines, strings.Join(append(s.lineTexts(st), s.choiceLines(o, st)...), "\n"))
	labels := map[string]port.Button{
		port.ActionApprove:    {Label: "Approve", Style: "primary"},
		port.ActionConditions: {Label: "Approve with conditions"},
		port.ActionReject:     {Label: "Reject", Style: "danger"},
		port.ActionChanges:    {Label: "Ask for changes"},
		port.ActionAbstain:    {Label: "Abstain"},
		port.ActionRecuse:     {Label: "Withdraw (conflict of interest)"},
		port.ActionEvidence:   {Label: "Show the evidence"},
	}
	for _, a := range s.actions(step, o) {
		if !maySitOut(o.Lines, c.To) && (a == port.ActionAbstain || a == port.ActionRecuse) {
			continue
		}
		b := labels[a]
		b.Action = a
		if a == port.ActionApprove && len(step.Approval.Choose) > 0 {
			b.Label = "Approve and choose"
		} else if a == port.ActionApprove {
			b.Confirm = "Your decision is recorded under your name and bound to the evidence shown."
		}
		c.Buttons = append(c.Buttons, b)
	}
	c.Footer = fmt.Sprintf("Evidence %s. You may change your decision until the step closes. No answer is never a yes.", shortDigest(o.Digest))
	c.People = s.mentions(o, c.To)
}

// mentions are the members a channel message calls.
func (s *session) mentions(o port.OpenStep, to port.Addressee) []port.Mention {
	var out []port.Mention
	if to.Channel == "" {
		return nil
	}
	for _, l := range o.Lines {
		c, ok := s.org.Committee(l.Name)
		if !ok || c.Channel != to.Channel {
			continue
		}
		for _, seat := range l.Seats {
			if seat.Excluded == "" && !seat.Alternate {
				out = append(out, port.Mention{User: s.person(seat.Person).Slack.User})
			}
		}
	}
	return out
}

// lineTexts says of each line where it stands.
func (s *session) lineTexts(st approval.State) []string {
	var out []string
	for _, l := range st.Lines {
		text := l.Title + ": "
		switch {
		case l.Met:
			text += "approved by " + s.names(l.Approved)
		case len(l.Rejected) > 0 && l.Needed == 1 && l.Dead:
			text += "rejected by " + s.names(l.Rejected)
		case l.Eligible == 1 && len(l.Waiting) == 1 && len(l.Abstained) == 0:
			text += "waiting for " + s.names(l.Waiting)
		default:
			text += fmt.Sprintf("%d of %d approvals", len(l.Approved), l.Needed)
			text += s.split(l)
		}
		if l.TooFew {
			text += ", and too few people are left to decide"
		}
		out = append(out, text)
	}
	return out
}

// split names who said what on a line still open.
func (s *session) split(l approval.LineState) string {
	var parts []string
	for _, p := range []struct {
		people []string
		word   string
	}{{l.Approved, "approved"}, {l.Rejected, "rejected"}, {l.Abstained, "abstained"}, {l.Recused, "withdrew"}, {l.Waiting, "to decide"}} {
		if len(p.people) > 0 {
			parts = append(parts, p.word+": "+s.names(p.people))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

func (s *session) names(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, s.name(id))
	}
	return strings.Join(out, ", ")
}

// settled is a card nothing can be pressed on any more.
func settled(title string, lines []string) port.Card {
	return port.Card{Title: title, Lines: lines}
}

func (s *session) reminderCard(o port.OpenStep, to port.Addressee) port.Card {
	when := "It was due " + moment(o.Due, s.zone(to)) + " and stays open."
	if o.Due.After(s.now) {
		when = "It is due " + moment(o.Due, s.zone(to)) + "."
	}
	return port.Card{
		To: to, ThreadOf: s.askKey(o, to), Title: "Reminder: " + o.Title,
		Lines: []string{fmt.Sprintf("%s for %s still waits for you. %s Please answer in the message above.", s.def.Playbook.Title, s.subjectName(), when)},
	}
}

func (s *session) escalationCard(o port.OpenStep, to port.Addressee) port.Card {
	return port.Card{
		To: to, Title: "Overdue: " + o.Title,
		Lines: []string{
			fmt.Sprintf("%s for %s was due %s and nobody has finished it. Asked: %s.", s.def.Playbook.Title, s.subjectName(), moment(o.Due, s.zone(to)), strings.Join(s.askedNames(o.Addressees), ", ")),
			"You are told because " + to.Why + ". Please see that it is done; nothing is decided by silence.",
		},
		Fields: s.context(o, to),
	}
}

// askKey is the key of the message of an ask to one addressee.
func (s *session) askKey(o port.OpenStep, to port.Addressee) string {
	return port.EffectKey(s.a.Ledger.Installation(), s.state.Run.WorkflowID, o.Place(s.state.Run.ID), "ask", to.ID(), o.Version)
}

// issueKey is the key of the newest issue of an open step.
func (s *session) issueKey(o port.OpenStep) string {
	if e := s.issueOf(o.Step, o.Item); e != nil && e.Round == o.Round {
		return e.Key
	}
	return port.EffectKey(s.a.Ledger.Installation(), s.state.Run.WorkflowID, o.Place(s.state.Run.ID), "issue", "", 0)
}

// editAll replaces every message of an ask; version tells the newest edit.
func (s *session) editAll(o port.OpenStep, version int, c port.Card) {
	for _, to := range o.Addressees {
		c.To = to
		c.Fields = s.context(o, to)
		s.edit(o, to, version, c)
	}
}

// editNotices lets the reminders of a step, and where the step is over its
// escalations too, say what became of it: nobody is to act on them any more.
func (s *session) editNotices(o port.OpenStep, c port.Card, purposes ...string) {
	for e := range s.effects() {
		if e.Kind != port.EffectPost || e.Place != o.Place(s.state.Run.ID) || !slices.Contains(purposes, e.Purpose) {
			continue
		}
		over := settled(c.Title, c.Lines)
		over.To = port.AddresseeOf(e.Addressee)
		s.intend(port.Effect{
			Place: e.Place, Purpose: "edit:" + e.Purpose, Addressee: e.Addressee, N: e.N,
			Kind: port.EffectEdit, Token: e.Token, Of: e.Key,
		}, over)
	}
}

// editOpen shows the present state of an open step in all its messages.
func (s *session) editOpen(o port.OpenStep) {
	for _, to := range o.Addressees {
		s.edit(o, to, o.StateVersion, s.card(o, to))
	}
}

func (s *session) edit(o port.OpenStep, to port.Addressee, version int, c port.Card) {
	s.intend(port.Effect{
		Place: o.Place(s.state.Run.ID), Purpose: "edit:" + fmt.Sprint(o.Version), Addressee: to.ID(), N: version,
		Kind: port.EffectEdit, Token: o.Token, Of: s.askKey(o, to),
	}, c)
}

// moment prints an instant for people, in their zone.
func moment(t time.Time, zone string) string {
	if loc, err := time.LoadLocation(zone); err == nil {
		t = t.In(loc)
	}
	return t.Format("Mon 2 Jan 2006, 15:04") + " (" + zone + ")"
}

func shortDigest(d string) string {
	d = strings.TrimPrefix(d, "sha256:")
	return d[:min(12, len(d))]
}
