package slack

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aimsbot/aimsbot/playbooks"
)

// CheckQuestions tells whether questions can be asked in one Slack window, and
// names all that is in the way. Texts that hold ${...} are measured as written.
func CheckQuestions(qs []playbooks.Question) error {
	var errs []error
	if len(qs) > maxQuestions {
		errs = append(errs, fmt.Errorf("%d questions; one Slack window holds %d: split the form", len(qs), maxQuestions))
	}
	for _, q := range qs {
		errs = append(errs, checkQuestion(q)...)
	}
	return errors.Join(errs...)
}

func checkQuestion(q playbooks.Question) []error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("question %s: "+format, append([]any{q.ID}, args...)...))
	}
	long := func(what, s string, n int) {
		if size := utf8.RuneCountInString(s); size > n {
			bad("its %s has %d characters; Slack shows %d", what, size, n)
		}
	}
	long("text", q.Text.V, maxLabel)
	long("help", q.Help.V, maxHint)
	switch q.Type.V {
	case playbooks.TypeChoice, playbooks.TypeChoices:
		if len(q.Options) == 0 || len(q.Options) > maxOptions {
			bad("%d options; Slack shows 1 to %d", len(q.Options), maxOptions)
		}
		for _, o := range q.Options {
			long("option "+o.ID.V, o.Label.V, maxOption)
			long("option id "+o.ID.V, o.ID.V, maxOptionValue)
		}
	}
	if _, err := element(q, nil); err != nil {
		bad("%v", err)
	}
	return errs
}
