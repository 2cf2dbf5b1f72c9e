package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// KindClock is a step that starts a legal deadline and waits for nothing.
const KindClock Kind = "clock"

// Clock is a deadline that a rule sets. It runs beside the steps that follow,
// warns, and settles: stopped, stood down or missed.
type Clock struct {
	Rule  Str   `json:"rule"`  // the rule that gives the length of time
	From  Str   `json:"from"`  // an expression: the instant it is counted from
	Owner []Str `json:"owner"` // whose it is, then who else is warned
	// Warn are the shares of the time at which they are warned.
	Warn []Str `json:"warn,omitempty"`
	// Stop are the steps one of which, when it is done, stops the clock.
	Stop []Str `json:"stop"`
	// StandDown is a condition: while it holds there is nothing to be done.
	StandDown Str     `json:"stand_down,omitzero"`
	Shadow    *Shadow `json:"shadow,omitempty"`
	// Later and Extend are the two ways in which a person can make the time longer.
	Later  *Later  `json:"later,omitempty"`
	Extend *Extend `json:"extend,omitempty"`
}

// Later says whose answer may move what a clock is counted from to a later moment.
type Later struct {
	By  []Str `json:"by"`  // roles
	Why Str   `json:"why"` // the question of the same form that asks for the reason
}

// Extend adds the time of a rule, once, while a decision says so.
type Extend struct {
	Rule Str `json:"rule"`
	When Str `json:"when"` // a condition about an approval
}

// Shadow is when a deadline is somebody else's and runs for show.
type Shadow struct {
	When Str `json:"when"` // a condition
	// Until is the step that proves that the other one has taken it over.
	Until Str `json:"until"`
	// AtMost is how long to wait for that, from the clock's beginning, before the
	// clock is ours: a rule, or a length of time.
	AtMost Str `json:"at_most"`
}

// defaultWarn are the shares at which a clock warns that names none
// (processes.md, the incident spine).
var defaultWarn = []Str{{V: "50%"}, {V: "75%"}, {V: "90%"}}

func (r *reader) clock(n *source.Node) *Clock {
	m := n.Map(&r.ps, "a clock", "rule", "from", "owner", "warn", "stop", "stand_down", "shadow", "later", "extend")
	m.Require("rule", "from", "owner", "stop")
	c := &Clock{
		Rule: m.Text("rule"), From: m.Text("from"), Owner: m.Texts("owner"), Warn: m.Texts("warn"),
		Stop: m.Texts("stop"), StandDown: m.Text("stand_down"),
	}
	if !m.Has("warn") {
		c.Warn = defaultWarn
	}
	for _, key := range []string{"owner", "stop", "warn"} {
		if list := m.Node(key); list != nil && list.Kind == source.Sequence && len(list.Items) == 0 {
			r.ps.Add(list.Pos, "empty", "`%s` is an empty list. Write at least one entry.", key)
		}
	}
	if m.Has("shadow") {
		s := m.Node("shadow").Map(&r.ps, "`shadow`", "when", "until", "at_most")
		s.Require("when", "until", "at_most")
		c.Shadow = &Shadow{When: s.Text("when"), Until: s.Text("until"), AtMost: s.Text("at_most")}
	}
	if m.Has("later") {
		l := m.Node("later").Map(&r.ps, "`later`", "by", "why")
		l.Require("by", "why")
		c.Later = &Later{By: l.Texts("by"), Why: l.Text("why")}
	}
	if m.Has("extend") {
		e := m.Node("extend").Map(&r.ps, "`extend`", "rule", "when")
		e.Require("rule", "when")
		c.Extend = &Extend{Rule: e.Text("rule"), When: e.Text("when")}
	}
	return c
}
