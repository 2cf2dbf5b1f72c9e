package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// longer is who made a clock longer, when, and why.
type longer struct {
	by  []string // person ids
	at  time.Time
	why string
}

// movedBy is who moved the beginning of a clock to a later moment and may: who
// answered last what it is counted from, in time, in one of the roles that `later`
// names, then and now, and said why. nil = nobody.
func (s *session) movedBy(c *port.RunClock, k *playbooks.Clock) (*longer, error) {
	if k.Later == nil {
		return nil, nil
	}
	var last *port.StepResult
	for _, id := range s.eval.StepsNamed(k.From.V) {
		if d := s.state.FindDone(id, ""); d != nil && (last == nil || d.At.After(last.At)) {
			last = d
		}
	}
	if last == nil || last.By == "" || last.At.After(c.Due) {
		return nil, nil
	}
	why, _ := last.Fields[k.Later.Why.V].(string)
	if strings.TrimSpace(why) == "" {
		return nil, nil
	}
	then, err := s.a.Ledger.SnapshotAt(s.ctx, last.At)
	if err != nil {
		return nil, &ledgerError{fmt.Errorf("read the organisation of %s: %w", stamp(last.At), err)}
	}
	may := func(o org.Organisation) bool {
		return slices.ContainsFunc(k.Later.By, func(role playbooks.Str) bool { return slices.Contains(o.Acting(role.V, false), last.By) })
	}
	if !may(then) || !may(s.org) {
		return nil, nil
	}
	return &longer{by: []string{last.By}, at: last.At, why: why}, nil
}

// extension adds the time of another rule to a clock's while a decision says so
// that was made in time. decided is who decided it, where that is new.
func (s *session) extension(c *port.RunClock, k *playbooks.Clock, due time.Time) (until time.Time, decided *longer, err error) {
	if k.Extend == nil {
		return due, nil, nil
	}
	v, known, err := s.eval.ValueSoFar(k.Extend.When.V, s.scope())
	if err != nil {
		return due, nil, err
	}
	at := s.decidedAt(k.Extend.When.V)
	switch {
	case known && v != true:
		c.Extended = ""
	case known && c.Extended == "" && !at.After(due):
		rule, err := s.eval.ClockRule(k.Extend.Rule.V, s.scope())
		if err != nil {
			return due, nil, err
		}
		if decided = s.decidedBy(k.Extend.When.V, at); len(decided.by) == 0 {
			return due, nil, nil // nobody approved it: it is no decision for more time
		}
		c.Extended = rule.Span.String()
	}
	if c.Extended == "" {
		return due, nil, nil
	}
	span, err := org.ParseSpan(c.Extended)
	if err != nil {
		return due, nil, err
	}
	until, err = s.def.Calendar.ClockDue(due, span, s.org.Profile.Zone)
	return until, decided, err
}

// decidedBy is who approved what a condition asks about, with their reasons.
func (s *session) decidedBy(condition string, at time.Time) *longer {
	l := &longer{at: at}
	var reasons []string
	for _, id := range s.eval.StepsNamed(condition) {
		d := s.state.FindDone(id, "")
		if d == nil || d.Kind != string(playbooks.KindApproval) {
			continue
		}
		for person, reason := range approvers(d.Fields["decisions"]) {
			l.by = append(l.by, person)
			if reason != "" {
				reasons = append(reasons, reason)
			}
		}
	}
	slices.Sort(l.by)
	slices.Sort(reasons)
	l.why = strings.Join(reasons, "; ")
	return l
}

// approvers are the people whose last decision approved, with the reason.
func approvers(decisions any) map[string]string {
	out := map[string]string{}
	list, _ := decisions.([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		person, _ := m["person"].(string)
		delete(out, person)
		if m["choice"] == port.Approve || m["choice"] == port.ApproveWith {
			out[person], _ = m["reason"].(string)
		}
	}
	return out
}

// lengthen gives a clock the later instant that people decided.
func (s *session) lengthen(c *port.RunClock, from, due time.Time, span string, moved, extended *longer) {
	who := moved
	if who == nil {
		who = extended
	}
	was := c.Due
	c.From, c.Due, c.Span, c.By, c.Why, c.Refused = from, due, span, who.by, who.why, time.Time{}
	c.Version++
	c.Warned = 0
	if step := s.def.Playbook.Step(c.ID); step != nil {
		for _, w := range warnings(step.Clock) {
			if !share(c, w).After(s.now) {
				c.Warned = w
			}
		}
	}
	s.record(s.clockPlace(c), "clock.lengthened", "", c.Version, port.Record{
		At: who.at, Actor: who.by[0], Header: map[string]string{"was": stamp(was), "due": stamp(due), "from": stamp(from), "span": span, "extended": c.Extended},
		Body: map[string]any{"title": c.Title, "by": who.by, "why": who.why},
	})
	s.tellClock(c, "lengthened", s.clockOwners(c))
}

// longerWords says who made a clock longer, and why.
func (s *session) longerWords(c *port.RunClock) string {
	text := s.names(c.By) + " decided so"
	if c.Why != "" {
		text += ": " + c.Why
	}
	return text + "."
}
