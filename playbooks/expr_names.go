package playbooks

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

var (
	// plainFunctions and memberFunctions are the choices for 'did you mean'.
	plainFunctions = []string{
		"has", "size", "int", "double", "string", "bool", "timestamp", "duration",
		fnMonths, fnWorkingDays, fnPercent, fnFlatten, fnHolds, fnChairs, fnDeputises, fnSits, fnLeads, fnRule,
	}
	listMacros      = []string{"all", "exists", "exists_one", "filter", "map"}
	memberFunctions = append(slices.Clone(listMacros), "contains", "startsWith", "endsWith", "matches", "size")
)

// names checks that every root, step, field and function is there and may be
// used at this place. It returns false when the node's value is not known
// because of a problem already reported.
func (x *exprCheck) names(e ast.Expr, vars *bound) bool {
	switch e.Kind() {
	case ast.IdentKind:
		return x.root(e, vars)
	case ast.LiteralKind:
		if e.AsLiteral() == types.NullValue {
			x.addAt(e, "type", "No value here is ever null. To ask whether there is a value, write has(steps.some_step.some_field).")
			return false
		}
	case ast.SelectKind:
		return x.selected(e, vars)
	case ast.CallKind:
		return x.call(e, vars)
	case ast.ListKind:
		for _, el := range e.AsList().Elements() {
			x.names(el, vars)
		}
	case ast.MapKind, ast.StructKind:
		x.addAt(e, "syntax", "A group of values in braces cannot be written in an expression. Write a list in [...], or give each value a name of its own in a set step.")
		return false
	case ast.ComprehensionKind:
		return x.comprehension(e, vars)
	}
	return true
}

func (x *exprCheck) comprehension(e ast.Expr, vars *bound) bool {
	c := e.AsComprehension()
	if !x.names(c.IterRange(), vars) {
		return false
	}
	inner := x.in.enter(c, vars)
	x.names(c.LoopStep(), inner)
	return true
}

func (x *exprCheck) root(e ast.Expr, vars *bound) bool {
	name := e.AsIdent()
	if vars.find(name) != nil {
		return true
	}
	if name == itemName && x.site.item() != nil {
		return true
	}
	if isEntry(x.flow, name) && !x.site.knowsEntry(name) {
		x.addAt(e, "unknown-name", "%s", x.entryElsewhere(name))
		return false
	}
	if name == itemName && !isEntry(x.flow, name) {
		x.addAt(e, "unknown-name", "`item` is one entry of what is collected: it is known in `where` of a collect step only. In other expressions write steps.<step>.<name>.items.")
		return false
	}
	if name == "choice" && x.site.key != keyRaise {
		x.addAt(e, "unknown-name", "`choice` is what an approval is just choosing: it is known in `raise` of that approval only. Later, write steps.<step>.choice.<name>.")
		return false
	}
	if name == "answers" && !x.site.ofAnswer() {
		x.addAt(e, "unknown-name", "`answers` is what somebody is just answering: it is known in `when` and `check` of a question only. Later, write steps.%s.<question>.", x.site.place.step.ID)
		return false
	}
	if x.ev.schema.root(name) != nil {
		return true
	}
	roots := x.ev.schema.rootNames()
	_, isStep := x.find(name)
	switch {
	case isStep:
		x.addAt(e, "unknown-name", "`%s` is a step: write steps.%s. If you mean the text, put it in quotes: \"%s\".", name, name, name)
	case name == "data":
		x.addAt(e, "unknown-name", "This playbook has no `data`. Add it with the list, such as data: {dimensions: [{id: fairness, title: Fairness}]}.")
	case name == "rules":
		x.addAt(e, "unknown-name", "A rule is read by its id: write rule(\"id\"), such as rule(\"ack-complaint\").")
	case slices.Contains(org.Kinds(), name):
		x.addAt(e, "unknown-name", "`%s` is not what this playbook is about: its subject is %s.", name, x.subject)
	case slices.Contains(joining, strings.ToLower(name)):
		x.addAt(e, "syntax", notWords, name)
	default:
		x.addAt(e, "unknown-name", "Nothing is called `%s`.%s An expression begins with: %s. If you mean a text, put it in quotes: \"%s\".",
			name, source.DidYouMean(name, roots), strings.Join(roots, ", "), name)
	}
	return false
}

