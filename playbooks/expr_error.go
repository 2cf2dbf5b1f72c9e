package playbooks

import (
	"fmt"
	"strings"
)

// EvalError says that an expression could not be evaluated. Its text holds no
// answer and no name: it may be logged.
type EvalError struct {
	Expr  string // as written
	Where string // such as "step rating"; empty when unknown
	Err   error  // why, in plain words
}

// Error prints where, the expression and why.
func (e *EvalError) Error() string {
	where := ""
	if e.Where != "" {
		where = e.Where + ": "
	}
	return fmt.Sprintf("%s`%s`: %v", where, e.Expr, e.Err)
}

// Unwrap returns why.
func (e *EvalError) Unwrap() error { return e.Err }

// plainError puts plain words in front of a cause without printing the cause,
// which could quote an answer.
type plainError struct {
	msg   string
	cause error
}

func (e *plainError) Error() string { return e.msg }

func (e *plainError) Unwrap() error { return e.cause }

// reasons are the words CEL uses at run time and ours for them. The first that
// is found in the error counts.
var reasons = []struct{ cel, plain string }{
	{"division by zero", "this divides by zero"},
	{"modulus by zero", "this divides by zero"},
	{"actual cost limit exceeded", "this takes too long to work out; go through fewer or shorter lists"},
	{"operation interrupted", "this takes too long to work out; go through fewer or shorter lists"},
	{"index out of bounds", "the list has no entry at this place"},
	{"overflow", "the number is too large"},
	{"no such overload", "a value has another type here than the expression needs"},
	{"type conversion error", "a text here cannot be read as a number or length of time"},
	{"invalid RFC 3339", "a text here cannot be read as a date with time"},
}

// plain puts a run-time error of an expression into plain words.
func plain(expr string, err error) error {
	text := err.Error()
	for _, fn := range []string{fnMonths, fnHolds, fnChairs, fnDeputises, fnSits, fnLeads, fnWorkingDays} {
		if strings.HasPrefix(text, fn+"() ") {
			return err
		}
	}
	if _, key, ok := strings.Cut(text, "no such key: "); ok {
		what := "a value"
		if strings.Contains(expr, "."+key) { // else the key is itself an answer
			what = "`" + key + "`"
		}
		return &plainError{what + " is missing here: the step was skipped or the question not answered; ask has(...) first", err}
	}
	for _, r := range reasons {
		if strings.Contains(text, r.cel) {
			return &plainError{r.plain, err}
		}
	}
	return &plainError{"this cannot be worked out", err}
}
