package playbooks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// inputTypes are the types a value may have that is written beside the name of a
// playbook when it is started.
var inputTypes = []string{
	TypeText, TypeYesNo, TypeYesNoUnsure, TypeChoice, TypeChoices, TypeInt, TypeNumber, TypeDate, TypeDatetime, TypePerson, TypeLink,
	TypeSystem, TypeModel, TypeSupplier,
}

// input reads what a run is started with.
func (r *reader) input(e source.Entry) (Question, bool) {
	m := r.fields(e.Value, "an input", []string{"text", "type", "options", "optional", "min", "max", "pattern", "help"}, nil)
	if !m.OK() {
		return Question{}, false
	}
	m.Require("type")
	q := Question{
		ID: e.Key, Text: m.Text("text"), Type: m.Text("type"), Optional: m.Bool("optional"), Help: m.Text("help"),
		Min: m.Number("min"), Max: m.Number("max"), Pattern: m.Text("pattern"), Pos: m.Pos,
	}
	for _, o := range m.Pairs("options") {
		if label := o.Value.Text(&r.ps); !label.Empty() {
			q.Options = append(q.Options, Option{ID: o.Key, Label: label})
		}
	}
	if !q.Type.Empty() && !has(inputTypes, q.Type.V) && has(append(slices.Clone(questionTypes), typesLater...), q.Type.V) {
		r.ps.Add(q.Type.Pos, "question-type", "A run cannot be started with a value of type `%s`, because it is written on one line. The types are: %s. Ask for it in a form.", q.Type, strings.Join(inputTypes, ", "))
		return q, true
	}
	r.questionType(m, q)
	return q, true
}

// InputError is what is wrong with the values a run is to be started with.
type InputError struct{ Playbook, Text string }

// Error says what is wrong and what may be given.
func (e *InputError) Error() string { return e.Text }

// ReadInput checks the values a run is to be started with and gives them their
// types. Errors are an *InputError.
func (p *Playbook) ReadInput(raw map[string]string, zone string, now time.Time) (map[string]any, error) {
	given := map[string]any{}
	for name, v := range raw {
		given[name] = v
	}
	for _, q := range p.Input {
		if v, ok := raw[q.ID.V]; ok && q.Type.V == TypeChoices {
			given[q.ID.V] = listAny(strings.Split(v, ","))
		}
	}
	clean, problems := CheckAnswers(p.Input, given, zone, now)
	if len(problems) == 0 {
		return clean, nil
	}
	var said []string
	for _, q := range p.Input {
		if why, bad := problems[q.ID.V]; bad {
			if _, ok := raw[q.ID.V]; !ok {
				why = "It is missing."
			}
			said = append(said, fmt.Sprintf("`%s`: %s", q.ID, why))
			delete(problems, q.ID.V)
		}
	}
	unknown := make([]string, 0, len(problems))
	for name := range problems {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		said = append(said, fmt.Sprintf("`%s` is nothing that %s is started with.", name, p.Name))
	}
	return nil, &InputError{Playbook: p.Name.V, Text: strings.Join(said, " ") + " " + p.InputUsage()}
}

// InputUsage says what a run is started with, as it is written.
func (p *Playbook) InputUsage() string {
	if len(p.Input) == 0 {
		return fmt.Sprintf("%s is started without any value.", p.Name)
	}
	var parts []string
	for _, q := range p.Input {
		what := strings.ToUpper(q.Type.V)
		if len(q.Options) > 0 {
			var ids []string
			for _, o := range q.Options {
				ids = append(ids, o.ID.V)
			}
			what = strings.Join(ids, "|")
		}
		text := q.ID.V + "=" + what
		if q.Optional {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("Start %s with %s.", p.Name, strings.Join(parts, " "))
}

// lintInput checks the names and options of what a run is started with.
func lintInput(l *linter) {
	seen := map[string]Pos{}
	for _, q := range l.p.Input {
		l.id(q.ID, "an input", seen)
		l.options(q)
		l.bounds(q)
		l.pattern(q)
	}
	if len(l.p.Input) > 0 {
		return
	}
	for _, s := range sites(l.p) {
		if slices.ContainsFunc(s.exprs(), readsInput.MatchString) {
			l.ps.Add(s.str.Pos, "input", "This reads `run.input`, and nothing is given at the start of this playbook. Add `input` with what is, such as input: {channel: {type: text}}.")
		}
	}
}

var readsInput = regexp.MustCompile(`\brun\.input\b`)
