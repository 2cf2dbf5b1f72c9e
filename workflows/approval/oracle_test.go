package approval_test

// The oracle decides small worlds by trying everything: every way to hand the
// approvers out to the lines. It shares no code and no types with the rules.

// What a person may be on a leaf.
const (
	absent = iota
	member
	excluded
	alternate
)

// What a person may have said.
const (
	nothing = iota
	yes
	yesWith
	no
	change
	abstention
	withdrawal
	yesOther // as yes, but it chooses something else
)

// The rules of a leaf.
const (
	solo = iota // role or person
	majority
	unanimous
	fixed
)

// leaf is one role, person or committee: a rule and what each person is on it.
type leaf struct {
	rule  int
	n     int // quorum_min, or the number of votes
	chair int // index of the person who must agree; -1 = nobody
	seat  []int
}

// world is a small decision: lines of one or more alternative leaves, and what
// each person said, in the order of their numbers.
type world struct {
	lines [][]leaf
	said  []int
}

// fate is what the oracle says of a world.
type fate struct {
	status string
	closer int // who closed it; -1 = still open
	lines  []lineFate
}

type lineFate struct{ met, dead, tooFew bool }

// foresee lets the people speak one after the other until it is over.
func (w world) foresee() fate {
	said := make([]int, len(w.said))
	f := w.look(said)
	f.closer = -1
	for p, s := range w.said {
		if s == nothing {
			continue
		}
		said[p] = s
		f = w.look(said)
		f.closer = -1
		if f.status != "open" {
			f.closer = p
			return f
		}
	}
	return f
}

// look judges what was said as a set.
func (w world) look(said []int) fate {
	sits := w.sitting(said)
	f := fate{status: "open", lines: make([]lineFate, len(w.lines))}
	could := w.hand(sits, said, func(leaf, int) bool { return true })
	can := w.hand(sits, said, func(l leaf, s int) bool {
		return s == nothing || s == yes || s == yesWith || s == yesOther || (l.rule == solo && s == abstention)
	})
	does := w.hand(sits, said, func(_ leaf, s int) bool { return s == yes || s == yesWith || s == yesOther })
	one := w.best(w.hand(sits, said, func(_ leaf, s int) bool { return s == yes || s == yesWith }), -1)
	other := w.best(w.hand(sits, said, func(_ leaf, s int) bool { return s == yesOther }), -1)
	fit := w.best(could, -1)
	live := w.best(can, fit)
	met := w.best(does, -1)
	all := 1<<len(w.lines) - 1
	for i := range w.lines {
		f.lines[i] = lineFate{met: met>>i&1 == 1, tooFew: fit>>i&1 == 0, dead: fit>>i&1 == 1 && live>>i&1 == 0}
	}
	switch {
	case w.anybody(sits, said, change, false):
		f.status = "request_changes"
	case w.anybody(sits, said, no, true) || fit != live:
		f.status = "rejected"
	case one == all && w.anybody(sits, said, yesWith, false):
		f.status = "approved_with_conditions"
	case (one == all || other == all) && len(w.lines) > 0:
		f.status = "approved"
	}
	return f
}

// needs is how many must agree where so many sit.
func (l leaf) needs(sit int) int {
	n := 1
	switch l.rule {
	case majority:
		for n*2 <= sit || n < l.n {
			n++
		}
	case unanimous:
		for n < sit || n < l.n {
			n++
		}
	case fixed:
		n = l.n
	}
	return n
}

// sitting is a set of people for each leaf of each line.
func (w world) sitting(said []int) [][]int {
	out := make([][]int, len(w.lines))
	for i, leaves := range w.lines {
		for _, l := range leaves {
			out[i] = append(out[i], l.sit(said))
		}
	}
	return out
}

// sit seats the members, then the fewest alternates that make the rule possible.
func (l leaf) sit(said []int) int {
	set, size := 0, 0
	var spare []int
	for p, s := range l.seat {
		switch {
		case said[p] == withdrawal:
		case s == member:
			set, size = set|1<<p, size+1
		case s == alternate:
			spare = append(spare, p)
		}
	}
	for _, p := range spare {
		if size >= l.needs(size) {
			break
		}
		set, size = set|1<<p, size+1
	}
	return set
}

func (w world) anybody(sits [][]int, said []int, what int, soloOnly bool) bool {
	for i, leaves := range w.lines {
		for j, l := range leaves {
			for p, s := range said {
				if s == what && sits[i][j]>>p&1 == 1 && (!soloOnly || l.rule == solo) {
					return true
				}
			}
		}
	}
	return false
}

// hand tries every way to give each person who may count to one leaf or to
// none, and returns the sets of lines that were satisfied, as a list of bits.
func (w world) hand(sits [][]int, said []int, may func(leaf, int) bool) (sets [16]bool) {
	var taken [4][3]int
	var give func(p int)
	give = func(p int) {
		if p == len(said) {
			sets[w.satisfied(sits, taken)] = true
			return
		}
		give(p + 1)
		for i, leaves := range w.lines {
			for j, l := range leaves {
				if sits[i][j]>>p&1 == 1 && may(l, said[p]) {
					taken[i][j] |= 1 << p
					give(p + 1)
					taken[i][j] &^= 1 << p
				}
			}
		}
	}
	give(0)
	return sets
}

func (w world) satisfied(sits [][]int, taken [4][3]int) int {
	set := 0
	for i, leaves := range w.lines {
		for j, l := range leaves {
			chaired := l.chair < 0 || taken[i][j]>>l.chair&1 == 1
			if chaired && ones(taken[i][j]) >= l.needs(ones(sits[i][j])) {
				set |= 1 << i
			}
		}
	}
	return set
}

// best is the set of lines that can hold together, where a role line goes
// before a line of alternatives and that before a committee, and else the
// earlier line first. Only lines within the given set are looked at.
func (w world) best(sets [16]bool, within int) int {
	chosen := 0
	for rank := 0; rank < 3; rank++ {
		for i, leaves := range w.lines {
			r := 2
			if len(leaves) > 1 {
				r = 1
			} else if leaves[0].rule == solo {
				r = 0
			}
			if r != rank || within>>i&1 == 0 {
				continue
			}
			for s := range sets {
				if sets[s] && s&(chosen|1<<i) == chosen|1<<i {
					chosen |= 1 << i
					break
				}
			}
		}
	}
	return chosen
}

func ones(set int) int {
	n := 0
	for ; set > 0; set &= set - 1 {
		n++
	}
	return n
}
