package playbooks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// questionOf is how a value of an event is asked for when somebody writes it.
func questionOf(f org.Field) Question {
	q := Question{ID: Str{V: f.Name}, Type: Str{V: TypeText}, Optional: true}
	switch f.Type {
	case org.FieldInt:
		q.Type.V = TypeInt
	case org.FieldNumber:
		q.Type.V = TypeNumber
	case org.FieldBool:
		q.Type.V = TypeYesNo
	case org.FieldInstant:
		q.Type.V = TypeDatetime
	case org.FieldPerson:
		q.Type.V = TypePerson
	case org.FieldChoice:
		q.Type.V = TypeChoice
		for _, o := range f.Options {
			q.Options = append(q.Options, Option{ID: Str{V: o}, Label: Str{V: o}})
		}
	}
	return q
}

// ReadValues checks the values an event is raised with, as they are written, and
// gives them their types.
func (k EventKind) ReadValues(raw map[string]string, zone string, now time.Time) (map[string]any, error) {
	questions := make([]Question, 0, len(k.Fields))
	given, lists := map[string]any{}, map[string]any{}
	for _, f := range k.Fields {
		v, there := raw[f.Name]
		switch {
		case !there:
		case f.Type == org.FieldTexts:
			lists[f.Name] = listAny(strings.Split(v, ","))
		default:
			given[f.Name] = v
			questions = append(questions, questionOf(f))
		}
	}
	clean, problems := CheckAnswers(questions, given, zone, now)
	var said []string
	for _, q := range questions {
		if why, bad := problems[q.ID.V]; bad {
			said = append(said, fmt.Sprintf("`%s`: %s", q.ID, why))
		}
	}
	for name := range raw {
		if _, known := k.field(name); !known {
			said = append(said, fmt.Sprintf("`%s` is nothing that is known of %s.", name, k.Name))
		}
	}
	if len(said) > 0 {
		slices.Sort(said)
		return nil, &InputError{Playbook: k.Name, Text: strings.Join(said, " ") + " " + k.usage()}
	}
	for name, v := range lists {
		clean[name] = v
	}
	return clean, nil
}

// usage says which values an event may have.
func (k EventKind) usage() string {
	var names []string
	for _, f := range k.Fields {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return k.Name + " has no values."
	}
	return "It may have: " + strings.Join(names, ", ") + "."
}
