package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// tickClocks warns of what is due soon, and settles what is over.
func (s *session) tickClocks() {
	for i := range s.state.Clocks {
		c := &s.state.Clocks[i]
		step := s.def.Playbook.Step(c.ID)
		if step == nil || step.Clock == nil || !runs(c) || c.NextAt.IsZero() || c.NextAt.After(s.now) {
			continue
		}
		before := c.State
		if err := s.settleClock(c); err != nil {
			s.a.Logger.Error("a clock cannot be worked out", "run", s.state.Run.ID, "step", c.ID, "error", err)
		}
		s.warn(c, step.Clock)
		s.state.Look = s.state.Look || c.State != before
	}
}

// warn tells the owner and the others once for each share of the time; for those
// that passed while nobody looked, once together.
func (s *session) warn(c *port.RunClock, k *playbooks.Clock) {
	passed := 0
	for _, w := range warnings(k) {
		if w > c.Warned && !share(c, w).After(s.now) {
			passed = w
		}
	}
	if passed == 0 || !runs(c) {
		return
	}
	c.Warned = passed
	c.Version++
	s.clockRecord(c, "clock.warned", s.now, map[string]string{"part": fmt.Sprintf("%d%%", passed)})
	s.tellClock(c, "warned", s.clockOwners(c))
}

// clockOwners are those who answer for a clock, their deputies too. A clock is
// never without a name: for a vacant role it is the Chief Risk Officer's.
func (s *session) clockOwners(c *port.RunClock) []port.Addressee {
	var to []port.Addressee
	add := func(a port.Addressee) {
		if !slices.ContainsFunc(to, func(b port.Addressee) bool { return a.ID() == b.ID() }) {
			to = append(to, a)
		}
	}
	for _, n := range c.Owners {
		r, isRole := s.org.Role(n)
		if !isRole {
			for _, a := range s.addressees(s.org, []string{n}) {
				add(a)
			}
			continue
		}
		acting := s.org.Acting(n, true)
		for _, p := range acting {
			why := "you are the " + r.Title
			if p != r.Holder {
				why = "you stand in for the " + r.Title
			}
			add(port.Addressee{Person: p, Why: why})
		}
		if len(acting) == 0 {
			for _, a := range s.addressees(s.org, []string{roleRisk}) {
				a.Why = "the role " + r.Title + " is vacant"
				add(a)
			}
		}
	}
	return to
}

// tellClock tells people what became of a clock.
func (s *session) tellClock(c *port.RunClock, what string, told []port.Addressee) {
	title, line := s.clockWords(c, what)
	for _, to := range told {
		s.intend(port.Effect{Place: s.clockPlace(c), Purpose: "clock:" + what, Addressee: to.ID(), N: c.Version, Kind: port.EffectPost}, port.Card{
			To: to, Title: title + ": " + c.Title,
			Lines: []string{line, "You are told because " + to.Why + "."},
			Fields: []port.Field{
				s.subjectField(),
				{Label: "Due", Value: moment(c.Due, s.zone(to))},
				{Label: "Counted from", Value: moment(c.From, s.zone(to))},
				{Label: "Rule", Value: c.Rule + " (" + c.Span + ")"},
				{Label: "Run", Value: s.state.Run.ID},
			},
			Footer: s.def.Playbook.Title.V + ". Nights, weekends and holidays count.",
		})
	}
}

func (s *session) clockWords(c *port.RunClock, what string) (title, line string) {
	due, stop := moment(c.Due, s.org.Profile.Zone), s.stopWords(c)
	switch what {
	case "started":
		if c.State == playbooks.ClockShadow {
			return "Deadline of somebody else", fmt.Sprintf("It is due %s and is shown here so that nobody loses sight of it. If it is not taken over by %s, it is yours.", due, moment(c.OursAt, s.org.Profile.Zone))
		}
		return "Deadline", fmt.Sprintf("It is due %s. It is kept when this is done: %s.", due, stop)
	case "warned":
		return "Deadline near", fmt.Sprintf("%d%% of the time has gone. It is due %s. It is kept when this is done: %s.", c.Warned, due, stop)
	case "shortened":
		return "Deadline earlier", fmt.Sprintf("It is now due %s. It is kept when this is done: %s.", due, stop)
	case "lengthened":
		return "Deadline later", fmt.Sprintf("It is now due %s. %s It is kept when this is done: %s.", due, s.longerWords(c), stop)
	case "ours":
		return "Deadline now yours", fmt.Sprintf("Nobody else took it over in time. It is due %s. It is kept when this is done: %s.", due, stop)
	case "armed_again":
		return "Deadline runs again", fmt.Sprintf("The decision it was stood down by no longer stands. It is due %s, counted from its beginning.", due)
	case "stopped":
		return "Deadline kept", "It was done in time. Nothing is left to do for this deadline."
	case "stood_down":
		return "Deadline stood down", "It need not be kept any more, as decided in the run. Nothing is left to do for it."
	}
	return "Deadline missed", fmt.Sprintf("It was due %s and this was not done: %s. Do it all the same and write why it is late. It stays on record as missed.", due, stop)
}

// stopWords names the steps that stop a clock.
func (s *session) stopWords(c *port.RunClock) string {
	step := s.def.Playbook.Step(c.ID)
	if step == nil || step.Clock == nil {
		return ""
	}
	var out []string
	for _, id := range step.Clock.Stop {
		out = append(out, s.stepName(id.V))
	}
	return strings.Join(out, " or ")
}

// stepName is how people call a step that may not have been asked yet.
func (s *session) stepName(id string) string {
	if step := s.def.Playbook.Step(id); step != nil && s.state.FindOpen(id, "") == nil {
		if text, err := s.eval.Text(step.Name(), s.scope()); err == nil && step.Name() != id {
			return text
		}
	}
	return s.stepTitle(id)
}
