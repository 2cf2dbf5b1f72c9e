package main

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/redis"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

// testRedis names a Redis that tests may write to; `.ci/with-stores` starts one
// and sets it.
const testRedis = "AIMSBOT_TEST_REDIS"

// TestSharedBudgets: what one replica called or was told to pause counts for the
// other one. Without Redis each goes on with budgets of its own.
func TestSharedBudgets(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	address := redis.URL("redis://" + server.Addr())
	replica := func() *app {
		l, err := redis.Open(redis.Options{URL: address, Installation: "i", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return &app{limits: l}
	}
	one, other := replica(), replica()
	post, move := slack.Rate{PerMinute: 60, Burst: 1}, jira.Limit{PerSecond: 5, Burst: 1}
	waits := func(a *app) (s, j time.Duration) {
		t.Helper()
		var err error
		if s, err = a.slackLimiter().Take(t.Context(), "chat.postMessage:C1", post); err != nil {
			t.Error(err)
		}
		if j, err = a.jiraLimiter().Allow(t.Context(), "jira:issue:GOV-1", move); err != nil {
			t.Error(err)
		}
		return s, j
	}
	if s, j := waits(one); s != 0 || j != 0 {
		t.Errorf("the first calls wait %s and %s", s, j)
	}
	if s, j := waits(other); s <= 0 || j <= 0 || s > 2*time.Second || j > time.Second {
		t.Errorf("the other replica's calls wait %s and %s", s, j)
	}
	one.slackLimiter().Pause(t.Context(), "chat.postMessage:C1", time.Hour)
	if err := one.jiraLimiter().Pause(t.Context(), "jira:issue:GOV-1", time.Hour); err != nil {
		t.Error(err)
	}
	if s, j := waits(other); s < 50*time.Minute || j < 50*time.Minute {
		t.Errorf("in a pause that Slack and Jira asked the other replica for, calls wait %s and %s", s, j)
	}
	server.Close()
	alone := replica()
	if s, j := waits(alone); s != 0 || j != 0 {
		t.Errorf("without Redis the first calls wait %s and %s", s, j)
	}
}

// TestPostgresRedisReplicas walks the large way with two replicas that share
// nothing but PostgreSQL, Redis and an outside Temporal. On the way Redis is
// emptied, gone and silent, and one of the replicas is replaced.
func TestPostgresRedisReplicas(t *testing.T) {
	t.Parallel()
	database, limits := os.Getenv(testPostgres), os.Getenv(testRedis)
	if database == "" || limits == "" {
		t.Skip(testPostgres + " or " + testRedis + " is not set: `make stores` starts both and runs this")
	}
	w := newTown(t, "")
	u, err := url.Parse(limits)
	if err != nil {
		t.Fatal(err)
	}
	line := newWire(t, u.Host)
	u.Host = line.listener.Addr().String()
	s := w.settings(keyA)
	s.Database, s.Redis, s.Limits = databaseFor(deferred{t}, database), redis.URL(u.String()), true
	replica := func(folder string) (*app, func() error) {
		t.Helper()
		a, stop, err := w.replica(folder, s)
		if err != nil {
			t.Fatal(err)
		}
		return a, stop
	}
	first, _ := replica("one")
	key, err := os.ReadFile(first.opt.data.file("ledger.key"))
	if err != nil {
		t.Fatal(err)
	}
	s.LedgerKey = strings.TrimSpace(string(key))
	_, stopSecond := replica("two")
	w.reaches(first)

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan [2]int, 1)
	go func() {
		steps, budgets := redisTrouble(ctx, t, first.ledger, limits, line)
		done <- [2]int{steps, budgets}
	}()
	replaced := make(chan struct{})
	go func() {
		defer close(replaced)
		for head, err := first.ledger.Head(ctx); err == nil && head.Size < 25; head, err = first.ledger.Head(ctx) {
			time.Sleep(20 * time.Millisecond)
		}
		if err := stopSecond(); err != nil {
			t.Error(err)
		}
	}()
	largeWay(w.world)
	<-replaced
	stop()
	if n := <-done; n[0] < 5 || n[1] == 0 {
		t.Errorf("Redis had trouble in %d steps and held %d budgets; the test proved little", n[0], n[1])
	}
	for _, kind := range []string{"Run", "Programme"} {
		w.until("the list of workflows", func() bool { return len(w.executionsOf(first.client, kind)) > 0 })
		if ids := w.executionsOf(first.client, kind); len(ids) != 1 {
			t.Errorf("workflows %s: %q, want one", kind, ids)
		}
	}
	if head, err := first.ledger.Check(t.Context()); err != nil || head.Size < 20 {
		t.Errorf("%d records: %v", head.Size, err)
	}
}

// redisTrouble empties Redis, cuts it off and makes it silent in turn, a step
// further each time that six records have come. It returns how many steps it
// made, and how many budgets it found.
func redisTrouble(ctx context.Context, t *testing.T, l *ledger.Ledger, server string, line *wire) (steps, budgets int) {
	o, err := goredis.ParseURL(server)
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	c := goredis.NewClient(o)
	defer func() { _ = c.Close() }()
	defer line.mend()
	empty := func() {
		budgets += int(c.DBSize(ctx).Val())
		if err := c.FlushAll(ctx).Err(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}
	for seen := int64(6); ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		head, err := l.Head(ctx)
		if err != nil || head.Size < seen {
			continue
		}
		seen = head.Size + 6
		[]func(){empty, line.cut, line.mend, line.hold, line.mend}[steps%5]()
		steps++
	}
	return steps, budgets
}
