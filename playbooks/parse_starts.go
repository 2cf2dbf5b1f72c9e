package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Starts says how runs begin besides the programme.
type Starts struct {
	// By are the people who may start a run: role ids, `anyone`, or one of the
	// expressions StartOwner and StartDevelopers.
	By []Str `json:"by"`
}

// The people of the subject who may be named under `starts.by`. They are no
// expressions in general: a run that could give others a value is not there yet.
const (
	StartOwner      = "${system.owner}"
	StartDevelopers = "${system.developers}"
)

func (r *reader) starts(n *source.Node) *Starts {
	if n == nil {
		return nil
	}
	m := r.fields(n, "`starts`", []string{"by"}, []string{"events"})
	if !m.Has("by") {
		m.Require("by")
		return nil
	}
	if by := m.Node("by"); by.Kind == source.Sequence && len(by.Items) == 0 {
		r.ps.Add(by.Pos, "empty", "`by` is an empty list: nobody could start a run. Name roles or `anyone`, or remove `starts`: then the owner, the AI Ethics Officer and the AIMS manager may start it.")
	}
	return &Starts{By: m.Texts("by")}
}

// lintStarts checks who may start a run.
func lintStarts(l *linter) {
	if l.p.Starts == nil {
		return
	}
	seen := map[string]bool{}
	for _, who := range l.p.Starts.By {
		switch {
		case seen[who.V]:
			l.ps.Add(who.Pos, "people", "`%s` is in this list already.", who.V)
		case who.V == StartOwner, who.V == StartDevelopers, who.V == org.Anyone:
		case isExpr(who.V):
			l.ps.Add(who.Pos, "people", "`by` says who may start a run: role ids, `anyone`, %s or %s. Other expressions have no value before the run is there.", StartOwner, StartDevelopers)
		case !kebab.MatchString(who.V):
			l.ps.Add(who.Pos, "people", "`%s` is no id of a role. Ids are small letters, digits and hyphens, such as ai-ethics-officer.", who.V)
		case l.o != nil && !has(l.roleIDs(), who.V):
			l.ps.Add(who.Pos, "unknown-role", "The organisation has no role `%s`.%s Runs are started by roles, not by single people: %s.", who.V, source.DidYouMean(who.V, l.roleIDs()), strings.Join(l.roleIDs(), ", "))
		}
		seen[who.V] = true
	}
}
