package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

var (
	commonKeys = []string{"id", "title", "when", "due", "remind", "escalate", "satisfies"}
	kindKeys   = []string{"form", "task", "approval", "notify", "set", "group", "steps", "back", "end", "wait", "clock", "register", "collect", "start", "each"}
)

// step reads one step, which may stand in a group or a block; nil when it is no
// mapping.
func (r *reader) step(n *source.Node, in *Step) *Step {
	m := r.fields(n, "a step", append(append([]string{}, commonKeys...), kindKeys...), nil)
	if !m.OK() {
		return nil
	}
	entry := in != nil && in.Kind == KindGroup
	if !entry || !bare(n, m) {
		m.Require("id")
	}
	s := &Step{
		ID:        m.Text("id"),
		Title:     m.Text("title"),
		When:      m.Text("when"),
		Due:       r.due(m.Node("due")),
		Satisfies: m.Texts("satisfies"),
		Pos:       m.Pos,
	}
	for _, at := range m.Texts("remind") {
		s.Remind = append(s.Remind, Remind{At: at})
	}
	for _, item := range m.List("escalate") {
		e := item.Map(&r.ps, "a rung of the escalation", "after", "to")
		e.Require("after", "to")
		s.Escalate = append(s.Escalate, Ladder{After: e.Text("after"), To: e.Text("to")})
	}
	r.kind(n, m, s)
	r.timing(m, s)
	if s.Kind == KindSteps && s.When.Empty() && !m.Meant("when") && !entry {
		r.ps.Add(m.KeyPos("steps"), "block", "A block of steps runs under a condition, but this one has no `when`. Add one, or write its steps without the block. Only an entry of a group needs none: its steps run one after another beside the other entries.")
	}
	return s
}

// bare tells whether a step is nothing but a sequence of steps. As an entry of a
// group it needs no id: nothing is ever said about it.
func bare(n *source.Node, m *source.Map) bool {
	return len(n.Entries) <= 1 && (m.Has("steps") || m.Meant("steps"))
}

// kind reads what the step does: exactly one of the kinds.
func (r *reader) kind(n *source.Node, m *source.Map, s *Step) {
	var found []string
	named := slices.ContainsFunc(kindKeys, m.Meant) // reported already
	for _, e := range n.Entries {
		if has(kindKeys, e.Key.V) {
			found = append(found, e.Key.V)
		}
	}
	switch {
	case len(found) == 0:
		if !named {
			r.ps.Add(m.Pos, "required", "This step does not say what it does. Add one of: %s.", strings.Join(kindKeys, ", "))
		}
		return
	case len(found) > 1:
		r.ps.Add(m.KeyPos(found[1]), "kind", "A step does one thing, but this one has `%s`. Make a step of its own for each.", strings.Join(found, "` and `"))
	}
	s.Kind = Kind(found[0])
	v := m.Node(found[0])
	switch s.Kind {
	case KindForm:
		s.Form = r.form(v, s)
	case KindTask:
		s.Task = r.task(v)
	case KindApproval:
		s.Approval = r.approval(v, s)
	case KindNotify:
		s.Notify = r.notify(v)
	case KindSet:
		s.Set = r.set(v)
	case KindGroup:
		s.Group = r.steps(v, s)
	case KindSteps:
		s.Steps = r.steps(v, s)
	case KindBack:
		s.Back = r.back(v, s)
	case KindEnd:
		s.End = r.end(v, s)
	case KindWait:
		s.Wait = r.wait(v)
	case KindClock:
		s.Clock = r.clock(v)
	case KindRegister:
		s.Register = r.register(v)
	case KindEach:
		s.Each = r.each(v, s)
	case KindCollect:
		s.Collect = r.collect(v)
	case KindStart:
		s.Start = r.start(v)
	}
}

// timing refuses due, remind and escalate where nobody is waited for.
func (r *reader) timing(m *source.Map, s *Step) {
	why := map[Kind]string{
		KindNotify:   "A notify waits for nobody",
		KindSet:      "A set is computed at once",
		KindGroup:    "A group waits for the steps in it, which have a time each",
		KindSteps:    "A block of steps waits for the steps in it, which have a time each",
		KindBack:     "Going back waits for nobody",
		KindEnd:      "An end waits for nobody",
		KindWait:     "A wait says by itself how long it takes, and waits for nobody",
		KindClock:    "A clock has its time from its rule, and warns by itself",
		KindRegister: "The register is written at once",
		KindEach:     "An each waits for the steps in it, which have a time each",
		KindCollect:  "What is collected is looked up at once",
		KindStart:    "A start waits for a run at most, and for nobody",
	}[s.Kind]
	if why == "" {
		return
	}
	for _, key := range []string{"due", "remind", "escalate"} {
		if m.Has(key) {
			r.ps.Add(m.KeyPos(key), "timing", "%s: `%s` has no effect here. Remove it.", why, key)
		}
	}
}

// people reads who is asked.
func (r *reader) people(n *source.Node) People {
	switch {
	case n == nil:
		return People{}
	case n.Kind == source.Sequence:
		r.ps.Add(n.Pos, "people", "%s names one role, committee or person; for any one of several write {any_of: [...]}. If each of them is to answer, make a group with a step for each.", n.Name)
		return People{}
	case n.Kind == source.Mapping:
		m := n.Map(&r.ps, n.Name, "any_of")
		m.Require("any_of")
		p := People{AnyOf: m.Texts("any_of")}
		if list := m.Node("any_of"); list != nil && list.Kind == source.Sequence && len(list.Items) == 0 {
			r.ps.Add(list.Pos, "empty", "`any_of` is an empty list: nobody would be asked.")
		}
		return p
	}
	return People{One: n.Text(&r.ps)}
}

func (r *reader) task(n *source.Node) *Task {
	m := r.fields(n, "a task", []string{"assign", "title", "checklist", "evidence", "questions", "wait", "blocks", "until", "stand_down"}, nil)
	m.Require("assign", "title")
	return &Task{
		Hold:      r.hold(m),
		Assign:    r.people(m.Node("assign")),
		Title:     m.Text("title"),
		Checklist: m.Texts("checklist"),
		Evidence:  r.evidence(m.Node("evidence")),
		Questions: r.questions(m.Node("questions")),
		NoWait:    m.Has("wait") && !m.Bool("wait"),
		StandDown: m.Text("stand_down"),
	}
}

func (r *reader) notify(n *source.Node) *Notify {
	m := n.Map(&r.ps, "a notify", "to", "text", "about")
	m.Require("to", "text")
	return &Notify{To: r.people(m.Node("to")), Text: m.Text("text"), About: m.Texts("about")}
}
