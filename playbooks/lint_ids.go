package playbooks

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// maxID is the longest id in characters. Ids become part of Slack's block ids
// and of record keys; the bound is ours and keeps them readable.
const maxID = 60

var (
	kebab    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	snake    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	optionID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// The words the expression language keeps for itself.
var celWords = []string{"true", "false", "null", "in"}

// lintName checks the playbook's name.
func lintName(l *linter) {
	if n := l.p.Name; !n.Empty() && (!kebab.MatchString(n.V) || len(n.V) > maxID) {
		l.ps.Add(n.Pos, "name", "`%s` is no name for a playbook. Use up to %d small letters, digits and hyphens, such as %s.", n.V, maxID, asID(n.V, '-', "impact-assessment"))
	}
}

// lintSubject checks what runs are about.
func lintSubject(l *linter) {
	if s := l.p.Subject; !s.Empty() && !has(org.Kinds(), s.V) {
		l.ps.Add(s.Pos, "subject", "There is no kind of subject `%s`.%s It is one of: %s.", s.V, source.DidYouMean(s.V, org.Kinds()), strings.Join(org.Kinds(), ", "))
	}
}

// lintIDs checks that ids are well formed, and unique: steps in the whole
// playbook, questions in their step.
func lintIDs(l *linter) {
	steps := map[string]Pos{}
	for _, at := range l.flow {
		s := at.step
		l.id(s.ID, "a step", steps)
		questions := map[string]Pos{}
		for _, q := range s.Questions() {
			l.id(q.ID, "a question", questions)
			l.reserved(s, q.ID)
			l.columnIDs(q)
		}
		l.choose(s)
		for _, v := range s.Set {
			l.id(v.Name, "a value", map[string]Pos{})
			l.reserved(s, v.Name)
		}
	}
}

func (l *linter) id(id Str, what string, seen map[string]Pos) {
	if id.Empty() {
		return
	}
	if first, dup := seen[id.V]; dup {
		l.ps.Add(id.Pos, "duplicate-id", "The id `%s` is taken already, on %s. Each id names one thing: choose another.", id.V, line(first, id.Pos))
		return
	}
	seen[id.V] = id.Pos
	switch {
	case !snake.MatchString(id.V) || len(id.V) > maxID:
		l.ps.Add(id.Pos, "id", "`%s` is no id for %s. Use up to %d small letters, digits and _, beginning with a letter, such as %s.", id.V, what, maxID, asID(id.V, '_', "bias_test"))
	case has(celWords, id.V):
		l.ps.Add(id.Pos, "id", "`%s` is a word of the expressions and cannot be an id. Choose another, such as %s_1.", id.V, id.V)
	}
}

// reserved refuses ids that would hide what every result has.
func (l *linter) reserved(s *Step, id Str) {
	words := []string{"by", "at"}
	if s.Kind == KindTask {
		words = append(words, "evidence", "issue")
	}
	if has(words, id.V) {
		l.ps.Add(id.Pos, "reserved-id", "`%s` is kept for the result itself: steps.%s.%s is there already. Choose another id.", id.V, s.ID, id.V)
	}
}

// lintQuestions checks options and ranges.
func lintQuestions(l *linter) {
	for _, at := range l.flow {
		qs := at.step.Questions()
		if len(qs) > 0 && !slices.ContainsFunc(qs, func(q Question) bool { return q.When.Empty() }) {
			l.ps.Add(qs[0].When.Pos, "question-when", "Every question here has a `when`: where none holds, people would get a form that asks nothing. Give the step the `when` instead, or ask one question always.")
		}
		for _, q := range qs {
			l.question(q)
		}
	}
}

func (l *linter) question(q Question) {
	l.options(q)
	l.bounds(q)
	l.pattern(q)
	for _, column := range q.Columns {
		l.question(column)
	}
}

func (l *linter) options(q Question) {
	labels := map[string]bool{}
	for _, o := range q.Options {
		if !optionID.MatchString(o.ID.V) || len(o.ID.V) > maxID {
			l.ps.Add(o.ID.Pos, "option-id", "`%s` is no id for an option. Use up to %d letters, digits and _, beginning with a letter, such as p10_100; what people read comes after the colon.", o.ID.V, maxID)
		}
		if labels[o.Label.V] {
			l.ps.Add(o.Label.Pos, "option-label", "Two options read `%s`: people could not tell them apart. Write another text for one of them.", o.Label.V)
		}
		labels[o.Label.V] = true
	}
	if n := len(q.Options); n > maxOptions {
		l.ps.Add(q.Pos, "too-many", "This question has %d options; a Slack list holds %d. Remove some, or split it into two questions.", n, maxOptions)
	}
	if len(q.Options) == 1 && q.Type.V == TypeChoice {
		l.ps.Add(q.Options[0].ID.Pos, "options", "With one option there is nothing to choose. Add another, or ask yesno.")
	}
}

func (l *linter) pattern(q Question) {
	if q.Pattern.Empty() {
		return
	}
	if n := len(q.Pattern.V); n > maxPattern {
		l.ps.Add(q.Pattern.Pos, "pattern", "This pattern has %d characters; the limit is %d. Write a shorter one.", n, maxPattern)
		return
	}
	if _, err := regexp.Compile(q.Pattern.V); err != nil {
		l.ps.Add(q.Pattern.Pos, "pattern", "`%s` is no pattern that can be read (%s). An example: [A-Z]{2}-[0-9]+ for two capital letters, a hyphen and a number.", q.Pattern, reasonOf(err))
		return
	}
	if q.Help.Empty() {
		l.ps.Add(q.Pattern.Pos, "pattern", "People do not read patterns. Add `help` that says how the answer is written, with an example.")
	}
}

// reasonOf is why a pattern cannot be read, without the pattern.
func reasonOf(err error) string {
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return bad.Code.String()
	}
	return err.Error()
}

func (l *linter) bounds(q Question) {
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		l.ps.Add(q.Pos, "range", "No number fits: min %s is more than max %s. Write the smaller one as min.", plainNumber(*q.Min), plainNumber(*q.Max))
	}
	for _, b := range []*float64{q.Min, q.Max} {
		switch {
		case b == nil:
		case q.Type.V == TypeInt && *b != float64(int64(*b)):
			l.ps.Add(q.Pos, "range", "The answer is a whole number, but a bound is %s. Write a whole number.", plainNumber(*b))
		case q.Type.V == TypeRows && (*b != float64(int64(*b)) || *b < 1):
			l.ps.Add(q.Pos, "range", "`min` and `max` are how many rows there are, and %s is no such number. Write 1 or more; leave `min` out where there may be none.", plainNumber(*b))
		}
	}
}
