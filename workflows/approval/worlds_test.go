package approval_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// smallestCount is the number of worlds the enumeration below makes. Fewer
// means that somebody shrank it.
const smallestCount = 2_088_631

// TestSmallWorlds compares the rules with the oracle in every small world: all
// rosters up to symmetry, everything people could have said, all rules.
func TestSmallWorlds(t *testing.T) {
	t.Parallel()
	var count atomic.Int64
	t.Run("families", func(t *testing.T) {
		for _, f := range families() {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				n := f.enumerate(t)
				t.Logf("%d worlds", n)
				count.Add(int64(n))
			})
		}
	})
	t.Logf("%d worlds in all", count.Load())
	fmt.Printf("approval: %d small worlds agree with the oracle\n", count.Load())
	if !t.Failed() && count.Load() < smallestCount {
		t.Errorf("only %d worlds; there used to be %d", count.Load(), smallestCount)
	}
}

// family is a set of worlds: all pairs of the rules (or each alone) over all
// rosters of up to so many people, each of whom is one of seats on every leaf
// and said one of said.
type family struct {
	name   string
	people int
	seats  []int
	said   []int
	shapes [][][]leaf
}

func families() []family {
	all := []int{nothing, yes, yesWith, no, change, abstention, withdrawal}
	votes := []int{nothing, yes, no, abstention, withdrawal}
	choosing := []int{nothing, yes, yesOther, no, abstention, withdrawal}
	committees := []leaf{
		rule(majority, 0), rule(majority, 2), rule(majority, 3), rule(unanimous, 0), rule(unanimous, 2),
		rule(fixed, 1), rule(fixed, 2), rule(fixed, 3), chaired(majority, 0), chaired(fixed, 2),
	}
	few := []leaf{rule(majority, 2), rule(unanimous, 0), rule(fixed, 1), rule(fixed, 2), chaired(majority, 0)}
	one := rule(solo, 0)
	anyOf := [][]leaf{{one, one}, {one, rule(fixed, 2)}, {rule(majority, 0), rule(fixed, 1)}}
	return []family{
		{"one line", 3, []int{absent, member, excluded, alternate}, all, singles(append(committees, one))},
		{"one large committee", 6, []int{member, alternate}, votes, singles(committees)},
		{"two lines, everything said", 2, []int{absent, member, excluded, alternate}, all, pairs(append(committees, one), append(committees, one))},
		{"two lines", 3, []int{absent, member, alternate}, votes, pairs(append(few, one), append(few, one))},
		{"role and committee", 4, []int{absent, member}, votes, pairs([]leaf{one}, append(few, one))},
		{"any of, and one line", 3, []int{absent, member}, votes, beside(anyOf, append(few, one))},
		{"choosing", 3, []int{absent, member}, choosing, pairs(append(few, one), append(few, one))},
		{"choosing in any of", 3, []int{absent, member}, choosing, beside(anyOf, few[:2])},
		{"choosing in a large committee", 5, []int{member}, choosing, singles(committees)},
		{"any of alone", 3, []int{absent, member, alternate}, votes, anyOfAlone(anyOf)},
	}
}

func rule(kind, n int) leaf    { return leaf{rule: kind, n: n, chair: -1} }
func chaired(kind, n int) leaf { return leaf{rule: kind, n: n, chair: 0} }

func singles(rules []leaf) (out [][][]leaf) {
	for _, r := range rules {
		out = append(out, [][]leaf{{r}})
	}
	return out
}

func pairs(first, second []leaf) (out [][][]leaf) {
	for i, a := range first {
		for j, b := range second {
			if len(first) != len(second) || j >= i {
				out = append(out, [][]leaf{{a}, {b}})
			}
		}
	}
	return out
}

func beside(anyOf [][]leaf, rules []leaf) (out [][][]leaf) {
	for _, a := range anyOf {
		for _, r := range rules {
			out = append(out, [][]leaf{a, {r}})
		}
	}
	return out
}

func anyOfAlone(anyOf [][]leaf) (out [][][]leaf) {
	for _, a := range anyOf {
		out = append(out, [][]leaf{a})
	}
	return out
}

// enumerate makes every world of the family. People who are the same and said
// the same are interchangeable, so each is described by one number and the
// numbers never fall.
func (f family) enumerate(t *testing.T) int {
	count := 0
	for _, shape := range f.shapes {
		leaves := 0
		for _, l := range shape {
			leaves += len(l)
		}
		kinds := len(f.said)
		for range leaves {
			kinds *= len(f.seats)
		}
		for n := 1; n <= f.people; n++ {
			crowd := make([]int, n)
			for ok := true; ok; ok = next(crowd, kinds) {
				for _, w := range f.chairs(f.world(shape, crowd), crowd) {
					count++
					compare(t, w)
				}
				if t.Failed() {
					return count
				}
			}
		}
	}
	return count
}

