package playbooks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Starts says how runs begin besides the programme.
type Starts struct {
	// By are the people who may start a run: role ids, `anyone`, or one of the
	// expressions of StartsOf, such as ${system.owner}.
	By []Str `json:"by"`
}

// startsOf are the people of the subject who may be named under `starts.by`, as
// written and as the fields that name them. They are no expressions in general: a
// run that could give others a value is not there yet.
func startsOf(kind string) map[string][]string {
	out := map[string][]string{}
	for _, name := range []string{"owner", "developers"} {
		if _, ok := org.FieldOf(kind, name); ok {
			out["${"+kind+"."+name+"}"] = []string{name}
		}
		if f, ok := org.FieldOf(kind, org.KindSystem); ok && f.Type == org.FieldSubject {
			out["${"+kind+".system."+name+"}"] = []string{org.KindSystem, name}
		}
	}
	return out
}

// StartsOf says which fields of a subject name the people that an entry of
// `starts.by` means; nil when it means nobody of the subject.
func StartsOf(kind, who string) []string { return startsOf(kind)[who] }

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

// startWords are what may stand under `starts.by` beside role ids.
func startWords(kind string) []string {
	words := []string{"`anyone`"}
	if !org.RegisterOnly(kind) {
		words = append(words, slices.SortedFunc(maps.Keys(startsOf(kind)), func(a, b string) int { return strings.Compare(b, a) })...)
	}
	last := len(words) - 1
	for i := range words {
		sep := ", "
		if i == last && last > 0 {
			sep = " or "
		}
		words[i] = sep + words[i]
	}
	return words
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
		case who.V == org.Anyone:
		case StartsOf(l.p.About(), who.V) != nil:
			if org.RegisterOnly(l.p.About()) {
				l.ps.Add(who.Pos, "people", "A run about %s begins before anything is known of it, so `%s` is nobody yet. Name roles, or `anyone`.", withArticle(l.p.About()), who.V)
			}
		case isExpr(who.V):
			l.ps.Add(who.Pos, "people", "`by` says who may start a run: role ids%s. Other expressions have no value before the run is there.", strings.Join(startWords(l.p.About()), ""))
		case !kebab.MatchString(who.V):
			l.ps.Add(who.Pos, "people", "`%s` is no id of a role. Ids are small letters, digits and hyphens, such as ai-ethics-officer.", who.V)
		case l.o != nil && !has(l.roleIDs(), who.V):
			l.ps.Add(who.Pos, "unknown-role", "The organisation has no role `%s`.%s Runs are started by roles, not by single people: %s.", who.V, source.DidYouMean(who.V, l.roleIDs()), strings.Join(l.roleIDs(), ", "))
		}
		seen[who.V] = true
	}
}
