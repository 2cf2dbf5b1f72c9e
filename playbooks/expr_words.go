package playbooks

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
)

// words says what a value is, for messages.
func (s *shape) words() string {
	switch s.kind {
	case shapeText:
		return "a text"
	case shapePerson:
		return "a person"
	case shapeChoice:
		return "one of the options " + strings.Join(s.options, ", ")
	case shapeBool:
		return "true or false"
	case shapeInt:
		return "a whole number"
	case shapeNumber:
		return "a number"
	case shapeDate:
		return "a date"
	case shapeDatetime:
		return "a date with time"
	case shapeDuration:
		return "a length of time"
	case shapeList:
		return "a list"
	case shapeMap, shapeObject:
		return "a group of values"
	}
	return "a value"
}

// wantBare checks what an expression gives that stands without ${ and }.
func (x *exprCheck) wantBare(s *shape) {
	switch x.site.kind {
	case siteMoment:
		if !s.isTime() && s.kind != shapeAny {
			x.add(0, "type", "%s is counted from a date, but this is %s. Use the answer to a question of type date or datetime.", x.counted(), s.words())
		}
	case siteUntil:
		if !s.isTime() && s.kind != shapeBool && s.kind != shapeAny {
			x.add(0, "type", "`until` is a date, a date with time, or a condition that is true or false, but this is %s. Compare it with something, or use the answer to a question of type date or datetime.", s.words())
		}
	case siteEach:
		if s.kind != shapeList && s.kind != shapeAny {
			x.add(0, "type", "`each` goes through a list, but this is %s. Use one of the lists under `data`, the answer to a question of type choices or persons, or another list.", s.words())
		}
	default:
		x.wantBool(s)
	}
}

// counted is the key whose time is counted from the site.
func (x *exprCheck) counted() string {
	if x.site.place.step.Clock != nil {
		return "A clock"
	}
	return "`due`"
}

// wantBool checks that a condition gives true or false.
func (x *exprCheck) wantBool(s *shape) {
	switch s.kind {
	case shapeBool, shapeAny:
	case shapeChoice:
		x.add(0, "type", "`%s` must be true or false, but this is %s. Compare it, for example: %s == \"%s\".", x.site.key, s.words(), x.expr, first(s.options))
	case shapeList:
		x.add(0, "type", "`%s` must be true or false, but this is a list. Ask something about it, for example: size(%s) > 0.", x.site.key, x.expr)
	default:
		x.add(0, "type", "`%s` must be true or false, but this is %s. Compare it with something.", x.site.key, s.words())
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return "..."
	}
	return list[0]
}

// want checks that the value of ${...} fits where it stands. alone says that
// the text holds nothing else.
func (x *exprCheck) want(s *shape, alone bool) {
	switch x.site.kind {
	case sitePeople:
		if !s.isPeople() {
			x.add(0, "type", "`%s` names people, but this is %s. Write an expression that gives a person or a list of persons, such as ${system.owner}.", x.site.key, s.words())
		}
	case siteText:
		if s.kind == shapeObject || s.kind == shapeList && s.elem.kind == shapeObject {
			x.add(0, "type", "This text would show a whole group of values. Choose one of: %s.", strings.Join(s.shown(), ", "))
		}
	case siteValue:
		if q := x.site.question; q != nil && x.site.key == "prefill" && alone && !questionShape(x.site.place.step, *q).takes(s) {
			x.add(0, "type", "`prefill` of a question of type %s cannot be %s.", q.Type.V, s.words())
		}
	}
}

// shown are the fields to choose from instead of a whole object.
func (s *shape) shown() []string {
	if s.kind == shapeList {
		return s.elem.fieldNames()
	}
	return s.fieldNames()
}

func (s *shape) isPeople() bool {
	return s.isText() || s.kind == shapeAny || s.kind == shapeList && s.elem.isPeople()
}

// takes tells whether a value of shape o can be an answer of shape s.
func (s *shape) takes(o *shape) bool {
	switch {
	case s.kind == shapeAny || o.kind == shapeAny || s.kind == shapeText:
		return true
	case s.kind == shapeNumber:
		return o.isNumber()
	case s.kind == shapeList:
		return o.kind == shapeList && s.elem.takes(o.elem)
	case s.isTime():
		return o.isTime()
	case s.isText():
		return o.isText()
	}
	return s.kind == o.kind
}

