package playbooks

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

var reToken = regexp.MustCompile(`(?:token recognition error at: '|(?:mismatched|extraneous) input '|no viable alternative at input ')([^']*)'`)

// syntax puts what CEL's parser found into plain words.
func (x *exprCheck) syntax(errs []*cel.Error) {
	e := errs[0]
	at, found := x.offset(e), ""
	if m := reToken.FindStringSubmatch(e.Message); m != nil {
		found = strings.TrimSpace(m[1])
	}
	word := strings.TrimPrefix(e.Message, "reserved identifier: ")
	if word == e.Message {
		word = found
	}
	if x.miswritten(at, strings.ToLower(word)) {
		return
	}
	switch {
	case found == "<EOF>":
		x.add(at, "syntax", "The expression stops here, but something is missing. Close its brackets and quotes, or write what comes after the last sign.")
	case found == "&" || found == "|":
		x.add(at, "syntax", "Write %s%s with two signs.", found, found)
	case strings.HasPrefix(found, "$"):
		x.add(at, "syntax", "This is an expression already: write it without ${ and }.")
	case word != found:
		x.add(at, "syntax", "`%s` is a word with a fixed meaning and cannot be used here. If you mean a text, put it in quotes: \"%s\".", word, word)
	case strings.Contains(e.Message, "has() macro"):
		x.add(at, "syntax", "has(...) takes one value with a dot. Write has(steps.scope) or has(steps.scope.people).")
	case strings.Contains(e.Message, "must be a simple name"):
		x.add(at, "syntax", "The first word in the brackets is a name of your choice for the entry. Write it without quotes: list.exists(x, x == \"...\").")
	case strings.Contains(e.Message, "size exceeds limit") || strings.Contains(e.Message, "recursion"):
		x.add(0, "syntax", "This expression is too long or nested too deep (limit: %d characters). Split it into a table or several values of a set step.", maxExprLength)
	case found != "":
		x.add(at, "syntax", "This expression cannot be read at `%s`. %s", found, checkSigns)
	default:
		x.add(at, "syntax", "This expression cannot be read here. %s", checkSigns)
	}
}

const checkSigns = "Check quotes, brackets and signs; write it like steps.scope.people > 100 && steps.scope.risk == \"high\"."

// notWords is said of words that are signs in an expression.
const notWords = "`%s` is not written as a word here: write && for and, || for or, ! for not."

var (
	joining    = []string{"and", "or", "not", "und", "oder", "nicht"}
	equalWords = []string{"is", "equals", "equal", "ist", "gleich"}
	sentence   = []string{"if", "then", "else", "wenn", "falls", "dann", "sonst", "when"}

	// signs are what people write for the signs of an expression, longest first.
	signs = []struct{ wrong, right string }{
		{"===", "=="}, {"=>", ">="}, {"=<", "<="}, {"<>", "!="}, {"≥", ">="}, {"≤", "<="}, {"≠", "!="}, {"×", "*"}, {"÷", "/"}, {"–", "-"}, {"−", "-"},
	}
	numberAt  = regexp.MustCompile(`[0-9][0-9.,']*[0-9]`)
	germanDay = regexp.MustCompile(`\b[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}\b`)
)

const curly = "“”„‟«»‘’‚‹›"

// miswritten explains what people write as in a sentence, or as on paper.
func (x *exprCheck) miswritten(at int, word string) bool {
	runes := []rune(x.expr)
	rest := string(runes[at:])
	next := ' '
	if rest != "" {
		next = []rune(rest)[0]
	}
	switch {
	case slices.Contains(joining, word):
		x.add(at, "syntax", notWords, word)
	case slices.Contains(equalWords, word):
		x.add(at, "syntax", "`%s` is not written as a word here: write == for is, != for is not.", word)
	case slices.Contains(sentence, word):
		x.add(at, "syntax", "A condition is no sentence. Leave `%s` out and write what must hold, such as steps.scope.people > 100.", word)
	case strings.ContainsRune(curly, next):
		x.add(at, "syntax", "`%c` is a curly quotation mark. Write straight ones: \"...\".", next)
	case next != ' ' && next != '\t' && next != '\n' && strings.TrimSpace(string(next)) == "":
		x.add(at, "syntax", "This looks like a space but is another character, as text programs put them in. Delete it and type a plain space.")
	default:
		return x.sign(at, rest) || x.writtenNumber(at)
	}
	return true
}

// sign explains a sign of another spelling.
func (x *exprCheck) sign(at int, rest string) bool {
	for _, s := range signs {
		if strings.HasPrefix(rest, s.wrong) {
			x.add(at, "syntax", "Write %s in the place of `%s`.", s.right, s.wrong)
			return true
		}
	}
	if strings.HasPrefix(rest, "=") {
		if before := string([]rune(x.expr)[:at]); strings.HasSuffix(before, "=") {
			x.add(at-1, "syntax", "Write == in the place of `===`.")
			return true
		}
		x.add(at, "syntax", "One = compares nothing. Write == with two signs.")
		return true
	}
	return false
}

// writtenNumber explains a number or a day written as on paper.
func (x *exprCheck) writtenNumber(at int) bool {
	if d := germanDay.FindStringIndex(x.expr); d != nil {
		x.add(len([]rune(x.expr[:d[0]])), "syntax", "`%s` is no date here. Write a date as timestamp(\"2026-12-31T00:00:00Z\").", x.expr[d[0]:d[1]])
		return true
	}
	for _, m := range numberAt.FindAllStringIndex(x.expr, -1) {
		from, to := len([]rune(x.expr[:m[0]])), len([]rune(x.expr[:m[1]]))
		if text := x.expr[m[0]:m[1]]; from <= at && at <= to && source.Plain(text) != "" {
			x.add(from, "syntax", "`%s` is no number here. Write %s.", text, source.Plain(text))
			return true
		}
	}
	return false
}
