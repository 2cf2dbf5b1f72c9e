package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
)

// cellTexts are the rows answered to a question, one line each.
func (s *session) cellTexts(q playbooks.Question, rows []any) string {
	var lines []string
	for i, r := range rows {
		row, _ := r.(map[string]any)
		var cells []string
		for _, c := range q.Columns {
			if v, ok := row[c.ID.V]; ok {
				cells = append(cells, c.Text.V+": "+s.answerText(c, asList(v)))
			}
		}
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, strings.Join(cells, "; ")))
	}
	if len(lines) == 0 {
		return "none"
	}
	return joinLines(lines)
}

// cellsText is how people call a row that another form goes through: by the
// first answer in it.
func (s *session) cellsText(row map[string]any) string {
	for _, step := range s.def.Playbook.All() {
		for _, q := range s.questionsOf(step.ID.V) {
			if q.Type.V != playbooks.TypeRows || !s.answeredWith(step.ID.V, q, row) {
				continue
			}
			for _, c := range q.Columns {
				if v, ok := row[c.ID.V]; ok {
					return s.answerText(c, asList(v))
				}
			}
		}
	}
	return plain(row)
}

// answeredWith tells whether a row is one of those answered to a question.
func (s *session) answeredWith(step string, q playbooks.Question, row map[string]any) bool {
	d := s.state.FindDone(step, "")
	if d == nil {
		return false
	}
	rows, _ := d.Fields[q.ID.V].([]any)
	return slices.ContainsFunc(rows, func(r any) bool {
		was, _ := r.(map[string]any)
		return len(was) > 0 && plain(was) == plain(row)
	})
}

// lookAtColumns checks who is named in the rows of a question.
func (s *session) lookAtColumns(q playbooks.Question, prefix string, v any, scope playbooks.Scope, out map[string]string) error {
	rows, _ := v.([]any)
	for _, c := range q.Columns {
		for i, r := range rows {
			row, _ := r.(map[string]any)
			say, err := s.unnameable(c, row[c.ID.V], scope)
			if err != nil {
				return err
			}
			if say != "" {
				out[prefix+playbooks.CellID(q.ID.V, i+1, c.ID.V)] = say
			}
		}
	}
	return nil
}

// cellProblems are the problems in the rows of a question, as they are read.
func cellProblems(q playbooks.Question, problems map[string]string) []string {
	var out []string
	for _, c := range q.Columns {
		for n := 1; n <= playbooks.MaxRows; n++ {
			if why, ok := problems[playbooks.CellID(q.ID.V, n, c.ID.V)]; ok {
				out = append(out, fmt.Sprintf("“%s”, row %d, “%s”: %s", q.Text.V, n, c.Text.V, why))
			}
		}
	}
	return out
}

// names tells whether a question says who may not be named in it.
func names(q playbooks.Question) bool {
	return len(q.Never) > 0 || slices.ContainsFunc(q.Columns, names)
}