// selected checks operand.field.
func (x *exprCheck) selected(e ast.Expr, vars *bound) bool {
	sel := e.AsSelect()
	if !x.names(sel.Operand(), vars) {
		return false
	}
	operand, name := x.in.shape(sel.Operand(), vars), sel.FieldName()
	at := x.fieldStart(e)
	if x.isSteps(sel.Operand(), vars) {
		return x.step(at, name)
	}
	if f := operand.field(name); f != nil && f.apart && !sel.IsTestOnly() {
		x.add(at, "protected", "`%[1]s.%[2]s` is protected: nothing but whether it was answered can be read. Write has(%[1]s.%[2]s), or ask another question that need not be protected.", x.text(sel.Operand()), name)
		return false
	}
	switch {
	case operand.kind == shapeAny, operand.kind == shapeMap, operand.field(name) != nil, operand.kind == shapePerson && ofPerson().field(name) != nil:
		return true
	case operand.kind == shapePerson:
		x.add(at, "unknown-field", "`%s` is a person, who has no `%s`.%s A person has: %s.", x.text(sel.Operand()), name,
			source.DidYouMean(name, ofPerson().fieldNames()), strings.Join(ofPerson().fieldNames(), ", "))
	case operand.kind == shapeObject:
		x.add(at, "unknown-field", "`%s` has no `%s`.%s It has: %s.%s", x.text(sel.Operand()), name,
			source.DidYouMean(name, operand.fieldNames()), strings.Join(operand.fieldNames(), ", "), x.waitless(sel, vars))
	case operand.kind == shapeList:
		x.add(at, "unknown-field", "`%s` is a list and has no `%s`. To look into its entries, write %s.exists(x, x.%s == ...).", x.text(sel.Operand()), name, x.text(sel.Operand()), name)
	default:
		x.add(at, "unknown-field", "`%s` is %s and has no `%s`.", x.text(sel.Operand()), operand.words(), name)
	}
	return false
}

// waitless says how to come by the outcome of a run that a step only starts.
func (x *exprCheck) waitless(sel ast.SelectExpr, vars *bound) string {
	of := sel.Operand()
	if sel.FieldName() != "outcome" || of.Kind() != ast.SelectKind || !x.isSteps(of.AsSelect().Operand(), vars) {
		return ""
	}
	if at, ok := x.find(of.AsSelect().FieldName()); !ok || at.step.Start == nil {
		return ""
	}
	return " Add `wait: true` to its `start`: then this run waits for the end of the other, and `outcome` is how that ended."
}

// fieldStart is where the field of a selection begins: after the dot. In
// has(a.b) CEL does not keep that place.
func (x *exprCheck) fieldStart(e ast.Expr) int {
	sel := e.AsSelect()
	if !sel.IsTestOnly() {
		if r, ok := x.in.ast.SourceInfo().GetOffsetRange(e.ID()); ok {
			return int(r.Start) + 1
		}
	}
	operand := sel.Operand()
	r, ok := x.in.ast.SourceInfo().GetOffsetRange(operand.ID())
	if !ok {
		return x.start(e)
	}
	dot := strings.IndexByte(string([]rune(x.expr)[r.Stop:]), '.')
	if operand.Kind() == ast.SelectKind { // the range of a selection is its dot
		return int(r.Stop) + len([]rune(operand.AsSelect().FieldName())) + 1
	}
	return int(r.Stop) + dot + 1
}

func (x *exprCheck) isSteps(e ast.Expr, vars *bound) bool {
	return e.Kind() == ast.IdentKind && e.AsIdent() == "steps" && vars.find("steps") == nil
}

