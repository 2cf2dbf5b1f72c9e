package approval

import (
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// assign finds which approver is used for which line, and from that which
// lines are met, can still be met, or never could be. Lines of one seat choose
// first, so that a committee is the one told to find somebody else.
func assign(benches []bench, lines []LineState, votes ballots) {
	var order []int
	for _, rank := range []int{0, 1, 2} {
		for i, b := range benches {
			if b.rank() == rank {
				order = append(order, i)
			}
		}
	}

	fit, _ := settle(benches, order, func(bench, string) bool { return true })
	live, _ := settle(benches, fit, func(b bench, p string) bool {
		c := votes.choice(p)
		return c == "" || approves(c) || c == port.Abstain && b.single()
	})
	met, m := settle(benches, order, func(_ bench, p string) bool { return approves(votes.choice(p)) })
	for _, i := range order {
		lines[i].TooFew = !slices.Contains(fit, i)
		lines[i].Dead = !lines[i].TooFew && !slices.Contains(live, i)
		lines[i].Met = slices.Contains(met, i)
		lines[i].Assigned = m.peopleOf(i)
	}
}

func (b bench) rank() int {
	switch {
	case b.single():
		return 0
	case b.line.Kind == port.LineAnyOf:
		return 1
	}
	return 2
}

// settle goes through the lines in order and keeps each one that can be filled
// together with those kept before, counting only people that may pass. What is
// left over then fills the other lines as far as it goes.
func settle(benches []bench, order []int, may func(bench, string) bool) (kept []int, m matching) {
	options := make([][]option, len(benches))
	for _, i := range order {
		options[i] = benches[i].options(may)
	}
	for _, i := range order {
		if next, ok := fill(options, append(slices.Clone(kept), i), matching{}); ok {
			kept, m = append(kept, i), next
		}
	}
	for _, i := range order {
		if !slices.Contains(kept, i) && len(options[i]) > 0 {
			m.place(i, options[i][0])
		}
	}
	return kept, m
}

// fill seats all the lines at once, trying every option of each.
func fill(options [][]option, lines []int, m matching) (matching, bool) {
	if len(lines) == 0 {
		return m, true
	}
	for _, o := range options[lines[0]] {
		next := m.clone()
		if !next.place(lines[0], o) {
			continue
		}
		if done, ok := fill(options, lines[1:], next); ok {
			return done, true
		}
	}
	return matching{}, false
}

// option is one way to meet a line: places, each with the people who could
// take it.
type option [][]string

// options lists the ways to meet the bench. The alternatives of one seat are
// one place that any of their people can take.
func (b bench) options(may func(bench, string) bool) []option {
	if b.line.Kind != port.LineAnyOf {
		return []option{b.places(may)}
	}
	var alone []string
	var out []option
	for _, a := range b.alternatives {
		if a.single() {
			alone = union(alone, a.places(may)[0])
			continue
		}
		out = append(out, a.places(may))
	}
	if len(alone) > 0 {
		out = append([]option{{alone}}, out...)
	}
	return out
}

func (b bench) places(may func(bench, string) bool) option {
	var people []string
	for _, p := range b.sitting {
		if may(b, p) {
			people = append(people, p)
		}
	}
	// One place more than there are people is as unfillable as many more.
	o := make(option, min(b.needed, len(b.sitting)+1))
	for i := range o {
		o[i] = people
	}
	if b.chaired() {
		o[0] = b.chairsOf(people) // the chair's own place
	}
	return o
}

// matching pairs people with places; it grows by augmenting paths, so a place
// once taken stays taken.
type matching struct{ places []place }

type place struct {
	line   int
	people []string // who could take it
	taken  string
}

func (m matching) clone() matching { return matching{places: slices.Clone(m.places)} }

// place fills the places of one option as far as it goes and tells whether all
// were filled.
func (m *matching) place(line int, o option) bool {
	all := true
	for _, people := range o {
		m.places = append(m.places, place{line: line, people: people})
		if !m.augment(len(m.places)-1, &[]string{}) {
			all = false
		}
	}
	return all
}

// augment finds somebody for a place, moving others to another place of theirs
// where that frees somebody. tried keeps the people asked so far.
func (m *matching) augment(at int, tried *[]string) bool {
	for _, p := range m.places[at].people {
		if slices.Contains(*tried, p) {
			continue
		}
		*tried = append(*tried, p)
		now := slices.IndexFunc(m.places, func(o place) bool { return o.taken == p })
		if now < 0 || m.augment(now, tried) {
			m.places[at].taken = p
			return true
		}
	}
	return false
}

// peopleOf lists who was used for a line.
func (m matching) peopleOf(line int) []string {
	var out []string
	for _, p := range m.places {
		if p.line == line && p.taken != "" {
			out = append(out, p.taken)
		}
	}
	return out
}
