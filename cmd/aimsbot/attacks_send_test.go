package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What Slack sends.
const (
	kindPress   = "press"
	kindSubmit  = "submit"
	kindCommand = "command"
	kindRaw     = "raw"
)

// reply is what an attacker gets back.
type reply struct {
	code int // HTTP status or exit code; 0 = no answer
	body string
}

func (r reply) String() string {
	if r.code == 0 && r.body == "" {
		return "no answer"
	}
	return strings.TrimSpace(fmt.Sprint(r.code, " ", strings.TrimSpace(r.body)))
}

// fits compares with what the table expects: "200" and no more, or a status
// and words of the body.
func (r reply) fits(want string) bool {
	status, words, more := strings.Cut(want, " ")
	if want == "no answer" {
		return r.code == 0
	}
	if strconv.Itoa(r.code) != status {
		return false
	}
	if !more {
		return strings.TrimSpace(r.body) == ""
	}
	return strings.Contains(r.body, words)
}

// envelopes and doors of the kinds.
var slackDoor = map[string]struct{ envelope, path, content string }{
	kindPress:   {"interactive", "/slack/interactions", "application/x-www-form-urlencoded"},
	kindSubmit:  {"interactive", "/slack/interactions", "application/x-www-form-urlencoded"},
	kindCommand: {"slash_commands", "/slack/commands", "application/x-www-form-urlencoded"},
	kindRaw:     {"events_api", "/slack/events", "application/json"},
}

// send delivers over one of the two doors for Slack, as often as asked, and
// returns the last answer.
func (s *scene) send(p *press, kind, over string) (last reply) {
	s.t.Helper()
	if over == "client" {
		var a ack
		at := s.place(p.Ask, p.On)
		s.post("/_control/click", map[string]any{"user": p.As, "channel": at.Channel, "ts": at.TS, "action_id": p.Action}, &a)
		return reply{a.Status, string(a.Body)}
	}
	payload := s.payload(p, kind)
	for i := range max(p.Times, 1) {
		if i > 0 && p.Anew {
			payload = s.payload(p, kind)
		}
		if over == "socket" {
			last = s.overSocketSend(p, kind, payload)
		} else {
			last = s.overHTTP(p, kind, payload)
		}
	}
	return last
}

// payload is the JSON of a delivery, changed as the case says.
func (s *scene) payload(p *press, kind string) []byte {
	s.t.Helper()
	if p.Body != "" {
		return []byte(strings.ReplaceAll(p.Body, "{{fill}}", filling(p.Fill, p.Repeat)))
	}
	var v map[string]any
	switch n := s.n.Add(1); kind {
	case kindPress:
		v = s.pressed(p, n)
	case kindSubmit:
		v = s.submitted(p, n)
	case kindCommand:
		v = map[string]any{
			"team_id": "T0HOME", "api_app_id": "A0APP", "user_id": account(p.As), "channel_id": "C0AUDIT", "command": "/aims",
			"text": p.Text, "trigger_id": fmt.Sprintf("9.%d.attack", n), "response_url": s.strange.URL,
		}
	}
	for _, path := range slices.Sorted(maps.Keys(p.Change)) {
		set(v, path, s.filled(p.Change[path], filling(p.Fill, p.Repeat)))
	}
	b, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *scene) pressed(p *press, n int64) map[string]any {
	s.t.Helper()
	token, channel, ts := "v1."+strings.Repeat("a", 26), "C0RAIC", "1.000001"
	if p.Ask != "" {
		at := s.place(p.Ask, p.On)
		token, channel, ts = "v1."+s.ask(p.Ask).Token, at.Channel, at.TS
	}
	return map[string]any{
		"type": "block_actions", "api_app_id": "A0APP", "team": map[string]any{"id": "T0HOME", "domain": "acme"},
		"user":    map[string]any{"id": account(p.As), "team_id": "T0HOME", "username": p.As, "name": p.As},
		"channel": map[string]any{"id": channel}, "trigger_id": fmt.Sprintf("9.%d.attack", n), "response_url": s.strange.URL,
		"container": map[string]any{"type": "message", "channel_id": channel, "message_ts": ts},
		"actions": []any{map[string]any{
			"type": "button", "action_id": p.Action, "block_id": "ask", "value": token, "action_ts": fmt.Sprintf("1764000000.%06d", n),
		}},
	}
}

