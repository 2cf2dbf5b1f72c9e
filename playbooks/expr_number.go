package playbooks

import (
	"regexp"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// pointNumber is a number with a decimal point, at the beginning of a text.
var pointNumber = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)+`)

// wholeNumber checks a number that a whole number is compared with: 100.000 is
// a hundred here, and nobody means that.
func (x *exprCheck) wholeNumber(args []ast.Expr, equal bool, vars *bound) {
	for i, lit := range args {
		other := args[1-i]
		if lit.Kind() != ast.LiteralKind || x.in.shape(other, vars).kind != shapeInt {
			continue
		}
		if _, isPoint := lit.AsLiteral().(types.Double); !isPoint {
			continue
		}
		text := pointNumber.FindString(string([]rune(x.expr)[x.start(lit):]))
		whole, part, _ := strings.Cut(text, ".")
		switch {
		case text == "":
		case strings.Trim(part, "0") == "" && len(part) == 3:
			x.addAt(lit, "number", "`%s` is a whole number, and `%s` means %s here: the point begins a fraction. Write %s%s, or %s.", x.text(other), text, whole, whole, part, whole)
		case equal && strings.Trim(part, "0") != "":
			x.addAt(lit, "number", "`%s` is a whole number, which `%s` is not: they are never equal. Write a whole number such as %s, or compare with > or <.", x.text(other), text, whole)
		}
	}
}

func isZero(v ref.Val) bool {
	switch n := v.(type) {
	case types.Int:
		return n == 0
	case types.Double:
		return n == 0
	}
	return false
}

// equalHint says what to write instead of comparing two values that can never be
// equal.
func (x *exprCheck) equalHint(a ast.Expr, sa *shape, b ast.Expr, sb *shape) string {
	if sb.kind == shapeBool || sb.isNumber() || sb.isTime() {
		a, sa, b, sb = b, sb, a, sa
	}
	switch {
	case sa.isTime() && sb.isText():
		return " Write the date as timestamp(\"2026-12-31T00:00:00Z\")."
	case sa.isNumber() && sb.isText():
		return " Write the number without quotes."
	case sa.kind == shapeBool && b.Kind() == ast.LiteralKind:
		return " Write " + x.text(a) + " for yes, and !" + x.text(a) + " for no."
	case sa.kind == shapeList || sb.kind == shapeList:
		return " To look for a value in a list, write \"...\" in the list."
	}
	return " Compare it with a value of the same kind."
}

// writtenDay is a day as on paper, outside of quotes.
var writtenDay = regexp.MustCompile(`\b(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}\b`)

// paperDate reports 2026-12-31, which is worked out as a subtraction.
func (x *exprCheck) paperDate() {
	outside := quotedText.ReplaceAllStringFunc(x.expr, func(s string) string { return strings.Repeat("x", len(s)) })
	if m := writtenDay.FindStringIndex(outside); m != nil {
		day, example := x.expr[m[0]:m[1]], "2026-12-31"
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			example = day
		}
		x.add(len([]rune(x.expr[:m[0]])), "number", "`%s` is no date here but a sum, one number less the others. Write a date as timestamp(\"%sT00:00:00Z\").", day, example)
	}
}

var quotedText = regexp.MustCompile(`"[^"]*"|'[^']*'`)
