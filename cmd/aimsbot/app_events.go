package main

import (
	"context"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// alertPath is where Alertmanager sends its notifications.
const alertPath = "/hooks/alertmanager"

// takeAlerts keeps alerts, and has them looked at without waiting for it: they
// are acknowledged when they are kept.
func (a *app) takeAlerts(ctx context.Context, alerts []port.Alert) error {
	if err := a.acts.Alerted(ctx, alerts); err != nil {
		return err
	}
	a.soon()
	return nil
}

// soon has events looked at now, and not with the next sweep.
func (a *app) soon() {
	select {
	case a.happened <- struct{}{}:
	default: // a look is coming
	}
}

// followEvents looks at events as they come.
func (a *app) followEvents(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.happened:
			a.try(ctx, matchJob, a.acts.Match)
		}
	}
}

// matchJob is what looking at events is called in the log and in metrics.
const matchJob = "look at events"

// takesAlerts names the playbooks that alerts begin.
func (c *config) takesAlerts() (names []string) {
	for _, l := range c.playbooks {
		s := l.playbook.Starts
		if s != nil && slices.ContainsFunc(s.Events, func(e playbooks.EventStart) bool { return e.Event.V == playbooks.AlertReceived }) {
			names = append(names, l.playbook.Name.V)
		}
	}
	slices.Sort(names)
	return names
}

// warnOfHook tells that alerts are refused, and louder where something waits for
// them.
func (a *app) warnOfHook() {
	if a.opt.settings.HookToken != "" {
		return
	}
	if names := a.opt.config.takesAlerts(); len(names) > 0 {
		a.opt.log.Warn("AIMSBOT_HOOK_TOKEN is not set: alerts are refused, and these playbooks wait for them", "path", alertPath, "playbooks", names)
		return
	}
	a.opt.log.Info("AIMSBOT_HOOK_TOKEN is not set: alerts are refused", "path", alertPath)
}
