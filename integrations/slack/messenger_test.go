package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
)

func calls(w *world, method string) int {
	n := 0
	for _, c := range w.slack.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

// TestMessageOnce: a message is posted, found again by its key whatever happens
// to it, and removed when it stands twice.
func TestMessageOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, channel, user string
		threaded            bool
	}{{"person", "", "U0CORA", false}, {"channel", "C0RAIC", "", false}, {"thread", "C0RAIC", "", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			begin := time.Now()
			a := card()
			a.To = port.Addressee{Channel: c.channel}
			thread := ""
			if c.threaded {
				parent, err := w.client.Post(t.Context(), "parent", a, c.user, "")
				w.must(err)
				thread = parent.TS
			}
			find := func(key string) []port.Outcome {
				got, err := w.client.Find(t.Context(), key, a, c.user, thread, begin)
				w.must(err)
				return got
			}
			if got := find("key"); len(got) != 0 {
				t.Fatalf("found before it was posted: %+v", got)
			}
			first, err := w.client.Post(t.Context(), "key", a, c.user, thread)
			w.must(err)
			_, err = w.client.Post(t.Context(), "another", a, c.user, thread)
			w.must(err)
			a.Buttons, a.Title = nil, "Approved"
			w.must(w.client.Edit(t.Context(), first, a))
			if diff := cmp.Diff([]port.Outcome{first}, find("key")); diff != "" {
				t.Errorf("after an edit: %s", diff)
			}
			double, err := w.client.Post(t.Context(), "key", a, c.user, thread)
			w.must(err)
			if diff := cmp.Diff([]port.Outcome{first, double}, find("key")); diff != "" {
				t.Errorf("two of them, oldest first: %s", diff)
			}
			for range 2 { // removing again is fine
				w.must(w.client.Remove(t.Context(), double))
			}
			if diff := cmp.Diff([]port.Outcome{first}, find("key")); diff != "" {
				t.Errorf("after removing one: %s", diff)
			}
			for _, m := range w.state().Messages {
				if m.TS == first.TS && (!strings.Contains(m.Text, "Approved") || strings.Contains(string(m.Blocks), `"button"`) || m.ThreadTS != thread) {
					t.Errorf("message %+v", m)
				}
			}
			if n := calls(w, methodOpen); n > 1 {
				t.Errorf("the direct message was opened %d times", n)
			}
			if err := w.client.Edit(t.Context(), double, a); codeOf(err) != "message_not_found" || !port.Definite(err) {
				t.Errorf("editing what is gone: %v", err)
			}
		})
	}
}

// TestFindLooksFurther: the message is found on a later page.
func TestFindLooksFurther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := time.Now()
	to := port.Card{To: port.Addressee{Channel: "C0RAIC"}, Title: "x"}
	first, err := w.client.Post(t.Context(), "key", to, "", "")
	w.must(err)
	for i := range pageSize + 1 {
		_, err := w.slack.Say(t.Context(), "U0CORA", "C0RAIC", fmt.Sprint(i), "")
		w.must(err)
	}
	got, err := w.client.Find(t.Context(), "key", to, "", "", begin)
	if diff := cmp.Diff([]port.Outcome{first}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if n := calls(w, methodHistory); n != 2 {
		t.Errorf("%d pages were read", n)
	}
	got, err = w.client.Find(t.Context(), "key", to, "", "", begin.Add(time.Hour))
	if err != nil || len(got) != 0 {
		t.Errorf("found what is older than asked for: %v %v", got, err)
	}
	if _, err := w.client.Find(t.Context(), "key", port.Card{To: port.Addressee{Channel: "C0OUT"}}, "", "", begin); err == nil {
		t.Error("a channel that cannot be read counts as empty")
	}
}

// TestPrivate: one person sees it, in the channel or in their direct message.
func TestPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.client.Private(t.Context(), port.Private{User: "U0CORA", Channel: "C0RAIC", Text: "Only <!here> you"}))
	w.must(w.client.Private(t.Context(), port.Private{User: "U0OLIVE", Text: "And you"}))
	var got []string
	for _, m := range w.state().Messages {
		got = append(got, fmt.Sprintf("%s %s %v %s", m.Channel, m.To, m.Ephemeral, m.Text))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"C0RAIC U0CORA true Only &lt;!here&gt; you", "D0OLIVE U0OLIVE true And you"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestAccounts: only a full, active human member of our workspace may decide.
func TestAccounts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, patch, team, user string
		reason                  string // "" = good
	}{
		{"member", `{}`, "T0HOME", "U0CORA", ""},
		{"deactivated", `{"deleted":true}`, "T0HOME", "U0CORA", "deactivated"},
		{"guest", `{"is_restricted":true}`, "T0HOME", "U0CORA", "guest"},
		{"single-channel guest", `{"is_ultra_restricted":true}`, "T0HOME", "U0CORA", "guest"},
		{"stranger", `{"is_stranger":true}`, "T0HOME", "U0CORA", "stranger"},
		{"invited", `{"is_invited_user":true}`, "T0HOME", "U0CORA", "not joined"},
		{"bot", `{"is_bot":true}`, "T0HOME", "U0CORA", "human"},
		{"app", `{"is_app_user":true}`, "T0HOME", "U0CORA", "human"},
		{"workflow", `{"is_workflow_bot":true}`, "T0HOME", "U0CORA", "human"},
		{"connector", `{"is_connector_bot":true}`, "T0HOME", "U0CORA", "human"},
		{"moved to another workspace", `{"team_id":"T0ELSE"}`, "T0HOME", "U0CORA", "another workspace"},
		{"Grid member of ours", `{"team_id":"T0ELSE","enterprise_teams":["T0HOME"]}`, "T0HOME", "U0CORA", ""},
		{"partner", `{}`, "T0PART", "U0PART", "another workspace"},
		{"partner under our name", `{}`, "T0HOME", "U0PART", "another workspace"},
		{"team missing", `{}`, "", "U0CORA", "another workspace"},
		{"user missing", `{}`, "T0HOME", "", "no Slack account"},
		{"unknown", `{}`, "T0HOME", "U0NONE", "no such account"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, err := w.slack.PatchPerson(t.Context(), "U0CORA", []byte(c.patch))
			w.must(err)
			got, err := w.client.Account(t.Context(), c.team, c.user)
			w.must(err)
			if got.OK != (c.reason == "") || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("account %+v, want %q", got, c.reason)
			}
		})
	}
	fresh := newClient(t, "http://127.0.0.1:1/", &logs{})
	if got, err := fresh.Account(t.Context(), "T0HOME", "U0CORA"); err == nil || got.OK {
		t.Errorf("an account nobody could read: %+v %v", got, err)
	}
}

func TestCheckAndPing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.client.Check(t.Context())
	w.must(err)
	if diff := cmp.Diff(Identity{Team: "T0HOME", App: "A0APP", Bot: "B0BOT", User: "U0BOT"}, id); diff != "" {
		t.Error(diff)
	}
	w.must(w.client.Ping(t.Context()))
	bad, err := New(Options{BotToken: "xoxb-other", APIURL: w.address})
	w.must(err)
	if err := bad.Ping(t.Context()); codeOf(err) != "invalid_auth" {
		t.Errorf("a wrong token: %v", err)
	}
}
