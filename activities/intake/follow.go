package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// layout is a form as it stands: the windows, what they ask, and in which of them
// more may still follow from what is answered there.
type layout struct {
	pages []page
	asked []playbooks.Question
	// open is the number of the first windows from which more may follow.
	open int
}

// more tells whether another window may come after one.
func (l layout) more(n int) bool { return n < len(l.pages) || n <= l.open }

// layoutOf lays out a form. What is always asked comes first; what follows from
// answers comes in windows behind those that ask them, so that nothing that
// somebody is just reading changes.
func (g *Gate) layoutOf(ctx context.Context, ask port.Ask, d *draft, w who) (layout, error) {
	qs := ask.Body.Questions
	if g.Asked == nil || !slices.ContainsFunc(qs, playbooks.Question.Follows) {
		return layout{pages: pagesOf(qs, d), asked: qs}, nil
	}
	var flat []playbooks.Question
	for _, p := range pagesOf(qs, d) {
		flat = append(flat, p.questions()...)
	}
	given, _ := g.known(flat, d.Values, w)
	asked, err := g.Asked(ctx, ask, d.whole(qs, given), w.zone())
	if err != nil {
		return layout{}, fmt.Errorf("work out what is asked: %w", err)
	}
	l := layout{asked: asked}
	levels := levelsOf(qs)
	for level := range slices.Max(levels) + 1 {
		var here []playbooks.Question
		for i, q := range qs {
			if levels[i] == level && slices.ContainsFunc(asked, func(a playbooks.Question) bool { return a.ID.V == q.ID.V }) {
				here = append(here, q)
			}
		}
		if len(here) > 0 {
			l.pages = append(l.pages, pagesOf(headed(ask, here), d)...)
		}
		if level < slices.Max(levels) {
			l.open = len(l.pages)
		}
	}
	return l, nil
}

// levelsOf is how many answers deep each question is: 0 is always asked.
func levelsOf(qs []playbooks.Question) []int {
	levels := make([]int, len(qs))
	for i, q := range qs {
		row := q.ID.V[:strings.LastIndexByte(q.ID.V, '.')+1]
		for _, id := range q.Reads() {
			for j := range i {
				if qs[j].ID.V == row+id {
					levels[i] = max(levels[i], levels[j]+1)
				}
			}
		}
	}
	return levels
}

// headed puts the name of a row above its first question in a window.
func headed(ask port.Ask, qs []playbooks.Question) []playbooks.Question {
	out := slices.Clone(qs)
	for i, r := range ask.Body.Rows {
		j := slices.IndexFunc(out, func(q playbooks.Question) bool { return strings.HasPrefix(q.ID.V, port.RowID(i+1)) })
		if j >= 0 {
			out[j].Heading = r.Title
		}
	}
	return out
}
