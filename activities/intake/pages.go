package intake

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

const (
	// pageBlocks is how many questions, headings and lines one window holds: 100
	// blocks of a modal (https://docs.slack.dev/surfaces/modals) less those of its
	// explanation and of the button back.
	pageBlocks = 90
	// pageBytes is what they take of a view at most, which may have 250 kB as JSON
	// (view_too_large of views.open), with everything filled in.
	pageBytes = 200_000
	// textBytes is what a text of playbooks.MaxAnswer characters takes at most.
	textBytes = 4 * playbooks.MaxAnswer
	// countriesBytes is what the list of all countries takes, about 100 each.
	countriesBytes = 30_000
	// optionBytes and blockBytes are what the names of an option's and a block's
	// fields take.
	optionBytes, blockBytes = 100, 400
)

// item is one thing in a window: a line, or a question.
type item struct {
	mark     *port.ModalMark
	question *playbooks.Question
	of       string // id of the question it belongs to
	holds    bool   // the next item stays on the same page
}

// page is what one window of a form shows.
type page []item

// pagesOf lays out a form: as few windows as Slack's limits allow, at least one.
// What is typed changes nothing about where a page ends.
func pagesOf(qs []playbooks.Question, d *draft) []page {
	pages := []page{nil}
	blocks, bytes := 0, 0
	var group page
	for _, it := range items(qs, d) {
		group = append(group, it)
		if it.holds {
			continue
		}
		n, size := 0, 0
		for _, g := range group {
			n, size = n+g.blocks(), size+g.bytes()
		}
		if last := len(pages) - 1; len(pages[last]) > 0 && (blocks+n > pageBlocks || bytes+size > pageBytes) {
			pages, blocks, bytes = append(pages, nil), 0, 0
		}
		last := len(pages) - 1
		pages[last] = append(pages[last], group...)
		blocks, bytes, group = blocks+n, bytes+size, nil
	}
	return pages
}

func items(qs []playbooks.Question, d *draft) []item {
	var out []item
	for i := range qs {
		if qs[i].Type.V == playbooks.TypeRows {
			out = append(out, rowItems(qs[i], d)...)
			continue
		}
		out = append(out, item{question: &qs[i], of: qs[i].ID.V})
	}
	return out
}

// rowItems are a question with its rows so far, and the buttons to remove one
// and to add one.
func rowItems(q playbooks.Question, d *draft) []item {
	id := q.ID.V
	text := q.Text.V
	if q.Heading != "" {
		text = q.Heading + "\n" + text
	}
	if q.Help.V != "" {
		text += "\n" + q.Help.V
	}
	rows := d.Rows[id]
	out := []item{{mark: &port.ModalMark{Text: text}, of: id, holds: true}}
	for i, n := range rows {
		mark := &port.ModalMark{Text: fmt.Sprintf("Row %d", i+1)}
		if q.Optional || len(rows) > q.FewestRows() {
			mark.Buttons = []port.ModalButton{{Action: port.ActionRemoveRow, Label: "Remove", Value: fmt.Sprintf("%s %d", id, n)}}
		}
		out = append(out, item{mark: mark, of: id, holds: true})
		for _, c := range q.Columns {
			c.ID.V = playbooks.CellID(id, n, c.ID.V)
			out = append(out, item{question: &c, of: id})
		}
	}
	if len(rows) >= mostRows(q) {
		return out
	}
	return append(out, item{mark: &port.ModalMark{Buttons: []port.ModalButton{{Action: port.ActionAddRow, Label: "Add a row", Value: id}}}, of: id})
}

// mostRows is how many rows a question takes.
func mostRows(q playbooks.Question) int {
	if q.Max != nil {
		return min(int(*q.Max), playbooks.MaxRows)
	}
	return playbooks.MaxRows
}

func (i item) blocks() int {
	if i.question != nil && i.question.Heading != "" {
		return 2
	}
	return 1
}

func (i item) bytes() int {
	if i.mark != nil {
		return blockBytes + len(i.mark.Text)
	}
	q := i.question
	n := blockBytes + len(q.Text.V) + len(q.Help.V) + len(q.Heading)
	for _, o := range q.Options {
		n += optionBytes + len(o.Label.V)
	}
	switch q.Type.V {
	case playbooks.TypeText, playbooks.TypeLong:
		n += textBytes
	case playbooks.TypeLink:
		n += playbooks.MaxAnswer
	case playbooks.TypeCountries:
		n += countriesBytes
	}
	return n
}

// questions are the inputs of a page.
func (p page) questions() []playbooks.Question {
	var out []playbooks.Question
	for _, it := range p {
		if it.question != nil {
			out = append(out, *it.question)
		}
	}
	return out
}

// asks tells whether an input of the page has the id.
func (p page) asks(id string) bool {
	return slices.ContainsFunc(p, func(it item) bool { return it.question != nil && it.question.ID.V == id })
}

// about tells whether the page has anything of a question.
func (p page) about(id string) bool {
	return slices.ContainsFunc(p, func(it item) bool { return it.of == id })
}
