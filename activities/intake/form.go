package intake

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// openForm opens the window of a form where the person left it.
func (g *Gate) openForm(ctx context.Context, ask port.Ask, w who) Reply {
	d, err := g.draftOf(ctx, ask, w)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	l, err := g.layoutOf(ctx, ask, d, w)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Modal: g.window(ask, d, l, w, nil)}
}

// window is the page of a form that the draft is at. problems are by question or
// cell id.
func (g *Gate) window(ask port.Ask, d *draft, l layout, w who, problems map[string]string) *port.Modal {
	pages := l.pages
	d.Page = min(max(d.Page, 1), len(pages))
	m := &port.Modal{
		Callback: port.ActionAnswer, Token: ask.Token, Title: "Your answers", Submit: "Send",
		Lines: []string{aboutLine(ask)}, Prefill: map[string]any{},
	}
	if !ask.Body.Due.IsZero() {
		m.Lines = append(m.Lines, "Due: "+inZone(ask.Body.Due, w.zone()))
	}
	switch {
	case l.more(len(pages)): // how many there will be, the answers decide
		m.Page, m.Title = d.Page, fmt.Sprintf("Your answers (page %d)", d.Page)
	case len(pages) > 1:
		m.Page, m.Title = d.Page, fmt.Sprintf("Your answers (%d of %d)", d.Page, len(pages))
	}
	if l.more(d.Page) {
		m.Submit = "Next"
	}
	if len(problems) > 0 {
		m.Lines = append(m.Lines, "Not sent yet: something on this page has to be changed first. It is marked with “Please change”.")
	}
	for _, it := range pages[d.Page-1] {
		if it.mark != nil {
			mark := *it.mark
			mark.Before = len(m.Questions)
			if why := problems[it.of]; why != "" && mark.Text != "" && len(mark.Buttons) == 0 {
				mark.Text += "\n" + pleaseChange + why
			}
			m.Marks = append(m.Marks, mark)
			continue
		}
		q := *it.question
		if why := problems[q.ID.V]; why != "" {
			q.Help.V = strings.TrimSpace(pleaseChange + why + " " + q.Help.V)
		}
		if v := d.Values[q.ID.V]; v != nil {
			m.Prefill[q.ID.V] = v
		}
		m.Questions = append(m.Questions, q)
	}
	if d.Page > 1 {
		m.Marks = append(m.Marks, port.ModalMark{Before: len(m.Questions), Buttons: []port.ModalButton{{Action: port.ActionBack, Label: "Back", Value: port.ActionBack}}})
	}
	return m
}

const pleaseChange = "Please change: "

// turn handles a button in the window of a form: it keeps what was typed and
// shows the window anew. It decides nothing and leaves no row.
func (g *Gate) turn(ctx context.Context, d Delivery) Reply {
	at := g.now()
	ask, reply := g.askOf(ctx, d)
	if reply != nil {
		return *reply
	}
	w, err := g.identify(ctx, d, at)
	if err != nil {
		return g.told(ask, sayTryAgain)
	}
	if w.refused != "" {
		return g.refuse(ctx, d, ask, w.refused, at)
	}
	if over := closed(ask, at); over != "" {
		return g.told(ask, over)
	}
	if !slices.Contains(ask.Body.Actions, port.ActionAnswer) {
		return g.told(ask, sayNoSuchButton)
	}
	dr, err := g.draftOf(ctx, ask, w)
	if err != nil {
		return g.told(ask, sayTryAgain)
	}
	l, err := g.layoutOf(ctx, ask, dr, w)
	if err != nil {
		return g.told(ask, sayTryAgain)
	}
	dr.Page = min(max(d.Page, 1), len(l.pages))
	dr.take(l.pages[dr.Page-1], d.Values)
	if !dr.press(l.asked, d.Action, d.Target) {
		return g.told(ask, sayNoSuchButton)
	}
	if l, err = g.layoutOf(ctx, ask, dr, w); err != nil {
		return g.told(ask, sayTryAgain)
	}
	m := g.window(ask, dr, l, w, nil)
	if err := g.keepDraft(ctx, ask, w, dr); err != nil {
		return g.told(ask, sayTryAgain)
	}
	return Reply{Update: m}
}

// press does what a button in the window says; false for none of its buttons.
func (d *draft) press(qs []playbooks.Question, action, target string) bool {
	if action == port.ActionBack {
		d.Page--
		return true
	}
	id, number, _ := strings.Cut(target, " ")
	i := slices.IndexFunc(qs, func(q playbooks.Question) bool { return q.ID.V == id && q.Type.V == playbooks.TypeRows })
	if i < 0 {
		return false
	}
	switch action {
	case port.ActionAddRow:
		if q := qs[i]; len(d.Rows[id]) < mostRows(q) {
			n := d.addRow(id)
			d.Page = pageWith(pagesOf(qs, d), playbooks.CellID(id, n, q.Columns[0].ID.V), id)
		}
		return true
	case port.ActionRemoveRow:
		n, err := strconv.Atoi(number)
		if err == nil {
			d.removeRow(qs[i], n)
		}
		return err == nil
	}
	return false
}

