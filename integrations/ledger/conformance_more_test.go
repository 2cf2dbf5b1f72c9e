package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/aimsbot/aimsbot/activities/port"
)

func testAsks(t *testing.T, l *Ledger) {
	first, second := ask("run", "token-1", 1, 1), ask("run", "token-2", 1, 2)
	must(t, l.Commit(t.Context(), port.Batch{Asks: []port.Ask{second, first}}))
	changed := first
	changed.Body.Title = "changed"
	must(t, l.Commit(t.Context(), port.Batch{Asks: []port.Ask{changed}}))
	if diff := cmp.Diff([]port.Ask{first, second}, got[[]port.Ask](t)(l.AsksOf(t.Context(), "run"))); diff != "" {
		t.Errorf("asks (-want +got):\n%s", diff)
	}
	body := port.AskBody{Title: "new body"}
	set := func(state string, version int, body *port.AskBody) {
		t.Helper()
		must(t, l.Commit(t.Context(), port.Batch{AskStates: []port.AskState{{Token: "token-1", State: state, StateVersion: version, ClosedAt: noon, Body: body}}}))
	}
	set(port.AskSettled, 3, &body)
	set(port.AskOpen, 2, nil) // an old attempt's repeat
	a := got[port.Ask](t)(l.AskByToken(t.Context(), "token-1"))
	if a.State != port.AskSettled || a.StateVersion != 3 || a.Body.Title != "new body" || !a.ClosedAt.Equal(noon) {
		t.Errorf("ask is %+v", a)
	}
	set(port.AskSuperseded, 4, nil)
	if a := got[port.Ask](t)(l.AskByToken(t.Context(), "token-1")); a.State != port.AskSuperseded || a.Body.Title != "new body" {
		t.Errorf("ask is %+v", a)
	}
	if _, err := l.AskByToken(t.Context(), "never made"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("unknown token: %v", err)
	}
	if err := l.Commit(t.Context(), port.Batch{AskStates: []port.AskState{{Token: "never made"}}}); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("state of an unknown token: %v", err)
	}
	if err := l.Commit(t.Context(), port.Batch{Asks: []port.Ask{ask("run", "token-1", 9, 9)}}); !errors.Is(err, port.ErrConflict) {
		t.Errorf("the token at another place: %v", err)
	}
}

func testAskOfIssue(t *testing.T, l *Ledger) {
	issue := func(key, purpose, id string, round int) port.Effect {
		e := effect("run", key)
		e.Kind, e.Purpose, e.Round, e.State, e.Outcome.IssueID = port.EffectIssue, purpose, round, port.EffectDone, id
		return e
	}
	bare := issue("aims-4", "issue", "10004", 1)
	bare.Step = "other"
	must(t, l.Commit(t.Context(), port.Batch{
		Asks:    []port.Ask{ask("run", "r1v1", 1, 1), ask("run", "r1v2", 1, 2), ask("run", "r2v1", 2, 1), ask("run", "r3v1", 3, 1)},
		Effects: []port.Effect{issue("aims-1", "issue", "10001", 1), issue("aims-2", "issue", "10002", 3), issue("aims-3", "epic", "10003", 1), bare, effect("run", "aims-5")},
	}))
	for id, want := range map[string]string{"10001": "r2v1", "10002": "r3v1", "10003": "", "10004": ""} {
		a := got[port.Ask](t)(l.AskOfIssue(t.Context(), id))
		if a.Token != want || a.Run != "run" || want == "" && a.Step != "" {
			t.Errorf("issue %s is of %+v, want token %q", id, a, want)
		}
	}
	for _, id := range []string{"", "1"} {
		if _, err := l.AskOfIssue(t.Context(), id); !errors.Is(err, port.ErrNotFound) {
			t.Errorf("issue %q: %v", id, err)
		}
	}
	for key, want := range map[string]bool{"aims-5": true, "aims-1": false, "aims-9": false, "": false} {
		if is, err := l.UnderWay(t.Context(), key); err != nil || is != want {
			t.Errorf("under way %q: %v %v", key, is, err)
		}
	}
}

