package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// draft is what a person has typed into a form so far. It is kept from window
// to window, so that nothing is typed twice.
type draft struct {
	// Values are by question id, or playbooks.CellID with the number of the row,
	// as the window has them: people are Slack user ids. nil = left open.
	Values map[string]any `json:"values"`
	// Rows are the numbers of the rows of a question, in order. A number is not
	// given to another row, so that Slack keeps what was typed in the others.
	Rows map[string][]int `json:"rows,omitempty"`
	Page int              `json:"page,omitempty"` // last shown, from 1
}

// draftOf is what a form is filled in with for a person: what they typed before,
// else what it came with.
func (g *Gate) draftOf(ctx context.Context, ask port.Ask, w who) (*draft, error) {
	d := g.fresh(ask, w.org)
	raw, err := g.Ledger.Draft(ctx, ask.Token, w.person.ID)
	if err != nil {
		return nil, fmt.Errorf("read what was typed before: %w", err)
	}
	if raw == nil {
		return d, nil
	}
	var kept draft
	if err := json.Unmarshal(raw, &kept); err != nil {
		return nil, fmt.Errorf("read what was typed before: %w", err)
	}
	if kept.Values == nil {
		kept.Values = map[string]any{}
	}
	if kept.Rows == nil {
		kept.Rows = map[string][]int{}
	}
	return &kept, nil
}

// fresh is the draft of a form nobody has typed anything into.
func (g *Gate) fresh(ask port.Ask, o org.Organisation) *draft {
	d := &draft{Values: map[string]any{}, Rows: map[string][]int{}, Page: 1}
	for _, q := range ask.Body.Questions {
		v, filled := ask.Body.Prefill[q.ID.V]
		if q.Type.V != playbooks.TypeRows {
			if filled {
				d.Values[q.ID.V] = g.inSlack(q, v, o)
			}
			continue
		}
		rows, _ := v.([]any)
		for _, row := range rows {
			cells, _ := row.(map[string]any)
			n := d.addRow(q.ID.V)
			for _, c := range q.Columns {
				if v, ok := cells[c.ID.V]; ok {
					d.Values[playbooks.CellID(q.ID.V, n, c.ID.V)] = g.inSlack(c, v, o)
				}
			}
		}
		for !q.Optional && len(d.Rows[q.ID.V]) < q.FewestRows() {
			d.addRow(q.ID.V)
		}
	}
	return d
}

// inSlack is an answer as a window shows it: people as Slack user ids. Somebody
// no longer in the file is left out.
func (g *Gate) inSlack(q playbooks.Question, v any, o org.Organisation) any {
	user := func(id any) string {
		if p, ok := personByID(o, fmt.Sprint(id)); ok && p.Slack.Team == g.Workspace.Team {
			return p.Slack.User
		}
		return ""
	}
	switch q.Type.V {
	case playbooks.TypePerson:
		if u := user(v); u != "" {
			return u
		}
		return nil
	case playbooks.TypePersons:
		list, _ := v.([]any)
		users := []any{}
		for _, id := range list {
			if u := user(id); u != "" {
				users = append(users, u)
			}
		}
		return users
	}
	return v
}

func (d *draft) addRow(question string) int {
	n := 1
	if rows := d.Rows[question]; len(rows) > 0 {
		n = slices.Max(rows) + 1
	}
	d.Rows[question] = append(d.Rows[question], n)
	return n
}

func (d *draft) removeRow(q playbooks.Question, n int) {
	d.Rows[q.ID.V] = slices.DeleteFunc(d.Rows[q.ID.V], func(r int) bool { return r == n })
	for _, c := range q.Columns {
		delete(d.Values, playbooks.CellID(q.ID.V, n, c.ID.V))
	}
}

// take keeps what stands in a window.
func (d *draft) take(p page, values map[string]any) {
	for _, q := range p.questions() {
		d.Values[q.ID.V] = values[q.ID.V]
	}
}

// whole puts the values of rows together: the answers to the questions, from
// what was given by question and cell.
func (d *draft) whole(qs []playbooks.Question, given map[string]any) map[string]any {
	out := map[string]any{}
	for _, q := range qs {
		if q.Type.V != playbooks.TypeRows {
			if v, ok := given[q.ID.V]; ok {
				out[q.ID.V] = v
			}
			continue
		}
		rows := []any{}
		for _, n := range d.Rows[q.ID.V] {
			row := map[string]any{}
			for _, c := range q.Columns {
				if v, ok := given[playbooks.CellID(q.ID.V, n, c.ID.V)]; ok {
					row[c.ID.V] = v
				}
			}
			rows = append(rows, row)
		}
		out[q.ID.V] = rows
	}
	return out
}

// placed moves problems from the places of rows in the answers to those in the
// windows.
func (d *draft) placed(qs []playbooks.Question, problems map[string]string) map[string]string {
	out := map[string]string{}
	for id, why := range problems {
		out[id] = why
	}
	for _, q := range qs {
		for _, c := range q.Columns {
			for i := range d.Rows[q.ID.V] {
				delete(out, playbooks.CellID(q.ID.V, i+1, c.ID.V))
			}
		}
		for i, n := range d.Rows[q.ID.V] {
			for _, c := range q.Columns {
				if why, ok := problems[playbooks.CellID(q.ID.V, i+1, c.ID.V)]; ok {
					out[playbooks.CellID(q.ID.V, n, c.ID.V)] = why
				}
			}
		}
	}
	return out
}

// keepDraft stores what was typed.
func (g *Gate) keepDraft(ctx context.Context, ask port.Ask, w who, d *draft) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write what was typed: %w", err)
	}
	if err := g.Ledger.KeepDraft(ctx, ask.Token, w.person.ID, raw, g.now()); err != nil {
		return fmt.Errorf("keep what was typed: %w", err)
	}
	return nil
}
