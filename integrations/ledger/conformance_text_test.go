package ledger

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
)

// texts are what people, Slack and Jira may send, and how it is kept: the same
// in every database.
var texts = map[string]string{
	"plain": "plain",
	"ümlaut, 漢字, עברית, 👩🏽‍⚖️":        "ümlaut, 漢字, עברית, 👩🏽‍⚖️",
	"e\u0301 is not \u00e9":           "e\u0301 is not \u00e9",
	"quote ' \" \\ ; -- $1 %s ? \r\n": "quote ' \" \\ ; -- $1 %s ? \r\n",
	"\x00nul\x00":                     "\uFFFDnul\uFFFD",
	"cut \xe6\xbc short":              "cut \uFFFD short",
	"\uFEFF\u2028\u0085\x01":          "\uFEFF\u2028\u0085\x01",
	strings.Repeat("長", 100_000):      strings.Repeat("長", 100_000),
}

func testTexts(t *testing.T, l *Ledger) {
	n := 0
	for given, kept := range texts {
		n++
		row := click("run", n)
		row.Token, row.Action, row.Person = given, given, given
		row.Values = json.RawMessage(`{"a":"` + strings.Repeat(`\u0000`, n) + `"}`)
		want := row
		want.ID, want.Token, want.Action, want.Person = int64(n), kept, kept, kept
		for range 2 {
			stored, _, err := l.Put(t.Context(), row)
			must(t, err)
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Errorf("row of %.20q (-want +got):\n%s", given, diff)
			}
		}
	}
	for _, lookup := range []string{"no\x00such", "no\xffsuch"} {
		_, byToken := l.AskByToken(t.Context(), lookup)
		_, byIssue := l.AskOfIssue(t.Context(), lookup)
		_, byRun := l.Run(t.Context(), lookup)
		for _, err := range []error{byToken, byIssue, byRun} {
			if !errors.Is(err, port.ErrNotFound) {
				t.Errorf("looking for %q gave %v", lookup, err)
			}
		}
	}
}

func testTextsInRecords(t *testing.T, l *Ledger) {
	createRun(t, l, "run", "cv-screener")
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))
	e := got[port.Effect](t)(l.Claim(t.Context(), "aims-1", noon, noon.Add(1)))
	e.LastError, e.State = "slack said \x00\xff", port.EffectUnknown
	must(t, l.Settle(t.Context(), e, nil))
	if e := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run"))[0]; e.LastError != "slack said \uFFFD\uFFFD" {
		t.Errorf("the error is kept as %q", e.LastError)
	}
	for given := range texts {
		r := record("run", "said", given)
		r.Header = map[string]string{"fact": given}
		r.Body = map[string]any{"reason": given, "raw": json.RawMessage(`"` + unquoted(given) + `"`)}
		must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{r}}))
	}
	for _, r := range got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))[1:] {
		var h Header
		must(t, json.Unmarshal(r.Header, &h))
		for _, f := range r.Body {
			var said string
			// In JSON, NUL has a form of its own and is kept.
			if f.Name == "reason" && (json.Unmarshal(f.Value, &said) != nil || said != h.Facts["fact"] || texts[said] == "" && !strings.Contains(said, "short")) {
				t.Errorf("record %d says %.40q, its header %.40q", r.Index, said, h.Facts["fact"])
			}
		}
	}
	bad := json.RawMessage("\"\xff\"")
	if err := l.Commit(t.Context(), port.Batch{Documents: map[string]json.RawMessage{digestOf(bad): bad}}); err == nil {
		t.Error("a document that is not UTF-8 was taken: its digest could not be checked again")
	}
}

// unquoted drops what may not stand in a JSON string as it is, and leaves what
// is not UTF-8.
func unquoted(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= ' ' && c != '"' && c != '\\' {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// testByteOrder: lists are in the same order in every database, whatever its
// locale says about capitals and punctuation.
func testByteOrder(t *testing.T, l *Ledger) {
	r := record("run", "said", "1")
	r.Body = map[string]any{}
	for _, name := range []string{"b", "B", "a_b", "a-b", "ab", "é", "z", "Z"} {
		r.Body[name] = 1
	}
	must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{r}}))
	var names []string
	for _, f := range got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))[0].Body {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"B", "Z", "a-b", "a_b", "ab", "actor", "b", "z", "é"}, names); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
