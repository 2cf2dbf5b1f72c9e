package playbooks

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
)

// Sizes the cost is estimated with at lint time.
const (
	maxAnswerLength = 3000 // characters: input of a Slack modal, https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
	maxListLength   = 100  // entries: options of a Slack select, https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element
)

// cost refuses an expression that could be stopped at run time for taking too
// long.
func (x *exprCheck) cost(checked *cel.Ast) {
	est, err := x.ev.env.EstimateCost(checked, &sizes{schema: x.ev.schema})
	if err != nil {
		x.add(0, "cost", "What this expression costs cannot be told. Make it simpler.")
		return
	}
	if est.Max > costLimit {
		x.add(0, "cost", "This could take %s. Go through fewer lists inside each other, or split it into several values of a set step.", tooLong(est.Max))
	}
}

func tooLong(most uint64) string {
	if most > 1000*costLimit {
		return "more than 1000 times as long as is allowed"
	}
	return "longer than is allowed"
}

// sizes tells CEL how long lists and texts can be.
type sizes struct{ schema *schema }

// EstimateSize gives the size of a node from its path, or else from its type.
func (z *sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.ComputedSize() != nil {
		return nil
	}
	s := z.at(n.Path())
	if s == nil {
		s = (&infer{schema: z.schema}).fromCEL(n.Type())
	}
	return sizeOf(s)
}

// at finds the shape a path leads to; nil when it leads nowhere.
func (z *sizes) at(path []string) *shape {
	if len(path) == 0 {
		return nil
	}
	s := z.schema.root(path[0])
	for _, name := range path[1:] {
		switch {
		case s == nil:
			return nil
		case name == "@keys":
			s = textShape
		case s.elem != nil: // @items, @values, or an entry of a map
			s = s.elem
		default:
			f := s.field(name)
			if f == nil {
				return nil
			}
			s = f.shape
		}
	}
	return s
}

func sizeOf(s *shape) *cost.SizeEstimate {
	most := uint64(1)
	switch s.kind {
	case shapeText, shapeAny:
		most = maxAnswerLength
	case shapePerson:
		most = 64
	case shapeChoice:
		for _, o := range s.options {
			most = max(most, uint64(len(o)))
		}
	case shapeMap:
		most = maxListLength
	case shapeList:
		most = maxListLength
		if s.elem.kind == shapeChoice && s.elem.what != "" {
			most = uint64(max(len(s.elem.options), 1))
		}
	}
	return &cost.SizeEstimate{Max: most}
}

// EstimateCallCost leaves the cost of calls to CEL, but for our own functions.
func (z *sizes) EstimateCallCost(fn, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	switch fn {
	case fnHolds, fnChairs, fnDeputises, fnSits, fnLeads, fnWorkingDays, fnMonths, fnPercent:
		return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(1)}
	}
	return nil
}
