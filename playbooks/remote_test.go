package playbooks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
)

func str(v string) playbooks.Str { return playbooks.Str{V: v} }

// read is how a list of an answer is described.
func read(entries string, fields ...string) playbooks.Collected {
	c := playbooks.Collected{From: str(playbooks.ListJSON), Entries: str(entries)}
	for i := 0; i < len(fields); i += 3 {
		c.Fields = append(c.Fields, playbooks.RemoteField{Name: str(fields[i]), Type: str(fields[i+1]), Value: str(fields[i+2])})
	}
	return c
}

const theAnswer = `{"of": "cv", "rows": [
	{"name": "a", "calls": 10, "rate": 0.5, "live": true, "day": "2027-03-01", "at": "2027-03-01T10:00:00+01:00"},
	{"name": "b", "calls": 3.5, "rate": 1, "live": false, "day": "soon", "at": "now"}]}`

// TestRead takes values of every type out of an answer.
func TestRead(t *testing.T) {
	t.Parallel()
	var body any
	if err := json.Unmarshal([]byte(theAnswer), &body); err != nil {
		t.Fatal(err)
	}
	c := read("body.rows.filter(r, r.live)", "name", "text", "entry.name", "calls", "int", "entry.calls", "rate", "number", "entry.rate * 2.0",
		"live", "yesno", "entry.live", "day", "date", "entry.day", "at", "datetime", "entry.at", "of", "text", "body.of", "id", "text", "'row-' + entry.name")
	got, err := c.Read(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{
		"id": "row-a", "name": "a", "calls": int64(10), "rate": 1.0, "live": true, "day": "2027-03-01", "at": "2027-03-01T09:00:00Z", "of": "cv",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if one, err := read("", "of", "text", "entry.of").Read(t.Context(), body); err != nil || len(one) != 1 || one[0]["of"] != "cv" || one[0]["id"] != "1" {
		t.Errorf("an answer that is no list is one entry: %v %v", one, err)
	}
	for want, c := range map[string]playbooks.Collected{
		"entry 1 has no size":                      read("body.rows", "size", "int", "entry.size"),
		"calls of entry 2: 3.5 is no whole number": read("body.rows", "calls", "int", "entry.calls"),
		"day of entry 2: soon is no date":          read("body.rows", "day", "date", "entry.day"),
		"at of entry 2: now is no instant":         read("body.rows", "at", "datetime", "entry.at"),
		"name of entry 1: a is no number":          read("body.rows", "name", "number", "entry.name"),
		"live of entry 1: a is no true or false":   read("body.rows", "live", "yesno", "entry.name"),
		"the answer has no `body.lines`":           read("body.lines", "name", "text", "entry.name"),
		"cost":                                     read("body.rows.map(a, body.rows.map(b, "+strings.Repeat("body.rows.map(c, ", 20)+"a"+strings.Repeat(")", 20)+"))", "x", "text", "entry"),
	} {
		if _, err := c.Read(t.Context(), body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
