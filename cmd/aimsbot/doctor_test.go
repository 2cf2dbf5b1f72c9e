package main

import (
	"encoding/json"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/slack"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

var updateDoctor = flag.Bool("update-doctor", false, "write what the doctor says anew")

// sickbed is a set-up that the doctor looks at.
type sickbed struct {
	lacking sandbox.Lacking
	server  bool                 // Jira is a Data Center
	files   map[string][2]string // config file -> what is replaced, and by what
	env     map[string]string    // set, or "-" = unset
	data    func(t *testing.T, dir string)
	box     func(post func(path string, body map[string]any))
	exit    int
}

// demandedFields are what a site may demand of every new issue.
var demandedFields = []sandbox.SiteField{
	{ID: "customfield_10042", Name: "Unit", Kind: "option", Options: []string{"Governance", "Research"}, Required: true},
	{ID: "customfield_10043", Name: "Cost centre", Kind: "number", Required: true, Only: []string{"Task"}},
}

// sick are broken set-ups, one fault or a few each, and a good one.
var sick = map[string]sickbed{
	"healthy":               {exit: exitGood},
	"a healthy Data Center": {exit: exitGood, server: true, env: map[string]string{"JIRA_EMAIL": "-", "JIRA_TOKEN": "-", "JIRA_PAT": sandbox.JiraPAT}},
	"a Data Center that demands more": {exit: exitFindings, server: true, env: map[string]string{"JIRA_EMAIL": "-", "JIRA_TOKEN": "-", "JIRA_PAT": sandbox.JiraPAT}, lacking: sandbox.Lacking{
		Permissions: []string{"TRANSITION_ISSUES"}, Required: []string{"customfield_10042"}, Hidden: []string{"duedate"},
	}},
	"a personal access token for Jira Cloud": {exit: exitFindings, env: map[string]string{"JIRA_EMAIL": "-", "JIRA_TOKEN": "-", "JIRA_PAT": sandbox.JiraPAT}},
	"nothing is set": {exit: exitFindings, env: map[string]string{
		"SLACK_BOT_TOKEN": "-", "SLACK_APP_TOKEN": "-", "JIRA_URL": "-", "JIRA_EMAIL": "-", "JIRA_TOKEN": "-", "JIRA_WEBHOOK_SECRET": "-", "SLACK_API_URL": "-",
	}},
	"wrong tokens": {exit: exitFindings, env: map[string]string{"SLACK_BOT_TOKEN": "xoxb-wrong", "SLACK_APP_TOKEN": "xapp-1-A0APP-1-wrong", "JIRA_TOKEN": "wrong"}},
	"wrong settings": {exit: exitFindings, env: map[string]string{
		"JIRA_URL": "http://jira.example.com", "JIRA_POLL": "1s", "DATABASE_URL": "mysql://u:canary@h/d", "REDIS_URL": "redis://u:canary@redis.example.com",
	}},
	"missing scopes":                       {exit: exitFindings, lacking: sandbox.Lacking{Scopes: []string{"groups:history", "commands", "users:read"}}},
	"organisation names what is not there": {exit: exitFindings, files: map[string][2]string{"organisation.yaml": {"channel: C0RAIC", "channel: C0NOWHERE"}}},
	"a broken config folder":               {exit: exitFindings, files: map[string][2]string{"organisation.yaml": {"holder: ethan", "holder: nobody"}}},
	"people who cannot act": {exit: exitFindings, box: func(post func(string, map[string]any)) {
		post("/_control/person", map[string]any{"id": "ethan", "deleted": true})
		post("/_control/person", map[string]any{"id": "cleo", "is_restricted": true})
	}, files: map[string][2]string{"organisation.yaml": {"jira: 5b1val", "jira: 5b1nobody"}}},
	"a Jira project that is not there": {exit: exitFindings, files: map[string][2]string{"organisation.yaml": {"project: GOV", "project: NOPE"}}},
	"a Jira that demands more": {exit: exitFindings, lacking: sandbox.Lacking{
		Permissions: []string{"TRANSITION_ISSUES", "ASSIGN_ISSUES"}, Required: []string{"customfield_10042"}, Hidden: []string{"duedate", "labels"},
	}},
	"a Jira that demands fields": {exit: exitFindings, lacking: sandbox.Lacking{Fields: demandedFields}},
	"fields that are given": {exit: exitGood, lacking: sandbox.Lacking{Fields: demandedFields}, files: map[string][2]string{
		"organisation.yaml": {"reopen: To Do", "reopen: To Do\n  fields: {Unit: Governance, customfield_10043: '4711'}"},
	}},
	"fields with wrong values": {exit: exitFindings, lacking: sandbox.Lacking{Fields: demandedFields}, files: map[string][2]string{
		"organisation.yaml": {"reopen: To Do", "reopen: To Do\n  fields: {Unit: Govern, customfield_10043: many, Colour: red}"},
	}},
	"types that the project has not": {exit: exitFindings, files: map[string][2]string{"organisation.yaml": {"step: Task", "step: Chore"}}},
	"nobody answers": {exit: exitUnreachable, env: map[string]string{
		"SLACK_API_URL": "http://127.0.0.1:1/api/", "JIRA_URL": "http://127.0.0.1:1", "DATABASE_URL": "postgres://u:canary@127.0.0.1:1/d?sslmode=disable&connect_timeout=1",
		"REDIS_URL": "redis://:canary@127.0.0.1:1", "TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_TLS": "false",
	}},
	"a data folder with a damaged ledger": {exit: exitFindings, data: func(t *testing.T, dir string) {
		t.Helper()
		for name, text := range map[string]string{"ledger.db": "this is no database", "ledger.key": "x"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}},
}

// TestDoctor holds what the doctor says of each set-up against what is kept in
// testdata/doctor, so that each sentence is read when it changes.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for name, s := range sick {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.look(t)
			file := filepath.Join("testdata", "doctor", strings.ReplaceAll(name, " ", "_")+".txt")
			if *updateDoctor {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
			if strings.Contains(got, "canary") {
				t.Error("a password is shown")
			}
		})
	}
}

