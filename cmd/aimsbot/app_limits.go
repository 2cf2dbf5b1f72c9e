package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/redis"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

// settingRedis names the Redis in which replicas share call budgets; unset = each
// keeps its own.
const settingRedis = "REDIS_URL"

// readRedis reads and checks the setting. Its error names the variable and holds
// no password.
func readRedis() (redis.URL, error) {
	u := redis.URL(os.Getenv(settingRedis))
	if u == "" {
		return "", nil
	}
	if err := u.Check(); err != nil {
		return "", errors.New(settingRedis + " " + err.Error())
	}
	return u, nil
}

// openLimits connects to the Redis of the settings, if they name one.
func (a *app) openLimits() (err error) {
	if a.opt.settings.Redis == "" || !a.opt.settings.Limits {
		return nil
	}
	a.limits, err = redis.Open(redis.Options{URL: a.opt.settings.Redis, Installation: a.ledger.Installation(), Logger: a.opt.log})
	if err != nil {
		return fmt.Errorf("share call budgets: %w", err)
	}
	return nil
}

// budgets put something around the call budgets; nil = nothing.
type budgets struct {
	slack func(slack.Limiter) slack.Limiter
	jira  func(jira.Limiter) jira.Limiter
}

// slackLimiter holds Slack's budgets: this process's own, or shared.
func (a *app) slackLimiter() slack.Limiter {
	l := slack.NewLocalLimiter(time.Now)
	if a.limits != nil {
		l = slackBudgets{shared: a.limits, own: l}
	}
	if around := a.opt.budgets.slack; around != nil {
		l = around(l)
	}
	return l
}

// jiraLimiter holds Jira's budgets: this process's own, or shared.
func (a *app) jiraLimiter() jira.Limiter {
	l := jira.NewLocalLimiter(time.Now)
	if a.limits != nil {
		l = jiraBudgets{shared: a.limits, own: l}
	}
	if around := a.opt.budgets.jira; around != nil {
		l = around(l)
	}
	return l
}

// slackBudgets are shared, and this process's own while Redis cannot be asked.
type slackBudgets struct {
	shared *redis.Limits
	own    slack.Limiter
}

// Take takes one call from a bucket.
func (b slackBudgets) Take(ctx context.Context, bucket string, r slack.Rate) (time.Duration, error) {
	wait, err := b.shared.Take(ctx, "slack:"+bucket, redis.Budget{PerMinute: r.Steady(), Burst: r.Burst})
	if err != nil {
		return b.own.Take(ctx, bucket, r)
	}
	return wait, nil
}

// Pause closes a bucket for a while, for this process in any case.
func (b slackBudgets) Pause(ctx context.Context, bucket string, d time.Duration) {
	_ = b.shared.Pause(ctx, "slack:"+bucket, d) // logged there; the others will be told by Slack itself
	b.own.Pause(ctx, bucket, d)
}

// jiraBudgets are shared, and this process's own while Redis cannot be asked.
type jiraBudgets struct {
	shared *redis.Limits
	own    jira.Limiter
}

// Allow takes one call.
func (b jiraBudgets) Allow(ctx context.Context, key string, l jira.Limit) (time.Duration, error) {
	wait, err := b.shared.Take(ctx, key, redis.Budget{PerMinute: int(math.Round(l.PerSecond * 60)), Burst: l.Burst})
	if err != nil {
		return b.own.Allow(ctx, key, l)
	}
	return wait, nil
}

// Pause lets no call of the key through for a while, for this process in any case.
func (b jiraBudgets) Pause(ctx context.Context, key string, d time.Duration) error {
	_ = b.shared.Pause(ctx, key, d) // logged there; the others will be told by Jira itself
	return b.own.Pause(ctx, key, d)
}
