package main

import (
	"context"

	"github.com/aimsbot/aimsbot/integrations/web"
)

type startCmd struct {
	Playbook string            `arg:"" help:"Name of the playbook."`
	Subject  string            `arg:"" optional:"" help:"Id of what the run is about, such as a system."`
	Input    map[string]string `mapsep:"none" placeholder:"KEY=VALUE" help:"A value the playbook asks for at its start; may be repeated."`
	By       string            `required:"" placeholder:"PERSON" help:"Id of the person who starts it; recorded as claimed."`
	Exercise bool              `help:"A drill: marked as an exercise everywhere, writes nothing into the register, counts for nothing, and runs beside a real one."`
}

func (c *startCmd) Run(s *streams, g *globals) error {
	bot, err := g.running()
	if err != nil {
		return err
	}
	defer bot.Close()
	ctx, cancel := context.WithTimeout(context.Background(), answerBudget)
	defer cancel()
	reply, err := bot.Start(ctx, web.StartRequest{Playbook: c.Playbook, Subject: c.Subject, By: c.By, Input: c.Input, Exercise: c.Exercise})
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.out, struct {
			Run string `json:"run"`
		}{reply.Run})
	}
	if reply.Open {
		say(s.out, "Run %s is open already; nothing new was started.", reply.Run)
	} else {
		say(s.out, "Started run %s.", reply.Run)
	}
	say(s.out, "See it with: aimsbot show %s", reply.Run)
	return nil
}