func testMessageOf(t *testing.T, l *Ledger) {
	done, direct, channel, never := effect("run", "aims-1"), effect("run", "aims-2"), effect("run", "aims-3"), effect("run", "aims-4")
	done.State, done.Outcome = port.EffectDone, port.Outcome{Channel: "D1", TS: "1.1", Doubles: []string{"1.2"}}
	direct.State, direct.Attempts, direct.Token = port.EffectUnknown, 1, "direct"
	channel.Attempts, channel.Token, channel.Body = 1, "channel", json.RawMessage(`{"to":{"channel":"C1"}}`)
	never.Token = "never"
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{done, direct, channel, never}}))
	for _, tt := range []struct {
		token, channel, ts string
		want               bool
	}{
		{"token", "D1", "1.1", true},
		{"token", "D1", "1.2", true},
		{"token", "D1", "1.3", false},
		{"token", "D2", "1.1", false},
		{"direct", "D9", "9.9", true},
		{"direct", "C1", "9.9", false},
		{"channel", "C1", "9.9", true},
		{"channel", "C2", "9.9", false},
		{"channel", "", "", false},
		{"never", "D9", "9.9", false},
		{"", "D1", "1.1", false},
		{"unknown", "D1", "1.1", false},
	} {
		if ok := got[bool](t)(l.MessageOf(t.Context(), tt.token, tt.channel, tt.ts)); ok != tt.want {
			t.Errorf("MessageOf(%q, %q, %q) = %v", tt.token, tt.channel, tt.ts, ok)
		}
	}
}

func testClaims(t *testing.T, l *Ledger) {
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))
	claim := func(at time.Duration) (port.Effect, error) {
		return l.Claim(t.Context(), "aims-1", noon.Add(at), noon.Add(at+8*time.Second))
	}
	e := got[port.Effect](t)(claim(0))
	if e.Attempts != 0 || !e.ClaimedUntil.IsZero() {
		t.Errorf("the first claim returned %+v, not the effect as it was", e)
	}
	if held, err := claim(7 * time.Second); !errors.Is(err, port.ErrConflict) || !held.ClaimedUntil.Equal(noon.Add(8*time.Second)) {
		t.Errorf("a held effect gave %+v, %v", held, err)
	}
	if e := got[port.Effect](t)(claim(8 * time.Second)); e.Attempts != 1 || !e.ClaimedUntil.Equal(noon.Add(8*time.Second)) {
		t.Errorf("the second claim returned %+v", e)
	}
	e.State, e.NotBefore, e.Attempts = port.EffectIntent, noon.Add(time.Minute), 1
	must(t, l.Settle(t.Context(), e, nil))
	if _, err := claim(59 * time.Second); !errors.Is(err, port.ErrConflict) {
		t.Errorf("before NotBefore: %v", err)
	}
	got[port.Effect](t)(claim(60 * time.Second))
	for _, state := range []string{port.EffectDone, port.EffectFailed, port.EffectSuperseded} {
		done := effect("run", "aims-"+state)
		done.State = state
		must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{done}}))
		for range 2 {
			e := got[port.Effect](t)(l.Claim(t.Context(), done.Key, noon, noon.Add(time.Hour)))
			if e.State != state || e.Attempts != 0 || !e.ClaimedUntil.IsZero() {
				t.Errorf("a finished effect was claimed: %+v", e)
			}
		}
	}
	if _, err := l.Claim(t.Context(), "aims-none", noon, noon); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("an unknown effect: %v", err)
	}
}