// next steps to the following non-falling list of numbers under limit.
func next(crowd []int, limit int) bool {
	for i := len(crowd) - 1; i >= 0; i-- {
		if crowd[i] < limit-1 {
			v := crowd[i] + 1
			for ; i < len(crowd); i++ {
				crowd[i] = v
			}
			return true
		}
	}
	return false
}

// world reads the descriptions: the last digit is what was said, the others
// the seats on the leaves.
func (f family) world(shape [][]leaf, crowd []int) world {
	w := world{said: make([]int, len(crowd))}
	for p, k := range crowd {
		w.said[p] = f.said[k%len(f.said)]
	}
	div := len(f.said)
	for _, line := range shape {
		var leaves []leaf
		for _, l := range line {
			l.seat = make([]int, len(crowd))
			for p, k := range crowd {
				l.seat[p] = f.seats[k/div%len(f.seats)]
			}
			div *= len(f.seats)
			leaves = append(leaves, l)
		}
		w.lines = append(w.lines, leaves)
	}
	return w
}

// chairs tries every different person as the chair of the lines that need one.
func (f family) chairs(w world, crowd []int) []world {
	worlds := []world{w}
	for i, line := range w.lines {
		for j, l := range line {
			if l.chair < 0 {
				continue
			}
			var more []world
			for _, one := range worlds {
				for p := range crowd {
					if p > 0 && crowd[p] == crowd[p-1] {
						continue
					}
					c := world{said: one.said, lines: slices.Clone(one.lines)}
					c.lines[i] = slices.Clone(c.lines[i])
					c.lines[i][j].chair = p
					more = append(more, c)
				}
			}
			worlds = more
		}
	}
	return worlds
}

func compare(t *testing.T, w world) {
	want := w.foresee()
	got := approval.Compute(w.asLines(), w.asDecisions())
	closer := ""
	if want.closer >= 0 {
		closer = fmt.Sprint("d", want.closer)
	}
	same := string(got.Status) == want.status && got.ClosedBy == closer
	for i, l := range got.Lines {
		same = same && lineFate{l.Met, l.Dead, l.TooFew} == want.lines[i]
	}
	if !same {
		t.Errorf("world %+v\nrules:  %+v\noracle: %+v", w, got, want)
	}
}

// choices are what people said, in the words of the rules.
var choices = [...]string{"", port.Approve, port.ApproveWith, port.Reject, port.RequestChanges, port.Abstain, port.Recuse, port.Approve}

func (w world) asDecisions() (out []port.Decision) {
	for p, s := range w.said {
		if s != nothing {
			d := port.Decision{ID: fmt.Sprint("d", p), Person: person(p), Choice: choices[s]}
			switch s {
			case yes, yesWith:
				d.Chosen = map[string]any{"report": "yes", "size": 1.0}
			case yesOther:
				d.Chosen = map[string]any{"report": "no", "size": 1.0}
			}
			out = append(out, d)
		}
	}
	return out
}

func (w world) asLines() []port.Line {
	out := make([]port.Line, len(w.lines))
	for i, leaves := range w.lines {
		out[i] = asLine(leaves[0], fmt.Sprint(i+1))
		if len(leaves) > 1 {
			out[i] = port.Line{ID: fmt.Sprint(i + 1), Kind: port.LineAnyOf}
			for j, l := range leaves {
				out[i].AnyOf = append(out[i].AnyOf, asLine(l, fmt.Sprintf("%d.%d", i+1, j+1)))
			}
		}
	}
	return out
}

func asLine(l leaf, id string) port.Line {
	line := port.Line{ID: id, Kind: port.LineCommittee}
	switch l.rule {
	case solo:
		line.Kind = port.LineRole
	case majority:
		line.Rule, line.QuorumMin = "majority", l.n
	case unanimous:
		line.Rule, line.QuorumMin = "all", l.n
	case fixed:
		line.Rule, line.Votes = "number", l.n
	}
	if l.chair >= 0 {
		line.ChairRequired, line.Chair = true, person(l.chair)
	}
	for p, s := range l.seat {
		switch s {
		case member:
			line.Seats = append(line.Seats, port.Seat{Person: person(p)})
		case excluded:
			line.Seats = append(line.Seats, port.Seat{Person: person(p), Excluded: "owner"})
		case alternate:
			line.Seats = append(line.Seats, port.Seat{Person: person(p), Alternate: true})
		}
	}
	return line
}

func person(p int) string { return string(rune('a' + p)) }
