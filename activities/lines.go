package activities

import (
	"slices"
	"strconv"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// lines resolves the lines of an approval to people in an organisation at an
// instant: the one place where seats and exclusions are decided.
func (s *session) lines(o org.Organisation, open *port.OpenStep, at time.Time) []port.Line {
	excluded := s.exclusions(o, open.Never)
	return s.resolve(o, open.Needs, excluded, deputiesAct(*open, at))
}

func (s *session) resolve(o org.Organisation, needs []port.NeedLine, excluded func(string) string, escalated bool) []port.Line {
	var out []port.Line
	for _, n := range needs {
		l := port.Line{ID: n.ID, Kind: n.Kind, Name: n.Name, Title: n.Name}
		switch n.Kind {
		case port.LineAnyOf:
			l.Title = "any one of"
			l.AnyOf = s.resolve(o, n.AnyOf, excluded, escalated)
		case port.LineRole:
			if r, ok := o.Role(n.Name); ok {
				l.Title = r.Title
			}
			seats, _ := o.RoleSeats(n.Name, excluded, escalated)
			for _, seat := range seats {
				l.Seats = append(l.Seats, port.Seat{Person: seat.Person, Excluded: seat.Excluded})
			}
		case port.LinePerson:
			if p, ok := o.Person(n.Name); ok {
				l.Title = p.Name
				l.Seats = []port.Seat{{Person: p.ID, Excluded: excluded(p.ID)}}
			}
		case port.LineCommittee:
			if c, ok := o.Committee(n.Name); ok {
				committeeLine(&l, c, n, excluded)
			}
		}
		out = append(out, l)
	}
	return out
}

func committeeLine(l *port.Line, c org.Committee, asked port.NeedLine, excluded func(string) string) {
	l.Title, l.Rule, l.QuorumMin, l.Chair, l.ChairRequired = c.Title, c.Rule, c.QuorumMin, c.Chair, c.ChairRequired
	if n, err := strconv.Atoi(c.Rule); err == nil {
		l.Rule, l.Votes = "number", n
	}
	if asked.Votes > 0 {
		l.Rule, l.Votes = "number", asked.Votes
	}
	chaired(l, c, asked.Chair)
	for _, m := range c.Members {
		l.Seats = append(l.Seats, port.Seat{Person: m, Excluded: excluded(m)})
	}
	for _, m := range c.Alternates {
		l.Seats = append(l.Seats, port.Seat{Person: m, Excluded: excluded(m), Alternate: true})
	}
}

// chaired has a line ask for the chair, and says so in its title. A committee
// that never decides without its chair has no use for the deputy.
func chaired(l *port.Line, c org.Committee, asked string) {
	if asked == "" {
		return
	}
	l.ChairRequired = true
	l.Title += " with its chair"
	if asked == playbooks.ChairOrDeputy && !c.ChairRequired && c.DeputyChair != "" {
		l.DeputyChair = c.DeputyChair
		l.Title += " or deputy chair"
	}
}

// exclusions answers why a person may not decide on this run's subject: the
// requester, the author of the first form, the owner and the developers of the
// subject and of the system it belongs to, the person it is about, and whom the
// step names. Empty means may.
func (s *session) exclusions(o org.Organisation, never []string) func(string) string {
	owned, developed := s.stakes(o)
	authors := s.authors()
	return func(person string) string {
		switch {
		case person == s.state.Run.By: // guard: exclude-requester
			return "You started this run, so you may not decide on it."
		case slices.Contains(authors, person): // guard: exclude-author
			return "You filled in the first form of this run, so you may not decide on it."
		case owned[person] != "": // guard: exclude-owner
			return "You own " + owned[person] + ", so you may not decide on it."
		case developed[person] != "": // guard: exclude-developers
			return "You develop " + developed[person] + ", so you may not decide on it."
		case s.def.Playbook.About() == org.KindPerson && person == s.state.Run.SubjectID:
			return "This run is about you, so you may not decide on it."
		case slices.Contains(never, person): // guard: exclude-never
			return "The playbook excludes you from this decision."
		}
		return ""
	}
}

// authors are who answered the first form that stands: the first of the
// playbook, whichever was answered last. In an each there is one for every entry.
func (s *session) authors() []string {
	for _, step := range s.def.Playbook.All() {
		if step.Form == nil || step.Form.Opinion {
			continue
		}
		var by []string
		for _, d := range s.state.Done {
			if d.Step == step.ID.V && d.State == port.StepDone && (s.itemOf(d.Step) == "" || s.itemOf(d.Step) == d.Item) {
				by = append(by, d.By)
			}
		}
		if len(by) > 0 {
			return by
		}
	}
	return nil
}
