package org

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Fact is one value that a run decided about a subject, as the register keeps
// it. Of a list it holds all of the list.
type Fact struct {
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Field   string          `json:"field"` // such as tier, or valid_until.impact-assessment
	Value   json.RawMessage `json:"value"`
	// Before is the value it took the place of; empty = none.
	Before json.RawMessage `json:"before,omitempty"`
	From   time.Time       `json:"from"`
	Run    string          `json:"run"`
	Step   string          `json:"step"`
	Item   string          `json:"item,omitempty"`
	Round  int             `json:"round"`
	Record string          `json:"record"` // key of the record that says so
	// Add has the ledger put the entries of Value behind those of the list that
	// is there, so that what two runs add at once is kept. It is not stored.
	Add bool `json:"-"`
}

// Register is what runs have decided as of an instant: one fact for each field
// that was ever written, in the order of kind, subject and field.
type Register []Fact

func compareFacts(a, b Fact) int {
	return slices.Compare([]string{a.Kind, a.Subject, a.Field}, []string{b.Kind, b.Subject, b.Field})
}

// Of are the facts about one subject.
func (r Register) Of(kind, subject string) []Fact {
	from, _ := slices.BinarySearchFunc(r, Fact{Kind: kind, Subject: subject}, compareFacts)
	to := from
	for to < len(r) && r[to].Kind == kind && r[to].Subject == subject {
		to++
	}
	return r[from:to]
}

// Subjects are the ids of all subjects of a kind, in order.
func (r Register) Subjects(kind string) []string {
	var out []string
	for _, f := range r {
		if f.Kind == kind && (len(out) == 0 || out[len(out)-1] != f.Subject) {
			out = append(out, f.Subject)
		}
	}
	return out
}

// Since is from when on a field has had its value; zero = it has none.
func (r Register) Since(kind, subject, field string) time.Time {
	for _, f := range r.Of(kind, subject) {
		if f.Field == field {
			return f.From
		}
	}
	return time.Time{}
}

// Put writes the values of a subject over those in m. A field with a dot is an
// entry of a group: valid_until.impact-assessment.
func (r Register) Put(m map[string]any, kind, subject string) {
	for _, f := range r.Of(kind, subject) {
		var v any
		if json.Unmarshal(f.Value, &v) != nil {
			continue // the ledger stores JSON only
		}
		name, entry, grouped := strings.Cut(f.Field, ".")
		if !grouped {
			m[name] = v
			continue
		}
		group, ok := m[name].(map[string]any)
		if !ok {
			group = map[string]any{}
			m[name] = group
		}
		group[entry] = v
	}
}

// With is the register after further facts were written.
func (r Register) With(facts ...Fact) Register {
	out := slices.Clone(r)
	for _, f := range facts {
		i, there := slices.BinarySearchFunc(out, f, compareFacts)
		if there {
			out[i] = f
		} else {
			out = slices.Insert(out, i, f)
		}
	}
	return out
}

// Without is the register as if facts, given in the order they were written,
// had not been. One that another took the place of since is gone already.
func (r Register) Without(facts ...Fact) Register {
	if len(facts) == 0 {
		return r
	}
	out := slices.Clone(r)
	for _, f := range slices.Backward(facts) {
		i, there := slices.BinarySearchFunc(out, f, compareFacts)
		switch {
		case !there || string(out[i].Value) != string(f.Value) || out[i].Record != f.Record && out[i].Record != "":
		case len(f.Before) == 0:
			out = slices.Delete(out, i, i+1)
		default:
			out[i].Value, out[i].Record, out[i].Before = f.Before, "", nil
		}
	}
	return out
}