var (
	reOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(?:([^(]*)\.)?\((.*)\)'`)
	reExpected = regexp.MustCompile(`^expected type '([^']*)' but found '([^']*)'`)
	reRange    = regexp.MustCompile(`^expression of type '([^']*)' cannot be range`)
)

// mistyped puts what CEL's checker found into plain words. The first problem is
// enough: the others mostly follow from it.
func (x *exprCheck) mistyped(errs []*cel.Error) {
	e := errs[0]
	for _, o := range errs {
		if o.Location.Line() < e.Location.Line() || o.Location.Line() == e.Location.Line() && o.Location.Column() < e.Location.Column() {
			e = o
		}
	}
	at := x.offset(e)
	if m := reOverload.FindStringSubmatch(e.Message); m != nil {
		x.overload(at, m[1], m[2], typeList(m[3]))
		return
	}
	if m := reExpected.FindStringSubmatch(e.Message); m != nil {
		x.add(x.startOf(e.ExprID, at), "type", "This must be %s, but it is %s. && and || join conditions, and ! turns one round: compare it with something.", typeWords(m[1]), typeWords(m[2]))
		return
	}
	if m := reRange.FindStringSubmatch(e.Message); m != nil {
		x.add(x.startOf(e.ExprID, at), "type", "Only the entries of a list can be gone through, but this is %s.", typeWords(m[1]))
		return
	}
	for _, m := range literalMistakes {
		if strings.Contains(e.Message, m.cel) {
			x.add(at, "type", "%s", m.plain)
			return
		}
	}
	x.add(at, "type", "This expression does not fit together here. Write it in smaller parts, as values of a set step, to see which one is wrong.")
}

// literalMistakes are texts CEL could not read when checking, by what it says.
var literalMistakes = []struct{ cel, plain string }{
	{"invalid timestamp", "This text is no date with time. Write for example timestamp(\"2026-12-31T00:00:00Z\")."},
	{"invalid duration", "This text is no length of time. Write hours, minutes and seconds, for example duration(\"72h\")."},
	{"invalid matches", "This text is no pattern. Write one such as \"[A-Z]{2}-[0-9]+\", or use contains(...)."},
}

// usage says how each of the functions is called.
var usage = map[string]string{
	fnMonths:      "months(date, whole number)",
	fnWorkingDays: "working_days(date, whole number)",
	fnPercent:     "percent(part, whole), both numbers",
	fnFlatten:     "flatten(list of lists), such as flatten(steps.plan.rows.map(r, r.actions))",
	fnHolds:       "holds(person, \"role-id\")",
	fnChairs:      "chairs(person, \"committee-id\")",
	fnDeputises:   "deputises(person, \"role-id or committee-id\")",
	fnSits:        "sits(person, \"committee-id\")",
	fnLeads:       "leads(person, person)",
	"size":        "size(list) or size(text)",
	"timestamp":   "timestamp(\"2026-12-31T00:00:00Z\")",
	"duration":    "duration(\"72h\")",
}

// overload explains that an operator or function does not take these types.
func (x *exprCheck) overload(at int, name, target string, args []string) {
	var found []string
	for _, a := range args {
		found = append(found, typeWords(a))
	}
	given := strings.Join(found, " and ")
	op := strings.Trim(name, "_")
	switch {
	case name == operators.Conditional:
		x.add(at, "type", "The values after ? and : must be of one kind, but they are %s.", strings.Join(found[1:], " and "))
	case name == operators.In:
		x.add(at, "type", "`in` looks for a value in a list of such values, but this is %s.", strings.Join(found, " in "))
	case name == operators.Index:
		x.add(at, "type", "[...] takes an entry of a list by its number, from 0, but this is %s. Write a value by its id behind a dot, such as steps.scope.risk.", strings.Join(found, " with "))
	case slices.Contains([]string{"<", "<=", ">", ">="}, op):
		x.add(at, "type", "`%s` cannot compare %s. Both sides must be numbers, or dates, or texts.%s", op, given, quoteHint(args))
	case len(op) == 1 && strings.Contains("+-*/%", op):
		x.add(at, "type", "`%s` does not work on %s. To put values into a text, write them as ${...} in the text.", op, given)
	case usage[name] != "":
		x.add(max(at-len(name), 0), "type", "`%s` is written %s, but it is given %s.", name, usage[name], orNothing(given))
	case target != "":
		x.add(at, "type", "`.%s(...)` does not work on %s with %s.", name, typeWords(target), orNothing(given))
	default:
		x.add(at, "type", "`%s` does not work on %s.", strings.TrimRight(op, "_"), orNothing(given))
	}
}

// quoteHint reminds of a number written as a text.
func quoteHint(args []string) string {
	number := slices.Contains(args, "int") || slices.Contains(args, "double")
	if number && slices.Contains(args, "string") {
		return " Write a number without quotes; for an answer that is a number, ask a question of type int or number."
	}
	return ""
}

func orNothing(given string) string {
	if given == "" {
		return "nothing"
	}
	return given
}

// typeList splits CEL's "int, list(string)".
func typeList(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if s = strings.TrimSpace(s[start:]); s != "" {
		out = append(out, s)
	}
	return out
}

func typeWords(t string) string {
	name, _, _ := strings.Cut(t, "(")
	if strings.Contains(name, " ") { // an object of ours
		return "a group of values"
	}
	return celName(name)
}

// offset is where CEL saw an error, in characters from the start.
func (x *exprCheck) offset(e *cel.Error) int {
	lines := strings.Split(x.expr, "\n")
	at := 0
	for i := 0; i < e.Location.Line()-1 && i < len(lines); i++ {
		at += len([]rune(lines[i])) + 1
	}
	return min(at+max(e.Location.Column(), 0), len([]rune(x.expr)))
}