func testSettle(t *testing.T, l *Ledger) {
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))
	first := got[port.Effect](t)(l.Claim(t.Context(), "aims-1", noon, noon.Add(time.Second)))
	second := got[port.Effect](t)(l.Claim(t.Context(), "aims-1", noon.Add(time.Minute), noon.Add(2*time.Minute)))
	first.State = port.EffectUnknown
	if err := l.Settle(t.Context(), first, nil); !errors.Is(err, port.ErrConflict) {
		t.Errorf("an attempt that was overtaken settled: %v", err)
	}
	second.State, second.Outcome = port.EffectDone, port.Outcome{Channel: "D1", TS: "1.1"}
	rec := record("run", "effect.done", "aims-1")
	must(t, l.Settle(t.Context(), second, &rec))
	must(t, l.Settle(t.Context(), second, &rec))
	second.State, second.Outcome = port.EffectUnknown, port.Outcome{}
	must(t, l.Settle(t.Context(), second, nil))
	e := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run"))[0]
	if e.State != port.EffectDone || e.Outcome.TS != "1.1" || !e.ClaimedUntil.IsZero() {
		t.Errorf("done did not stand: %+v", e)
	}
	if n := len(got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func testEffectOrder(t *testing.T, l *Ledger) {
	keys := []string{"aims-c", "aims-a", "aims-b"}
	for _, k := range keys {
		must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", k), effect("run", keys[0])}}))
	}
	effects := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run"))
	if diff := cmp.Diff(effect("run", "aims-c"), effects[0]); diff != "" {
		t.Errorf("effect (-want +got):\n%s", diff)
	}
	for i, e := range effects {
		if e.Key != keys[i] {
			t.Errorf("effect %d is %s, want %s", i, e.Key, keys[i])
		}
	}
}

func testRuns(t *testing.T, l *Ledger) {
	createRun(t, l, "run-1", "cv-screener")
	createRun(t, l, "run-1", "cv-screener") // the same again
	var open *port.OpenRunError
	if err := l.CreateRun(t.Context(), startedRun(t, "run-2", "cv-screener"), nil, record("run-2", "run.started", "")); !errors.As(err, &open) || open.Run != "run-1" {
		t.Errorf("a second run gave %v", err)
	}
	createRun(t, l, "run-3", "chatbot")
	if s := got[[]port.StartedRun](t)(l.Starting(t.Context(), noon.Add(1))); len(s) != 2 {
		t.Errorf("%d runs are starting, want 2", len(s))
	}
	must(t, l.MarkStarted(t.Context(), "run-1"))
	s := got[[]port.StartedRun](t)(l.Starting(t.Context(), noon.Add(1)))
	if len(s) != 1 || s[0].ID != "run-3" || s[0].Definition.Verify() != nil {
		t.Errorf("starting: %+v", s)
	}
	must(t, l.Commit(t.Context(), port.Batch{Run: "run-1", Close: &port.RunClose{Outcome: "approved", At: noon}}))
	must(t, l.MarkStarted(t.Context(), "run-1")) // a late start signal
	row := got[port.RunRow](t)(l.Run(t.Context(), "run-1"))
	want := port.RunRow{StartedRun: startedRun(t, "run-1", "cv-screener"), State: port.RunClosed, Outcome: "approved", ClosedAt: noon}
	want.Definition, row.Definition = row.Definition, want.Definition
	if diff := cmp.Diff(want.Input, row.Input); diff != "" || row.State != want.State || row.Outcome != want.Outcome || row.Subject != want.Subject || !row.ClosedAt.Equal(noon) {
		t.Errorf("run is %+v", row)
	}
	createRun(t, l, "run-4", "cv-screener")
	var ids []string
	for _, r := range got[[]port.RunRow](t)(l.Runs(t.Context(), port.RunStarting, 9)) {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"run-4", "run-3"}) {
		t.Errorf("starting runs: %v", ids)
	}
	if n := len(got[[]port.RunRow](t)(l.Runs(t.Context(), "", 2))); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
	if _, err := l.Run(t.Context(), "none"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
}

func testOccurrences(t *testing.T, l *Ledger) {
	occurrence := func(id, run string, due time.Time) port.Occurrence {
		return port.Occurrence{ID: id, Playbook: "impact-assessment", Subject: "cv-screener", Due: due, State: "started", Run: run}
	}
	o := occurrence("occ-1", "run-1", noon)
	run := startedRun(t, "run-1", "cv-screener")
	must(t, l.CreateRun(t.Context(), run, &o, record("run-1", "run.started", "")))
	must(t, l.CreateRun(t.Context(), run, &o, record("run-1", "run.started", "")))
	if err := l.CreateRun(t.Context(), startedRun(t, "run-2", "cv-screener"), &o, record("run-2", "run.started", "")); !errors.Is(err, port.ErrConflict) {
		t.Errorf("a taken occurrence gave %v", err)
	}
	before := got[Head](t)(l.Head(t.Context()))
	must(t, l.PutOccurrence(t.Context(), occurrence("occ-1", "", noon), record("", "occurrence.gap", "1")))
	if after := got[Head](t)(l.Head(t.Context())); after != before {
		t.Error("a gap was recorded where a run is")
	}
	gap := port.Occurrence{ID: "occ-2", Playbook: "impact-assessment", Subject: "cv-screener", Due: noon.Add(time.Hour), State: "gap", Reason: "run open"}
	must(t, l.PutOccurrence(t.Context(), gap, record("", "occurrence.gap", "2")))
	must(t, l.PutOccurrence(t.Context(), gap, record("", "occurrence.gap", "2")))
	if last := got[port.Occurrence](t)(l.LastOccurrence(t.Context(), "impact-assessment", "cv-screener", false)); last != gap {
		t.Errorf("last occurrence is %+v", last)
	}
	if _, err := l.LastOccurrence(t.Context(), "impact-assessment", "chatbot", false); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("no occurrence: %v", err)
	}
}

