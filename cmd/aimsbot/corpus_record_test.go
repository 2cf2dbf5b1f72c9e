package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	"google.golang.org/protobuf/proto"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// recordCorpus makes the archives that fuzz tests start from anew.
var recordCorpus = flag.Bool("record-corpus", false, "write the corpora of the fuzz tests anew from recorded runs")

// corpusPeople are whose actions are recorded: asked, not asked, and strangers.
var corpusPeople = []string{"olive", "ethan", "cora", "cleo", "carl", "cyra", "cody", "max", "tess", "ron", "eli", "val", "dev"}

// recordedRuns is how many runs are played on each demo: enough for every corpus.
const recordedRuns = 6

// packsArchive is the corpus of whole evidence packs.
const packsArchive = "integrations/ledger/packs"

// corpusComments are how people comment on an issue: who, which issue and which time.
var corpusComments = []string{
	"I, %s, looked at %s %d times: {draft} *done*",
	"%s: [~accountid:5b1eli] please see %s, part %d\n# first\n# second",
	"_%s_ measured {code}auc=0.81 < 0.9{code} for %s, take %d; see [the report|https://example.com/r?a=1&b=2]",
	"%s wrote äöü \\{x} and 🚀 in %s at %d%% of the rows\n||tier||share||\n|high|40 %%|",
	"From %s about %s: <b>not</b> @here, !image%d.png! and https://example.com/a_(b)",
}

// corpusKey encrypts the recorded payloads; nothing else ever used it.
var corpusKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// TestRecordCorpus plays runs on the demo over every way in, and keeps all that
// was sent and answered.
func TestRecordCorpus(t *testing.T) {
	if !*recordCorpus {
		t.Skip("NOT RECORDED: the corpora are made anew only by make corpus; the fuzz tests use the kept ones")
	}
	t.Setenv("AIMSBOT_KEY", corpusKey)
	b := &border{kept: map[string][]corpustest.File{}}
	for _, c := range []demoCmd{
		{Transport: transportHTTP},
		{Transport: "socket", Jira: jiraDataCenter},
	} {
		c.NoRateLimits = true
		t.Run(c.Transport, func(t *testing.T) { recordWorld(t, b, c) })
	}
	// Packs are zipped already, and nothing makes them smaller: the small ones are kept.
	slices.SortStableFunc(b.kept[packsArchive], func(x, y corpustest.File) int { return len(x.Body) - len(y.Body) })
	b.write(t, map[string]int{"integrations/ledger/files": 260})
}

// recordWorld plays rejected runs until there is enough of each kind, and one
// that is approved.
func recordWorld(t *testing.T, b *border, c demoCmd) {
	w := newWorld(t, c)
	mux := w.demo.server.Handler.(*lateMux)
	mux.set(b.watch(*mux.h.Load()))
	w.post("/_control/verify", map[string]any{}, nil)
	var runs []string
	for n := range recordedRuns {
		run := w.start("max")
		runs = append(runs, run)
		for i, p := range corpusPeople {
			recordCommands(w, p, run, i+n)
		}
		recordRun(t, b, w, runs, n)
	}
	recordTrouble(w)
}

// recordCommands has a person type what people type.
func recordCommands(w *world, person, run string, n int) {
	for _, text := range []string{"help", "status", "mine", "status " + run, "start impact-assessment cv-screener", "approve " + run, "statsu " + run[:4+n%20]} {
		recordTry(w, "/_control/command", map[string]any{"user": person, "channel": "C0AUDIT", "command": "/aims", "text": text})
	}
	recordTry(w, "/_control/event", map[string]any{"event": map[string]any{"type": "app_home_opened", "user": "U0" + strings.ToUpper(person), "tab": "home"}})
}

