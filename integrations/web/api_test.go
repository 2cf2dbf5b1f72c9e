package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/web"
	"github.com/aimsbot/aimsbot/playbooks"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// theRun has a value in every field that travels.
func theRun() port.RunRow {
	return port.RunRow{
		StartedRun: port.StartedRun{
			ID: "01J", WorkflowID: "aims-1-p-01J", Playbook: "p", SubjectID: "cv", Subject: "CV", By: "olive", Door: "cli",
			Input: map[string]string{"a": "b"}, StartedAt: noon, Definition: playbooks.Definition{Schema: 1, Source: "playbook: p\n", Digest: "sha256:1"},
		},
		State: port.RunOpen, Outcome: "x", ClosedAt: noon,
		View: port.RunView{
			Steps:   []port.StepView{{Step: "scope", Kind: "form", Round: 1, State: "open", Result: map[string]any{"a": "b"}, Due: noon}},
			Waiting: []port.Waiting{{Step: "scope", People: []string{"olive"}, For: "an answer", Due: noon}},
		},
	}
}

var (
	theRecord = port.StoredRecord{Index: 3, Key: "rec-1", Header: json.RawMessage(`{"v":1}`), Leaf: "aa", Body: []port.BodyField{{Name: "why", Salt: "00", Value: json.RawMessage(`"<b>"`)}, {Name: "gone", Erased: true}}}
	theEffect = port.Effect{Key: "aims-1", Place: port.Place{Run: "01J", Step: "scope", Round: 2}, Purpose: "ask", Kind: port.EffectPost, Body: json.RawMessage(`{"a":1}`), State: port.EffectUnknown, NotBefore: noon, Attempts: 2, LastError: "e", Outcome: port.Outcome{Issue: "GOV-1"}}
)

// fakeDesk answers the run 01J, and fails in each way a desk can fail.
type fakeDesk struct{ asked []string }

func (d *fakeDesk) note(what string, args ...any) {
	d.asked = append(d.asked, fmt.Sprintf(what, args...))
}

func (d *fakeDesk) Start(_ context.Context, q web.StartRequest) (web.StartReply, error) {
	d.note("start %s %s %s %v", q.Playbook, q.Subject, q.By, q.Input)
	switch q.By {
	case "dev":
		return web.StartReply{}, web.Errorf(web.Refused, "Only the owner may start this.")
	case "open":
		return web.StartReply{}, fmt.Errorf("start: %w", &port.OpenRunError{Run: "01J"})
	case "down":
		return web.StartReply{}, &port.OutsideError{Target: "jira", Call: "GET serverInfo", Code: "503"}
	}
	return web.StartReply{Run: "01J", Open: true}, nil
}

func (d *fakeDesk) Runs(_ context.Context, state string) ([]port.RunRow, error) {
	d.note("runs %q", state)
	return []port.RunRow{theRun()}, nil
}

func (d *fakeDesk) Run(_ context.Context, id string) (port.RunRow, error) {
	d.note("run %q", id)
	if id != "01J" {
		return port.RunRow{}, fmt.Errorf("run %s: %w", id, port.ErrNotFound)
	}
	return theRun(), nil
}

func (d *fakeDesk) Records(context.Context, string) ([]port.StoredRecord, error) {
	return []port.StoredRecord{theRecord}, nil
}

func (d *fakeDesk) Effects(context.Context, string) ([]port.Effect, error) {
	return []port.Effect{theEffect}, nil
}

func (d *fakeDesk) Raise(_ context.Context, q web.EventRequest) (web.EventReply, error) {
	return web.EventReply{Event: 7, Led: []web.EventLed{{Playbook: q.Kind + q.Subject + q.Key, Run: q.Values["what"], How: port.EventStarted}}}, nil
}

func (d *fakeDesk) Subject(_ context.Context, kind, id string) (port.SubjectFacts, error) {
	return port.SubjectFacts{Kind: kind, ID: id, Values: map[string]any{}}, nil
}

func (d *fakeDesk) Erase(_ context.Context, q web.EraseRequest) (web.EraseReply, error) {
	return web.EraseReply{Run: q.Run, Fields: len(q.Steps)}, nil
}

func (d *fakeDesk) Cancel(_ context.Context, q web.CancelRequest) (web.CancelReply, error) {
	d.note("cancel %s %s %s", q.Run, q.Reason, q.By)
	return web.CancelReply{Verdict: port.VerdictRefused, Reason: "no"}, nil
}

func (d *fakeDesk) Export(_ context.Context, run, path string) (web.ExportReply, error) {
	d.note("export %s %s", run, path)
	return web.ExportReply{Path: path, Records: 7, Key: "k"}, nil
}

// serve answers on a socket of its own and returns its path.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := web.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, h)
	return path
}

func serveOn(t *testing.T, l net.Listener, h http.Handler) {
	t.Helper()
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-done })
}

