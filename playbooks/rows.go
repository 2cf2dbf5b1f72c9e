package playbooks

import "fmt"

// MaxRows is how many rows an answer may have; ours: what nobody fills in by
// hand, so that an answer stays readable.
const MaxRows = 200

// CellID is the id of what is asked in a column of the n-th row of a question,
// which counts from 1.
func CellID(question string, n int, column string) string {
	return fmt.Sprintf("%s.r%d.%s", question, n, column)
}

// rows checks the rows given to a question. Those in which nothing is answered
// are none. Problems with the rows as a whole have the id of the question.
func (c checker) rows(q Question, v any, prefix string) ([]any, map[string]string) {
	id, problems := prefix+q.ID.V, map[string]string{}
	list, ok := v.([]any)
	if v != nil && !ok {
		return nil, map[string]string{id: "This needs a list of rows. Please answer again."}
	}
	var out []any
	for i, item := range list {
		row, ok := item.(map[string]any)
		if !ok {
			return nil, map[string]string{id: "This needs a list of rows. Please answer again."}
		}
		if blank(row) {
			continue
		}
		clean, wrong := c.all(q.Columns, row, "")
		for column, why := range wrong {
			problems[CellID(id, i+1, column)] = why
		}
		for column := range row {
			if !hasColumn(q, column) {
				problems[id] = "There is no such question. Please open the form again."
			}
		}
		out = append(out, clean)
	}
	if why := rowCount(q, len(out)); why != "" {
		problems[id] = why
	}
	return out, problems
}

// FewestRows is how many rows a question needs once it has any, and how many
// are shown of one that must be answered.
func (q Question) FewestRows() int {
	if q.Min != nil {
		return int(*q.Min)
	}
	return 1
}

// rowCount says what is wrong with a number of rows; "" for nothing.
func rowCount(q Question, n int) string {
	switch {
	case n == 0 && q.Optional:
	case n == 0 && q.Min == nil:
		return "Please add a row and answer it."
	case q.Min != nil && q.Max != nil && *q.Min == *q.Max && n != int(*q.Min):
		return fmt.Sprintf("This needs %s; there are %d.", rowsWord(*q.Min), n)
	case q.Min != nil && n < int(*q.Min):
		return fmt.Sprintf("This needs at least %s; there are %d.", rowsWord(*q.Min), n)
	case n > MaxRows:
		return fmt.Sprintf("At most %d rows can be given; there are %d. Put the rest into a document and give its link.", MaxRows, n)
	case q.Max != nil && n > int(*q.Max):
		return fmt.Sprintf("At most %s can be given; there are %d.", rowsWord(*q.Max), n)
	}
	return ""
}

func rowsWord(n float64) string {
	if n == 1 {
		return "1 row"
	}
	return plainNumber(n) + " rows"
}

func blank(row map[string]any) bool {
	for _, v := range row {
		if tidy(v) != nil {
			return false
		}
	}
	return true
}

func hasColumn(q Question, id string) bool {
	for _, c := range q.Columns {
		if c.ID.V == id {
			return true
		}
	}
	return false
}

// columnsShape is what one row of a question is in expressions.
func columnsShape(s *Step, q Question) *shape {
	return objectOf("a row of question "+s.ID.V+"."+q.ID.V, answers(&Step{ID: Str{V: s.ID.V + "." + q.ID.V}}, q.Columns)...)
}

// columnIDs checks that the columns of a question have ids of their own.
func (l *linter) columnIDs(q Question) {
	seen := map[string]Pos{}
	for _, c := range q.Columns {
		l.id(c.ID, "a column", seen)
	}
}
