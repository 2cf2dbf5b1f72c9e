package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// The tokens of the asks in a world.
var (
	tokenForm       = strings.Repeat("a", 26)
	tokenVote       = strings.Repeat("b", 26)
	tokenSettled    = strings.Repeat("c", 26)
	tokenSuperseded = strings.Repeat("d", 26)
	tokenWithdrawn  = strings.Repeat("e", 26)
	tokenNever      = strings.Repeat("z", 26)
)

const (
	home    = "T0HOME"
	app     = "A0APP"
	channel = "C0RAIC"
	ts      = "1764000000.000100"
)

// world is a gate over a ledger and an engine kept in memory.
type world struct {
	*intake.Gate
	ledger *ledger
	engine *engine
	org    org.Organisation
	starts []intake.StartRequest
	// account is what Slack says of everybody's account, or why it does not.
	account    port.Account
	accountErr error
	now        time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{ledger: newLedger(), engine: &engine{}, now: noon, account: port.Account{OK: true}}
	slackUser := func(team, user string) org.SlackUser { return org.SlackUser{Team: team, User: user} }
	w.org = org.Organisation{
		Profile: org.Profile{Name: "Example", Zone: "Europe/Berlin"},
		People: []org.Person{
			{ID: "olive", Name: "Olive Owens", Slack: slackUser(home, "U0OLIVE"), Jira: "5b1olive"},
			{ID: "cora", Name: "Cora Chair", Slack: slackUser(home, "U0CORA"), Jira: "5b1cora"},
			{ID: "gus", Name: "Gus Guest", Slack: slackUser("T0GUEST", "U0GUS")},
			{ID: "twin1", Name: "Twin", Slack: slackUser(home, "U0TWIN")},
			{ID: "twin2", Name: "Twin", Slack: slackUser(home, "U0TWIN")},
		},
	}
	w.Gate = &intake.Gate{
		Ledger: w.ledger, Engine: w.engine, Directory: w, Now: func() time.Time { return w.now },
		Organisation: func(context.Context, time.Time) (org.Organisation, error) {
			return w.org, w.ledger.fail("organisation")
		},
		Workspace: intake.Workspace{Team: home, App: app},
		Start: func(_ context.Context, r intake.StartRequest) (string, error) {
			w.starts = append(w.starts, r)
			switch r.Playbook {
			case "open":
				return "", &port.OpenRunError{Run: "01OPEN"}
			case "unknown":
				return "", &intake.RefusedError{Text: "There is no playbook unknown."}
			case "down":
				return "", errors.New("down")
			}
			return "01NEW", nil
		},
		Apart: func(_ context.Context, run, person, _ string) (string, error) {
			if run == "01DOWN" {
				return "a secret", errors.New("not on record")
			}
			return "kept apart in " + run + " for " + person, nil
		},
	}
	t.Cleanup(w.Wait)
	return w
}

// Account is the directory.
func (w *world) Account(context.Context, string, string) (port.Account, error) {
	return w.account, w.accountErr
}

func str(s string) playbooks.Str { return playbooks.Str{V: s} }

func questions() []playbooks.Question {
	return []playbooks.Question{
		{ID: str("purpose"), Text: str("Intended purpose"), Type: str(playbooks.TypeText)},
		{ID: str("people"), Text: str("People affected"), Type: str(playbooks.TypeInt)},
		{ID: str("lead"), Text: str("Lead"), Type: str(playbooks.TypePerson), Optional: true},
		{ID: str("team"), Text: str("Team"), Type: str(playbooks.TypePersons), Optional: true},
	}
}

func ask(token, state string, kind playbooks.Kind) port.Ask {
	a := port.Ask{
		Token: token, Place: port.Place{Run: "01RUN", Step: "step", Round: 1}, Version: 1, Kind: kind, State: state,
		Body: port.AskBody{
			Title: "Assess CV screener", Subject: "CV screener", Digest: "sha256:e1", Changes: "What it does",
			Actions: []string{port.ActionApprove, port.ActionConditions, port.ActionReject, port.ActionChanges, port.ActionAbstain, port.ActionRecuse, port.ActionEvidence},
		},
	}
	if kind == playbooks.KindForm {
		a.Body.Questions, a.Body.Actions = questions(), []string{port.ActionAnswer}
		a.Body.Prefill = map[string]any{"people": 5, "lead": "cora", "team": []any{"olive", "left"}}
	}
	if state != port.AskOpen {
		a.ClosedAt = noon.Add(-time.Hour)
	}
	return a
}

// vote is a press of a button of the open approval, as cora.
func vote(action string) intake.Delivery {
	return intake.Delivery{
		Kind: port.InboxClick, DeliveryKey: "key-" + action, Team: home, UserTeam: home, App: app, User: "U0CORA",
		Channel: channel, TS: ts, Action: action, Value: "v1." + tokenVote, TriggerID: "1.2.x",
	}
}

// sent is a submitted modal, as cora.
func sent(token, action string, values map[string]any) intake.Delivery {
	return intake.Delivery{
		Kind: port.InboxSubmit, DeliveryKey: "key-" + action, Team: home, UserTeam: home, App: app, User: "U0CORA",
		ViewID: "V1", Action: action, Value: "v1." + token, Values: values,
	}
}

func slash(text string) intake.Delivery {
	return intake.Delivery{
		Kind: port.InboxCommand, DeliveryKey: "key-" + text, Team: home, UserTeam: home, App: app, User: "U0CORA",
		Channel: channel, Command: "/aims", Text: text,
	}
}

