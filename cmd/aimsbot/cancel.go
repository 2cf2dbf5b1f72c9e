package main

import (
	"context"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/web"
)

type cancelCmd struct {
	RunID  string `arg:"" name:"run" help:"Id of the run, or the beginning of it."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it is recorded and told to those who were asked."`
	By     string `required:"" placeholder:"PERSON" help:"Id of the person who cancels it; recorded as claimed."`
}

func (c *cancelCmd) Run(s *streams, g *globals) error {
	return g.onRun(c.RunID, func(ctx context.Context, bot *web.Client, row port.RunRow) error {
		reply, err := bot.Cancel(ctx, web.CancelRequest{Run: row.ID, Reason: c.Reason, By: c.By})
		if err != nil {
			return err
		}
		if g.JSON {
			if err := printJSON(s.out, reply); err != nil {
				return err
			}
		}
		switch reply.Verdict {
		case port.VerdictAccepted:
			if !g.JSON {
				say(s.out, "Run %s is cancelled. What is still open is withdrawn.", row.ID)
			}
			return nil
		case port.VerdictRefused, port.VerdictLate, port.VerdictIgnored:
			return web.Errorf(web.Refused, "run %s is not cancelled: %s", row.ID, tame(reply.Reason))
		}
		return fmt.Errorf("the cancellation of run %s is kept and will be judged as soon as Temporal answers; `aimsbot why %s` shows what became of it", row.ID, row.ID)
	})
}
