package rehearsal

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
)

// beginBy has an event begin the run of the scenario.
func (p *play) beginBy(h *scenario.Happens) error {
	if err := p.happens(h); err != nil {
		return err
	}
	i := slices.IndexFunc(p.runs, func(r *run) bool { return r.Playbook == p.one.Playbook })
	if i < 0 {
		p.fail(h.Pos, "%s begins no run of %s.", h.Event, p.one.Playbook)
		return nil
	}
	p.runs[0], p.runs[i] = p.runs[i], p.runs[0] // others may have begun by it too
	return p.settle()
}

// happens keeps an event as often as it happens, and looks at what it begins.
func (p *play) happens(h *scenario.Happens) error {
	about := port.Event{Kind: h.Kind, Subject: h.Subject}
	if h.Kind == "" {
		about.Kind, about.Subject = p.about(), p.one.Subject
	}
	for range h.Times {
		p.rows++
		_, _, err := p.stage.Ledger.PutEvent(p.ctx, port.Event{
			Key: fmt.Sprintf("scenario:%d", p.rows), Name: h.Event, Kind: about.Kind, Subject: about.Subject,
			At: p.stage.Now(), Values: h.Values, By: h.Person, Door: port.EventDoorCLI,
		})
		if err != nil {
			return fmt.Errorf("keep an event: %w", err)
		}
	}
	if err := p.acts.Match(p.ctx); err != nil {
		return fmt.Errorf("look at an event: %w", err)
	}
	return nil
}

// about is the kind of subject that the scenario is about.
func (p *play) about() string {
	def, err := p.stage.Library.Definition(p.one.Playbook)
	if err != nil {
		return org.KindSystem // starting the run says what is wrong
	}
	return def.Playbook.About()
}
