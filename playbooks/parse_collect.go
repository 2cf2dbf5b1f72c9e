package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// KindCollect is a step that looks up facts and keeps them as they were then.
const KindCollect Kind = "collect"

// Collected is one list of facts that a step looks up: which list, and which of
// its entries.
type Collected struct {
	Name     Str     `json:"name"`
	From     Str     `json:"from"`
	Playbook []Str   `json:"playbook,omitempty"`
	Subject  Str     `json:"subject,omitzero"` // ${...} that gives a subject, or its id
	Outcome  []Str   `json:"outcome,omitempty"`
	Open     *bool   `json:"open,omitempty"`
	Since    Str     `json:"since,omitzero"` // a length of time, or ${...} that gives an instant
	Where    Str     `json:"where,omitzero"` // an expression that also reads item
	Last     int     `json:"last,omitempty"` // so many of the newest; 0 = all
	Sample   *Sample `json:"sample,omitempty"`
	// Source names where a list from outside is read; Path, Entries and Fields say
	// what of it.
	Source  Str           `json:"source,omitzero"`
	Path    Str           `json:"path,omitzero"`    // below the address of the source; may have ${...}
	Entries Str           `json:"entries,omitzero"` // an expression that reads body
	Fields  []RemoteField `json:"fields,omitempty"`
	Pos     Pos           `json:"-"`
}

// Sample is a draw of entries: with the same seed from the same list the same.
type Sample struct {
	Size *Lit `json:"size,omitempty"` // nil = by the number of entries
	Seed Lit  `json:"seed"`
}

var collectedKeys = []string{"from", "playbook", "subject", "outcome", "open", "since", "where", "last", "sample", "source", "path", "entries", "fields"}

// collect reads what a step looks up.
func (r *reader) collect(n *source.Node) []Collected {
	pairs := n.Pairs(&r.ps)
	if n != nil && n.Kind == source.Mapping && len(pairs) == 0 {
		r.ps.Add(n.Pos, "empty", "`collect` looks nothing up. Give what is looked up a name, such as earlier: {from: runs, last: 5}.")
	}
	var out []Collected
	for _, e := range pairs {
		m := e.Value.Map(&r.ps, "what is collected", collectedKeys...)
		if !m.OK() {
			continue
		}
		m.Require("from")
		c := Collected{
			Name: e.Key, From: m.Text("from"), Playbook: r.oneOrMore(m, "playbook"), Subject: m.Text("subject"),
			Outcome: r.oneOrMore(m, "outcome"), Since: m.Text("since"), Where: m.Text("where"), Pos: m.Pos,
			Source: m.Text("source"), Path: m.Text("path"), Entries: m.Text("entries"), Fields: r.remoteFields(m),
		}
		if m.Has("open") {
			open := m.Bool("open")
			c.Open = &open
		}
		if m.Has("last") {
			c.Last = r.last(m.Node("last"))
		}
		if m.Has("sample") {
			c.Sample = r.sample(m.Node("sample"))
		}
		out = append(out, c)
	}
	return out
}

// oneOrMore reads a text or a list of texts.
func (r *reader) oneOrMore(m *source.Map, key string) []Str {
	n := m.Node(key)
	if n == nil {
		return nil
	}
	if n.Kind == source.Sequence {
		if len(n.Items) == 0 {
			r.ps.Add(n.Pos, "empty", "`%s` is an empty list, so nothing would ever be found. Name one, or remove it.", key)
		}
		return n.Texts(&r.ps)
	}
	return []Str{n.Text(&r.ps)}
}

// last reads how many of the newest entries are kept: true is one.
func (r *reader) last(n *source.Node) int {
	if v, ok := n.Value(&r.ps); ok {
		switch x := v.(type) {
		case int64:
			if x > 0 && x <= MaxCollected {
				return int(x)
			}
		case int:
			if x > 0 && x <= MaxCollected {
				return x
			}
		case bool:
			if x {
				return 1
			}
		}
	}
	r.ps.Add(n.Pos, "type", "`last` says how many of the newest are kept: a whole number from 1 to %d, or true for one. Leave it out to keep all.", MaxCollected)
	return 0
}

func (r *reader) sample(n *source.Node) *Sample {
	m := n.Map(&r.ps, "a sample", "size", "seed")
	m.Require("seed")
	s := &Sample{}
	if m.Has("seed") {
		s.Seed, _ = r.lit(m.Node("seed"))
	}
	if m.Has("size") {
		if size, ok := r.lit(m.Node("size")); ok {
			s.Size = &size
		}
	}
	return s
}
