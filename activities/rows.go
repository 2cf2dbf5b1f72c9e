package activities

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// entries are what a form goes through.
func (s *session) entries(f *playbooks.Form) ([]any, error) {
	v, err := s.eval.Value(f.Each.V, s.scope())
	if err != nil {
		return nil, fmt.Errorf("each: %w", err)
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("each: `%s` gives no list", f.Each)
	}
	return list, nil
}

// nothingToAsk finishes a form whose list is empty: there is nothing to ask
// anybody, and that is on record.
func (s *session) nothingToAsk(step *playbooks.Step) (bool, error) {
	if step.Form.Each.Empty() {
		return false, nil
	}
	list, err := s.entries(step.Form)
	if err != nil {
		return false, fmt.Errorf("step %s: %w", step.ID, err)
	}
	if len(list) > 0 {
		return false, nil
	}
	s.finish(step, port.StepDone, map[string]any{"rows": []any{}})
	s.record(s.place(step), "step.empty", "", 0, port.Record{Header: map[string]string{"kind": string(step.Kind), "each": step.Form.Each.V}})
	return true, nil
}

// fillRows puts the questions of each entry into the ask, under a heading.
func (s *session) fillRows(o *opening) error {
	f := o.step.Form
	list, err := s.entries(f)
	if err != nil {
		return err
	}
	o.body.Prefill = map[string]any{}
	for i, entry := range list {
		row := port.AskRow{Title: s.entryTitle(entry), Item: entry}
		scope := s.scope()
		scope = s.named(scope, f.EntryName(), entry)
		qs, err := s.questions(f.Questions, scope)
		if err != nil {
			return err
		}
		filled, err := s.prefill(s.rowBefore(o.step.ID.V, entry), qs, scope)
		if err != nil {
			return err
		}
		id := port.RowID(i + 1)
		for _, q := range qs {
			if v, ok := filled[q.ID.V]; ok {
				o.body.Prefill[id+q.ID.V] = v
			}
		}
		if len(qs) > 0 {
			qs[0].Heading = row.Title
		}
		for j := range qs {
			qs[j].ID.V = id + qs[j].ID.V
		}
		o.body.Rows = append(o.body.Rows, row)
		o.body.Questions = append(o.body.Questions, qs...)
	}
	return nil
}

// rowBefore is what was answered about an entry in the last round; nil for an
// entry that is new.
func (s *session) rowBefore(step string, entry any) map[string]any {
	prev := s.state.FindPrevious(step, s.itemOf(step))
	if prev == nil {
		return nil
	}
	rows, _ := prev.Fields["rows"].([]any)
	for _, r := range rows {
		if row, ok := r.(map[string]any); ok && reflect.DeepEqual(entryID(row["item"]), entryID(entry)) {
			return row
		}
	}
	return nil
}

// entryID is what an entry is known by: its id, that of the entry it is a row
// about, or itself.
func entryID(entry any) any {
	m, ok := entry.(map[string]any)
	if !ok {
		return entry
	}
	if id, ok := m["id"]; ok {
		return id
	}
	if about, ok := m["item"]; ok {
		return entryID(about)
	}
	return entry
}

// entryTitle is how people call an entry.
func (s *session) entryTitle(entry any) string {
	m, ok := entry.(map[string]any)
	if !ok {
		text := plain(entry)
		if p, known := s.org.Person(text); known {
			return p.Name
		}
		return sentence(words(text))
	}
	for _, key := range []string{"title", "name", "text", "id"} {
		if text, _ := m[key].(string); text != "" {
			return text
		}
	}
	if about, ok := m["item"]; ok { // a row of another form
		return s.entryTitle(about)
	}
	return s.cellsText(m)
}

// toRows turns the answers of a form that went through a list into its result.
func toRows(ask port.Ask, clean map[string]any) []any {
	rows := make([]any, 0, len(ask.Body.Rows))
	for i, r := range ask.Body.Rows {
		row := map[string]any{"item": r.Item}
		for _, q := range ask.Body.Questions {
			id, mine := strings.CutPrefix(q.ID.V, port.RowID(i+1))
			if v, answered := clean[q.ID.V]; mine && answered {
				row[id] = v
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// rowFields are the rows of a form as evidence shows them: one field each.
func (s *session) rowFields(step *playbooks.Step, value any) []port.EvidenceField {
	rows, _ := asList(value).([]any)
	var out []port.EvidenceField
	for _, r := range rows {
		row, _ := r.(map[string]any)
		var parts []string
		for _, q := range step.Form.Questions {
			if v, ok := row[q.ID.V]; ok {
				label := s.rowLabel(step, q, row["item"])
				if !strings.HasSuffix(label, "?") {
					label += ":"
				}
				parts = append(parts, label+" "+s.answerText(q, asList(v)))
			}
		}
		out = append(out, port.EvidenceField{
			ID: "rows." + plain(entryID(row["item"])), Label: s.entryTitle(row["item"]), Value: row, Text: joinLines(parts),
		})
	}
	return out
}

// rowLabel is the text of a question as it was put about an entry.
func (s *session) rowLabel(step *playbooks.Step, q playbooks.Question, entry any) string {
	scope := s.scope()
	scope = s.named(scope, step.Form.EntryName(), entry)
	text, err := s.eval.Text(q.Text.V, scope)
	if err != nil {
		return q.ID.V
	}
	return text
}