// told is a window that says something instead of the form.
func (g *Gate) told(ask port.Ask, text string) Reply {
	return Reply{Update: &port.Modal{Callback: port.ActionAnswer, Token: ask.Token, Title: "Aimsbot", Lines: []string{text}}}
}

// answers takes a sent page of a form. On the last one it gives the answers; a
// reply other than nil is all there is to do. Of a form that is not open any more
// whatever was sent is kept.
func (g *Gate) answers(ctx context.Context, d Delivery, ask port.Ask, w who, open bool, at time.Time) (map[string]any, *Reply) {
	dr, err := g.draftOf(ctx, ask, w)
	if err != nil {
		return nil, reply(unstored(ask, d.Action))
	}
	l, err := g.layoutOf(ctx, ask, dr, w)
	if err != nil {
		return nil, reply(unstored(ask, d.Action))
	}
	dr.Page = min(max(d.Page, 1), len(l.pages))
	here := l.pages[dr.Page-1]
	dr.take(here, d.Values)
	if l, err = g.layoutOf(ctx, ask, dr, w); err != nil { // what was sent may lead to more, or to less
		return nil, reply(unstored(ask, d.Action))
	}
	qs, pages := l.asked, l.pages
	if open && dr.Page < len(pages) {
		return nil, reply(g.next(ctx, ask, w, dr, l, here, at))
	}
	var flat []playbooks.Question
	for _, p := range pages {
		flat = append(flat, p.questions()...)
	}
	given, problems := g.known(flat, dr.Values, w)
	clean, more := playbooks.CheckAnswers(qs, dr.whole(qs, given), w.zone(), at)
	more = dr.placed(qs, more)
	if len(problems)+len(more) == 0 && open && g.Check != nil {
		// On an error the run looks at them again, and can be waited for.
		if checked, err := g.Check(ctx, ask, clean); err == nil {
			more = dr.placed(qs, checked)
		}
	}
	addProblems(problems, more)
	if len(problems) > 0 && open { // guard: answers-checked
		return nil, reply(g.again(ctx, ask, w, dr, l, problems))
	}
	return clean, nil
}

// again shows what is wrong: beside the questions of the window that was sent
// or, where it is elsewhere, on the first page that has something of it.
func (g *Gate) again(ctx context.Context, ask port.Ask, w who, dr *draft, l layout, problems map[string]string) Reply {
	pages, elsewhere := l.pages, false
	for id := range problems {
		elsewhere = elsewhere || dr.Page > len(pages) || !pages[dr.Page-1].asks(id)
	}
	if !elsewhere {
		return Reply{Errors: problems}
	}
	dr.Page = pageWith(pages, first(pages, problems), "")
	m := g.window(ask, dr, l, w, problems)
	if err := g.keepDraft(ctx, ask, w, dr); err != nil {
		return g.told(ask, sayTryAgain)
	}
	return Reply{Update: m}
}

// next takes a page that is not the last: when its answers are well formed the
// window shows the next page.
func (g *Gate) next(ctx context.Context, ask port.Ask, w who, dr *draft, l layout, here page, at time.Time) Reply {
	given, problems := g.known(here.questions(), dr.Values, w)
	_, more := playbooks.CheckAnswers(here.questions(), given, w.zone(), at)
	addProblems(problems, more)
	if len(problems) > 0 {
		return Reply{Errors: problems}
	}
	dr.Page++
	m := g.window(ask, dr, l, w, nil)
	if err := g.keepDraft(ctx, ask, w, dr); err != nil {
		if qs := here.questions(); len(qs) > 0 {
			return Reply{Errors: map[string]string{qs[0].ID.V: sayTryAgain}}
		}
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Update: m}
}

// first is the id of the first thing on the pages that something is wrong with.
func first(pages []page, problems map[string]string) string {
	for _, p := range pages {
		for _, it := range p {
			if it.question != nil && problems[it.question.ID.V] != "" {
				return it.question.ID.V
			}
			if it.mark != nil && problems[it.of] != "" {
				return it.of
			}
		}
	}
	return ""
}

// pageWith is the number of the page that asks id, or else has something of the
// question.
func pageWith(pages []page, id, question string) int {
	for i, p := range pages {
		if p.asks(id) {
			return i + 1
		}
	}
	for i, p := range pages {
		if p.about(id) || p.about(question) {
			return i + 1
		}
	}
	return 1
}

func reply(r Reply) *Reply { return &r }
