package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

// budgetLog is what the bot's call budgets let through, and when they were
// closed. The sandbox sees when calls arrive, but not when they were sent: a call
// under way when a 429 is being read cannot know of it. The budgets know.
type budgetLog struct {
	mu     sync.Mutex
	events []budgetEvent
}

type budgetEvent struct {
	at     time.Time
	key    string        // "slack:" and the bucket, or Jira's key
	paused time.Duration // 0: a call was let through
}

// around looks on at the budgets.
func (b *budgetLog) around() budgets {
	return budgets{
		slack: func(l slack.Limiter) slack.Limiter { return watchedSlack{l, b} },
		jira:  func(l jira.Limiter) jira.Limiter { return watchedJira{l, b} },
	}
}

// add notes an event; b.mu is held since before it happened, so that the order
// of the events is that of what happened.
func (b *budgetLog) add(key string, paused time.Duration) {
	b.events = append(b.events, budgetEvent{time.Now(), key, paused})
}

type watchedSlack struct {
	slack.Limiter
	log *budgetLog
}

func (w watchedSlack) Take(ctx context.Context, bucket string, r slack.Rate) (time.Duration, error) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	wait, err := w.Limiter.Take(ctx, bucket, r)
	if wait <= 0 || err != nil {
		w.log.add("slack:"+bucket, 0)
	}
	return wait, err
}

func (w watchedSlack) Pause(ctx context.Context, bucket string, d time.Duration) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.Limiter.Pause(ctx, bucket, d)
	w.log.add("slack:"+bucket, d)
}

type watchedJira struct {
	jira.Limiter
	log *budgetLog
}

func (w watchedJira) Allow(ctx context.Context, key string, l jira.Limit) (time.Duration, error) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	wait, err := w.Limiter.Allow(ctx, key, l)
	if wait <= 0 || err != nil {
		w.log.add(key, 0)
	}
	return wait, err
}

func (w watchedJira) Pause(ctx context.Context, key string, d time.Duration) error {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	err := w.Limiter.Pause(ctx, key, d)
	w.log.add(key, d)
	return err
}

// letThrough lists the calls that a closed budget let through all the same.
func (b *budgetLog) letThrough() (broken []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, p := range b.events {
		for _, later := range b.events[i+1:] {
			if p.paused > 0 && later.paused == 0 && later.key == p.key && later.at.Before(p.at.Add(p.paused)) {
				broken = append(broken, fmt.Sprintf("%s let a call through %s after it was closed for %s\n", p.key, later.at.Sub(p.at), p.paused))
			}
		}
	}
	return broken
}

// underWay tells whether a call that arrived after a 429 had been let through
// before the 429 was known here.
func (b *budgetLog) underWay(limited, later sandbox.Call) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := slices.IndexFunc(b.events, func(e budgetEvent) bool {
		return e.paused > 0 && !e.at.Before(limited.At) && keyOf(limited, e.key)
	})
	if known < 0 {
		return false // nothing was closed
	}
	p := b.events[known]
	return !slices.ContainsFunc(b.events[known:], func(e budgetEvent) bool {
		return e.paused == 0 && e.key == p.key && !e.at.After(later.At)
	})
}

// keyOf tells whether a budget is what a 429 closes.
func keyOf(c sandbox.Call, key string) bool {
	switch {
	case c.Target == "slack":
		method := strings.TrimPrefix(paused(c), "slack ")
		return key == "slack:"+strings.Replace(method, " ", ":", 1)
	case c.Reason == "jira-burst-based":
		return strings.HasPrefix(key, "jira:call:"+c.Method+" ")
	case c.Reason == "jira-per-issue-on-write":
		return strings.HasPrefix(key, "jira:issue:")
	}
	return key == "jira:tenant"
}
