package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // an attacker may choose it
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// hook sends a webhook as Jira does, or as somebody who says so.
func (s *scene) hook(h *webhook) (last reply) {
	s.t.Helper()
	id := h.Issue
	if run, _, _ := split(h.Issue); s.runs[run] != "" {
		_, id = s.issueAndID(h.Issue)
	}
	v := map[string]any{
		"timestamp": 1764000000000 + s.n.Add(1), "webhookEvent": "jira:issue_updated", "issue_event_type_name": "issue_generic",
		"user":      map[string]any{"accountId": "5b1max", "displayName": "Max", "active": true},
		"issue":     map[string]any{"id": id, "key": "GOV-1", "fields": map[string]any{"labels": []any{}, "status": map[string]any{"id": "10259", "statusCategory": map[string]any{"key": "done"}}}},
		"changelog": map[string]any{"items": []any{map[string]any{"field": "status", "toString": "Done"}}},
	}
	for path, value := range h.Change {
		set(v, path, s.labelled(value))
	}
	b, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	body := string(b)
	if h.Body != "" {
		body = strings.ReplaceAll(h.Body, "{{fill}}", filling(h.Fill, h.Repeat))
	}
	for i := range max(h.Times, 1) {
		last = s.hookOnce(h, body, i)
	}
	return last
}

// labelled puts our own label in place of "{{label run.step}}".
func (s *scene) labelled(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	var out []any
	for _, e := range list {
		if name, ok := strings.CutPrefix(fmt.Sprint(e), "label of "); ok {
			key, _ := s.issueAndID(name)
			for _, i := range s.sandbox().Issues {
				if i.Key == key {
					e = i.Labels[0]
				}
			}
		}
		out = append(out, e)
	}
	return out
}

func (s *scene) hookOnce(h *webhook, body string, n int) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), cmp.Or(h.Method, http.MethodPost), cmp.Or(map[string]string{"unset": s.unset}[h.To], s.bot)+"/jira/webhook", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if h.Identifiers {
		req.Header.Set("X-Atlassian-Webhook-Identifier", fmt.Sprintf("attack-%s-%d", h.Issue, n))
	}
	if !h.Unsigned {
		signed := body
		if h.SignOther {
			signed += " "
		}
		name := cmp.Or(h.Named, h.Algorithm, "sha256")
		req.Header.Set("X-Hub-Signature", name+"="+macOf(h.Algorithm, strings.TrimSuffix(cmp.Or(h.Secret, sandbox.WebhookSecret), "(none)"), signed))
	}
	if h.Slow {
		return s.slow(req)
	}
	return s.request(req, nil)
}

func macOf(algorithm, secret, text string) string {
	make := map[string]func() hash.Hash{"sha1": sha1.New, "sha512": sha512.New}[algorithm]
	if make == nil {
		return mac(secret, text)
	}
	m := hmac.New(make, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// asks makes an HTTP request to one of the listeners.
func (s *scene) asks(r *request) (last reply) {
	s.t.Helper()
	base := map[string]string{"bot": s.bot, "demo": s.base, "codec": s.codec, "desk": "http://desk"}[r.To]
	if base == "" {
		s.t.Fatalf("request to %q: choose bot, demo, codec or desk", r.To)
	}
	for range max(r.Times, 1) {
		content := strings.NewReader(strings.ReplaceAll(r.Body, "{{fill}}", filling(r.Fill, r.Repeat)))
		req, err := http.NewRequestWithContext(s.t.Context(), cmp.Or(r.Method, http.MethodPost), base+s.named(r.Path), content)
		if err != nil {
			s.t.Fatal(err)
		}
		port := portOf(base)
		req.Host = strings.ReplaceAll(r.Host, "{{port}}", port)
		var headers [][2]string
		for _, h := range r.Headers {
			headers = append(headers, [2]string{h[0], s.named(strings.ReplaceAll(h[1], "{{port}}", port))})
		}
		if r.To == "desk" {
			last = s.askDesk(req)
			continue
		}
		if r.Slow {
			return s.slow(req, headers...)
		}
		last = s.request(req, headers)
	}
	return last
}

func portOf(base string) string {
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(base, "http://"))
	return port
}

// askDesk speaks HTTP on the bot's socket.
func (s *scene) askDesk(req *http.Request) reply {
	s.t.Helper()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.data.file("aimsbot.sock"))
	}
	res, err := (&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return reply{}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}
	}
	return reply{res.StatusCode, string(b)}
}

