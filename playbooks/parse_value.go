package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// set reads named values.
func (r *reader) set(n *source.Node) []SetVar {
	pairs := n.Pairs(&r.ps)
	if n != nil && n.Kind == source.Mapping && len(pairs) == 0 {
		r.ps.Add(n.Pos, "empty", "`set` names no value. Write one, such as level: high.")
	}
	var out []SetVar
	for _, e := range pairs {
		out = append(out, r.setVar(e))
	}
	return out
}

func (r *reader) setVar(e source.Entry) SetVar {
	v := SetVar{Name: e.Key}
	switch e.Value.Kind {
	case source.Scalar:
		if lit, ok := r.lit(e.Value); ok {
			v.Value = &lit
		}
	case source.Sequence:
		v.Table = r.table(e.Value, true)
	case source.Mapping:
		m := e.Value.Map(&r.ps, "a list of all matches", "all")
		m.Require("all")
		v.All = true
		v.Table = r.table(m.Node("all"), false)
	}
	return v
}

// table reads rows of {when, value}; the first that matches wins. With orElse
// the last row is {else: value}, so that there always is a value.
func (r *reader) table(n *source.Node, orElse bool) []Row {
	items := n.List(&r.ps)
	if n != nil && n.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(n.Pos, "empty", "This table has no rows. Write them as {when: ..., value: ...}.")
		return nil
	}
	if len(items) > maxRows {
		r.ps.Add(items[maxRows].Pos, "size", "This table has %d rows; the limit is %d. Make several tables of it, or ask for less at once.", len(items), maxRows)
		return nil
	}
	var rows []Row
	for i, item := range items {
		if item.Kind != source.Mapping {
			r.ps.Add(item.Pos, "type", "A row of a table is {when: ..., value: ...} or {else: ...}, but this is one value. A list of plain values cannot be set.")
			continue
		}
		row, ok := r.row(item)
		if !ok {
			continue
		}
		switch {
		case row.Else && !orElse:
			r.ps.Add(item.Pos, "table", "`all` gives every value that matches; {else: ...} has no place in it. Remove this row.")
		case row.Else && i < len(items)-1:
			r.ps.Add(item.Pos, "table", "{else: ...} is for when no other row matches. Make it the last row; the rows after it are never reached.")
		}
		rows = append(rows, row)
	}
	if last := len(rows) - 1; orElse && last >= 0 && len(rows) == len(items) && !rows[last].Else {
		r.ps.Add(n.Pos, "table", "This table gives no value when none of its rows matches. End it with {else: ...}.")
	}
	return rows
}

func (r *reader) row(n *source.Node) (Row, bool) {
	m := n.Map(&r.ps, "a row of a table", "when", "value", "else")
	if m.Has("else") {
		for _, key := range []string{"when", "value"} {
			if m.Has(key) {
				r.ps.Add(m.KeyPos(key), "table", "A row with `else` has only that: {else: value}. Remove `%s`.", key)
			}
		}
		lit, ok := r.lit(m.Node("else"))
		return Row{Value: lit, Else: true}, ok
	}
	m.Require("when", "value")
	lit, ok := r.lit(m.Node("value"))
	return Row{When: m.Text("when"), Value: lit}, ok
}

func (r *reader) lit(n *source.Node) (Lit, bool) {
	v, ok := n.Value(&r.ps)
	if !ok {
		return Lit{}, false
	}
	return Lit{V: v, Pos: n.Str().Pos}, true
}

// due reads a length of time or a table of them.
func (r *reader) due(n *source.Node) *Due {
	switch {
	case n == nil:
		return nil
	case n.Kind == source.Scalar:
		return &Due{Span: n.Text(&r.ps)}
	case n.Kind == source.Mapping:
		return r.dueMoment(n)
	}
	return &Due{Table: r.table(n, true)}
}

// dueMoment reads a due that is counted from a date or an instant.
func (r *reader) dueMoment(n *source.Node) *Due {
	m := r.fields(n, "`due`", []string{"at", "before", "after", "by", "rule", "from", "clock", "part"}, nil)
	d := &Due{At: m.Text("at"), Before: m.Text("before"), After: m.Text("after"), By: m.Text("by"), Rule: m.Text("rule"), From: m.Text("from"), Clock: m.Text("clock"), Part: m.Text("part")}
	found := 0
	for _, key := range []string{"at", "before", "after", "rule", "clock"} {
		if m.Has(key) || m.Meant(key) {
			found++
		}
	}
	switch {
	case found == 0 && len(n.Entries) == 0, found == 0 && (m.Has("by") || m.Has("from") || m.Has("part")):
		r.ps.Add(n.Pos, "span", "`due` is a length of time such as 5 working days, a table of them, or one of {at: ...}, {before: ..., by: 5 working days}, {after: ..., by: 5 working days}, {rule: gdpr-33-1, from: ...} and {clock: any, part: 75%%}.")
	case found > 1:
		r.ps.Add(n.Pos, "span", "`due` is counted from one date: keep one of at, before, after, rule and clock.")
	case m.Has("rule") != m.Has("from"):
		m.Require("rule", "from")
	case m.Has("clock") != m.Has("part"):
		m.Require("clock", "part")
	case m.Has("rule") && m.Has("by"):
		r.ps.Add(m.KeyPos("by"), "span", "The rule gives the length of time, so `by` has no meaning. Remove it.")
	case m.Has("at") && m.Has("by"):
		r.ps.Add(m.KeyPos("by"), "span", "`at` is the instant itself, so `by` has no meaning. To be due before or after it, write `before` or `after` in place of `at`.")
	case m.Has("before") && !m.Has("by"), m.Has("after") && !m.Has("by"):
		m.Require("by")
	}
	return d
}
