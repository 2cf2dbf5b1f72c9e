package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/slack"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/playbooks"
)

// twinEnv says what a process of the benchmark is: kind, data folder, address
// to listen on and address of the sandbox, separated by spaces.
const twinEnv = "AIMSBOT_BENCH_TWIN"

// TestBenchTwinProcess is a hand-written program of the benchmark, in a
// process of its own.
func TestBenchTwinProcess(t *testing.T) {
	parts := strings.Fields(os.Getenv(twinEnv))
	if len(parts) != 4 {
		t.Skip("NO TEST: this is a process of the benchmark, started by TestBench")
	}
	ctx, stop := untilStopped()
	defer stop()
	if err := serveTwin(ctx, parts[0] == "plain", parts[1], parts[2], parts[3]); err != nil {
		t.Fatal(err)
	}
}

// twin is a running hand-written program: the same server, client settings,
// workers and adapters as the bot.
type twin struct {
	work   *twinWork
	client client.Client
	socket *slack.Socket
}

func serveTwin(ctx context.Context, plain bool, dir, listen, box string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tw := &twin{work: &twinWork{plain: plain}}
	var err error
	if tw.work.store, err = openTwinStore(filepath.Join(dir, "twin.db")); err != nil {
		return err
	}
	defer tw.work.store.close()
	if err := tw.outside(ctx, box, log); err != nil {
		return err
	}
	keys, err := temporal.LoadKeys(dir, "")
	if err != nil {
		return err
	}
	codec, err := temporal.NewCodec(keys)
	if err != nil {
		return err
	}
	server, err := temporal.Start(ctx, temporal.EmbedOptions{Dir: dir, Logger: log})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	tw.client, err = temporal.Dial(ctx, temporal.ClientOptions{HostPort: server.HostPort, Token: server.Token, Codec: codec, Logger: log})
	if err != nil {
		return err
	}
	defer tw.client.Close()
	workers := temporal.NewWorkers(tw.client, temporal.Queue, temporal.Code{Workflows: tw.workflows, Activities: tw.activities}, nil)
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()
	return tw.listen(ctx, listen)
}

func (tw *twin) outside(ctx context.Context, box string, log *slog.Logger) (err error) {
	tw.work.slack, err = slack.New(slack.Options{BotToken: sandbox.BotToken, AppToken: sandbox.AppToken, APIURL: box + sandbox.SlackPath + "/api/", Logger: log})
	if err != nil {
		return err
	}
	tw.work.jira, err = jira.New(jira.Options{
		URL: box + sandbox.JiraPath, Email: sandbox.JiraEmail, Token: sandbox.JiraToken, Project: "GOV", WebhookSecret: sandbox.WebhookSecret, Logger: log,
	})
	if err != nil {
		return err
	}
	if _, err := tw.work.slack.Check(ctx); err != nil {
		return err
	}
	tw.socket, err = slack.NewSocket(slack.NewReceiver(tw.work.slack, tw), slack.SocketOptions{})
	return err
}

func (tw *twin) workflows(r worker.WorkflowRegistry) {
	run := twinRun
	if tw.work.plain {
		run = plainRun
	}
	r.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: "TwinRun"})
}

func (tw *twin) activities(r worker.ActivityRegistry) {
	for name, f := range map[string]any{
		"TwinAdvance": tw.work.Advance, "TwinJudge": tw.work.Judge, "TwinInspect": tw.work.Inspect, "TwinPerform": tw.work.Perform, "TwinEffect": tw.work.Effect,
	} {
		r.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
}

// listen serves the webhooks, the start of runs and what they cost until ctx
// ends.
func (tw *twin) listen(ctx context.Context, address string) error {
	mux := http.NewServeMux()
	mux.Handle("POST /jira/webhook", tw.work.jira.Handler(tw.hint))
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := tw.socket.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /start", tw.start)
	mux.HandleFunc("GET /cost", tw.cost)
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(ln) }()
	defer server.Close()
	return tw.socket.Run(ctx)
}

