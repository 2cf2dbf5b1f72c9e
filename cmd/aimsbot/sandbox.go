package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// sandboxCmd runs the fake Slack and Jira alone, for a bot in another process.
type sandboxCmd struct {
	Listen        string `default:"127.0.0.1:8080" help:"Loopback address of the page and the fakes."`
	Config        string `help:"Config folder whose people and channels exist; empty = the sample organisation."`
	Webhook       string `help:"Where Jira's webhooks go, such as http://127.0.0.1:8081/jira/webhook."`
	Transport     string `enum:"socket,http" default:"socket" help:"How what people do in Slack reaches the bot: socket (Socket Mode) or http (signed requests)."`
	SlackRequests string `placeholder:"URL" default:"http://127.0.0.1:8081/slack" help:"Where the bot takes Slack's signed requests; http://127.0.0.1:8081/slack when not given."`
	Jira          string `enum:"cloud,data-center" default:"cloud" help:"Which Jira it is: cloud or data-center."`
	NoRateLimits  bool   `help:"Lift the rate limits. For benchmarks."`
}

// serveSandbox runs until ctx ends.
func serveSandbox(ctx context.Context, dataPath string, c sandboxCmd, out func(string), log *slog.Logger) error {
	cfg, err := checkedConfig(c.Config)
	if err != nil {
		return err
	}
	requests, err := slackRequests(c.SlackRequests)
	if err != nil {
		return err
	}
	data, err := openData(dataPath)
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	ln, err := listenLoopback("--listen", c.Listen, anybody)
	if err != nil {
		return err
	}
	address := "http://" + ln.Addr().String()
	mux := &lateMux{}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(ln) }()
	defer func() { _ = server.Close() }()
	box, err := sandbox.Open(ctx, sandbox.Options{
		Path: data.file(sandboxFile), BaseURL: func() string { return address }, Organisation: cfg.organisation,
		RateLimits: !c.NoRateLimits, WebhookURL: func() string { return c.Webhook }, Logger: log,
		SlackRequests: func() string { return requests }, SlackHTTP: c.Transport == transportHTTP, JiraDataCenter: c.Jira == jiraDataCenter,
	})
	if err != nil {
		return fmt.Errorf("open the sandbox: %w", err)
	}
	defer func() { _ = box.Close() }()
	mux.set(box.Handler())
	out("the sandbox is at " + address + "/sandbox")
	<-ctx.Done()
	return nil
}

// The ways in which Slack reaches the bot.
const (
	transportSocket = "socket"
	transportHTTP   = "http"
)

// jiraDataCenter makes the sandbox's Jira a Data Center.
const jiraDataCenter = "data-center"

// slackRequests checks the address of the bot's doors for Slack.
func slackRequests(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return "", wrongUsage("--slack-requests %q: write the address above interactions, commands and events, such as http://127.0.0.1:8081/slack", address)
	}
	return strings.TrimSuffix(address, "/"), nil
}
