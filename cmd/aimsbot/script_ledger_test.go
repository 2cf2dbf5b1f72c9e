package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

var (
	monday    = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	scriptKey = ledger.LedgerKey{1, 2, 3}
)

const scriptPlaybook = `playbook: impact-assessment
title: AI system impact assessment
subject: system
steps:
  - id: scope
    form: {ask: '${system.owner}', title: 'What does it do?', questions: [{id: purpose, text: Purpose, type: text}]}
`

// The runs of the script ledger. The two open ones begin alike.
const (
	runClosed   = "01JN00000000000000000000CD"
	runOpen     = "01JNA0000000000000000000PN"
	runStarting = "01JNA0000000000000000000ST"
)

func scriptLedger(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: ledger DIR [URL]")
	}
	var place ledger.DatabaseURL
	if len(args) == 2 {
		place = ledger.DatabaseURL(args[1])
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(writeSecret(filepath.Join(dir, "ledger.key"), scriptKey.Text()+"\n"))
	l, err := ledger.Open(context.Background(), ledger.Options{
		Path: filepath.Join(dir, "ledger.db"), URL: place, Key: scriptKey, Now: func() time.Time { return monday },
	})
	ts.Check(err)
	ts.Check(fillLedger(l))
	ts.Check(l.Close())
}

func fillLedger(l *ledger.Ledger) error {
	ctx := context.Background()
	o := org.Organisation{
		Profile: org.Profile{Name: "Example Ltd", Zone: "Europe/Berlin"},
		People:  []org.Person{{ID: "olive", Name: "Olive Owens"}, {ID: "dev", Name: "Dev Dawson"}, {ID: "max", Name: "Max Moss"}},
	}
	var err error
	if o.Digest, err = o.Sum(); err != nil {
		return err
	}
	if _, err := l.PutOrganisation(ctx, o, monday); err != nil {
		return err
	}
	for _, r := range []struct {
		id, subject, name string
		at                time.Time
	}{
		{runClosed, "chatbot", "Chatbot", monday},
		{runOpen, "cv-screener", "CV screener", monday.Add(24 * time.Hour)},
		{runStarting, "router", "Ticket router", monday.Add(48 * time.Hour)},
	} {
		if err := startScriptRun(ctx, l, r.id, r.subject, r.name, r.at); err != nil {
			return err
		}
	}
	if err := l.MarkStarted(ctx, runClosed); err != nil {
		return err
	}
	if err := l.MarkStarted(ctx, runOpen); err != nil {
		return err
	}
	if err := l.Commit(ctx, closedBatch()); err != nil {
		return err
	}
	return l.Commit(ctx, openBatch())
}

func startScriptRun(ctx context.Context, l *ledger.Ledger, id, subject, name string, at time.Time) error {
	p, problems := playbooks.Parse("script.yaml", []byte(scriptPlaybook))
	if err := problems.Err(); err != nil {
		return err
	}
	d, err := playbooks.NewDefinition(p, []byte(scriptPlaybook), nil, org.Calendar{})
	if err != nil {
		return err
	}
	return l.CreateRun(ctx, port.StartedRun{
		ID: id, WorkflowID: "aims-00000000-impact-assessment-" + id, Playbook: "impact-assessment", SubjectID: subject, Subject: name,
		By: "olive", Door: "cli", Definition: d, StartedAt: at,
	}, nil, scriptRecord(port.Place{Run: id}, "run.started", "olive", at, nil))
}

func scriptRecord(p port.Place, kind, actor string, at time.Time, body map[string]any) port.Record {
	return port.Record{Key: port.RecordKey(p, kind, at.String(), 0), Place: p, At: at, Kind: kind, Actor: actor, Body: body}
}

func closedBatch() port.Batch {
	end := monday.Add(6 * time.Hour)
	return port.Batch{
		Run:     runClosed,
		View:    &port.RunView{Steps: []port.StepView{{Step: "scope", Kind: "form", Round: 1, State: "done", Issue: "GOV-2", DoneAt: end}}},
		Close:   &port.RunClose{Outcome: "approved_with_conditions", At: end},
		Records: []port.Record{scriptRecord(port.Place{Run: runClosed}, "run.ended", "", end, nil)},
	}
}

// openBatch is a run that waits for olive: dev was refused, a message could
// not be posted yet, an issue may have been made. What people wrote tries to
// steer the terminal.
func openBatch() port.Batch {
	asked, due := monday.Add(25*time.Hour), monday.Add(48*time.Hour)
	scope := port.Place{Run: runOpen, Step: "scope", Round: 1}
	dev := scriptRecord(scope, "decision.refused", "dev", asked.Add(time.Hour), map[string]any{"name": "Dev Dawson", "why": "You are not asked here. Asked: \x1b[31mOlive\nOwens."})
	late := scriptRecord(scope, "decision.late", "max", asked.Add(2*time.Hour), map[string]any{"name": "Max Moss"})
	return port.Batch{
		Run: runOpen,
		View: &port.RunView{
			Steps:   []port.StepView{{Step: "scope", Kind: "form", Title: "What does it do?", Round: 1, State: "open", Issue: "GOV-5", OpenedAt: asked, Due: due, Missed: true}},
			Waiting: []port.Waiting{{Step: "scope", People: []string{"olive"}, For: "an answer in Slack: What does it do?", Due: due}},
		},
		Records: []port.Record{dev, late},
		Effects: []port.Effect{
			scriptEffect(scope, "ask", "person:olive", port.EffectPost, port.EffectIntent, 0, "", time.Time{}),
			scriptEffect(scope, "issue", "", port.EffectIssue, port.EffectUnknown, 2, "jira: POST issue: timeout", due),
			scriptEffect(scope, "remind", "channel:C0RAIC", port.EffectPost, port.EffectDone, 1, "", time.Time{}),
			scriptEffect(scope, "edit", "person:olive", port.EffectEdit, port.EffectFailed, 1, "slack: chat.update: message_not_found", time.Time{}),
			scriptEffect(scope, "private", "01JD", port.EffectPrivate, port.EffectFailed, 1, "slack: chat.postEphemeral: user_not_in_channel", time.Time{}),
		},
	}
}

func scriptEffect(p port.Place, purpose, to, kind, state string, attempts int, lastError string, next time.Time) port.Effect {
	return port.Effect{
		Key: port.EffectKey("i", "w", p, purpose, to, 0), Place: p, Purpose: purpose, Addressee: to, Kind: kind, Body: json.RawMessage(`{}`),
		State: state, Attempts: attempts, LastError: lastError, NotBefore: next, IntendedAt: monday,
	}
}
