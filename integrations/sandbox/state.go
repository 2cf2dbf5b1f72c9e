package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// maxWait is how long a request for changes is kept waiting.
const maxWait = time.Minute

// Person is somebody of the workspace as the state lists them. ID is the
// person's in the organisation, or the handle of an account that is nobody's
// there.
type Person struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Slack      string `json:"slack"`
	Jira       string `json:"jira"`
	Person     bool   `json:"person"` // is of the organisation
	Deleted    bool   `json:"deleted,omitempty"`
	Restricted bool   `json:"is_restricted,omitempty"`
}

// Refusal is a call that the real service would have refused as well.
type Refusal struct {
	Target string `json:"target"`
	Call   string `json:"call"`
	Reason string `json:"reason"`
}

// State is the sandbox as it is, or what changed after an earlier answer.
type State struct {
	// Seq is what to give as since= next time.
	Seq int64 `json:"seq"`
	// Full says that everything is here; else messages, views, issues, calls
	// and refused hold what is new or changed.
	Full     bool                `json:"full"`
	Now      time.Time           `json:"now"`
	OffsetMs int64               `json:"offset_ms"`
	CanSkip  bool                `json:"can_skip"` // the clock can be moved
	App      App                 `json:"app"`
	People   []Person            `json:"people"`
	Channels []slacktest.Channel `json:"channels"`
	Messages []slacktest.Message `json:"messages"`
	Views    []slacktest.View    `json:"views"`
	Project  jiratest.Project    `json:"project"`
	Issues   []jiratest.Issue    `json:"issues"`
	// Gone are the keys of issues deleted since.
	Gone    []string  `json:"gone,omitempty"`
	Calls   []Call    `json:"calls"`
	Refused []Refusal `json:"refused"`
}

// App is the program under test as the fakes see it.
type App struct {
	User        string `json:"user"`        // Slack user id
	Jira        string `json:"jira"`        // account id
	Connections int    `json:"connections"` // open Socket Mode connections
	// Violations counts the calls that went over a rate limit of Slack.
	Violations int `json:"violations"`
}

// appUser is the app's account in the fake workspace.
const appUser = "U0BOT"

func (s *Sandbox) state(r *http.Request) (any, error) {
	since, err := number(r, "since")
	if err != nil {
		return nil, err
	}
	if text := r.URL.Query().Get("wait"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > maxWait {
			return nil, wrong("wait is %s: a duration up to %s, such as 20s", short(text), maxWait)
		}
		ctx, end := context.WithTimeout(r.Context(), d)
		s.past.wait(ctx, since, s.done)
		end()
	}
	return s.State(r.Context(), since)
}

func number(r *http.Request, name string) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, wrong("%s is %s: a whole number, the seq of an earlier answer", name, short(text))
	}
	return n, nil
}

// State returns what changed after the answer with seq since; all of it for 0
// or one that is no longer known.
func (s *Sandbox) State(ctx context.Context, since int64) (State, error) {
	s.past.one.Lock()
	defer s.past.one.Unlock()
	st := State{Seq: s.past.version(), CanSkip: s.opt.Advance != nil}
	st.App = App{User: appUser, Jira: s.opt.Tokens.JiraAccount, Connections: s.slack.Connections(), Violations: s.slack.Violations()}
	from, known := s.past.find(since)
	if since == 0 || !known {
		from, since, st.Full = mark{}, 0, true
	}
	next := mark{calls: s.calls.ended()}
	st.Calls = s.calls.list(from.calls)
	st.Refused = []Refusal{}
	for _, x := range after(s.slack.Refused(), from.refusedSlack, &next.refusedSlack) {
		st.Refused = append(st.Refused, Refusal{"slack", x.Call, x.Reason})
	}
	for _, x := range after(s.jira.Refused(), from.refusedJra, &next.refusedJra) {
		st.Refused = append(st.Refused, Refusal{"jira", x.Call, x.Reason})
	}
	work, err := s.slack.State(ctx, from.slack)
	if err != nil {
		return st, fmt.Errorf("sandbox: %w", err)
	}
	next.slack = work.Seq
	issues, err := s.jira.State(ctx)
	if err != nil {
		return st, fmt.Errorf("sandbox: %w", err)
	}
	st.People, st.Channels, st.Messages, st.Views = s.everyone(work.People), work.Channels, work.Messages, work.Views
	st.Issues, st.Gone, st.Seq = s.past.stamp(issues, st.Seq, since)
	next.v = st.Seq
	if st.Full {
		st.Messages = slices.DeleteFunc(st.Messages, func(m slacktest.Message) bool { return m.Deleted })
		st.Gone = nil
	}
	st.Project = s.jira.Project()
	st.Now, st.OffsetMs = s.Now(), s.Offset().Milliseconds()
	s.past.put(next)
	return st, nil
}

// after returns what follows the first n of a list, all of it when the list
// has become shorter, and stores its length.
func after[T any](all []T, n int, length *int) []T {
	*length = len(all)
	if n > len(all) {
		n = 0
	}
	return all[n:]
}

// everyone lists the organisation's people in its order, then the accounts
// that are nobody's there.
func (s *Sandbox) everyone(accounts []slacktest.Person) []Person {
	byID := map[string]slacktest.Person{}
	for _, a := range accounts {
		byID[a.ID] = a
	}
	out := []Person{}
	for _, p := range s.opt.Organisation.People {
		a := byID[p.Slack.User]
		delete(byID, p.Slack.User)
		out = append(out, Person{ID: p.ID, Name: p.Name, Slack: p.Slack.User, Jira: p.Jira, Person: true, Deleted: a.Deleted, Restricted: a.IsRestricted || a.IsUltraRestricted})
	}
	for _, a := range accounts {
		if _, left := byID[a.ID]; left {
			out = append(out, Person{ID: a.Name, Name: a.RealName, Slack: a.ID, Deleted: a.Deleted, Restricted: a.IsRestricted || a.IsUltraRestricted})
		}
	}
	return out
}
