package main

import (
	"context"
	"fmt"
	"log/slog"
	"os/signal"
	"syscall"
)

// Run runs sandbox and bot with the sample organisation until it is stopped.
func (c *demoCmd) Run(s *streams, g *globals) error {
	ctx, stop := untilStopped()
	defer stop()
	data, err := openData(g.Data)
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	c.hard = exitHard
	d, err := startDemo(ctx, data, *c, logger(s, g))
	if err != nil {
		return err
	}
	closeDesk, err := serveDesk(data, d.app)
	if err != nil {
		d.close()
		return err
	}
	defer closeDesk()
	announcer(s, g)("Open " + d.address + "/sandbox")
	return d.run(ctx)
}

// Run runs the bot until it is stopped.
func (c *serveCmd) Run(s *streams, g *globals) error {
	ctx, stop := untilStopped()
	defer stop()
	return serveBot(ctx, g.Data, *c, announcer(s, g), logger(s, g))
}

// Run runs the fakes until they are stopped.
func (c *sandboxCmd) Run(s *streams, g *globals) error {
	ctx, stop := untilStopped()
	defer stop()
	return serveSandbox(ctx, g.Data, *c, announcer(s, g), logger(s, g))
}

// untilStopped ends its context on SIGINT or SIGTERM. A second signal ends the
// process at once: somebody is waiting for it.
func untilStopped() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// logger writes to stderr, so that stdout has only what a command answers.
func logger(s *streams, g *globals) *slog.Logger {
	if g.JSON {
		return slog.New(slog.NewJSONHandler(s.err, nil))
	}
	return slog.New(slog.NewTextHandler(s.err, nil))
}

// announcer tells the operator that all is up, and where.
func announcer(s *streams, g *globals) func(text string) {
	return func(text string) {
		if g.JSON {
			_ = printJSON(s.out, struct {
				Message string `json:"message"`
			}{text})
			return
		}
		fmt.Fprintln(s.out, text)
	}
}
