package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// restrict makes the run a restricted one as soon as its playbook says so. It
// stays one, whatever is answered later: who was told that they are safe to speak
// must not learn otherwise.
func (s *session) restrict() error {
	when := s.def.Playbook.Restricted
	if s.state.Restricted || when.Empty() {
		return nil
	}
	v, _, err := s.eval.ValueSoFar(when.V, s.scope())
	if err != nil {
		return fmt.Errorf("restricted: %w", err)
	}
	if v != true {
		return nil
	}
	s.state.Restricted = true
	s.record(s.runPlace(), "run.restricted", "", 0, port.Record{Header: map[string]string{"when": when.V}})
	s.takeBack()
	return nil
}

// takeBack takes what was shown so far out of channels and Jira, and asks the
// members of a committee each by themselves.
func (s *session) takeBack() {
	shown := slices.Collect(s.effects())
	for _, e := range shown {
		switch to := port.AddresseeOf(e.Addressee); {
		case e.Kind == port.EffectPost && to.Channel != "":
			s.intend(port.Effect{Place: e.Place, Purpose: "restricted:" + e.Purpose, Addressee: e.Addressee, N: e.N, Kind: port.EffectEdit, Token: e.Token, Of: e.Key}, port.Card{To: to})
		case e.Kind == port.EffectIssue:
			s.intend(port.Effect{Place: e.Place, Purpose: "restricted:" + e.Purpose, N: e.N, Kind: port.EffectUpdate, Token: e.Token, Of: e.Key}, port.IssueUpdate{Summary: s.neutralTitle(e.Place), Description: s.neutralText(e.Place)})
		}
	}
	for i := range s.state.Open {
		s.askEach(&s.state.Open[i])
	}
}

// askEach asks those by themselves who were asked in a channel.
func (s *session) askEach(o *port.OpenStep) {
	inChannel := func(a port.Addressee) bool { return a.Channel != "" }
	if !slices.ContainsFunc(o.Addressees, inChannel) {
		return
	}
	o.Addressees = slices.DeleteFunc(slices.Clone(o.Addressees), inChannel)
	s.refresh(o)
	o.StateVersion++
	for i := range s.asks {
		if a := &s.asks[i]; a.Token == o.Token {
			a.Body.Addressees, a.StateVersion = o.Addressees, o.StateVersion
			body := a.Body
			s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: a.Token, State: port.AskOpen, StateVersion: o.StateVersion, Body: &body})
		}
	}
}

// discreet keeps what a restricted run is about out of channels and of Jira: the
// one place where that is done. Messages to people stay as they are.
func (s *session) discreet(e port.Effect, body any) any {
	if !s.state.Restricted {
		return body
	}
	switch b := body.(type) {
	case port.Card:
		if b.To.Channel == "" {
			b.Lines = append(slices.Clone(b.Lines), restrictedNote)
			return b
		}
		title := "A restricted run goes on"
		switch e.Purpose {
		case "started":
			title = "A restricted run was started"
		case "ended":
			title = "A restricted run has ended"
		}
		return port.Card{To: b.To, ThreadOf: b.ThreadOf, Title: title, Lines: []string{"What it is about is told to those who take part, each by themselves."}, Footer: "Run " + s.state.Run.ID}
	case port.Issue:
		b.Summary, b.Description, b.Process = s.neutralTitle(e.Place), s.neutralText(e.Place), ""
		return b
	case port.Comment:
		if e.Purpose != "comment:reopened" && e.Purpose != "comment:finished" { // what these say is not about the case
			b.Text = "This restricted run has moved on. Those who take part are told in Slack."
		}
		return b
	}
	return body
}

// neutralTitle names an issue of a restricted run.
func (s *session) neutralTitle(p port.Place) string {
	title := "Restricted run " + s.state.Run.ID
	if step := s.def.Playbook.Step(p.Step); step != nil {
		title += fmt.Sprintf(": %s %d", step.Kind, slices.Index(s.def.Playbook.All(), step)+1)
	}
	return title
}

// neutralText says in an issue of a restricted run what is to be done with it.
func (s *session) neutralText(p port.Place) string {
	text := "What this is about is in the messages from Aimsbot in Slack to those who take part. Do not write about it here."
	step := s.def.Playbook.Step(p.Step)
	if step == nil || step.Task == nil {
		return text
	}
	if step.Task.Evidence.V == "required" {
		text += " Evidence is required: add a web link to a place that only those see who may."
	}
	return text + " When it is done, move this issue to Done."
}

// members are those who are asked for a committee: its channel, and in a
// restricted run each member.
func (s *session) members(c org.Committee, people []string, why string) []port.Addressee {
	if !s.state.Restricted {
		return []port.Addressee{{Channel: c.Channel, Why: why}}
	}
	var out []port.Addressee
	for _, p := range people {
		out = append(out, port.Addressee{Person: p, Why: "you are a member of the " + c.Title})
	}
	return out
}

// sitting are those who decide for a committee when nobody has said anything yet:
// its members, and alternates where too few are left.
func sitting(l port.Line) []string { return approval.Compute([]port.Line{l}, nil).Waiting }

// callAlternates asks those who have come to sit because a member stepped back: in
// a restricted run no channel tells them.
func (s *session) callAlternates(o *port.OpenStep) {
	if !s.state.Restricted {
		return
	}
	for _, p := range approval.Compute(o.Lines, o.Decisions).Waiting {
		if slices.Contains(o.Persons(), p) {
			continue
		}
		to := port.Addressee{Person: p, Why: "you are an alternate, and a member has stepped back"}
		o.Addressees = append(o.Addressees, to)
		s.putMessage(*o, to, s.issueKey(*o))
		s.record(o.Place(s.state.Run.ID), "step.handed_over", "", len(o.Addressees), port.Record{Body: map[string]any{"to": s.askedNames([]port.Addressee{to})}})
	}
}

// maySitOut tells whether an addressee may abstain or step back: who decides for
// a committee.
func maySitOut(lines []port.Line, to port.Addressee) bool {
	return to.Channel != "" || slices.ContainsFunc(lines, func(l port.Line) bool {
		sits := slices.ContainsFunc(l.Seats, func(seat port.Seat) bool { return seat.Person == to.Person && seat.Excluded == "" })
		return l.Kind == port.LineCommittee && sits || maySitOut(l.AnyOf, to)
	})
}

// participants are the people who know of the run: who started it, and who was
// sent anything about it.
func (s *session) participants() []string {
	out := []string{s.state.Run.By}
	for e := range s.effects() {
		if p := port.AddresseeOf(e.Addressee).Person; e.Kind == port.EffectPost && p != "" {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// conditionCard tells the owner of a condition what it is where its issue does
// not.
func (s *session) conditionCard(owner, text, due string) port.Card {
	to := port.Addressee{Person: owner, Why: "the condition is yours"}
	return port.Card{
		To: to, LinkIssue: true, Title: "Condition: " + text,
		Lines:  []string{fmt.Sprintf("Condition of the approval of %s for %s, by %s. The issue in Jira does not say what it is about.", s.def.Playbook.Title, s.subjectName(), due)},
		Footer: "Restricted: do not speak of it with others. Move the issue to Done when it is done.",
	}
}

// restrictedNote is below every message of a restricted run.
const restrictedNote = "Restricted: speak of it with nobody else, and write nothing about it into Jira."
