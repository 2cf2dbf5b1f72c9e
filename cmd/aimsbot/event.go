package main

import (
	"context"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/web"
)

type eventCmd struct {
	Event string            `arg:"" help:"What happened, such as complaint.filed."`
	About string            `arg:"" help:"What it is about: KIND:ID, such as system:cv-screener; organisation alone."`
	With  map[string]string `mapsep:"none" placeholder:"KEY=VALUE" help:"A value of the event; may be repeated."`
	Key   string            `placeholder:"TEXT" help:"What makes a repetition the same event."`
	By    string            `required:"" placeholder:"PERSON" help:"Id of the person who says so; recorded as claimed."`
}

func (c *eventCmd) Run(s *streams, g *globals) error {
	kind, id, _ := strings.Cut(c.About, ":")
	bot, err := g.running()
	if err != nil {
		return err
	}
	defer bot.Close()
	ctx, cancel := context.WithTimeout(context.Background(), answerBudget)
	defer cancel()
	reply, err := bot.Raise(ctx, web.EventRequest{Event: c.Event, Kind: kind, Subject: id, By: c.By, Key: c.Key, Values: c.With})
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(s.out, reply)
	}
	if reply.Known {
		say(s.out, "This is event %d, which was kept before; nothing is begun a second time.", reply.Event)
	} else {
		say(s.out, "Kept as event %d.", reply.Event)
	}
	for _, l := range reply.Led {
		say(s.out, "%s: %s", l.Playbook, ledTo(l))
	}
	if len(reply.Led) == 0 {
		say(s.out, "No playbook begins by it, or not yet.")
	}
	return nil
}

// ledTo says what an event led to by a playbook.
func ledTo(l web.EventLed) string {
	switch l.How {
	case port.EventStarted, port.EventCounted:
		return "run " + l.Run + " began"
	case port.EventJoined:
		return "run " + l.Run + " is open and was told"
	}
	return "no run could be started: " + tame(l.Reason)
}
