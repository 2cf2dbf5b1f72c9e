package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// group checks values that stand together against what a field or an entry of it
// holds; whole says that nothing may be missing.
func (c *exprChecker) group(s *Step, v SetVar, want *shape, whole bool) {
	if want.kind == shapeMap {
		for _, inner := range v.Group {
			c.fit(s, inner, want.elem)
		}
		return
	}
	if want.kind != shapeObject || want.ref != "" {
		c.ps.Add(v.Name.Pos, "register", "`%s` is %s, not several values that stand together. Write one value.", v.Name, want.words())
		return
	}
	given := map[string]bool{}
	for _, inner := range v.Group {
		f := want.field(inner.Name.V)
		switch {
		case f == nil:
			c.ps.Add(inner.Name.Pos, "register", "`%s` has no `%s`.%s It holds: %s.", v.Name, inner.Name, source.DidYouMean(inner.Name.V, want.fieldNames()), strings.Join(want.fieldNames(), ", "))
		case given[inner.Name.V]:
			c.ps.Add(inner.Name.Pos, "duplicate", "`%s` stands twice here. Keep one.", inner.Name)
		case len(inner.Group) > 0:
			c.group(s, inner, f.shape, true)
		default:
			c.fit(s, inner, f.shape)
		}
		given[inner.Name.V] = true
	}
	for _, f := range want.fields {
		if whole && !given[f.name] && !f.maybe && !f.filled {
			c.ps.Add(v.Name.Pos, "register", "`%s` needs `%s` too. It holds: %s.", v.Name, f.name, strings.Join(want.fieldNames(), ", "))
		}
	}
}

// changesField checks a change of some entries of a list.
func (c *exprChecker) changesField(s *Step, kind string, f org.Field, change Change) {
	if f.Type != org.FieldGroups {
		c.ps.Add(change.Name.Pos, "register", "`%s` has no entries with names in them, so none can be changed. Write it under `set`.", change.Name)
		return
	}
	entry := fieldShape(kind, f).elem
	c.group(s, SetVar{Name: change.Name, Group: change.Of}, entry, false)
	c.group(s, SetVar{Name: change.Name, Group: change.Set}, entry, false)
}