func testView(t *testing.T, l *Ledger) {
	createRun(t, l, "run", "cv-screener")
	view := port.RunView{Steps: []port.StepView{{Step: "scope", State: "open", Result: map[string]any{"a": "b"}, OpenedAt: noon}}, Waiting: []port.Waiting{{Step: "scope", People: []string{"olive"}}}}
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", View: &view, Close: &port.RunClose{Outcome: "approved", At: noon}}))
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Close: &port.RunClose{Outcome: "rejected", At: noon.Add(time.Hour)}}))
	r := got[port.RunRow](t)(l.Run(t.Context(), "run"))
	if diff := cmp.Diff(view, r.View); diff != "" || r.Outcome != "approved" || !r.ClosedAt.Equal(noon) {
		t.Errorf("outcome %s at %v, view (-want +got):\n%s", r.Outcome, r.ClosedAt, diff)
	}
	if err := l.Commit(t.Context(), port.Batch{Run: "none", View: &view}); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("view of an unknown run: %v", err)
	}
}

func testRecords(t *testing.T, l *Ledger) {
	got[bool](t)(l.PutOrganisation(t.Context(), organisation(t, "ethan"), noon))
	r := record("run", "decision.accepted", "1")
	r.Role, r.Header = "ai-ethics-officer", map[string]string{"outcome": "approved", "empty": ""}
	r.Body = map[string]any{"reason": "fine <&>", "n": 3}
	again := r
	again.Body = map[string]any{"reason": "something else"}
	must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{r}}))
	must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{again, record("run", "decision.accepted", "2")}}))
	recs := got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))
	if len(recs) != 2 || recs[1].Index != recs[0].Index+1 {
		t.Fatalf("records: %+v", recs)
	}
	var h, next Header
	must(t, json.Unmarshal(recs[0].Header, &h))
	must(t, json.Unmarshal(recs[1].Header, &next))
	if h.Actor == "ethan" || !strings.HasPrefix(h.Actor, "p-") || next.Actor != h.Actor {
		t.Errorf("actors are %q and %q", h.Actor, next.Actor)
	}
	if h.Seq != 1 || next.Seq != 2 || h.Facts["outcome"] != "approved" || len(h.Facts) != 1 || h.Role != r.Role || !h.At.Equal(noon) {
		t.Errorf("header is %s", recs[0].Header)
	}
	if strings.Contains(string(recs[0].Header), "fine") || strings.Contains(string(recs[0].Header), "Eames") {
		t.Errorf("the header shows the body: %s", recs[0].Header)
	}
	want := map[string]string{"actor": `{"id":"ethan","name":"Ethan <b>Eames</b>"}`, "n": "3", "reason": `"fine <&>"`}
	for _, f := range recs[0].Body {
		if string(f.Value) != want[f.Name] {
			t.Errorf("field %s is %s", f.Name, f.Value)
		}
		delete(want, f.Name)
	}
	if len(want) != 0 {
		t.Errorf("fields missing: %v", want)
	}
}