// signals calls the Temporal server: code 0 says that it refused.
func (s *scene) signals(g *engineCall) reply {
	s.t.Helper()
	o := temporal.ClientOptions{HostPort: s.demo.app.server.HostPort, Token: s.demo.app.server.Token, Codec: s.demo.app.codec}
	switch g.Token {
	case "none":
		o.Token = ""
	case "wrong":
		o.Token = strings.Repeat("A", 43)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	c, err := temporal.Dial(ctx, o)
	if err == nil {
		defer c.Close()
		err = s.callTemporal(ctx, c, g)
	}
	if err != nil {
		return reply{1, err.Error()}
	}
	return reply{0, "done"}
}

func (s *scene) callTemporal(ctx context.Context, c client.Client, g *engineCall) error {
	switch g.Call {
	case "terminate":
		return c.TerminateWorkflow(ctx, s.workflow(g.Run), "", "attack")
	case "start":
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "aims-attack", TaskQueue: temporal.Queue}, temporal.RunType)
		return err
	}
	id := g.Row
	if run, ok := s.runs[g.Row]; ok {
		rows, err := s.demo.app.ledger.RowsAfter(ctx, run, 0, 1)
		if err != nil || len(rows) == 0 {
			return errors.Join(errors.New("no row"), err)
		}
		id = rows[0].DecisionID
	}
	return c.SignalWorkflow(ctx, s.workflow(g.Run), "", g.Name, id)
}

// named puts the ids of runs and what else only the scene knows into a text.
func (s *scene) named(text string) string {
	s.t.Helper()
	for name, id := range s.runs {
		text = strings.ReplaceAll(text, "{{run "+name+"}}", id)
	}
	if strings.Contains(text, "{{codec token}}") {
		b, err := os.ReadFile(s.data.file("codec.token"))
		if err != nil {
			s.t.Fatal(err)
		}
		text = strings.ReplaceAll(text, "{{codec token}}", strings.TrimSpace(string(b)))
	}
	config, err := filepath.Abs(filepath.Join(attackDir, "config"))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.ReplaceAll(text, "{{config}}", config)
}

// programTime ends a program that should have ended by itself.
const programTime = 20 * time.Second

// program runs the program beside the bot.
func (s *scene) program(c *cmdline) reply {
	s.t.Helper()
	var args []string
	for _, a := range c.Args {
		args = append(args, s.named(a))
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), programTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "aimsbot", args...)
	cmd.Dir = s.t.TempDir() // a bot that starts all the same writes here
	env := map[string]string{
		"AIMSBOT_DATA": s.data.path, "SLACK_BOT_TOKEN": sandbox.BotToken, "SLACK_SIGNING_SECRET": sandbox.SigningSecret, "SLACK_API_URL": s.base + "/sandbox/slack/api/",
		"JIRA_URL": s.base + "/sandbox/jira", "JIRA_EMAIL": sandbox.JiraEmail, "JIRA_TOKEN": sandbox.JiraToken, "JIRA_WEBHOOK_SECRET": sandbox.WebhookSecret,
	}
	for name, v := range c.Env {
		env[name] = v
	}
	for _, name := range c.Without {
		delete(env, name)
	}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.data.path, mutantVariable + "=" + os.Getenv(mutantVariable)}
	for name, v := range env {
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return reply{cmd.ProcessState.ExitCode(), string(out)}
}

// mode tells the permissions of a file of the bot.
func (s *scene) mode(name string) reply {
	s.t.Helper()
	info, err := os.Stat(s.data.file(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{int(info.Mode().Perm() & 0o077), info.Mode().String()}
}
