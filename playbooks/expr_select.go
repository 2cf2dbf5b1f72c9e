package playbooks

import (
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// selectors evaluate expressions over one subject alone, such as `for` in the
// programme, by its kind; made on first use and never changed.
var selectors = sync.OnceValues(func() (map[string]*Evaluator, error) {
	out := map[string]*Evaluator{}
	for _, kind := range org.Kinds() {
		e, err := NewEvaluator(&Playbook{Subject: Str{V: kind}}, nil)
		if err != nil {
			return nil, err
		}
		out[kind] = e
	}
	return out, nil
})

// Selects tells whether an expression of the programme holds for a subject of an organisation;
// empty selects every one. The error is an *EvalError.
func Selects(expr string, o org.Organisation, s org.Subject, now time.Time) (bool, error) {
	if expr == "" {
		return true, nil
	}
	all, err := selectors()
	if err != nil {
		return false, err
	}
	subject := SubjectOf(o, s)
	return all[s.Kind].Bool(expr, Scope{Subject: subject, Before: subject, Organisation: OrganisationOf(o), Now: now, Person: func(id string) map[string]any { return PersonOf(o, id) }})
}