// step checks that a step is there and has run before this place.
func (x *exprCheck) step(at int, id string) bool {
	other, ok := x.find(id)
	if !ok {
		x.unknownStep(at, id)
		return false
	}
	if x.stepInEach(at, other) {
		return false
	}
	if other.step.Holds() && other.step.Each == nil {
		var inner []string
		for _, s := range other.step.Results() {
			inner = append(inner, "steps."+s.ID.V)
		}
		x.add(at, "unknown-step", "`%s` is a %s and leaves no values of its own. Its steps are: %s.", id, other.step.holder(), strings.Join(inner, ", "))
		return false
	}
	if other.step.End != nil {
		x.add(at, "unknown-step", "`%s` ends the run, so there are no values of it to read.", id)
		return false
	}
	o := x.site.place.orderOf(other)
	if x.site.mayName(o) {
		return true
	}
	switch o {
	case itself:
		x.add(at, "order", "Step `%s` reads its own values here, before it has any. Use only steps above it.", id)
	case around:
		x.add(at, "order", "This is a part of `%s`, whose list is there when all its entries are done. Here, read the steps of this entry, such as steps.<step>.", id)
	case later, within:
		x.add(at, "order", "Step `%s` runs after this one, so it has no values yet. Move it above step `%s`, or use an earlier step.", id, x.site.place.step.ID.V)
	case beside:
		x.add(at, "order", "Step `%s` runs side by side with this one, so its values may not be there yet. Move one of them out of the group.", id)
	default:
		return true
	}
	return false
}

func (x *exprCheck) unknownStep(at int, id string) {
	var before []string
	for _, pl := range x.flow {
		if (!pl.step.Holds() || pl.step.Each != nil) && (pl.each() == nil || pl.each() == x.site.place.each()) && x.site.place.orderOf(pl) == earlier {
			before = append(before, pl.step.ID.V)
		}
	}
	choices := "No step runs before this one."
	if len(before) > 0 {
		choices = "The steps before this one are: " + strings.Join(before, ", ") + "."
	}
	x.add(at, "unknown-step", "There is no step `%s`.%s %s", id, source.DidYouMean(id, x.ev.schema.root("steps").fieldNames()), choices)
}

// call checks that the function is there, then its arguments.
func (x *exprCheck) call(e ast.Expr, vars *bound) bool {
	c := e.AsCall()
	name, known := c.FunctionName(), true
	if c.IsMemberFunction() {
		known = x.names(c.Target(), vars)
	}
	for _, a := range c.Args() {
		if (slices.Contains(listMacros, name) && c.IsMemberFunction()) || !known {
			break // its variable has no name outside a well-formed call
		}
		known = x.names(a, vars) && known
	}
	switch {
	case !known:
		return false
	case c.IsMemberFunction() && slices.Contains(listMacros, name):
		x.addAt(e, "type", "`%s` takes a name for the entry and what to ask of it: list.%s(x, x == \"...\").", name, name)
	case x.ev.env.HasFunction(name):
		return true
	case c.IsMemberFunction():
		x.add(x.fieldStartOf(e, name), "unknown-function", "There is no `.%s(...)`.%s There are: %s.", name, source.DidYouMean(name, memberFunctions), strings.Join(memberFunctions, ", "))
	default:
		x.addAt(e, "unknown-function", "There is no function `%s`.%s The functions are: %s.", name, source.DidYouMean(name, plainFunctions), strings.Join(plainFunctions, ", "))
	}
	return false
}

// fieldStartOf is where the name of a method begins: before its bracket.
func (x *exprCheck) fieldStartOf(e ast.Expr, name string) int {
	if r, ok := x.in.ast.SourceInfo().GetOffsetRange(e.ID()); ok {
		return max(int(r.Start)-len([]rune(name)), 0)
	}
	return x.start(e)
}
