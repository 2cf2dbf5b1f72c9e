package slacktest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/slack-go/slack"
)

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, ours := w.post("C0GOV", text("ours"))
	theirs, err := w.Say(w.ctx, "U0ANNA", "C0GOV", "theirs", "")
	w.must(err)
	_, gone := w.post("C0GOV", text("gone"))
	_, _, err = w.api.DeleteMessageContext(w.ctx, "C0GOV", gone)
	w.must(err)
	eph, err := w.api.PostEphemeralContext(w.ctx, "C0GOV", "U0ANNA", text("psst"))
	w.must(err)
	for _, c := range []struct{ method, args, want string }{
		{"no.such", "", "unknown_method"},
		{"auth.test", "token=", "not_authed"},
		{"auth.test", "token=xoxb-other", "invalid_auth"},
		{"auth.test", "token=xapp-sandbox", "not_allowed_token_type"},
		{"apps.connections.open", "", "not_allowed_token_type"},
		{"chat.postMessage", "channel=C0NONE&text=t", "channel_not_found"},
		{"chat.postMessage", "channel=C0OUT&text=t", "not_in_channel"},
		{"chat.postMessage", "channel=C0SECRET&text=t", "channel_not_found"},
		{"chat.postMessage", "channel=C0OLD&text=t", "is_archived"},
		{"chat.postMessage", "channel=U0GONE&text=t", "channel_not_found"},
		{"chat.postMessage", "channel=C0GOV", "no_text"},
		{"chat.postMessage", "channel=C0GOV&text=t&thread_ts=1.2", "thread_not_found"},
		{"chat.postMessage", "channel=C0GOV&text=t&markdown_text=t", "markdown_text_conflict"},
		{"chat.postMessage", "channel=C0GOV&text=t&metadata=7", "invalid_metadata_format"},
		{"chat.postMessage", `channel=C0GOV&text=t&metadata={"x":1}`, "invalid_metadata_schema"},
		{"chat.postEphemeral", "channel=C0GOV&text=t&user=U0BEN", "user_not_in_channel"},
		{"chat.update", "channel=C0GOV&text=t&ts=1.2", "message_not_found"},
		{"chat.update", "channel=C0GOV&text=t&ts=" + theirs.TS, "cant_update_message"},
		{"chat.update", "channel=C0GOV&text=t&ts=" + gone, "message_not_found"},
		{"chat.update", "channel=C0GOV&text=t&ts=" + eph, "message_not_found"},
		{"chat.update", "channel=U0ANNA&text=t&ts=" + ours, "channel_not_found"},
		{"chat.update", "channel=C0GOV&ts=" + ours, "no_text"},
		{"chat.delete", "channel=C0GOV&ts=" + theirs.TS, "cant_delete_message"},
		{"chat.delete", "channel=C0GOV&ts=" + gone, "message_not_found"},
		{"conversations.open", "", "users_list_not_supplied"},
		{"conversations.open", "users=U0NONE", "user_not_found"},
		{"conversations.open", "users=U0GONE", "user_disabled"},
		{"conversations.open", "users=" + strings.Repeat("U0ANNA,", 9), "too_many_users"},
		{"conversations.open", "channel=C0GOV", "channel_not_found"},
		{"conversations.info", "channel=C0SECRET", "channel_not_found"},
		{"conversations.history", "channel=C0OUT", "not_in_channel"},
		{"conversations.history", "channel=C0GOV&limit=1000", "invalid_limit"},
		{"conversations.history", "channel=C0GOV&cursor=x", "invalid_cursor"},
		{"conversations.history", "channel=C0GOV&oldest=x", "invalid_ts_oldest"},
		{"conversations.replies", "channel=C0GOV&ts=1.2", "thread_not_found"},
		{"users.info", "user=U0NONE", "user_not_found"},
		{"users.lookupByEmail", "email=nobody@example.com", "users_not_found"},
		{"usergroups.users.list", "usergroup=S0NONE", "no_such_subteam"},
		{"usergroups.users.list", "usergroup=S0OFF", "no_such_subteam"},
		{"views.open", "view={}", "invalid_arguments"},
		{"views.open", "trigger_id=x&view=" + modalJSON(""), "invalid_trigger_id"},
		{"views.update", "view_id=V0NONE&view=" + modalJSON(""), "not_found"},
		{"views.publish", `user_id=U0NONE&view={"type":"home","blocks":[{"type":"divider"}]}`, "user_not_found"},
	} {
		args := map[string]string{}
		for _, kv := range strings.FieldsFunc(c.args, func(r rune) bool { return r == '&' }) {
			k, v, _ := strings.Cut(kv, "=")
			args[k] = v
		}
		if got := w.call(c.method, args)["error"]; got != c.want {
			t.Errorf("%s %s: %v, want %s", c.method, c.args, got, c.want)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *slacktest.Options) { o.Scopes = []string{"chat:write", "channels:history"} })
	for method, want := range map[string]string{
		"users.info": "users:read", "usergroups.list": "usergroups:read", "users.lookupByEmail": "users:read.email",
	} {
		if a := w.call(method, map[string]string{"user": "U0ANNA"}); a["error"] != "missing_scope" || a["needed"] != want ||
			a["provided"] != "chat:write,channels:history" {
			t.Errorf("%s: %v", method, a)
		}
	}
	d, _ := w.post("U0ANNA", text("t"))
	if a := w.call("conversations.history", map[string]string{"channel": d}); a["needed"] != "im:history" {
		t.Errorf("history of a direct message: %v", a)
	}
	if a := w.call("conversations.open", map[string]string{"users": "U0BEN"}); a["needed"] != "im:write" {
		t.Errorf("conversations.open: %v", a)
	}
	if _, err := w.Command(w.ctx, slacktest.Command{User: "U0ANNA", Command: "/aims"}); !errors.Is(err, slacktest.ErrNotThere) {
		t.Errorf("a command without its scope: %v", err)
	}
	free := newWorld(t, func(o *slacktest.Options) { o.FreePlan = true })
	if _, err := free.api.GetUserGroupMembersContext(free.ctx, "S0ON"); fmt.Sprint(err) != "plan_upgrade_required" {
		t.Errorf("groups on a free plan: %v", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	meta := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "aimsbot_prompt", EventPayload: map[string]any{"key": "k1"}})
	_, first := w.post("C0GOV", text("one"), meta)
	_, second := w.post("C0GOV", text("two"))
	_, _ = w.post("C0GOV", text("reply"), slack.MsgOptionTS(first))
	_, err := w.api.PostEphemeralContext(w.ctx, "C0GOV", "U0ANNA", text("psst"))
	w.must(err)
	_, _, _, err = w.api.UpdateMessageContext(w.ctx, "C0GOV", first, text("one, edited"))
	w.must(err)
	read := func(p slack.GetConversationHistoryParameters) string {
		t.Helper()
		p.ChannelID = "C0GOV"
		r, err := w.api.GetConversationHistoryContext(w.ctx, &p)
		w.must(err)
		var out []string
		for _, m := range r.Messages {
			out = append(out, fmt.Sprint(m.Text, m.Metadata.EventPayload["key"]))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		p    slack.GetConversationHistoryParameters
		want string
	}{
		{slack.GetConversationHistoryParameters{}, "two<nil> one, edited<nil>"},
		{slack.GetConversationHistoryParameters{IncludeAllMetadata: true}, "two<nil> one, editedk1"},
		{slack.GetConversationHistoryParameters{Limit: 1}, "two<nil>"},
		{slack.GetConversationHistoryParameters{Oldest: first}, "two<nil>"},
		{slack.GetConversationHistoryParameters{Oldest: first, Inclusive: true}, "two<nil> one, edited<nil>"},
		{slack.GetConversationHistoryParameters{Latest: second}, "one, edited<nil>"},
	} {
		if got := read(c.p); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
	var pages []string
	for p := (slack.GetConversationHistoryParameters{ChannelID: "C0GOV", Limit: 1}); ; {
		r, err := w.api.GetConversationHistoryContext(w.ctx, &p)
		w.must(err)
		pages = append(pages, r.Messages[0].Timestamp)
		if p.Cursor = r.ResponseMetaData.NextCursor; p.Cursor == "" || !r.HasMore {
			break
		}
	}
	if fmt.Sprint(pages) != fmt.Sprint([]string{second, first}) {
		t.Errorf("pages %v", pages)
	}
	thread, _, _, err := w.api.GetConversationRepliesContext(w.ctx, &slack.GetConversationRepliesParameters{ChannelID: "C0GOV", Timestamp: first})
	w.must(err)
	if len(thread) != 2 || thread[1].Text != "reply" || thread[1].ThreadTimestamp != first {
		t.Errorf("thread %+v", thread)
	}
	w.call("chat.update", map[string]string{"channel": "C0GOV", "ts": first, "text": "bare", "metadata": "{}"})
	if m := w.message(first); len(m.Metadata) != 0 {
		t.Errorf("{} removes metadata: %s", m.Metadata)
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	auth, err := w.api.AuthTestContext(w.ctx)
	w.must(err)
	if auth.TeamID != "T0HOME" || auth.UserID != "U0BOT" || auth.BotID != "B0BOT" {
		t.Errorf("auth.test %+v", auth)
	}
	u, err := w.api.GetUserByEmailContext(w.ctx, "Anna@example.com")
	w.must(err)
	if u.ID != "U0ANNA" || u.TZ != "Europe/Berlin" || u.TeamID != "T0HOME" || u.Deleted {
		t.Errorf("user %+v", u)
	}
	if _, err := w.PatchPerson(w.ctx, "U0ANNA", []byte(`{"deleted":true,"is_restricted":true}`)); err != nil {
		t.Fatal(err)
	}
	u, err = w.api.GetUserInfoContext(w.ctx, "U0ANNA")
	w.must(err)
	if !u.Deleted || !u.IsRestricted || u.Profile.Email != "anna@example.com" {
		t.Errorf("user %+v", u)
	}
	groups, err := w.api.GetUserGroupsContext(w.ctx, slack.GetUserGroupsOptionIncludeDisabled(true), slack.GetUserGroupsOptionIncludeUsers(true))
	w.must(err)
	if len(groups) != 2 || groups[0].DateDelete == 0 || groups[1].Users[0] != "U0ANNA" {
		t.Errorf("groups %+v", groups)
	}
	members, _, err := w.api.GetUsersInConversationContext(w.ctx, &slack.GetUsersInConversationParameters{ChannelID: "C0GOV"})
	w.must(err)
	if fmt.Sprint(members) != "[U0ANNA U0FAR U0BOT]" {
		t.Errorf("members %v", members)
	}
	d, _, _, err := w.api.OpenConversationContext(w.ctx, &slack.OpenConversationParameters{Users: []string{"U0BEN"}, ReturnIM: true})
	w.must(err)
	if ch, _ := w.post("U0BEN", text("t")); ch != d.ID || !d.IsIM || d.User != "U0BEN" {
		t.Errorf("direct message %+v and %s", d, ch)
	}
}

func TestRequestShapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, c := range []struct{ kind, body, auth, want string }{
		{"application/json; charset=utf-8", `{"channel":"C0GOV","text":"j","blocks":[{"type":"divider"}]}`, "Bearer xoxb-sandbox", `"ok":true`},
		{"application/json", `{`, "Bearer xoxb-sandbox", "invalid_json"},
		{"text/plain", `x`, "Bearer xoxb-sandbox", "invalid_post_type"},
		{"", `x`, "Bearer xoxb-sandbox", "missing_post_type"},
		{"application/x-www-form-urlencoded", "channel=C0GOV&text=f", "Bearer xoxb-sandbox", `"ok":true`},
		{"application/x-www-form-urlencoded", "channel=C0GOV&text=f", "", "not_authed"},
	} {
		req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.url+"/deep/mount/api/chat.postMessage", strings.NewReader(c.body))
		w.must(err)
		req.Header.Set("Authorization", c.auth)
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		if got := do(t, req); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s, want %s", c.kind, c.body, got, c.want)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *slacktest.Options) { o.RateLimits = true })
	post := func(to string) error { _, _, err := w.api.PostMessageContext(w.ctx, to, text("t")); return err }
	for i := range slacktest.PostBurst {
		if err := post("C0GOV"); err != nil {
			t.Fatalf("post %d: %v", i, err)
		}
	}
	var limited *slack.RateLimitedError
	if err := post("C0GOV"); !errors.As(err, &limited) || limited.RetryAfter < 1 {
		t.Fatalf("one too many: %v", err)
	}
	if err := post("U0ANNA"); err != nil {
		t.Errorf("another conversation has its own limit: %v", err)
	}
	w.wall.advance(limited.RetryAfter)
	if err := post("C0GOV"); err != nil {
		t.Errorf("after Retry-After: %v", err)
	}
	refused := 0
	for range 2 * slacktest.Tier2 {
		if a := w.call("usergroups.list", nil); a["error"] == "ratelimited" {
			refused++
		}
	}
	if refused == 0 || w.Violations() != refused+1 {
		t.Errorf("%d calls over tier 2 refused, %d violations", refused, w.Violations())
	}
}