// ledger is an inbox in memory. Names in broken fail.
type ledger struct {
	port.Inbox
	mu   sync.Mutex
	asks map[string]port.Ask
	rows []port.InboxRow
	runs []port.RunRow
	docs map[string]json.RawMessage
	// records are those of refused commands: kind, actor and command.
	records []string
	drafts  map[string]json.RawMessage // by token and person
	broken  map[string]bool
	looked  []string // tokens looked up
}

func newLedger() *ledger {
	l := &ledger{asks: map[string]port.Ask{}, docs: map[string]json.RawMessage{}, drafts: map[string]json.RawMessage{}, broken: map[string]bool{}}
	for _, a := range []port.Ask{
		ask(tokenForm, port.AskOpen, playbooks.KindForm), ask(tokenVote, port.AskOpen, playbooks.KindApproval),
		ask(tokenSettled, port.AskSettled, playbooks.KindApproval), ask(tokenSuperseded, port.AskSuperseded, playbooks.KindApproval),
		ask(tokenWithdrawn, port.AskWithdrawn, playbooks.KindForm),
	} {
		l.asks[a.Token] = a
	}
	l.runs = []port.RunRow{
		{
			StartedRun: port.StartedRun{ID: "01RUN", WorkflowID: "aims-run", Playbook: "impact-assessment", Subject: "CV screener"}, State: port.RunOpen,
			View: port.RunView{Waiting: []port.Waiting{{Step: "sign_off", People: []string{"cora", "gone"}, For: "a decision", Due: noon.Add(time.Hour)}}},
		},
		{
			StartedRun: port.StartedRun{ID: "01DONE", WorkflowID: "aims-done", Playbook: "impact-assessment", Subject: "Chatbot"}, State: port.RunClosed,
			Outcome: "approved", ClosedAt: noon.Add(-time.Hour),
		},
	}
	return l
}

var errDown = errors.New("database is down")

func (l *ledger) fail(what string) error {
	if l.broken[what] {
		return errDown
	}
	return nil
}

func (l *ledger) AskByToken(_ context.Context, token string) (port.Ask, error) {
	l.looked = append(l.looked, token)
	if a, ok := l.asks[token]; ok {
		return a, l.fail("ask")
	}
	return port.Ask{}, port.ErrNotFound
}

func (l *ledger) MessageOf(_ context.Context, token, c, t string) (bool, error) {
	_, ok := l.asks[token]
	return ok && c == channel && t == ts, l.fail("message")
}

func (l *ledger) Document(_ context.Context, digest string) (json.RawMessage, error) {
	if d, ok := l.docs[digest]; ok {
		return d, l.fail("document")
	}
	return nil, port.ErrNotFound
}

func (l *ledger) AskOfIssue(_ context.Context, issue string) (port.Ask, error) {
	switch issue {
	case "10001":
		return l.asks[tokenVote], nil
	case "10000":
		return port.Ask{Place: port.Place{Run: "01RUN"}}, nil
	}
	return port.Ask{}, port.ErrNotFound
}

func (l *ledger) HintedSince(_ context.Context, run, token string, t time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.rows, func(r port.InboxRow) bool {
		return r.Kind == port.InboxHint && r.Run == run && r.Token == token && !r.ReceivedAt.Before(t)
	}), l.fail("hinted")
}

func (l *ledger) IssuesInUse(context.Context) ([]string, error) {
	return []string{"10000", "10001"}, l.fail("issues")
}

func (l *ledger) UnderWay(_ context.Context, key string) (bool, error) {
	return key == "aims-underway", l.fail("made")
}

func (l *ledger) Draft(_ context.Context, token, person string) (json.RawMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drafts[token+person], l.fail("draft")
}

func (l *ledger) KeepDraft(_ context.Context, token, person string, body json.RawMessage, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fail("keep draft"); err != nil {
		return err
	}
	l.drafts[token+person] = body
	return nil
}

// Commit keeps the kinds of records.
func (l *ledger) Commit(_ context.Context, b port.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range b.Records {
		l.records = append(l.records, r.Kind+" "+r.Actor+" "+r.Header["command"])
	}
	return l.fail("commit")
}

func (l *ledger) Put(_ context.Context, row port.InboxRow) (port.InboxRow, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fail("put"); err != nil {
		return port.InboxRow{}, false, err
	}
	if i := slices.IndexFunc(l.rows, func(r port.InboxRow) bool { return r.DeliveryKey == row.DeliveryKey }); i >= 0 {
		return l.rows[i], false, nil
	}
	row.ID = int64(len(l.rows) + 1)
	l.rows = append(l.rows, row)
	return row, true, nil
}

func (l *ledger) Run(_ context.Context, id string) (port.RunRow, error) {
	for _, r := range l.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return port.RunRow{}, port.ErrNotFound
}

func (l *ledger) WorkflowOf(ctx context.Context, run string) (string, error) {
	r, err := l.Run(ctx, run)
	return r.WorkflowID, err
}

func (l *ledger) Runs(_ context.Context, state string, _ int) ([]port.RunRow, error) {
	var out []port.RunRow
	for _, r := range l.runs {
		if state == "" || r.State == state {
			out = append(out, r)
		}
	}
	return out, l.fail("runs")
}

func (l *ledger) Unsettled(_ context.Context, t time.Time, limit int) ([]port.InboxRow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []port.InboxRow
	for _, r := range l.rows {
		if r.Verdict == nil && r.ReceivedAt.Before(t) && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, l.fail("unsettled")
}

// engine counts signals.
type engine struct {
	port.Engine
	mu      sync.Mutex
	signals []string // workflow id / decision id
	down    bool
}

func (e *engine) Signal(_ context.Context, workflowID, decisionID string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		return errors.New("no engine")
	}
	e.signals = append(e.signals, workflowID+"/"+decisionID)
	return nil
}

func (e *engine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.signals)
}
