package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
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

// takesAlerts names the playbooks that alerts begin, and those of them that are
// the organisation's own.
func (c *config) takesAlerts() (names, own []string) {
	for _, l := range c.playbooks {
		s := l.playbook.Starts
		if s != nil && l.runs() && slices.ContainsFunc(s.Events, func(e playbooks.EventStart) bool { return e.Event.V == playbooks.AlertReceived }) {
			names = append(names, l.playbook.Name.V)
			if !strings.HasPrefix(l.file, shippedFolder) {
				own = append(own, l.playbook.Name.V)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(own)
	return names, own
}

// warnOfHook tells that alerts are refused, and louder where something waits for
// them.
func (a *app) warnOfHook() {
	if a.opt.settings.HookToken != "" {
		return
	}
	if _, names := a.opt.config.takesAlerts(); len(names) > 0 {
		a.opt.log.Warn("AIMSBOT_HOOK_TOKEN is not set: alerts are refused, and these playbooks wait for them", "path", alertPath, "playbooks", names)
		return
	}
	a.opt.log.Info("AIMSBOT_HOOK_TOKEN is not set: alerts are refused", "path", alertPath)
}

// taking are the playbooks that a word after `/aims` starts.
func (c *config) taking(word string) (out []*playbooks.Playbook) {
	for _, l := range c.playbooks {
		s := l.playbook.Starts
		if s != nil && !l.playbook.Abstract && slices.ContainsFunc(s.Commands, func(w playbooks.Str) bool { return w.V == word }) {
			out = append(out, l.playbook)
		}
	}
	return out
}

// reportFromSlack starts the playbook that takes an incident. Where there are
// several, the first word says which.
func (a *app) reportFromSlack(ctx context.Context, r intake.Report) (playbook, run string, err error) {
	taking := a.shelf.config().taking(r.Word)
	var names []string
	for _, p := range taking {
		names = append(names, p.Name.V)
	}
	about := r.About
	if len(about) > 0 {
		if i := slices.Index(names, about[0]); i >= 0 {
			taking, about = taking[i:i+1], about[1:]
		}
	}
	switch {
	case len(taking) == 0:
		return "", "", &intake.RefusedError{Text: fmt.Sprintf("No playbook here is started by `/aims %s`, so nothing was recorded. Tell the AIMS manager: a playbook says so with starts: {commands: [%s]}.", r.Word, r.Word)}
	case len(taking) > 1:
		return "", "", &intake.RefusedError{Text: fmt.Sprintf("There are several kinds: %s. Name one: `/aims %s %s SYSTEM WHAT HAPPENED`. Nothing was recorded.", strings.Join(names, ", "), r.Word, names[0])}
	case len(about) == 0:
		return "", "", &intake.RefusedError{Text: fmt.Sprintf("Name the system and say what happened: `/aims %s SYSTEM WHAT HAPPENED`. Nothing was recorded.", r.Word)}
	}
	p := taking[0]
	subject, input := reported(p, about[0], strings.Join(about[1:], " "))
	run, err = a.startFromSlack(ctx, intake.StartRequest{Playbook: p.Name.V, Subject: subject, By: r.By, Door: port.EventDoorSlack, Input: input})
	return p.Title.V, run, err
}

// reported is what a run is about and started with that a person reports: what they
// wrote, and that it came from a person, where the playbook asks for that. A run
// about an incident is about a new one, and is told of which system it is.
func reported(p *playbooks.Playbook, system, what string) (subject string, input map[string]string) {
	input = map[string]string{}
	if subject = system; org.RegisterOnly(p.About()) {
		subject = ""
	}
	for _, q := range p.Input {
		switch {
		case subject == "" && q.ID.V == org.KindSystem && q.Type.V == playbooks.TypeSystem:
			input[q.ID.V] = system
		case q.ID.V == "what" && what != "":
			input[q.ID.V] = what
		case q.ID.V == "channel" && slices.ContainsFunc(q.Options, func(o playbooks.Option) bool { return o.ID.V == "person" }):
			input[q.ID.V] = "person"
		}
	}
	return subject, input
}

// raiseFromSlack keeps a concern.
func (a *app) raiseFromSlack(ctx context.Context, r intake.Report) error {
	_, _, err := a.acts.Raise(ctx, activities.RaiseRequest{
		Event: playbooks.EventConcernRaised, Kind: "system", Subject: r.About[0], By: r.By, Door: port.EventDoorSlack, Key: r.DeliveryKey,
		Values: map[string]string{"what": strings.Join(r.About[1:], " ")},
	})
	var refusal *activities.Refusal
	if errors.As(err, &refusal) {
		return &intake.RefusedError{Text: refusal.Reason}
	}
	if err == nil {
		a.soon()
	}
	return err
}
