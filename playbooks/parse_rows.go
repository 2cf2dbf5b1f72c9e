package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// columnTypes are the types of a column: those with one input each.
var columnTypes = []string{
	TypeText, TypeLong, TypeYesNo, TypeYesNoUnsure, TypeChoice, TypeChoices, TypeInt, TypeNumber,
	TypeDate, TypeDatetime, TypePerson, TypePersons, TypeLink, TypeSystem, TypeSystems, TypeModel, TypeSupplier, TypeCountries,
}

// columns reads what each row of a question asks.
func (r *reader) columns(m *source.Map, q Question) []Question {
	switch {
	case !m.Has("columns"):
		if q.Type.V == TypeRows {
			r.ps.Add(m.Pos, "columns", "A question of type rows needs `columns`: what is asked in each row, such as [{id: what, text: Measure, type: text}, {id: owner, text: Owner, type: person}].")
		}
		return nil
	case !q.Type.Empty() && q.Type.V != TypeRows && has(questionTypes, q.Type.V):
		r.ps.Add(m.KeyPos("columns"), "columns", "Only rows have `columns`; this question is of type %s.", q.Type)
		return nil
	}
	n := m.Node("columns")
	items := n.List(&r.ps)
	if n.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(n.Pos, "empty", "`columns` is an empty list. Write at least one column.")
	}
	var out []Question
	for _, item := range items {
		if c, ok := r.column(item); ok {
			out = append(out, c)
		}
	}
	return out
}

func (r *reader) column(n *source.Node) (Question, bool) {
	m := r.fields(n, "a column", []string{"id", "text", "type", "options", "optional", "help", "min", "max", "pattern", "never"}, nil)
	if !m.OK() {
		return Question{}, false
	}
	m.Require("id", "text", "type")
	c := Question{
		ID: m.Text("id"), Text: m.Text("text"), Type: m.Text("type"), Optional: m.Bool("optional"), Help: m.Text("help"),
		Min: m.Number("min"), Max: m.Number("max"), Pattern: m.Text("pattern"), Never: m.Texts("never"), Pos: m.Pos,
	}
	for _, o := range m.Pairs("options") {
		if label := o.Value.Text(&r.ps); !label.Empty() {
			c.Options = append(c.Options, Option{ID: o.Key, Label: label})
		}
	}
	if t := c.Type; !t.Empty() && !has(columnTypes, t.V) && (has(questionTypes, t.V) || has(typesLater, t.V)) {
		r.ps.Add(t.Pos, "question-type", "A column cannot be of type `%s`: each is one input of a row. The types are: %s.", t, strings.Join(columnTypes, ", "))
		return c, true
	}
	r.questionType(m, c)
	return c, true
}
