package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// Hold keeps steps from being opened from the moment its task is opened until
// another step is done: evidence is not changed before somebody decides so.
type Hold struct {
	Blocks []Str `json:"blocks"` // the steps that are not opened meanwhile
	Until  Str   `json:"until"`  // the step that lifts it
}

// hold reads the hold that a task places; nil when it places none.
func (r *reader) hold(m *source.Map) *Hold {
	if !m.Has("blocks") && !m.Has("until") {
		return nil
	}
	m.Require("blocks", "until")
	if list := m.Node("blocks"); list != nil && list.Kind == source.Sequence && len(list.Items) == 0 {
		r.ps.Add(list.Pos, "empty", "`blocks` is an empty list: nothing would be held up. Name the steps that must wait.")
	}
	return &Hold{Blocks: m.Texts("blocks"), Until: m.Text("until")}
}
