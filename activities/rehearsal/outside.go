package rehearsal

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// outside is a Slack, a Jira and an engine that do what they are asked, at once,
// and remember it.
type outside struct {
	mu       sync.Mutex
	now      func() time.Time
	launch   func(port.StartedRun)
	messages []*message
	privates []port.Private
	issues   []*issue
}

type message struct {
	to port.Addressee
	ts string
	// said is every text the message has had.
	said []string
}

type issue struct {
	port.IssueState
	place    port.Place
	comments int
}

func (o *outside) Post(_ context.Context, _ string, c port.Card, _, _ string) (port.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := &message{to: c.To, ts: strconv.Itoa(len(o.messages) + 1), said: []string{text(c)}}
	o.messages = append(o.messages, m)
	return port.Outcome{Channel: c.To.ID(), TS: m.ts}, nil
}

func (o *outside) Edit(_ context.Context, at port.Outcome, c port.Card) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.messages {
		if m.ts == at.TS {
			m.said = append(m.said, text(c))
		}
	}
	return nil
}

// text is all that a card says.
func text(c port.Card) string {
	parts := append([]string{c.Title}, c.Lines...)
	for _, f := range append(append([]port.Field{}, c.Fields...), c.Facts...) {
		parts = append(parts, f.Label+": "+f.Value)
	}
	return sentence(append(parts, c.Footer)...)
}

func (o *outside) Private(_ context.Context, p port.Private) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.privates = append(o.privates, p)
	return nil
}

func (o *outside) Find(context.Context, string, port.Card, string, string, time.Time) ([]port.Outcome, error) {
	return nil, nil
}

func (o *outside) Remove(context.Context, port.Outcome) error { return nil }

func (o *outside) Account(context.Context, string, string) (port.Account, error) {
	return port.Account{OK: true}, nil
}

func (o *outside) CreateIssue(_ context.Context, _ string, p port.Place, i port.Issue, _ string) (port.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := strconv.Itoa(len(o.issues) + 1)
	o.issues = append(o.issues, &issue{place: p, IssueState: port.IssueState{
		ID: n, Key: i.Project + "-" + n, Summary: i.Summary, Category: port.CategoryToDo, Assignee: i.Assignee, Created: o.now(),
	}})
	return port.Outcome{IssueID: n, Issue: i.Project + "-" + n}, nil
}

func (o *outside) FindIssues(context.Context, string) ([]port.Outcome, error) { return nil, nil }

func (o *outside) byID(id string) *issue {
	for _, i := range o.issues {
		if i.ID == id {
			return i
		}
	}
	return &issue{}
}

// of is the newest issue of a step; nil when it has none.
func (o *outside) of(run, step string) *issue {
	id, item := playbooks.ReadStepRef(step)
	o.mu.Lock()
	defer o.mu.Unlock()
	var last *issue
	for _, i := range o.issues {
		if i.place.Run == run && i.place.Step == id && i.place.Item == item {
			last = i
		}
	}
	return last
}

func (o *outside) Comment(_ context.Context, _, id string, _ port.Comment) (port.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := o.byID(id)
	i.comments++
	return port.Outcome{IssueID: id, ID: strconv.Itoa(i.comments)}, nil
}

func (o *outside) FindComments(context.Context, string, string) ([]port.Outcome, error) {
	return nil, nil
}

func (o *outside) Move(_ context.Context, id string, m port.Move) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byID(id).Category = m.Category
	return nil
}

func (o *outside) Update(_ context.Context, id string, u port.IssueUpdate) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if u.Assignee != "" {
		o.byID(id).Assignee = u.Assignee
	}
	return nil
}

func (o *outside) Read(_ context.Context, id string) (port.IssueState, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.byID(id).IssueState; s.ID != "" {
		return s, nil
	}
	return port.IssueState{}, port.ErrNotFound
}

func (o *outside) MaySee(context.Context, string) (bool, error) { return true, nil }

func (o *outside) StartRun(_ context.Context, r port.StartedRun) error {
	o.launch(r)
	return nil
}

func (o *outside) Signal(context.Context, string, string) error { return nil }
