package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

var (
	questionKeys  = []string{"id", "text", "type", "options", "optional", "help", "prefill", "min", "max", "pattern", "check", "never", "when", "protected", "columns"}
	questionTypes = []string{
		TypeText, TypeLong, TypeYesNo, TypeYesNoUnsure, TypeChoice, TypeChoices, TypeInt, TypeNumber,
		TypeDate, TypeDatetime, TypePerson, TypePersons, TypeLink, TypeSystem, TypeSystems, TypeModel, TypeSupplier, TypeCountries, TypeRows,
	}
	typesLater = []string{"file"}
)

func (r *reader) form(n *source.Node, s *Step) *Form {
	m := r.fields(n, "a form", []string{"ask", "title", "questions", "opinion", "each", "as", "again"}, nil)
	m.Require("ask", "questions")
	f := &Form{
		Ask: r.people(m.Node("ask")), Title: m.Text("title"), Questions: r.questions(m.Node("questions")),
		Opinion: m.Bool("opinion"), Again: m.Bool("again"), Each: m.Text("each"), As: m.Text("as"),
	}
	if m.Has("as") && !m.Has("each") {
		r.ps.Add(m.KeyPos("as"), "each", "`as` names an entry of `each`, and there is no `each`. Add it, or remove `as`.")
	}
	if m.OK() && !m.Has("title") && s.Title.Empty() {
		r.ps.Add(m.Pos, "required", "A form needs `title`: it is the line people see first.")
	}
	return f
}

func (r *reader) questions(n *source.Node) []Question {
	items := n.List(&r.ps)
	if n != nil && n.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(n.Pos, "empty", "`questions` is an empty list. Write at least one question.")
	}
	var out []Question
	for _, item := range items {
		if q, ok := r.question(item); ok {
			out = append(out, q)
		}
	}
	return out
}

func (r *reader) question(n *source.Node) (Question, bool) {
	m := r.fields(n, "a question", questionKeys, nil)
	if !m.OK() {
		return Question{}, false
	}
	m.Require("id", "text", "type")
	q := Question{
		ID: m.Text("id"), Text: m.Text("text"), Type: m.Text("type"),
		Optional: m.Bool("optional"), When: m.Text("when"), Help: m.Text("help"), Prefill: m.Text("prefill"),
		Min: m.Number("min"), Max: m.Number("max"), Pattern: m.Text("pattern"), Check: r.check(m.Node("check")), Never: m.Texts("never"), Protected: m.Texts("protected"), Pos: m.Pos,
	}
	for _, e := range m.Pairs("options") {
		if label := e.Value.Text(&r.ps); !label.Empty() {
			q.Options = append(q.Options, Option{ID: e.Key, Label: label})
		}
	}
	if m.Has("protected") && len(q.Protected) == 0 && m.OK() {
		r.ps.Add(m.KeyPos("protected"), "protected", "`protected` names nobody. Write the roles that may read the answer, such as protected: [incident-lead], or remove it.")
	}
	q.Columns = r.columns(m, q)
	r.questionType(m, q)
	return q, true
}

func (r *reader) check(n *source.Node) *AnswerCheck {
	if n == nil {
		return nil
	}
	m := n.Map(&r.ps, "`check`", "when", "say")
	m.Require("when", "say")
	return &AnswerCheck{When: m.Text("when"), Say: m.Text("say")}
}

// questionType checks that the type is known and that its keys fit it.
func (r *reader) questionType(m *source.Map, q Question) {
	t := q.Type.V
	switch {
	case t == "":
		return
	case has(typesLater, t):
		r.notYet(q.Type.Pos, "The question type `"+t+"`")
		return
	case !has(questionTypes, t):
		r.ps.Add(q.Type.Pos, "question-type", "There is no question type `%s`.%s The types are: %s.",
			t, source.DidYouMean(t, questionTypes), strings.Join(questionTypes, ", "))
		return
	}
	if isChoice := t == TypeChoice || t == TypeChoices; isChoice && (!m.Has("options") || (len(q.Options) == 0 && len(m.Node("options").Entries) == 0 && !m.Node("options").Refused())) {
		r.ps.Add(m.Pos, "options", "A question of type %s needs `options`, such as {bias: Bias, safety: Safety}.", t)
	} else if !isChoice && m.Has("options") {
		r.ps.Add(m.KeyPos("options"), "options", "Only choice and choices have `options`; this question is of type %s.", t)
	}
	if m.Has("pattern") && t != TypeText && t != TypeLong && t != TypeLink {
		r.ps.Add(m.KeyPos("pattern"), "pattern", "Only text, long and link have `pattern`; this question is of type %s.", t)
	}
	if m.Has("never") && t != TypePerson && t != TypePersons {
		r.ps.Add(m.KeyPos("never"), "never", "Only person and persons have `never`; this question is of type %s.", t)
	}
	for _, key := range []string{"min", "max"} {
		if m.Has(key) && t != TypeInt && t != TypeNumber && t != TypeRows {
			r.ps.Add(m.KeyPos(key), "range", "Only int, number and rows have `%s`; this question is of type %s.", key, t)
		}
	}
}
