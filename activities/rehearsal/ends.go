package rehearsal

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// ends ends the run that a step waits for, in the way the scenario says.
func (p *play) ends(at source.Pos, e *scenario.Ends) error {
	r := p.main()
	open := r.state.FindOpen(playbooks.ReadStepRef(e.Step))
	if open == nil {
		p.fail(at, "%s waits for no run now. %s", e.Step, stands(r))
		return nil
	}
	i := slices.IndexFunc(p.runs, func(x *run) bool { return x.ID == open.Child })
	if i < 0 {
		p.fail(at, "%s waits for run %s, which is not of this scenario", e.Step, open.Child)
		return nil
	}
	child := p.runs[i]
	child.state.Outcome, child.decreed = e.Outcome, true
	if err := p.stage.Ledger.Commit(p.ctx, port.Batch{Run: child.ID, Close: &port.RunClose{Outcome: e.Outcome, At: p.stage.Now()}}); err != nil {
		return fmt.Errorf("end run %s: %w", child.ID, err)
	}
	if err := p.acts.TellWaiting(p.ctx, child.ID); err != nil {
		return err
	}
	return p.settle()
}
