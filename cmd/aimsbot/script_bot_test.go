package main

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// scriptBot answers on the socket of a data folder as a running bot does.
// Reads come from the ledger; starts and cancels are decided by who asks.
func scriptBot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bot DIR")
	}
	dir := ts.MkAbs(args[0])
	l, err := ledger.Open(context.Background(), ledger.Options{
		Path: filepath.Join(dir, "ledger.db"), Key: scriptKey, Now: func() time.Time { return monday },
	})
	ts.Check(err)
	listener, err := web.Listen(filepath.Join(dir, "aimsbot.sock"))
	ts.Check(err)
	server := &http.Server{Handler: web.API(scriptDesk{archive{l}}), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	ts.Defer(func() {
		ts.Check(server.Close())
		<-done
		ts.Check(l.Close())
	})
}

type scriptDesk struct{ archive }

var _ web.Desk = scriptDesk{}

func (scriptDesk) Start(_ context.Context, q web.StartRequest) (web.StartReply, error) {
	switch {
	case q.Playbook != "impact-assessment":
		return web.StartReply{}, web.Errorf(web.Usage, "there is no playbook %q", q.Playbook)
	case q.By != "olive":
		return web.StartReply{}, web.Errorf(web.Refused, "Only the owner may start this.")
	case q.Input["note"] == "a=b;c":
		return web.StartReply{Run: runStarting}, nil
	}
	return web.StartReply{Run: runOpen, Open: true}, nil
}

func (scriptDesk) Cancel(_ context.Context, q web.CancelRequest) (web.CancelReply, error) {
	switch q.By {
	case "max":
		return web.CancelReply{Verdict: port.VerdictAccepted}, nil
	case "later":
		return web.CancelReply{Verdict: "waiting"}, nil
	}
	return web.CancelReply{Verdict: port.VerdictRefused, Reason: "Only the AIMS manager may cancel a run."}, nil
}

func (scriptDesk) Raise(_ context.Context, q web.EventRequest) (web.EventReply, error) {
	switch {
	case q.By != "olive":
		return web.EventReply{}, web.Errorf(web.Refused, "%q is no person of the organisation file.", q.By)
	case q.Key != "":
		return web.EventReply{Event: 3, Known: true, Led: []web.EventLed{{Playbook: "complaints", Run: runOpen, How: port.EventJoined}}}, nil
	}
	return web.EventReply{Event: 3, Led: []web.EventLed{
		{Playbook: "complaints", Run: runOpen, How: port.EventStarted}, {Playbook: "drift", How: port.EventFailed, Reason: q.Kind + " " + q.Subject + " " + q.Values["what"]},
	}}, nil
}

func (scriptDesk) Erase(_ context.Context, q web.EraseRequest) (web.EraseReply, error) {
	if q.By != "max" {
		return web.EraseReply{}, web.Errorf(web.Refused, "%s may not have anything erased.", q.By)
	}
	return web.EraseReply{Run: q.Run}, nil
}

// scriptExitCode runs the program and compares its exit code: exitcode 2 aimsbot frob.
func scriptExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND [ARG...]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = exitText(err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func exitText(err error) string {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return strconv.Itoa(e.ExitCode())
	}
	return err.Error()
}
