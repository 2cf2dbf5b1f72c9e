package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// chooseTypes are the types of what an approval chooses: those in which people
// can choose the same.
var chooseTypes = []string{TypeChoice, TypeChoices, TypeYesNo, TypeYesNoUnsure, TypeInt, TypeNumber, TypeDate, TypePerson}

// choose reads what whoever approves also chooses, by name.
func (r *reader) choose(m *source.Map) []Question {
	var out []Question
	for _, e := range m.Pairs("choose") {
		c := r.fields(e.Value, "a choice", []string{"text", "type", "options", "min", "max", "help"}, nil)
		if !c.OK() {
			continue
		}
		c.Require("type")
		q := Question{
			ID: e.Key, Text: c.Text("text"), Type: c.Text("type"), Help: c.Text("help"), Min: c.Number("min"), Max: c.Number("max"), Pos: c.Pos,
		}
		if q.Text.Empty() && e.Key.V != "" {
			q.Text = Str{V: strings.ToUpper(e.Key.V[:1]) + strings.ReplaceAll(e.Key.V[1:], "_", " "), Pos: e.Key.Pos}
		}
		for _, o := range c.Pairs("options") {
			if label := o.Value.Text(&r.ps); !label.Empty() {
				q.Options = append(q.Options, Option{ID: o.Key, Label: label})
			}
		}
		if t := q.Type; !t.Empty() && !has(chooseTypes, t.V) {
			r.ps.Add(t.Pos, "question-type", "What is chosen cannot be of type `%s`, because all who decide must be able to choose the same. The types are: %s.", t, strings.Join(chooseTypes, ", "))
			continue
		}
		r.questionType(c, q)
		out = append(out, q)
	}
	return out
}

// raise reads which choices ask for more lines.
func (r *reader) raise(m *source.Map) []Raise {
	var out []Raise
	for _, item := range m.List("raise") {
		row := item.Map(&r.ps, "an entry of `raise`", "when", "to")
		row.Require("when", "to")
		if row.OK() {
			out = append(out, Raise{When: row.Text("when"), To: row.Text("to")})
		}
	}
	if m.Has("raise") && !m.Has("choose") {
		r.ps.Add(m.KeyPos("raise"), "raise", "`raise` looks at what is chosen, and nothing is. Add `choose`, or choose the lines with `pattern` before anybody is asked.")
	}
	return out
}

// choose checks the names and options of what an approval chooses.
func (l *linter) choose(s *Step) {
	if s.Approval == nil {
		return
	}
	seen := map[string]Pos{}
	for _, q := range s.Approval.Choose {
		l.id(q.ID, "a choice", seen)
		l.question(q)
		l.questionTexts(q)
	}
}

// chooses adds the texts of what is chosen, and the conditions that raise.
func (c *siteList) chooses(a *Approval) {
	for _, q := range a.Choose {
		c.add(siteText, "text", q.Text)
		c.add(siteText, "help", q.Help)
	}
	for _, r := range a.Raise {
		c.add(siteWhen, keyRaise, r.When)
	}
}

// keyRaise is the key of a condition that reads what an approval chooses.
const keyRaise = "raise"

// choiceOfStep is the shape of what is chosen in an approval.
func choiceOfStep(s *Step) *shape {
	return objectOf("the choice of step "+s.ID.V, answers(&Step{ID: Str{V: s.ID.V + ".choice"}}, s.Approval.Choose)...)
}

// chosenShape adds what is chosen to the result of an approval. After a
// rejection there is nothing chosen, and only what it leads to can see that.
func chosenShape(s *Step, result *shape) *shape {
	if s.Approval == nil || len(s.Approval.Choose) == 0 {
		return result
	}
	choice := choiceOfStep(s)
	result.fields = append(result.fields, field{name: "choice", shape: choice, maybe: s.Approval.OnReject != nil && len(s.Approval.OnReject.Steps) > 0})
	decision := result.field("decisions").shape.elem
	decision.name = "a decision of step " + s.ID.V
	decision.fields = append(decision.fields, field{name: "chosen", shape: choice, maybe: true})
	return result
}

// choice is what `choice` means at this place; nil for nothing.
func (x *exprCheck) choice() *shape {
	if x.site.key != keyRaise {
		return nil
	}
	return choiceOfStep(x.site.place.step)
}

// Choice makes what an approval chose ready for expressions: the Choice of a
// Scope.
func (e *Evaluator) Choice(s *Step, chosen map[string]any) map[string]any {
	return choiceOfStep(s).coerceObject(chosen)
}
