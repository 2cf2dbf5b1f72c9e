package playbooks

import (
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// selector evaluates expressions over one subject alone, such as `for` in the
// programme; made on first use and never changed.
var selector = sync.OnceValues(func() (*Evaluator, error) {
	return NewEvaluator(&Playbook{Subject: Str{V: "system"}}, nil)
})

// Selects tells whether an expression of the programme holds for a system of an organisation;
// empty selects every one. The error is an *EvalError.
func Selects(expr string, o org.Organisation, s org.System, now time.Time) (bool, error) {
	if expr == "" {
		return true, nil
	}
	e, err := selector()
	if err != nil {
		return false, err
	}
	subject := SubjectOf(o, s)
	return e.Bool(expr, Scope{Subject: subject, Before: subject, Now: now})
}
