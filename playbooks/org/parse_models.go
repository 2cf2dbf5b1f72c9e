package org

import (
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// link is the id of a system, model or supplier that stood somewhere, to be
// looked up when all are read.
type link struct {
	source.Str
	kind string
	of   string // what names it: "the system of `ranker`"
	// word says that it may be a plain word where the file lists none of its kind.
	word bool
}

func (r *reader) link(s source.Str, kind, of string) string {
	if !s.Empty() {
		r.links = append(r.links, link{Str: s, kind: kind, of: of})
	}
	return s.V
}

func (r *reader) linkList(m *source.Map, key, kind, of string) []string {
	var out []string
	for _, s := range r.texts(m, key) {
		out = append(out, r.link(s, kind, of))
	}
	return out
}

func (r *reader) model(e source.Entry) {
	m := r.subject("models", "a model", e, "name", "system", "developers", "supplier", "metrics", "thresholds")
	if m == nil {
		return
	}
	m.Require("name", "system")
	of := "of `" + e.Key.V + "`"
	model := Model{
		ID:         e.Key.V,
		Name:       r.name(m, "name"),
		System:     r.link(m.Text("system"), KindSystem, "the system "+of),
		Developers: r.list(m, "developers", "a developer "+of),
		Supplier:   r.link(m.Text("supplier"), KindSupplier, "the supplier "+of),
		Metrics:    r.metrics(m.List("metrics")),
	}
	for _, t := range m.Pairs("thresholds") {
		v, ok := t.Value.Value(&r.problems)
		limit, isNumber := number(v)
		_, known := find(model.Metrics, func(x Metric) bool { return x.ID == t.Key.V })
		switch {
		case !ok:
		case !isNumber:
			r.add(t.Value.Pos, "threshold", "The threshold of `%s` is a number, such as 0.8.", t.Key)
		case !known:
			r.add(t.Key.Pos, "threshold", "`%s` is no metric of this model.%s A threshold belongs to one of `metrics`.",
				t.Key, source.DidYouMean(t.Key.V, ids(model.Metrics, func(x Metric) string { return x.ID })))
		default:
			if model.Thresholds == nil {
				model.Thresholds = map[string]float64{}
			}
			model.Thresholds[t.Key.V] = limit
		}
	}
	r.org.Models = append(r.org.Models, model)
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// metrics reads the numbers that a model is judged by.
func (r *reader) metrics(items []*source.Node) []Metric {
	var out []Metric
	for _, n := range items {
		m := n.Map(&r.problems, "a metric", "id", "main", "better")
		if !m.OK() {
			continue
		}
		m.Require("id", "better")
		id, better := m.Text("id"), m.Text("better")
		if _, dup := find(out, func(x Metric) bool { return x.ID == id.V }); dup {
			r.add(id.Pos, "duplicate", "The metric `%s` stands twice. Keep one.", id)
			continue
		}
		if !better.Empty() && better.V != BetterHigher && better.V != BetterLower {
			r.add(better.Pos, "metric", "`better` says which way the metric is better: `%s` or `%s`.", BetterHigher, BetterLower)
		}
		out = append(out, Metric{ID: id.V, Main: m.Bool("main"), Better: better.V})
	}
	return out
}

func (r *reader) supplier(e source.Entry) {
	m := r.subject("suppliers", "a supplier", e, "name", "owner", "systems", "contract_end")
	if m == nil {
		return
	}
	m.Require("name", "owner")
	of := "of `" + e.Key.V + "`"
	end := m.Text("contract_end")
	if _, err := parseDay(end.V); err != nil && !end.Empty() {
		r.add(end.Pos, "contract-end", "%s.", upper(err))
	}
	r.org.Suppliers = append(r.org.Suppliers, Supplier{
		ID:          e.Key.V,
		Name:        r.name(m, "name"),
		Owner:       r.ref(m.Text("owner"), "the owner "+of),
		Systems:     r.linkList(m, "systems", KindSystem, "a system "+of),
		ContractEnd: end.V,
	})
}

// checkLinks reports systems, models and suppliers that no entry has. An
// organisation that lists no models, or no suppliers, may still name them in
// its systems: there they are words.
func (r *reader) checkLinks() {
	for _, l := range r.links {
		k, _ := KindOf(l.kind)
		if _, listed := r.seen[k.Section+" "+l.V]; listed {
			continue
		}
		known := r.org.named(l.kind)
		if len(known) == 0 && l.word {
			continue
		}
		r.add(l.Pos, "unknown-"+l.kind, "%s is `%s`, but no %s has that id.%s", upperText(l.of), l.V, l.kind, source.DidYouMean(l.V, known))
	}
}

// wordList reads ids that a system may name before the file lists any.
func (r *reader) wordList(m *source.Map, key, kind, of string) []string {
	first := len(r.links)
	out := r.linkList(m, key, kind, of)
	for i := range r.links[first:] {
		r.links[first+i].word = true
	}
	return out
}