// start starts a run about ?system=.
func (tw *twin) start(w http.ResponseWriter, r *http.Request) {
	s := twinState{Run: ulid.Make().String(), System: r.URL.Query().Get("system")}
	err := tw.work.store.do(func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO runs VALUES (?, ?, 'starting')", s.Run, s.System); err != nil {
			return err
		}
		return twinRecord(tx, s.Run, "run.started", s)
	})
	if err == nil {
		_, err = tw.client.ExecuteWorkflow(r.Context(), client.StartWorkflowOptions{ID: s.Run, TaskQueue: temporal.Queue}, "TwinRun", s)
	}
	if err == nil {
		err = tw.work.store.exec("UPDATE runs SET state = 'open' WHERE id = ? AND state = 'starting'", s.Run)
	}
	answer(w, map[string]string{"run": s.Run}, err)
}

// cost tells what ?run= has cost.
func (tw *twin) cost(w http.ResponseWriter, r *http.Request) {
	run := r.URL.Query().Get("run")
	h := &historypb.History{}
	it := tw.client.GetWorkflowHistory(r.Context(), run, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		e, err := it.Next()
		if err != nil {
			answer(w, nil, err)
			return
		}
		h.Events = append(h.Events, e)
	}
	d, err := tw.client.DescribeWorkflowExecution(r.Context(), run, "")
	c := costOf(h, d.GetWorkflowExecutionInfo().GetHistorySizeBytes())
	answer(w, map[string]int64{"events": int64(c.events), "actions": int64(c.actions), "bytes": c.bytes}, err)
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(v)
}

// Slack takes a press or a sent form in: found by its token, kept, signalled.
func (tw *twin) Slack(ctx context.Context, d intake.Delivery) intake.Reply {
	token := strings.TrimPrefix(d.Value, "v1.")
	var run, step string
	err := tw.work.store.read.QueryRowContext(ctx, "SELECT run, step FROM asks WHERE token = ?", token).Scan(&run, &step)
	if err != nil {
		return intake.Reply{Ignore: errors.Is(err, sql.ErrNoRows), Unstored: true}
	}
	if d.Kind == port.InboxClick && d.Action == port.ActionAnswer {
		return intake.Reply{Modal: &port.Modal{Callback: d.Action, Token: token, Title: "Your answers", Submit: "Send", Lines: []string{"What does it do, and to whom?"}, Questions: twinQuestions}}
	}
	body, err := json.Marshal(d.Values)
	if err == nil {
		err = tw.keep(ctx, d.DeliveryKey, run, step, d.Action, d.UserTeam, d.User, string(body))
	}
	return intake.Reply{Unstored: err != nil}
}

// hint takes a webhook in.
func (tw *twin) hint(ctx context.Context, h jira.Hint) error {
	var run, step string
	err := tw.work.store.read.QueryRowContext(ctx, "SELECT run, step FROM effects WHERE issue_id = ? AND kind = ?", h.IssueID, port.EffectIssue).Scan(&run, &step)
	if err != nil {
		return fmt.Errorf("find the issue: %w", err)
	}
	return tw.keep(ctx, h.DeliveryKey, run, step, "changed", "", h.Author, "{}")
}

func (tw *twin) keep(ctx context.Context, delivery, run, step, action, team, user, body string) error {
	err := tw.work.store.exec("INSERT INTO inbox (delivery, run, step, action, team, user, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", delivery, run, step, action, team, user, body)
	if err != nil {
		return err
	}
	go func() {
		_ = tw.client.SignalWorkflow(context.WithoutCancel(ctx), run, "", temporal.InboxSignal, delivery)
	}()
	return nil
}

// twinQuestions are those of the form.
var twinQuestions = func() []playbooks.Question {
	s := func(v string) playbooks.Str { return playbooks.Str{V: v} }
	option := func(id, label string) playbooks.Option { return playbooks.Option{ID: s(id), Label: s(label)} }
	return []playbooks.Question{
		{ID: s("purpose"), Text: s("Intended purpose"), Type: s("text")},
		{ID: s("people"), Text: s("People affected in a year"), Type: s("int")},
		{ID: s("harms"), Text: s("Possible harms"), Type: s("choices"), Options: []playbooks.Option{option("bias", "Bias"), option("safety", "Safety"), option("privacy", "Privacy")}},
	}
}()
