package main

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// twinState is what a hand-written assessment remembers.
type twinState struct {
	Run, System string
	Phase       string // "", form, tasks, sign, ended
	Cursor      int64
	Tasks       []string // finished
	Officer     bool
	Votes       int
	Version     int       // of the decision's messages
	Reread      []string  // keys of issues to read again
	Go          bool      // the next phase may begin, or a task was finished
	Finished    []string  // tasks finished since the last advance
	New         []twinRef // effects just intended; for the plain program alone
}

// twinRef names an effect and the one it builds on.
type twinRef struct{ Key, Of string }

func twinLocal(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 6 * time.Second})
}

func twinRegular(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
}

// twinRun is the bare twin: the assessment written by hand with the same
// signals, timer and local activities as the bot's run of it, and no playbook.
func twinRun(ctx workflow.Context, s twinState) error {
	inbox := workflow.GetSignalChannel(ctx, temporal.InboxSignal)
	local := func(name string) error {
		return workflow.ExecuteLocalActivity(twinLocal(ctx), name, s).Get(ctx, &s)
	}
	perform := func() error {
		return workflow.ExecuteLocalActivity(twinLocal(ctx), "TwinPerform", s.Run).Get(ctx, nil)
	}
	if err := local("TwinAdvance"); err != nil {
		return err
	}
	if err := perform(); err != nil {
		return err
	}
	due := workflow.NewTimer(ctx, 14*24*time.Hour)
	for s.Phase != "ended" {
		workflow.NewSelector(ctx).
			AddReceive(inbox, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) }).
			AddFuture(due, func(workflow.Future) {}).Select(ctx)
		for inbox.ReceiveAsync(nil) {
		}
		if err := local("TwinJudge"); err != nil {
			return err
		}
		if len(s.Reread) > 0 {
			if err := local("TwinInspect"); err != nil {
				return err
			}
		}
		if s.Go {
			if err := local("TwinAdvance"); err != nil {
				return err
			}
		}
		if err := perform(); err != nil {
			return err
		}
	}
	return nil
}

// plainRun is the assessment as the plainest Temporal program: a local
// activity for what only the database is asked, and one ordinary activity for
// each call outside, in parallel where that is possible; a timer per phase.
func plainRun(ctx workflow.Context, s twinState) error {
	inbox := workflow.GetSignalChannel(ctx, temporal.InboxSignal)
	if err := plainStep(ctx, "TwinAdvance", &s); err != nil {
		return err
	}
	for s.Phase != "ended" {
		phase := s.Phase
		clock, stop := workflow.WithCancel(ctx)
		due := workflow.NewTimer(clock, 14*24*time.Hour)
		for s.Phase == phase {
			workflow.NewSelector(ctx).
				AddReceive(inbox, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) }).
				AddFuture(due, func(workflow.Future) {}).Select(ctx)
			for inbox.ReceiveAsync(nil) {
			}
			if err := plainRound(ctx, &s); err != nil {
				return err
			}
		}
		stop()
	}
	return nil
}

func plainRound(ctx workflow.Context, s *twinState) error {
	if err := plainStep(ctx, "TwinJudge", s); err != nil {
		return err
	}
	if len(s.Reread) > 0 {
		if err := workflow.ExecuteActivity(twinRegular(ctx), "TwinInspect", *s).Get(ctx, s); err != nil {
			return err
		}
	}
	if !s.Go {
		return nil
	}
	return plainStep(ctx, "TwinAdvance", s)
}

// plainStep does a step in the database and then its calls: first those that
// build on nothing new, then the others.
func plainStep(ctx workflow.Context, name string, s *twinState) error {
	if err := workflow.ExecuteLocalActivity(twinLocal(ctx), name, *s).Get(ctx, s); err != nil {
		return err
	}
	made := map[string]bool{}
	for _, e := range s.New {
		made[e.Key] = true
	}
	for _, second := range []bool{false, true} {
		var calls []workflow.Future
		for _, e := range s.New {
			if made[e.Of] == second {
				calls = append(calls, workflow.ExecuteActivity(twinRegular(ctx), "TwinEffect", e.Key))
			}
		}
		for _, c := range calls {
			if err := c.Get(ctx, nil); err != nil {
				return err
			}
		}
	}
	s.New = nil
	return nil
}