// testErase removes what was said in a step, with every copy of it.
func testErase(t *testing.T, l *Ledger) {
	const secret = "a very personal sentence"
	createRun(t, l, "run", "cv-screener")
	shown := got[[]byte](t)(canonical(port.Evidence{Run: "run", Steps: []port.EvidenceStep{{Step: "sign_off", Fields: []port.EvidenceField{{Text: secret}}}}}))
	decided := record("run", "decision.accepted", "1")
	decided.Header, decided.Body = map[string]string{"digest": digestOf(shown)}, map[string]any{"reason": secret}
	const ts = "1764000000.000100"
	posted := record("run", "effect.done", "3")
	posted.Body = map[string]any{"channel": "D0OLIVE", "ts": ts}
	a := ask("run", "token", 1, 1)
	a.Body.Prefill = map[string]any{"before": secret}
	e := effect("run", "aims-1")
	e.Body, e.State = json.RawMessage(`{"text":"`+secret+`"}`), port.EffectDone
	must(t, l.Commit(t.Context(), port.Batch{
		Run: "run", Asks: []port.Ask{a}, Effects: []port.Effect{e}, Records: []port.Record{decided, record("run", "step.closed", "2"), posted},
		Documents: map[string]json.RawMessage{digestOf(shown): shown},
		View:      &port.RunView{Steps: []port.StepView{{Step: "sign_off", Result: map[string]any{"why": secret}}}},
	}))
	row := click("run", 1)
	row.Values = json.RawMessage(`{"why":"` + secret + `"}`)
	stored, _, err := l.Put(t.Context(), row)
	must(t, err)
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Verdicts: []port.Verdict{{
		Row: stored.ID, DecisionID: row.DecisionID, Verdict: port.VerdictAccepted, Person: "ethan", Reason: secret, Values: row.Values, Fields: map[string]any{"why": secret},
	}}}))

	erasure := Erasure{Run: "run", Steps: []string{"sign_off"}, By: "max", Role: "aims-manager", Reason: "asked by the person"}
	if _, err := l.Erase(t.Context(), erasure); !errors.Is(err, ErrRunBusy) {
		t.Errorf("erased in an open run: %v", err)
	}
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Close: &port.RunClose{Outcome: "approved", At: noon}}))
	for name, bad := range map[string]Erasure{"no reason": {Run: "run", Steps: []string{"sign_off"}, By: "max"}, "no person": {Run: "run", Steps: []string{"sign_off"}, Reason: "x"}, "no step": {Run: "run", By: "max", Reason: "x"}} {
		if _, err := l.Erase(t.Context(), bad); err == nil {
			t.Errorf("erased with %s", name)
		}
	}
	if _, err := l.Erase(t.Context(), Erasure{Run: "none", Steps: []string{"sign_off"}, By: "max", Reason: "x"}); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
	if done := got[Erased](t)(l.Erase(t.Context(), erasure)); done.Fields != 4 || done.Documents != 1 { // reason, and an actor for each of three records
		t.Errorf("erased %+v", done)
	}
	before := len(got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run")))
	if done := got[Erased](t)(l.Erase(t.Context(), erasure)); done != (Erased{}) {
		t.Errorf("erased again: %+v", done)
	}
	recs := got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))
	if len(recs) != before {
		t.Errorf("erasing again made %d records of %d", len(recs), before)
	}
	if _, err := l.Document(t.Context(), digestOf(shown)); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("the document: %v", err)
	}
	all := string(got[port.Effect](t)(effectByKey(t.Context(), l.db, "aims-1")).Body)
	all += fmt.Sprintf("%+v %+v", got[port.RunRow](t)(l.Run(t.Context(), "run")).View, got[[]port.Ask](t)(l.AsksOf(t.Context(), "run")))
	for _, r := range got[[]port.InboxRow](t)(l.RowsAfter(t.Context(), "run", 0, 10)) {
		all += fmt.Sprintf(" %s %+v", r.Values, r.Verdict)
		if r.Person != "" || r.Verdict == nil || r.Verdict.Verdict != port.VerdictAccepted {
			t.Errorf("the row is %+v, %+v", r, r.Verdict)
		}
	}
	for _, r := range recs {
		for _, f := range r.Body {
			all += string(f.Value)
		}
	}
	if strings.Contains(all, secret) {
		t.Errorf("the sentence is still there: %s", all)
	}
	if !strings.Contains(all, ts) {
		t.Errorf("nobody can find the message in Slack any more: %s", all)
	}
	if _, err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func testCheckpoint(t *testing.T, l *Ledger) {
	first := got[Checkpoint](t)(l.Checkpoint(t.Context()))
	if again := got[Checkpoint](t)(l.Checkpoint(t.Context())); again != first {
		t.Error("the same head was signed differently")
	}
	must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{record("run", "x", "1")}}))
	c := got[Checkpoint](t)(l.Checkpoint(t.Context()))
	if head := got[Head](t)(l.Head(t.Context())); c.Head != head || c.Size != first.Size+1 || c.Root == first.Root {
		t.Errorf("checkpoint %+v, head %+v", c, head)
	}
	v := got[note.Verifier](t)(note.NewVerifier(got[string](t)(l.VerifierKey())))
	n := got[*note.Note](t)(note.Open([]byte(c.Note), note.VerifierList(v)))
	if v.Name() != "aimsbot-"+l.Installation()[:8] || !strings.HasPrefix(n.Text, "aimsbot/ledger/"+l.Installation()+"\n2\n"+c.Root+"\n") {
		t.Errorf("note of %s: %q", v.Name(), n.Text)
	}
}