func dial(t *testing.T, path string) *web.Client {
	t.Helper()
	c, err := web.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func want[T any](t *testing.T, want T) func(got T, err error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}

func TestClientGetsWhatTheDeskAnswers(t *testing.T) {
	t.Parallel()
	d := &fakeDesk{}
	c := dial(t, serve(t, web.API(d)))
	ctx := t.Context()

	want(t, web.StartReply{Run: "01J", Open: true})(c.Start(ctx, web.StartRequest{Playbook: "p", Subject: "cv", By: "olive", Input: map[string]string{"a": "b=c"}}))
	want(t, theRun())(c.Run(ctx, "01J"))
	brief := theRun()
	brief.Definition, brief.View.Steps = playbooks.Definition{Digest: "sha256:1"}, nil
	want(t, []port.RunRow{brief})(c.Runs(ctx, port.RunOpen))
	want(t, []port.StoredRecord{theRecord})(c.Records(ctx, "01J"))
	want(t, []port.Effect{theEffect})(c.Effects(ctx, "01J"))
	want(t, web.EventReply{Event: 7, Led: []web.EventLed{{Playbook: "systemcvk", Run: "x", How: port.EventStarted}}})(
		c.Raise(ctx, web.EventRequest{Event: "complaint.filed", Kind: "system", Subject: "cv", Key: "k", By: "olive", Values: map[string]string{"what": "x"}}))
	want(t, port.SubjectFacts{Kind: "system", ID: "cv", Values: map[string]any{}})(c.Subject(ctx, "system", "cv"))
	want(t, web.EraseReply{Run: "01J", Fields: 2})(c.Erase(ctx, web.EraseRequest{Run: "01J", Steps: []string{"a", "b"}, Reason: "why not", By: "max"}))
	want(t, web.CancelReply{Verdict: port.VerdictRefused, Reason: "no"})(c.Cancel(ctx, web.CancelRequest{Run: "01J", Reason: "why not", By: "max"}))
	want(t, web.ExportReply{Path: "/out", Records: 7, Key: "k"})(c.Export(ctx, "01J", "/out"))

	asked := []string{"start p cv olive map[a:b=c]", `run "01J"`, `runs "open"`, "cancel 01J why not max", "export 01J /out"}
	if diff := cmp.Diff(asked, d.asked); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsKeepClassAndText(t *testing.T) {
	t.Parallel()
	c := dial(t, serve(t, web.API(&fakeDesk{})))
	ctx := t.Context()
	start := func(playbook, by string) func() error {
		return func() error { _, err := c.Start(ctx, web.StartRequest{Playbook: playbook, By: by}); return err }
	}
	for name, tc := range map[string]struct {
		do    func() error
		class web.Class
		text  string
	}{
		"refused":       {start("p", "dev"), web.Refused, "Only the owner may start this."},
		"open already":  {start("p", "open"), web.Refused, "start: run 01J is already open"},
		"outside down":  {start("p", "down"), web.Unreachable, "jira: GET serverInfo: 503"},
		"no playbook":   {start("", "olive"), web.Usage, "playbook is missing"},
		"no person":     {start("p", "  "), web.Usage, "by is missing"},
		"not there":     {func() error { _, err := c.Run(ctx, "no/../such run"); return err }, web.Usage, "run no/../such run: not found"},
		"no such state": {func() error { _, err := c.Runs(ctx, "lost"); return err }, web.Usage, `a run is never in the state "lost"; states: starting, open, closed`},
		"nothing to erase": {func() error {
			_, err := c.Erase(ctx, web.EraseRequest{Run: "01J", Reason: "why not", By: "max"})
			return err
		}, web.Usage, "step is missing"},
		"no reason":      {func() error { _, err := c.Cancel(ctx, web.CancelRequest{Run: "01J", By: "max"}); return err }, web.Usage, "reason is missing"},
		"path not whole": {func() error { _, err := c.Export(ctx, "01J", "out"); return err }, web.Usage, `the path "out" is not absolute: the bot may run in another folder than you`},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.do()
			if err == nil || err.Error() != tc.text || web.ClassOf(err) != tc.class {
				t.Errorf("got %q of class %q, want %q of class %q", err, web.ClassOf(err), tc.text, tc.class)
			}
		})
	}
}

func TestRequestsAreReadStrictly(t *testing.T) {
	t.Parallel()
	path := serve(t, web.API(&fakeDesk{}))
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}
	for body, code := range map[string]int{
		`{"playbook":"p","by":"olive"}`:                              200,
		`{"playbook":"p","by":"olive","approved":true}`:              400,
		`{"playbook":"p","by":"olive"}{}`:                            400,
		`{"playbook":"p"`:                                            400,
		`{"playbook":"p","by":"` + strings.Repeat("o", 1<<20) + `"}`: 400,
		``: 400,
	} {
		r, err := client.Post("http://aimsbot/v1/runs", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != code {
			t.Errorf("%.60q answered %d, want %d", body, r.StatusCode, code)
		}
	}
}

// What is not this version's bot, or stops being one, is told from a refusal.
func TestBrokenBots(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		text    string
	}{
		"no JSON":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, "answered something else"},
		"not found": {http.NotFound, "answered 404 Not Found"},
		"hangs up":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "stopped answering"},
		"is late":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if name == "is late" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := dial(t, serve(t, tc.handler)).Run(ctx, "01J")
			if err == nil || !strings.Contains(err.Error(), tc.text) || web.ClassOf(err) != web.Unreachable {
				t.Errorf("got %v of class %q", err, web.ClassOf(err))
			}
			if errors.Is(err, web.ErrNotRunning) {
				t.Error("a bot that answers wrongly is running")
			}
		})
	}
}