// look sets everything up and runs the doctor as a process.
func (s sickbed) look(t *testing.T) string {
	t.Helper()
	config := t.TempDir()
	for _, f := range library.Sample() {
		text := string(f.Source)
		if r, ok := s.files[f.Name]; ok {
			if !strings.Contains(text, r[0]) {
				t.Fatalf("%s does not hold %q", f.Name, r[0])
			}
			text = strings.ReplaceAll(text, r[0], r[1])
		}
		if err := os.WriteFile(filepath.Join(config, f.Name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := s.site(t)
	data := filepath.Join(t.TempDir(), "data")
	if s.data != nil {
		if err := os.Mkdir(data, 0o700); err != nil {
			t.Fatal(err)
		}
		s.data(t, data)
	}
	env := map[string]string{
		"SLACK_BOT_TOKEN": sandbox.BotToken, "SLACK_APP_TOKEN": sandbox.AppToken, "SLACK_API_URL": base + sandbox.SlackPath + "/api/",
		"JIRA_URL": base + sandbox.JiraPath, "JIRA_EMAIL": sandbox.JiraEmail, "JIRA_TOKEN": sandbox.JiraToken, "JIRA_WEBHOOK_SECRET": sandbox.WebhookSecret,
		"PATH": os.Getenv("PATH"), "HOME": t.TempDir(),
	}
	for k, v := range s.env {
		if env[k] = v; v == "-" {
			delete(env, k)
		}
	}
	cmd := exec.CommandContext(t.Context(), "aimsbot", "doctor", "--config", config, "--data", data)
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != s.exit {
		t.Errorf("exit %d (%v), want %d", code, err, s.exit)
	}
	if _, err := os.Stat(data); s.data == nil && err == nil {
		t.Error("the doctor made a data folder")
	}
	return strings.NewReplacer(config, "CONFIG", data, "DATA", base, "http://SITE").Replace(string(out))
}

// site brings a sandbox up.
func (s sickbed) site(t *testing.T) string {
	t.Helper()
	cfg, err := checkedConfig("")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + ln.Addr().String()
	box, err := sandbox.Open(t.Context(), sandbox.Options{
		Path: filepath.Join(t.TempDir(), "box.db"), BaseURL: func() string { return base }, Organisation: cfg.organisation,
		Lacking: s.lacking, JiraDataCenter: s.server, Logger: slog.New(slog.DiscardHandler), RateLimits: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: box.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close(); _ = box.Close() })
	if s.box != nil {
		w := &world{t: t, base: base}
		s.box(func(path string, body map[string]any) { w.post(path, body, nil) })
	}
	return base
}

// TestDoctorJSON: programs get the same in a fixed form, and a bot that runs is
// noticed and left alone.
func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	w.answersCommands()
	cmd := exec.CommandContext(t.Context(), "aimsbot", "doctor", "--json", "--data", w.data.path)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	out, err := cmd.Output()
	var got struct {
		Checks []check `json:"checks"`
		OK     int     `json:"ok"`
		Wrong  int     `json:"wrong"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if cmd.ProcessState.ExitCode() != exitFindings || len(got.Checks) == 0 || got.OK == 0 || got.Wrong == 0 {
		t.Errorf("exit %v: %s", err, out)
	}
	if !strings.Contains(string(out), "a bot runs in") || !strings.Contains(string(out), "embedded in the bot that runs") {
		t.Errorf("the running bot is not noticed: %s", out)
	}
}

// TestScopesAreTold: the scopes the doctor asks for are those the folder's README
// tells people to add.
func TestScopesAreTold(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../integrations/slack/README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("with the scopes `([^`]*)`").FindSubmatch(text)
	if m == nil || string(m[1]) != strings.Join(slack.Scopes, " ") {
		t.Errorf("the README says %q, the doctor %q", m, slack.Scopes)
	}
}
