package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintCollect checks what steps look up, as far as no expression has to be
// understood for it.
func lintCollect(l *linter) {
	for _, at := range l.flow {
		names := map[string]Pos{}
		for _, c := range at.step.Collect {
			l.id(c.Name, "what is collected", names)
			l.reserved(at.step, c.Name)
			l.collectedList(c)
			l.remote(at.step, c)
			l.collectedSize(c)
			if !c.Since.Empty() && !isExpr(c.Since.V) {
				if _, err := org.ParseSpan(c.Since.V); err != nil {
					l.ps.Add(c.Since.Pos, "span", "`since` is a length of time before now, such as 180 days or 12 months, or an expression that gives a date, such as ${steps.plan.from}.")
				}
			}
		}
	}
}

// collectedList checks that the list is there and has what it is filtered by.
func (l *linter) collectedList(c Collected) {
	if c.From.Empty() {
		return
	}
	list, known := FactListOf(c.From.V)
	if !known {
		l.ps.Add(c.From.Pos, "collect", "There is no list `%s` to collect from.%s The lists are: %s.", c.From, source.DidYouMean(c.From.V, factListNames()), strings.Join(factListNames(), ", "))
		return
	}
	for _, f := range []struct {
		key  string
		used bool
		pos  Pos
	}{
		{"playbook", len(c.Playbook) > 0, firstPos(c.Playbook)},
		{"subject", !c.Subject.Empty(), c.Subject.Pos},
		{"outcome", len(c.Outcome) > 0, firstPos(c.Outcome)},
		{"open", c.Open != nil, c.Pos},
		{"since", !c.Since.Empty(), c.Since.Pos},
	} {
		if f.used && !slices.Contains(list.filters, f.key) {
			l.ps.Add(f.pos, "collect", "Entries of `%s` have no `%s` to choose by. They can be chosen by: %s, where, last, sample.", c.From, f.key, strings.Join(list.filters, ", "))
		}
	}
	if c.Last > 0 && c.Sample != nil {
		l.ps.Add(c.Pos, "collect", "`last` keeps the newest and `sample` draws by chance, so only one of them can say which are kept. Remove one.")
	}
}

func firstPos(texts []Str) Pos {
	if len(texts) == 0 {
		return Pos{}
	}
	return texts[0].Pos
}

// collectedSize checks the plain numbers of a sample.
func (l *linter) collectedSize(c Collected) {
	if c.Sample == nil {
		return
	}
	if c.Sample.Size != nil {
		if n, plain := c.Sample.Size.V.(int64); plain && (n < 1 || n > MaxCollected) {
			l.ps.Add(c.Sample.Size.Pos, "collect", "`size` is how many are drawn: from 1 to %d. Leave it out for the square root of how many there are, at least 3.", MaxCollected)
		}
	}
}

// collected checks the values of what is looked up whose types only the
// expressions know.
func (c *exprChecker) collected() {
	for _, pl := range c.flow {
		for _, f := range pl.step.Collect {
			what := "collect." + pl.step.ID.V + "." + f.Name.V
			if isExpr(f.Since.V) {
				c.collectValue(what, Lit{V: f.Since.V, Pos: f.Since.Pos}, "`since`", "a date or an instant, such as ${steps.plan.from}, or a length of time such as 180 days", (*shape).isTime)
			}
			if !f.Subject.Empty() && isExpr(f.Subject.V) {
				c.collectValue(what, Lit{V: f.Subject.V, Pos: f.Subject.Pos}, "`subject`", "what the entries are about: an expression such as ${system}, or an id", func(s *shape) bool {
					return s.isText() || s.kind == shapeObject && s.field("id") != nil
				})
			}
			if f.Sample == nil {
				continue
			}
			whole := func(s *shape) bool { return s.kind == shapeInt }
			c.collectValue(what, f.Sample.Seed, "`seed`", "a whole number, such as 7 or ${steps.plan.seed}", whole)
			if f.Sample.Size != nil {
				c.collectValue(what, *f.Sample.Size, "`size`", "a whole number, such as 8 or ${steps.plan.size}", whole)
			}
		}
	}
}

func (c *exprChecker) collectValue(what string, lit Lit, key, wanted string, fits func(*shape) bool) {
	got := c.ev.schema.litShape(what, lit, c.ev.env)
	if got.kind != shapeAny && !fits(got) {
		c.ps.Add(lit.Pos, "type", "%s is %s, but this is %s.", key, wanted, got.described())
	}
}
