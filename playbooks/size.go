package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// How large a playbook may be. The largest of a management system has about
// sixty steps, two hundred expressions and two thousand values.
const (
	maxFile        = 256 << 10 // bytes
	maxValues      = 20_000    // signs of YAML in a file
	maxLine        = 10_000    // bytes; the longest text, 3000 characters of four bytes, fits nearly
	maxRows        = 200       // of a table
	maxNested      = 5         // lists gone through inside each other in an expression
	maxPattern     = 200       // characters of a pattern: it is built anew for each answer
	maxSteps       = 500
	maxExpressions = 2_000
	maxExtended    = 8      // playbooks that build on each other
	maxProblems    = 200    // that are told at once
	maxExprTotal   = 64_000 // characters of all expressions
)

// parseFile reads the YAML of a playbook.
func parseFile(f File) (*source.Node, Problems) {
	return source.ParseAtMost(f.Name, f.Source, source.Limit{Bytes: maxFile, Values: maxValues, Line: maxLine})
}

// tooLarge refuses a playbook that could not be checked in time, before anything
// in it is looked at.
func tooLarge(p *Playbook) Problems {
	var ps Problems
	places := flow(p)
	if len(places) > maxSteps {
		ps.Add(places[maxSteps].step.Pos, "size", "This playbook has %d steps; the limit is %d. Make several playbooks of it.", len(places), maxSteps)
		return ps
	}
	count, total := 0, 0
	for _, s := range sites(p) {
		for _, x := range s.exprs() {
			count++
			total += len(x)
			if count > maxExpressions || total > maxExprTotal {
				ps.Add(s.str.Pos, "size", "Up to here this playbook has %d expressions with %d characters in all; the limits are %d and %d. Make several playbooks of it.", count, total, maxExpressions, maxExprTotal)
				return ps
			}
		}
	}
	return ps
}

// told keeps what people can mend in one go: of more problems than that, the
// first ones.
func told(ps Problems) Problems {
	ps.Sort()
	if len(ps) <= maxProblems {
		return ps
	}
	more := len(ps) - maxProblems
	out := ps[:maxProblems:maxProblems]
	last := out[maxProblems-1].Pos
	out.Add(last, "size", "There are %d more problems. Mend these first.", more)
	return out
}
