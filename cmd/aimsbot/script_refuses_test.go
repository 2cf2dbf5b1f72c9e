package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// scriptSite brings up a sandbox until the script ends, and sets the settings
// that fit it: site [SCOPE...] leaves out the named scopes of the bot token.
// $SITE is the sandbox's address.
func scriptSite(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: site [SCOPE...]")
	}
	cfg, err := checkedConfig("")
	ts.Check(err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	base := "http://" + ln.Addr().String()
	box, err := sandbox.Open(context.Background(), sandbox.Options{
		Path: filepath.Join(ts.MkAbs("."), "box"+ln.Addr().String()+".db"), BaseURL: func() string { return base }, Organisation: cfg.organisation,
		Lacking: sandbox.Lacking{Scopes: args}, Logger: slog.New(slog.DiscardHandler),
	})
	ts.Check(err)
	server := &http.Server{Handler: box.Handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	ts.Defer(func() {
		ts.Check(server.Close())
		<-done
		ts.Check(box.Close())
	})
	for name, value := range map[string]string{
		"SITE": ln.Addr().String(), "SLACK_BOT_TOKEN": sandbox.BotToken, "SLACK_APP_TOKEN": sandbox.AppToken,
		"SLACK_API_URL": base + sandbox.SlackPath + "/api/", "JIRA_URL": base + sandbox.JiraPath, "JIRA_EMAIL": sandbox.JiraEmail,
		"JIRA_TOKEN": sandbox.JiraToken, "JIRA_WEBHOOK_SECRET": sandbox.WebhookSecret,
	} {
		ts.Setenv(name, value)
	}
}

// scriptRefuses starts the bot, which must not begin anything: refuses CODE
// TEXT [ARG...]. TEXT is a regular expression. Nothing of a start may be seen,
// and nothing of what runs beneath: one line says it, or for files and services
// one line for each fault.
func scriptRefuses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refuses CODE TEXT [ARG...]")
	}
	got := "0"
	if err := ts.Exec("aimsbot", append([]string{"serve", "--listen", "127.0.0.1:0", "--config", "config", "--data", "data"}, args[2:]...)...); err != nil {
		got = exitText(err)
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s: %s", got, args[0], stderr)
	}
	if stdout != "" {
		ts.Fatalf("it began: %s", stdout)
	}
	if !regexp.MustCompile(args[1]).MatchString(stderr) {
		ts.Fatalf("no %q in %s", args[1], stderr)
	}
	first, rest, _ := strings.Cut(stderr, "\n")
	if !strings.HasPrefix(first, "aimsbot: ") || (rest != "" && !strings.HasSuffix(first, "nothing was started:") && !strings.HasSuffix(first, "not complete:")) || strings.Contains(stderr, "level=") {
		ts.Fatalf("more than one clear line: %s", stderr)
	}
}

// scriptConfig writes the sample organisation into a folder.
func scriptConfig(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: config DIR")
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.RemoveAll(dir))
	ts.Check(os.MkdirAll(filepath.Join(dir, "playbooks"), 0o700))
	for _, f := range library.Demo() {
		ts.Check(os.WriteFile(filepath.Join(dir, f.Name), f.Source, 0o600))
	}
}

// scriptSwap replaces a text of a file: swap FILE OLD NEW.
func scriptSwap(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: swap FILE OLD NEW")
	}
	name := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(name, []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}

// scriptTemporalSchema marks a folder as one in which Temporal's store was made
// by this release: temporalschema DIR.
func scriptTemporalSchema(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: temporalschema DIR")
	}
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "temporal.schema"), []byte(temporal.Schema()), 0o600))
}

// scriptSQLite changes a database file: sqlite FILE STATEMENT.
func scriptSQLite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqlite FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
}

// scriptScramble overwrites a database file behind its first page, as a dying
// disk does: scramble FILE.
func scriptScramble(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: scramble FILE")
	}
	const page = 4096
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xaa}, 5*page), page)
	ts.Check(errors.Join(err, f.Close()))
}

// scriptLock uses a data folder until the script ends, as a bot does: lock DIR.
func scriptLock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lock DIR")
	}
	d, err := openData(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { ts.Check(d.Close()) })
}