// recordTry does what may be refused, as people do.
func recordTry(w *world, path string, what map[string]any) {
	body, err := json.Marshal(what)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.Post(w.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}

// recordRun is one run in which everybody tries everything.
func recordRun(t *testing.T, b *border, w *world, runs []string, n int) {
	run := runs[len(runs)-1]
	// An auditor asks again for an earlier run while the ledger grows.
	packs := func() {
		for _, r := range runs[max(0, len(runs)-2):] {
			recordPack(t, b, w, r)
		}
	}
	everybody := func(m message, actions ...string) {
		for _, p := range corpusPeople {
			for _, a := range actions {
				recordTry(w, "/_control/click", map[string]any{"user": p, "channel": m.Channel, "ts": m.TS, "action_id": a, "force": true, "value": button(w.t, m, a)})
			}
		}
		packs()
	}
	form := w.message("olive", "answer", "What does CV screener do")
	everybody(form, "answer")
	w.fill("olive", form, "answer", map[string]any{
		"purpose": fmt.Sprintf("Ranks applications, version %d", n), "people": 250000 + n, "harms": []string{"bias", "safety", "privacy"},
	})
	for summary, lead := range map[string]string{"Test CV screener for bias": "eli", "Test CV screener for unsafe output": "val"} {
		key := recordTask(w, summary)
		for i, p := range corpusPeople {
			recordTry(w, "/_control/issue", map[string]any{"key": key, "as": p, "comment": fmt.Sprintf(corpusComments[(i+n)%len(corpusComments)], p, key, n)})
			recordTry(w, "/_control/issue", map[string]any{"key": key, "as": p, "link": map[string]any{"title": "Report of " + p, "url": "https://example.com/" + p}})
			packs()
		}
		w.act(key, lead, map[string]any{"transition": "Done"})
		packs()
	}
	officer := w.message("ethan", "approve", "CV screener")
	ask := w.message(committee, "approve", "CV screener")
	everybody(ask, "evidence", "abstain")
	everybody(officer, "evidence")
	for _, p := range []string{"tess", "olive", "ron"} {
		w.press(p, ask, "approve")
		packs()
	}
	for _, p := range []string{"cleo", "carl"} {
		w.press(p, ask, "approve")
		packs()
	}
	w.fill("ethan", officer, "reject", map[string]any{"reason": fmt.Sprintf("Proxies were not tested, run %d", n)})
	id := recordEnd(w, run)
	packs()
	recordPayloads(t, b, w, id)
}

// recordTrouble lets Slack and Jira refuse in their words.
func recordTrouble(w *world) {
	for _, target := range []string{"slack", "jira"} {
		for _, kind := range []string{"http_500", "http_503", "rate_limit", "http_429", "html", "cut"} {
			recordTry(w, "/_control/faults", map[string]any{"target": target, "kind": kind, "count": 2})
			recordCommands(w, "max", "01NONE0000000000000000000", len(kind))
			recordTry(w, "/_control/issue", map[string]any{"key": "GOV-1", "as": "eli", "comment": "While " + kind})
		}
	}
	if _, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "impact-assessment", Subject: "cv-screener", By: "max", Door: "cli"}); err != nil {
		w.t.Log(err)
	}
}

// recordPack exports the run as it is now and keeps the pack and its files.
func recordPack(t *testing.T, b *border, w *world, run string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pack.zip")
	if _, err := w.demo.app.ledger.Export(t.Context(), run, path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b.keep(packsArchive, "", whole)
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		if !slices.Contains([]string{"page.html", "index.html"}, f.Name) {
			b.keep("integrations/ledger/files", f.Name, body)
		}
		switch {
		case strings.Contains(f.Name, "checkpoint"):
			b.keep("integrations/ledger/checkpoints", "", body)
		case strings.HasSuffix(f.Name, ".jsonl"), strings.HasSuffix(f.Name, ".json"):
			for line := range bytes.Lines(body) {
				b.keep("integrations/ledger/canonical", "", line)
			}
		}
	}
}

// recordPayloads keeps what Temporal holds of a run, as encrypted as it is there.
func recordPayloads(t *testing.T, b *border, w *world, workflowID string) {
	t.Helper()
	err := proxy.VisitPayloads(t.Context(), historyOf(t, w, workflowID, ""), proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, list []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range list {
				body, err := proto.Marshal(p)
				if err != nil {
					return nil, err
				}
				b.keep("integrations/temporal/payloads", "", body)
			}
			return list, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// recordTask waits for the task of this run: the ones before are done.
func recordTask(w *world, summary string) (key string) {
	w.t.Helper()
	w.until("an open issue "+summary, func() bool {
		for _, i := range w.state().Issues {
			if i.Summary == summary && i.Status != "Done" {
				key = i.Key
			}
		}
		return key != ""
	})
	return key
}
