package playbooks

import (
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// What a committee's line asks of its chair.
const (
	ChairRequired = "required"  // the chair must be among those who approve
	ChairOrDeputy = "or_deputy" // the chair or the deputy chair
)

// chair reads who of a committee must be among those who approve.
func (r *reader) chair(m *source.Map) Str {
	text := m.Text("chair")
	switch {
	case text.Empty():
	case !m.Has("committee"):
		r.ps.Add(m.KeyPos("chair"), "chair", "`chair` is about the chair of a committee; this line has none.")
	case text.V != ChairRequired && text.V != ChairOrDeputy:
		r.ps.Add(text.Pos, "chair", "`chair` is `required`, when the chair must be among those who approve, or `or_deputy`, when the deputy chair will do too. `%s` is neither.", text)
	}
	return text
}

// Chairs are the people of a committee one of whom must approve a line that asks
// for its chair.
func Chairs(c org.Committee, asked string) (out []string) {
	if c.Chair != "" {
		out = append(out, c.Chair)
	}
	if asked == ChairOrDeputy && c.DeputyChair != "" {
		out = append(out, c.DeputyChair)
	}
	return out
}

// chaired finds lines that ask for the chair of a committee who could never
// approve.
func (l *linter) chaired(a *Approval, n Need, c org.Committee) {
	if n.Chair.Empty() {
		return
	}
	chairs := Chairs(c, n.Chair.V)
	if len(chairs) == 0 {
		l.ps.Add(n.Chair.Pos, "chair", "`%s` has no chair, so this can never be approved. Name the `chair` of the committee in the organisation file.", c.ID)
		return
	}
	for _, out := range l.worlds(a) {
		if len(eligible(chairs, out)) > 0 {
			return
		}
	}
	l.ps.Add(n.Chair.Pos, "chair", "Whoever chairs `%s` is excluded from deciding, whatever the system, so this can never be approved. Name a `deputy_chair` in the organisation file and write `chair: or_deputy`, or another chair.", c.ID)
}
