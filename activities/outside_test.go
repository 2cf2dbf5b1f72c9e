package activities_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// outside is a Slack, a Jira and an engine that forget nothing and fail as they
// are told.
type outside struct {
	mu       sync.Mutex
	now      func() time.Time
	faults   map[string][]fault
	messages []*message
	privates []port.Private
	issues   []*issue
	calls    []string
	blind    bool              // our account may not see the project
	gone     map[string]string // Slack user -> why the account may not decide
	started  []string
	onCall   func(call string) // runs before a call is answered, unlocked
}

// fault is what becomes of one call: an error, and whether the call worked all
// the same.
type fault struct {
	err   error
	works bool
}

type message struct {
	key, channel, ts, user, thread string
	card                           port.Card
	removed                        bool
}

type issue struct {
	port.IssueState
	key      string
	place    port.Place
	issue    port.Issue
	comments []comment
	moves    []port.Move
}

type comment struct{ key, text string }

var (
	errLost    = fmt.Errorf("the answer was lost")
	errLimited = &port.OutsideError{Target: "any", Call: "any", Code: "429", Definite: true, Retry: time.Second, Scope: "call"}
)

func definitely(code string, forever bool) error {
	return &port.OutsideError{Target: "any", Call: "any", Code: code, Definite: true, Forever: forever}
}

// fail tells the next call of that name to go wrong.
func (o *outside) fail(call string, f ...fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faults[call] = append(o.faults[call], f...)
}

// call does one call: do changes the outside.
func (o *outside) call(name string, do func()) error {
	if o.onCall != nil {
		o.onCall(name)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = append(o.calls, name)
	if list := o.faults[name]; len(list) > 0 {
		o.faults[name] = list[1:]
		if list[0].works {
			do()
		}
		if list[0].err != nil {
			return list[0].err
		}
		return nil
	}
	do()
	return nil
}

func (o *outside) count(call string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.calls {
		if c == call {
			n++
		}
	}
	return n
}

// Slack.

func (o *outside) Post(_ context.Context, key string, c port.Card, user, thread string) (port.Outcome, error) {
	m := &message{key: key, channel: c.To.Channel, user: user, thread: thread, card: c}
	if m.channel == "" {
		m.channel = "D" + user
	}
	err := o.call("post", func() {
		m.ts = strconv.Itoa(1000 + len(o.messages))
		o.messages = append(o.messages, m)
	})
	return port.Outcome{Channel: m.channel, TS: m.ts}, err
}

func (o *outside) Edit(_ context.Context, at port.Outcome, c port.Card) error {
	missing := false
	err := o.call("edit", func() {
		i := slices.IndexFunc(o.messages, func(m *message) bool { return m.channel == at.Channel && m.ts == at.TS })
		if i < 0 {
			missing = true
			return
		}
		o.messages[i].card = c
	})
	if missing {
		return definitely("message_not_found", true)
	}
	return err
}

func (o *outside) Private(_ context.Context, p port.Private) error {
	return o.call("private", func() { o.privates = append(o.privates, p) })
}

func (o *outside) Find(_ context.Context, key string, _ port.Card, _, _ string, _ time.Time) (found []port.Outcome, err error) {
	err = o.call("find", func() {
		for _, m := range o.messages {
			if m.key == key && !m.removed {
				found = append(found, port.Outcome{Channel: m.channel, TS: m.ts})
			}
		}
	})
	return found, err
}

func (o *outside) Remove(_ context.Context, at port.Outcome) error {
	return o.call("remove", func() {
		for _, m := range o.messages {
			m.removed = m.removed || m.channel == at.Channel && m.ts == at.TS
		}
	})
}

func (o *outside) Account(_ context.Context, _, user string) (acc port.Account, err error) {
	err = o.call("account", func() {
		why, gone := o.gone[user]
		acc = port.Account{OK: !gone, Reason: why}
	})
	return acc, err
}

// Jira.

func (o *outside) CreateIssue(_ context.Context, key string, p port.Place, i port.Issue, _ string) (out port.Outcome, err error) {
	err = o.call("issue", func() {
		n := strconv.Itoa(len(o.issues) + 1)
		o.issues = append(o.issues, &issue{key: key, place: p, issue: i, IssueState: port.IssueState{
			ID: n, Key: "GOV-" + n, Summary: i.Summary, Category: port.CategoryToDo, Assignee: i.Assignee, Created: o.now(),
		}})
		out = port.Outcome{IssueID: n, Issue: "GOV-" + n}
	})
	return out, err
}

func (o *outside) FindIssues(_ context.Context, key string) (found []port.Outcome, err error) {
	err = o.call("find issues", func() {
		for _, i := range o.issues {
			if i.key == key {
				found = append(found, port.Outcome{IssueID: i.ID, Issue: i.Key})
			}
		}
	})
	return found, err
}

func (o *outside) byID(id string) *issue {
	for _, i := range o.issues {
		if i.ID == id {
			return i
		}
	}
	return &issue{}
}

// remove deletes an issue in Jira.
func (o *outside) remove(i *issue) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.issues = slices.DeleteFunc(o.issues, func(x *issue) bool { return x == i })
}

func (o *outside) Comment(_ context.Context, key, id string, c port.Comment) (out port.Outcome, err error) {
	err = o.call("comment", func() {
		i := o.byID(id)
		i.comments = append(i.comments, comment{key, c.Text})
		out = port.Outcome{IssueID: id, ID: strconv.Itoa(len(i.comments))}
	})
	return out, err
}

func (o *outside) FindComments(_ context.Context, key, id string) (found []port.Outcome, err error) {
	err = o.call("find comments", func() {
		for n, c := range o.byID(id).comments {
			if c.key == key {
				found = append(found, port.Outcome{IssueID: id, ID: strconv.Itoa(n + 1)})
			}
		}
	})
	return found, err
}

func (o *outside) Move(_ context.Context, id string, m port.Move) error {
	return o.call("move", func() {
		i := o.byID(id)
		i.Category = m.Category
		i.moves = append(i.moves, m)
	})
}

func (o *outside) Update(_ context.Context, id string, u port.IssueUpdate) error {
	return o.call("update", func() {
		if u.Assignee != "" {
			o.byID(id).Assignee = u.Assignee
		}
		if u.Summary != "" {
			o.byID(id).Summary = u.Summary
		}
		if u.Description != "" {
			o.byID(id).issue.Description = u.Description
		}
		if u.Due != "" {
			o.byID(id).issue.Due = u.Due
		}
	})
}

func (o *outside) Read(_ context.Context, id string) (s port.IssueState, err error) {
	err = o.call("read", func() { s = o.byID(id).IssueState })
	if err == nil && s.ID == "" {
		return s, port.ErrNotFound
	}
	return s, err
}

func (o *outside) MaySee(context.Context, string) (may bool, err error) {
	err = o.call("may see", func() { may = !o.blind })
	return may, err
}

// The engine.

func (o *outside) StartRun(_ context.Context, r port.StartedRun) error {
	return o.call("start", func() { o.started = append(o.started, r.ID) })
}

func (o *outside) Signal(context.Context, string, string) error { return o.call("signal", func() {}) }
