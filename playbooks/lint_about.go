package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// about reads what a decision is about: the steps that are shown for it.
func (r *reader) about(m *source.Map) []Str {
	if n := m.Node("about"); n != nil && n.Kind == source.Sequence && len(n.Items) == 0 {
		r.ps.Add(n.Pos, "about", "This decision is about nothing: nothing would be shown to those who decide. Name the steps whose answers they need, such as about: [scope].")
	}
	return m.Texts("about")
}

// silent are the kinds that leave nothing to read for whoever decides.
var silent = []Kind{KindNotify, KindBack, KindEnd, KindWait}

// lintAbout finds decisions about steps that leave nothing to be shown.
func lintAbout(l *linter) {
	for _, at := range l.flow {
		if a := at.step.Approval; a != nil && len(a.About) > 0 && l.saysNothing(a) {
			l.ps.Add(a.About[0].Pos, "about", "This decision is about nothing that could be read: `%s` leaves no answers. Name a form, a task, an approval or a set step.", a.About[0])
		}
	}
}

func (l *linter) saysNothing(a *Approval) bool {
	for _, id := range a.About {
		to, ok := l.find(id.V)
		if !ok || slices.ContainsFunc(to.step.Results(), func(s *Step) bool { return !slices.Contains(silent, s.Kind) }) {
			return false
		}
	}
	return true
}
