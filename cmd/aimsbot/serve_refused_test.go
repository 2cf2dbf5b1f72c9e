package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// TestServeRefused: a token that Slack or Jira refuses ends the program with the
// name of its setting, before anybody relies on it.
func TestServeRefused(t *testing.T) {
	t.Parallel()
	base := sickbed{}.site(t)
	config, err := filepath.Abs("../../playbooks/library/demo")
	if err != nil {
		t.Fatal(err)
	}
	for setting, c := range map[string]struct{ value, says string }{
		"SLACK_BOT_TOKEN": {"xoxb-wrong", "Slack refuses SLACK_BOT_TOKEN: slack: auth.test: invalid_auth"},
		"SLACK_APP_TOKEN": {"xapp-1-A0APP-1-wrong", "Slack refuses SLACK_APP_TOKEN: slack: apps.connections.open: invalid_auth"},
		"JIRA_TOKEN":      {"wrong", "Jira refuses JIRA_EMAIL and JIRA_TOKEN: jira: GET myself: 401"},
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "aimsbot", "serve", "--config", config, "--data", benchDir(t), "--listen", "127.0.0.1:0")
			cmd.Env = append(os.Environ(),
				"SLACK_BOT_TOKEN="+sandbox.BotToken, "SLACK_APP_TOKEN="+sandbox.AppToken, "SLACK_API_URL="+base+sandbox.SlackPath+"/api/",
				"JIRA_URL="+base+sandbox.JiraPath, "JIRA_EMAIL="+sandbox.JiraEmail, "JIRA_TOKEN="+sandbox.JiraToken, setting+"="+c.value)
			out, err := cmd.CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			last := lines[len(lines)-1]
			if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(last, c.says) || !strings.Contains(last, "aimsbot doctor") {
				t.Errorf("exit %v, the last line: %s", err, last)
			}
		})
	}
}