func (s *scene) submitted(p *press, n int64) map[string]any {
	s.t.Helper()
	values := map[string]any{}
	for block, v := range p.Values {
		values[block] = map[string]any{"answer": s.inputOf(s.filled(v, filling(p.Fill, p.Repeat)), block)}
	}
	id := fmt.Sprintf("V0ATTACK%d", n)
	return map[string]any{
		"type": "view_submission", "api_app_id": "A0APP", "team": map[string]any{"id": "T0HOME"},
		"user": map[string]any{"id": account(p.As), "team_id": "T0HOME"}, "trigger_id": fmt.Sprintf("9.%d.attack", n),
		"response_urls": []any{map[string]any{"response_url": s.strange.URL}},
		"view": map[string]any{
			"id": id, "type": "modal", "callback_id": p.Action, "private_metadata": "v1." + s.ask(p.Ask).Token, "hash": "1764000000.aB",
			"root_view_id": id, "app_id": "A0APP", "bot_id": "B0BOT", "team_id": "T0HOME", "app_installed_team_id": "T0HOME",
			"state": map[string]any{"values": values},
		},
	}
}

// inputOf is the state of an input: by its question for those of the scene's
// form, and a text for any other. An object stands as it is.
func (s *scene) inputOf(v any, block string) any {
	if _, whole := v.(map[string]any); whole {
		return v
	}
	kind := "plain_text_input"
	switch {
	case block == "harms":
		list, ok := v.([]any)
		if !ok {
			return v
		}
		var texts []string
		for _, e := range list {
			texts = append(texts, fmt.Sprint(e))
		}
		return inputValue("checkboxes", texts)
	case block == "contact", strings.HasSuffix(block, "_owner"):
		kind = "users_select"
	case strings.HasSuffix(block, "_due"):
		kind = "datepicker"
	}
	return inputValue(kind, v)
}

// account is the Slack account of a person of the scene; anything else stands
// for itself.
func account(who string) string {
	if who == "" || strings.ToUpper(who) == who || strings.ContainsFunc(who, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return who
	}
	return "U0" + strings.ToUpper(who)
}

// filling is a long text.
func filling(of string, times int) string { return strings.Repeat(cmp.Or(of, "x"), times) }

// filled puts filling and tokens into a value.
func (s *scene) filled(v any, fill string) any {
	s.t.Helper()
	text, ok := v.(string)
	if !ok {
		return v
	}
	text = strings.ReplaceAll(text, "{{fill}}", fill)
	for {
		_, rest, found := strings.Cut(text, "{{token ")
		name, _, _ := strings.Cut(rest, "}}")
		if !found {
			return text
		}
		text = strings.ReplaceAll(text, "{{token "+name+"}}", s.ask(name).Token)
	}
}

// set puts a value at a path such as actions.0.value; "(none)" takes it away.
func set(in map[string]any, path string, v any) {
	var at any = in
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		switch x := at.(type) {
		case map[string]any:
			if x[part] == nil {
				x[part] = map[string]any{}
			}
			at = x[part]
		case []any:
			i, _ := strconv.Atoi(part) // a wrong path breaks the case's expectation
			at = x[i]
		}
	}
	last := parts[len(parts)-1]
	if list, ok := at.([]any); ok {
		i, _ := strconv.Atoi(last) // as above
		list[i] = v
		return
	}
	m, _ := at.(map[string]any)
	if v == "(none)" {
		delete(m, last)
		return
	}
	m[last] = v
}

// overSocketSend sends an envelope through the fake Slack.
func (s *scene) overSocketSend(p *press, kind string, payload []byte) reply {
	s.t.Helper()
	var a struct {
		ack
		Warning string `json:"warning"`
	}
	s.post("/_control/raw", map[string]any{"transport": "socket", "body": map[string]any{
		"type": slackDoor[kind].envelope, "envelope_id": fmt.Sprintf("attack-%d", s.n.Add(1)), "payload": json.RawMessage(payload), "accepts_response_payload": true,
	}}, &a)
	return reply{a.Status, string(a.Body)}
}
