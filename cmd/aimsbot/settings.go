package main

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/redis"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// settings are what the environment says (DESIGN 11).
type settings struct {
	SlackBot, SlackApp, SlackSecret, SlackAPI        string
	JiraURL, JiraEmail, JiraToken, JiraWebhookSecret string
	JiraPAT                                          string // of a Data Center, instead of e-mail and token
	Key, LedgerKey                                   string
	HookToken                                        string // of those who send alerts; "" = none are taken
	// Temporal is the outside service that runs the workflows; nil = embedded.
	Temporal *temporal.Service
	// CodecToken and CodecOrigin guard the codec for Temporal's tools.
	CodecToken, CodecOrigin string
	// Database holds the ledger; "" = SQLite in the data folder.
	Database ledger.DatabaseURL
	// Redis is where replicas share call budgets; "" = each keeps its own.
	Redis redis.URL
	// IndexAllowance is how long Slack and Jira may take to show what they did.
	IndexAllowance time.Duration
	// Poll is how often Jira is asked what no webhook told of.
	Poll time.Duration
	// Limits keeps calls below the published rates; off in benchmarks only.
	Limits bool
	// Events makes runs continue as new early; tests only.
	Events int
}

// Jira's search shows a new issue after seconds to minutes (facts: two
// minutes unless a site has been measured).
const defaultIndexAllowance = 2 * time.Minute

// readSettings takes the settings from the environment and says which of those
// `serve` needs are missing or wrong, all at once.
func readSettings() (settings, error) {
	s, wrong := inspectSettings()
	if len(wrong) > 0 {
		return s, wrongUsage("%s", "the settings are not complete:\n  "+strings.Join(wrong, "\n  "))
	}
	return s, nil
}

// inspectSettings takes the settings from the environment and lists what is
// missing or wrong.
func inspectSettings() (s settings, wrong []string) {
	s = settings{
		SlackBot: os.Getenv("SLACK_BOT_TOKEN"), SlackApp: os.Getenv("SLACK_APP_TOKEN"), SlackAPI: os.Getenv("SLACK_API_URL"),
		SlackSecret: os.Getenv("SLACK_SIGNING_SECRET"),
		JiraURL:     os.Getenv("JIRA_URL"), JiraEmail: os.Getenv("JIRA_EMAIL"), JiraToken: os.Getenv("JIRA_TOKEN"),
		JiraPAT: os.Getenv("JIRA_PAT"), JiraWebhookSecret: os.Getenv("JIRA_WEBHOOK_SECRET"),
		Key: os.Getenv("AIMSBOT_KEY"), LedgerKey: os.Getenv("AIMSBOT_LEDGER_KEY"),
		HookToken:      os.Getenv("AIMSBOT_HOOK_TOKEN"),
		IndexAllowance: defaultIndexAllowance, Limits: os.Getenv("AIMSBOT_LIMITS") != "off",
	}
	for _, n := range []struct{ name, value, what string }{
		{"SLACK_BOT_TOKEN", s.SlackBot, "the bot token of the Slack app (xoxb-...)"},
		{"SLACK_APP_TOKEN or SLACK_SIGNING_SECRET", s.SlackApp + s.SlackSecret, "the app token for Socket Mode (xapp-...), or the signing secret for Slack's requests over HTTP"},
		{"JIRA_URL", s.JiraURL, "the address of the Jira site"},
		{"JIRA_EMAIL", s.JiraEmail + s.JiraPAT, "the e-mail of the Jira account; for a Data Center set JIRA_PAT instead"},
		{"JIRA_TOKEN", s.JiraToken + s.JiraPAT, "the API token of the Jira account; for a Data Center set JIRA_PAT instead"},
	} {
		if n.value == "" { // guard: settings-complete
			wrong = append(wrong, fmt.Sprintf("%s is not set: %s", n.name, n.what))
		}
	}
	if s.JiraPAT != "" && s.JiraEmail+s.JiraToken != "" {
		wrong = append(wrong, "JIRA_PAT is set beside JIRA_EMAIL or JIRA_TOKEN: keep JIRA_PAT for a Data Center, the other two for Jira Cloud")
	}
	for _, a := range []struct{ name, value string }{{"SLACK_API_URL", s.SlackAPI}, {"JIRA_URL", s.JiraURL}} {
		if why := badAddress(a.value); why != "" {
			wrong = append(wrong, a.name+" "+why)
		}
	}
	if n := len(s.HookToken); n > 0 && n < hookTokenLeast {
		wrong = append(wrong, fmt.Sprintf("AIMSBOT_HOOK_TOKEN has %d characters; make it at least %d, such as the output of: openssl rand -hex 32", n, hookTokenLeast))
	}
	wrong = append(wrong, s.readTemporal(os.Environ())...)
	var err error
	if s.Database, err = readDatabase(); err != nil {
		wrong = append(wrong, err.Error())
	}
	if s.Redis, err = readRedis(); err != nil {
		wrong = append(wrong, err.Error())
	}
	if wait, why := pollOf(os.Getenv(settingPoll), s.JiraWebhookSecret != ""); why != "" {
		wrong = append(wrong, why)
	} else {
		s.Poll = wait
	}
	if v := os.Getenv("AIMSBOT_INDEX_ALLOWANCE"); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil || d < 0 {
			wrong = append(wrong, fmt.Sprintf("AIMSBOT_INDEX_ALLOWANCE is %q; write a length of time such as 90s", v))
		}
		s.IndexAllowance = d
	}
	if v := os.Getenv("AIMSBOT_HISTORY_EVENTS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			wrong = append(wrong, fmt.Sprintf("AIMSBOT_HISTORY_EVENTS is %q; write a whole number", v))
		}
		s.Events = n
	}
	return s, wrong
}

// hookTokenLeast is how many characters the token of the alert hook must have, so
// that nobody guesses it: 128 random bits have 22 in base64.
const hookTokenLeast = 22

// settingPoll is how often Jira is asked what has changed.
const settingPoll = "JIRA_POLL"

const (
	// pollBeside is how often Jira is asked beside its webhooks: they are lost
	// now and then.
	pollBeside = 5 * time.Minute
	// pollAlone is how often it is asked where no webhook reaches us.
	pollAlone = 30 * time.Second
	// pollLeast keeps one search a poll far below Jira's limits.
	pollLeast = 10 * time.Second
)

// pollOf reads how often Jira is asked, or says what is wrong with the setting.
func pollOf(setting string, webhook bool) (wait time.Duration, why string) {
	if setting == "" {
		if webhook {
			return pollBeside, ""
		}
		return pollAlone, ""
	}
	d, err := time.ParseDuration(setting)
	if err != nil || d < pollLeast || d > 24*time.Hour {
		return 0, fmt.Sprintf("%s is %q; write a length of time from %s to 24h, such as 1m", settingPoll, setting, pollLeast)
	}
	return d, ""
}

// badAddress says why an outside address is refused: only https, but for
// loopback.
func badAddress(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Sprintf("is %q, which is no address", address)
	}
	switch h := u.Hostname(); {
	case u.Scheme == "https", thisMachine(h): // guard: settings-tls
		return ""
	}
	return fmt.Sprintf("is %q; it must begin with https unless it is on this machine", address)
}
