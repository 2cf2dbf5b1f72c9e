package jiratest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clause is one condition of a query: field, operator, values.
type clause struct {
	field, op string
	values    []string
}

// order is one field of ORDER BY.
type order struct {
	field string
	desc  bool
}

type jql struct {
	clauses []clause
	orders  []order
}

// parseJQL reads the part of JQL the fake knows: conditions on labels,
// project, parent, key, id, created and updated, joined by AND, and ORDER BY.
func parseJQL(text string) (jql, error) {
	t := &tokens{rest: text}
	var q jql
	for !t.end() && !t.word("order") {
		if len(q.clauses) > 0 && !t.take("and") {
			return q, jqlError("Expecting operator AND but got '%s'", t.peek())
		}
		c, err := t.clause()
		if err != nil {
			return q, err
		}
		q.clauses = append(q.clauses, c)
	}
	if len(q.clauses) == 0 {
		return q, jqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
	}
	if !t.end() {
		return q, t.orders(&q)
	}
	return q, nil
}

func jqlError(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "Error in the JQL Query: "+format, args...)
}

func (t *tokens) clause() (clause, error) {
	c := clause{field: strings.ToLower(t.next()), op: strings.ToLower(t.next())}
	if !slices.Contains([]string{"labels", "project", "parent", "key", "issuekey", "id", "issue", "created", "updated"}, c.field) {
		return c, jqlError("Field '%s' does not exist or you do not have permission to view it.", c.field)
	}
	isTime := c.field == "created" || c.field == "updated"
	switch {
	case c.op == "in" && !isTime:
		if !t.take("(") {
			return c, jqlError("Expecting '(' but got '%s'.", t.peek())
		}
		for !t.take(")") {
			if t.end() {
				return c, jqlError("Expecting ')' before the end of the query.")
			}
			c.values = append(c.values, t.next())
			t.take(",")
		}
	case c.op == "=" && !isTime, isTime && (c.op == ">=" || c.op == ">" || c.op == "<=" || c.op == "<"):
		if t.end() {
			return c, jqlError("Expecting a value after '%s'.", c.op)
		}
		c.values = []string{t.next()}
	default:
		return c, jqlError("The operator '%s' is not supported by the '%s' field.", c.op, c.field)
	}
	return c, nil
}

func (t *tokens) orders(q *jql) error {
	if !t.take("order") || !t.take("by") {
		return jqlError("Expecting ORDER BY but got '%s'.", t.peek())
	}
	for {
		o := order{field: strings.ToLower(t.next())}
		if !slices.Contains([]string{"created", "updated", "key", "id"}, o.field) {
			return jqlError("Not able to sort using field '%s'.", o.field)
		}
		if t.take("desc") {
			o.desc = true
		} else {
			t.take("asc")
		}
		q.orders = append(q.orders, o)
		if t.end() {
			break
		}
		if !t.take(",") {
			return jqlError("Expecting ',' but got '%s'.", t.peek())
		}
	}
	if len(q.orders) > 7 {
		return jqlError("The maximum number of order by fields is 7.")
	}
	return nil
}

// tokens cuts a query into words, quoted texts and signs.
type tokens struct{ rest string }

func (t *tokens) end() bool { return strings.TrimSpace(t.rest) == "" }

func (t *tokens) peek() string {
	c := *t
	return c.next()
}

// word tells whether the next token is the bare word.
func (t *tokens) word(w string) bool { return strings.EqualFold(t.peek(), w) && !t.quoted() }

func (t *tokens) quoted() bool {
	r := strings.TrimSpace(t.rest)
	return r != "" && (r[0] == '"' || r[0] == '\'')
}

func (t *tokens) take(w string) bool {
	if !t.word(w) {
		return false
	}
	t.next()
	return true
}

func (t *tokens) next() string {
	r := strings.TrimSpace(t.rest)
	if r == "" {
		t.rest = ""
		return ""
	}
	if q := r[0]; q == '"' || q == '\'' {
		var b strings.Builder
		for i := 1; i < len(r); i++ {
			switch {
			case r[i] == '\\' && i+1 < len(r):
				i++
				b.WriteByte(r[i])
			case r[i] == q:
				t.rest = r[i+1:]
				return b.String()
			default:
				b.WriteByte(r[i])
			}
		}
		t.rest = ""
		return b.String()
	}
	if i := strings.IndexAny(r, "<>=!"); i == 0 {
		n := 1
		if len(r) > 1 && r[1] == '=' {
			n = 2
		}
		t.rest = r[n:]
		return r[:n]
	}
	if strings.ContainsRune("(),", rune(r[0])) {
		t.rest = r[1:]
		return r[:1]
	}
	n := strings.IndexAny(r, " \t\r\n<>=!(),\"'")
	if n < 0 {
		n = len(r)
	}
	t.rest = r[n:]
	return r[:n]
}

// instant reads "-15m", "-2h", "-1d", "2026-01-31" or "2026-01-31 10:00" (UTC).
func instant(text string, now time.Time) (time.Time, error) {
	text = strings.ReplaceAll(text, "/", "-")
	for _, layout := range []string{"2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if n := len(text); n > 1 {
		if v, err := strconv.Atoi(text[:n-1]); err == nil && units[text[n-1]] > 0 {
			return now.Add(time.Duration(v) * units[text[n-1]]), nil
		}
	}
	return time.Time{}, jqlError("Date value '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', or a period format e.g. '-5d', '4w 2d'.", text)
}

// match tells whether an issue fulfils the clause.
func (c clause) match(i *issue, parentKey string, now time.Time) (bool, error) {
	switch c.field {
	case "labels":
		return slices.ContainsFunc(c.values, func(v string) bool { return slices.Contains(i.Labels, v) }), nil
	case "project":
		return slices.ContainsFunc(c.values, func(v string) bool { return strings.EqualFold(v, i.Project) || v == projectID }), nil
	case "parent":
		return i.Parent != 0 && slices.ContainsFunc(c.values, func(v string) bool {
			return strings.EqualFold(v, parentKey) || v == fmt.Sprint(i.Parent)
		}), nil
	case "created", "updated":
		at := i.Created
		if c.field == "updated" {
			at = i.Updated
		}
		// JQL compares whole minutes.
		t, err := instant(c.values[0], now)
		if err != nil {
			return false, err
		}
		at, t = at.Truncate(time.Minute), t.Truncate(time.Minute)
		switch c.op {
		case ">=":
			return !at.Before(t), nil
		case ">":
			return at.After(t), nil
		case "<=":
			return !at.After(t), nil
		}
		return at.Before(t), nil
	}
	return slices.ContainsFunc(c.values, func(v string) bool {
		return strings.EqualFold(v, i.Key) || v == fmt.Sprint(i.ID)
	}), nil
}
