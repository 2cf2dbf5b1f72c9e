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
	heading  bool   // the line has a heading in it
}

// page is what one window of a form shows.
type page []item

// pagesOf lays out a form: as few windows as Slack's limits allow, at least one.
// What is typed changes nothing about where a page ends. What stands under a
// heading stays with it, because nobody knows what a question in the next window
// is about.
func pagesOf(qs []playbooks.Question, d *draft) []page {
	l := pager{pages: []page{nil}}
	var together page
	all := items(qs, d)
	for i, it := range all {
		together = append(together, it)
		if i+1 < len(all) && all[i+1].goesWith(it, together[0].headed()) {
			continue
		}
		l.place(together)
		together = nil
	}
	return l.pages
}

// pager fills pages one after another.
type pager struct {
	pages         []page
	blocks, bytes int
}

// place puts items that belong together on one page, or what has to be on one
// page where all of them are too much for one.
func (l *pager) place(together page) {
	n, size := together.blocks(), together.bytes()
	if n <= pageBlocks && size <= pageBytes {
		l.put(together, n, size)
		return
	}
	from := 0
	for i, it := range together {
		if !it.holds {
			part := together[from : i+1]
			l.put(part, part.blocks(), part.bytes())
			from = i + 1
		}
	}
}

func (l *pager) put(part page, n, size int) {
	if last := len(l.pages) - 1; len(l.pages[last]) > 0 && (l.blocks+n > pageBlocks || l.bytes+size > pageBytes) {
		l.pages, l.blocks, l.bytes = append(l.pages, nil), 0, 0
	}
	last := len(l.pages) - 1
	l.pages[last] = append(l.pages[last], part...)
	l.blocks, l.bytes = l.blocks+n, l.bytes+size
}

func (p page) blocks() (n int) {
	for _, it := range p {
		n += it.blocks()
	}
	return n
}

func (p page) bytes() (n int) {
	for _, it := range p {
		n += it.bytes()
	}
	return n
}

// headed tells whether a heading stands over the item.
func (i item) headed() bool {
	return i.heading || i.question != nil && i.question.Heading != ""
}

// goesWith tells whether the item has to be on the page of the one before it,
// with which it stands under the same heading, if there is one.
func (i item) goesWith(before item, underHeading bool) bool {
	return before.holds || underHeading && !i.headed()
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
	out := []item{{mark: &port.ModalMark{Text: text}, of: id, holds: true, heading: q.Heading != ""}}
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
