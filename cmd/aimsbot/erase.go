package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

type eraseCmd struct {
	RunID  string   `name:"run" required:"" placeholder:"RUN" help:"Id of the run, or the beginning of it."`
	Step   []string `required:"" placeholder:"STEP" help:"Id of a step whose answers, decisions and reasons are removed; may be repeated."`
	Reason string   `required:"" placeholder:"TEXT" help:"Why; it is recorded."`
	By     string   `required:"" placeholder:"PERSON" help:"Id of the person who has it erased; recorded as claimed."`
}

// erasureLeft is what no erasure of ours can reach.
const erasureLeft = "Not reached from here: messages in Slack, issues in Jira, packs and backups made earlier, and Temporal's encrypted history until its retention ends."

func (c *eraseCmd) Run(s *streams, g *globals) error {
	return g.onRun(c.RunID, func(ctx context.Context, bot *web.Client, row port.RunRow) error {
		reply, err := bot.Erase(ctx, web.EraseRequest{Run: row.ID, Steps: c.Step, Reason: c.Reason, By: c.By})
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(s.out, reply)
		}
		if reply.Fields == 0 && reply.Documents == 0 {
			say(s.out, "Nothing was left to erase in %s of run %s.", strings.Join(c.Step, ", "), row.ID)
			return nil
		}
		say(s.out, "Erased %s and %s of run %s.", counted(reply.Fields, "field"), counted(reply.Documents, "evidence document"), row.ID)
		say(s.out, erasureLeft)
		return nil
	})
}

// mayErase are the roles that may have something erased.
var mayErase = []string{"aims-manager", "data-protection-officer"}

// Erase removes what people said in steps of a closed run, for those who may
// have that done.
func (d desk) Erase(ctx context.Context, q web.EraseRequest) (web.EraseReply, error) {
	o, err := d.a.ledger.SnapshotAt(ctx, d.a.opt.now())
	if err != nil {
		return web.EraseReply{}, err
	}
	i := slices.IndexFunc(mayErase, func(role string) bool { return slices.Contains(o.Acting(role, false), q.By) })
	if i < 0 {
		return web.EraseReply{}, web.Errorf(web.Refused, "%s may not have anything erased. These roles may: %s.", q.By, strings.Join(mayErase, ", "))
	}
	row, err := d.a.ledger.Run(ctx, q.Run)
	if err != nil {
		return web.EraseReply{}, err
	}
	for _, step := range q.Steps {
		if row.Definition.Playbook.Step(step) == nil {
			return web.EraseReply{}, web.Errorf(web.Usage, "the playbook has no step %q; steps: %s", step, strings.Join(stepIDs(row), ", "))
		}
	}
	done, err := d.a.ledger.Erase(ctx, ledger.Erasure{Run: q.Run, Steps: q.Steps, By: q.By, Role: mayErase[i], Reason: q.Reason})
	if errors.Is(err, ledger.ErrRunBusy) {
		return web.EraseReply{}, web.Errorf(web.Refused, "run %s still needs what people said in it: wait until it has ended and its last message is sent, or end it with `aimsbot cancel`", q.Run)
	}
	return web.EraseReply{Run: q.Run, Fields: done.Fields, Documents: done.Documents}, err
}

func stepIDs(r port.RunRow) []string {
	var ids []string
	for _, s := range r.Definition.Playbook.All() {
		if s.ID.V != "" {
			ids = append(ids, s.ID.V)
		}
	}
	return ids
}
