package activities

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// opening is a step on its way to people.
type opening struct {
	step  *playbooks.Step
	open  port.OpenStep
	body  port.AskBody
	issue port.Issue
}

// newOpening fills what all kinds share: title, place, deadline and moments.
func (s *session) newOpening(step *playbooks.Step, title playbooks.Str) (*opening, error) {
	text, err := s.title(step, title)
	if err != nil {
		return nil, err
	}
	o := &opening{step: step, open: port.OpenStep{
		Step: step.ID.V, Item: s.itemOf(step.ID.V), Kind: string(step.Kind), Title: s.ofItem(text), Round: s.state.Round, Version: 1, OpenedAt: s.now,
	}}
	return o, nil
}

func (s *session) title(step *playbooks.Step, title playbooks.Str) (string, error) {
	if title.Empty() {
		title = step.Title
	}
	if title.Empty() {
		return sentence(words(step.ID.V)), nil
	}
	text, err := s.eval.Text(title.V, s.scope())
	if err != nil {
		return "", fmt.Errorf("step %s: title: %w", step.ID, err)
	}
	return text, nil
}

// deadline computes the due instant and the moments before and after it, in
// the asked person's zone or, for several people and committees, the
// organisation's.
func (s *session) deadline(o *opening) error {
	s.adopt(o)
	zone := s.org.Profile.Zone
	if len(o.open.Addressees) == 1 {
		zone = s.zone(o.open.Addressees[0])
	}
	var err error
	if o.open.Due.IsZero() {
		if o.open.Due, err = s.dueAt(o, zone); err != nil {
			return fmt.Errorf("step %s: due: %w", o.step.ID, err)
		}
		if o.open.Due.IsZero() {
			return nil
		}
	}
	o.open.Moments, err = s.moments(o.step, o.open, zone)
	return err
}

// adopt takes over an ask that an earlier try has committed: its process died
// before it could report, and the clock or the roster may have moved since.
// What people were shown stands.
func (s *session) adopt(o *opening) {
	a := s.stored(o.open)
	if a == nil {
		return
	}
	o.open.OpenedAt, o.open.Title, o.open.Due = a.OpenedAt, a.Body.Title, a.Body.Due
	o.open.Addressees, o.open.Lines, o.open.Digest = a.Body.Addressees, a.Body.Lines, a.Body.Digest
}

// stored is the ask of this place and version in the ledger, or nil.
func (s *session) stored(o port.OpenStep) *port.Ask {
	for i, a := range s.asks {
		if a.Step == o.Step && a.Item == o.Item && a.Round == o.Round && a.Version == o.Version {
			return &s.asks[i]
		}
	}
	return nil
}

// put opens the step: ask, issue, messages, record.
func (s *session) put(o *opening) {
	o.open.Token = s.token(o.open)
	o.body.Playbook, o.body.Title = s.def.Playbook.Title.V, o.open.Title
	o.body.Subject, o.body.SubjectID = s.subjectName(), s.state.Run.SubjectID
	o.body.Addressees, o.body.Due, o.body.Digest = o.open.Addressees, o.open.Due, o.open.Digest
	o.body.Lines, o.body.Exercise = o.open.Lines, s.state.Run.Exercise
	place := o.open.Place(s.state.Run.ID)
	s.batch.Asks = append(s.batch.Asks, port.Ask{
		Token: o.open.Token, Place: place, Version: o.open.Version, Kind: o.step.Kind,
		State: port.AskOpen, OpenedAt: o.open.OpenedAt, StateVersion: o.open.StateVersion, Body: o.body,
	})
	s.state.Open = append(s.state.Open, o.open)
	issue := ""
	if o.open.Version == 1 {
		issue = s.putIssue(o, place)
	}
	for _, a := range o.open.Addressees {
		s.putMessage(o.open, a, issue)
	}
	s.record(place, "step.opened", "", o.open.Version, port.Record{
		Header: map[string]string{"kind": o.open.Kind, "version": fmt.Sprint(o.open.Version), "digest": o.open.Digest, "due": stamp(o.open.Due)},
		Body:   map[string]any{"title": o.open.Title, "asked": s.askedNames(o.open.Addressees), "lines": o.open.Lines},
	})
}

func (s *session) putIssue(o *opening, place port.Place) string {
	i := o.issue
	i.Type, i.Project, i.Process = s.org.Jira.Types.Step, s.org.Jira.Project, s.def.Playbook.Name.V
	i.Summary = o.open.Title
	if o.open.Round > 1 {
		i.Summary += fmt.Sprintf(" (round %d)", o.open.Round)
	}
	if people := o.open.Persons(); len(people) == 1 {
		i.Assignee = s.person(people[0]).Jira
	}
	if !o.open.Due.IsZero() {
		i.Due = dayIn(o.open.Due, s.org.Profile.Zone)
	}
	return s.intend(port.Effect{Place: place, Purpose: "issue", Kind: port.EffectIssue, Token: o.open.Token, Of: s.epicKey()}, i)
}

// putMessage sends the card of an open step to one addressee. A task's message
// waits for its issue, because the work is done there.
func (s *session) putMessage(o port.OpenStep, to port.Addressee, issue string) {
	card := s.card(o, to)
	if o.Kind == string(playbooks.KindTask) {
		card.LinkIssue = true
	} else {
		issue = ""
	}
	s.intend(port.Effect{
		Place: o.Place(s.state.Run.ID), Purpose: "ask", Addressee: to.ID(), N: o.Version,
		Kind: port.EffectPost, Token: o.Token, Of: issue,
	}, card)
}

// token returns the token the ask has already, or a new one of 128 random bits.
func (s *session) token(o port.OpenStep) string {
	if a := s.stored(o); a != nil {
		return a.Token
	}
	var b [16]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

func (s *session) askedNames(to []port.Addressee) []string {
	var out []string
	for _, a := range to {
		if a.Person != "" {
			out = append(out, s.name(a.Person))
		} else {
			out = append(out, s.channelName(a.Channel))
		}
	}
	return out
}

// channelName is the committee whose channel it is, as people say it.
func (s *session) channelName(id string) string {
	for _, c := range s.org.Committees {
		if c.Channel == id {
			return "the " + c.Title
		}
	}
	return "channel " + id
}

// stamp prints an instant for headers; empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
