// Package intake is the one gate through which every delivery from outside
// enters: clicks, modals and commands from Slack, hints from Jira, commands
// from the command line, whatever the transport. It verifies where a delivery
// comes from, finds the ask and the person, keeps one durable row and only then
// lets the adapter acknowledge. Whether the person may decide is not judged
// here: the run's Judge does that, from the row.
package intake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Delivery is one interaction or command as the Slack adapter read it. Every
// id in it is Slack's; Values are the submitted answers by question id, people
// still as Slack user ids.
type Delivery struct {
	Kind        string // port.InboxClick | port.InboxSubmit | port.InboxCommand
	DeliveryKey string // the same for a repeated delivery of the same thing
	Team        string // workspace the delivery is about
	UserTeam    string // workspace the person's account belongs to
	App         string
	User        string
	Channel     string
	TS          string
	ViewID      string
	Action      string // action_id of a button, callback_id of a modal
	Value       string // value of a button, private_metadata of a modal
	TriggerID   string
	Page        int    // of a form in several windows, as the modal said; 0 = the first
	Target      string // value of a button in a window
	Values      map[string]any
	Command     string
	Text        string
}

// Reply is what the adapter must answer.
type Reply struct {
	// Ignore says that the token was never made here: do not acknowledge, so
	// that a second installation on the same app is noticed.
	Ignore bool
	// Unstored says that nothing could be kept: do not acknowledge. Say or
	// Errors tell the person to try again.
	Unstored bool
	Modal    *port.Modal       // open it at once
	Errors   map[string]string // question id -> what is wrong; the modal stays open
	Update   *port.Modal       // takes the place of the window the delivery came from
	Say      string            // private answer to the person
	// Foreign says that the delivery is of another app or workspace. What was
	// refused is recorded all the same.
	Foreign bool
}

// Workspace is the Slack workspace and app this installation belongs to.
type Workspace struct {
	Team string
	App  string
}

// Ledger is what the gate needs of the ledger.
type Ledger interface {
	port.Inbox
	// Runs lists runs, newest first; state empty = all.
	Runs(ctx context.Context, state string, limit int) ([]port.RunRow, error)
	// Commit keeps a record of a refusal that no run can keep.
	Commit(ctx context.Context, b port.Batch) error
}

// StartRequest asks for a new run.
type StartRequest struct {
	Playbook string
	Subject  string
	By       string // person id, found by immutable ids
	Door     string // slack | cli
	Input    map[string]string
	Exercise bool // a drill
}

// Report is something that a person tells of.
type Report struct {
	Word  string   // after `/aims`
	About []string // what was written behind it
	By    string   // person id, found by immutable ids
	// DeliveryKey makes a repeated delivery the same report.
	DeliveryKey string
}

// RefusedError is a refusal in words for the person who asked.
type RefusedError struct{ Text string }

// Error returns the words.
func (e *RefusedError) Error() string { return e.Text }

// Gate holds what intake needs. Fields are set once, before the first delivery.
type Gate struct {
	Ledger Ledger
	// Organisation returns the version in force at t.
	Organisation func(ctx context.Context, t time.Time) (org.Organisation, error)
	Engine       port.Engine
	// Directory says whether a Slack account is a full member's now.
	Directory port.Directory
	Now       func() time.Time
	Workspace Workspace
	// Start makes a run and returns its id. A *RefusedError or a
	// *port.OpenRunError is told to the person; any other error asks to try again.
	Start func(ctx context.Context, r StartRequest) (run string, err error)
	// Report starts the playbook that takes what is reported by a word after
	// `/aims`, and Raise keeps what somebody tells of. Errors are those of Start.
	Report func(ctx context.Context, r Report) (playbook, run string, err error)
	Raise  func(ctx context.Context, r Report) error
	// Check says by question id what is wrong with well-formed answers, so that
	// the window can; nil = nothing is looked at. The run judges them again.
	Check func(ctx context.Context, ask port.Ask, clean map[string]any) (map[string]string, error)
	// Asked are the questions of a form that its answers so far lead to; nil = all
	// are asked.
	Asked func(ctx context.Context, ask port.Ask, raw map[string]any, zone string) ([]playbooks.Question, error)

	signals  sync.WaitGroup
	inFlight atomic.Int64
	sweeping sync.Mutex
	swept    map[int64]nextSweep
}

// Slack answers one delivery from Slack, of either transport. An event, or what
// asks nothing of us, has an empty answer.
func (g *Gate) Slack(ctx context.Context, d Delivery) Reply {
	r := g.answer(ctx, d)
	r.Foreign = g.foreign(d) != ""
	return r
}

func (g *Gate) answer(ctx context.Context, d Delivery) Reply {
	switch d.Kind {
	case port.InboxClick:
		if d.ViewID != "" {
			return g.turn(ctx, d)
		}
		return g.click(ctx, d)
	case port.InboxSubmit:
		return g.submit(ctx, d)
	case port.InboxCommand:
		return g.slash(ctx, d)
	}
	return Reply{}
}

// Wait returns when no signal is under way. It is called after the last
// delivery, when the program stops.
func (g *Gate) Wait() { g.signals.Wait() }

// askOf finds the ask of a delivery. A reply other than nil ends it.
func (g *Gate) askOf(ctx context.Context, d Delivery) (port.Ask, *Reply) {
	token, ok := parseToken(d.Value)
	if !ok || d.DeliveryKey == "" {
		return port.Ask{}, &Reply{Ignore: true}
	}
	ask, err := g.Ledger.AskByToken(ctx, token)
	switch {
	case errors.Is(err, port.ErrNotFound): // guard: token-known
		return port.Ask{}, &Reply{Ignore: true}
	case err != nil:
		return port.Ask{}, &Reply{Unstored: true, Say: sayTryAgain}
	}
	return ask, nil
}

// keep commits one row for a delivery about an ask and signals its run.
func (g *Gate) keep(ctx context.Context, d Delivery, ask port.Ask, person string, values map[string]any, at time.Time) (port.InboxRow, error) {
	return g.put(ctx, port.InboxRow{
		Kind: d.Kind, DeliveryKey: d.DeliveryKey, Token: ask.Token, Run: ask.Run,
		Action: d.Action, Person: person, ReceivedAt: at,
		Origin: port.Origin{Door: doorSlack, Team: d.UserTeam, User: d.User, Channel: d.Channel, TS: d.TS},
	}, values)
}

// put gives the row its decision id, commits it and signals the run. A
// repeated delivery returns the row that was kept the first time.
func (g *Gate) put(ctx context.Context, row port.InboxRow, values map[string]any) (port.InboxRow, error) {
	id, err := ulid.New(ulid.Timestamp(row.ReceivedAt), rand.Reader)
	if err != nil {
		return port.InboxRow{}, fmt.Errorf("make a decision id: %w", err)
	}
	row.DecisionID = id.String()
	if len(values) > 0 {
		if row.Values, err = json.Marshal(values); err != nil {
			return port.InboxRow{}, fmt.Errorf("write the values of a delivery: %w", err)
		}
	}
	stored, _, err := g.Ledger.Put(ctx, row)
	if err != nil {
		return port.InboxRow{}, fmt.Errorf("keep a delivery: %w", err)
	}
	if stored.Verdict == nil {
		g.signal(ctx, stored)
	}
	return stored, nil
}

func (g *Gate) now() time.Time { return g.Now().UTC() }
