package main

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/aimsbot/aimsbot/integrations/ledger"
)

// testPostgres names the server in which tests make databases of their own;
// `.ci/with-stores` starts one and sets it.
const (
	testPostgres        = "AIMSBOT_TEST_POSTGRES"
	testPostgresRestart = "AIMSBOT_TEST_POSTGRES_RESTART"
)

// testEnv is a test, or a script of one.
type testEnv interface {
	Defer(f func())
}

type deferred struct{ *testing.T }

func (d deferred) Defer(f func()) { d.Cleanup(f) }

// databaseFor makes an empty database that is gone at the end.
func databaseFor(e testEnv, server string) ledger.DatabaseURL {
	name := "aims_" + strings.ToLower(rand.Text())
	tellPostgres(server, "CREATE DATABASE "+name)
	e.Defer(func() { tellPostgres(server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return ledger.DatabaseURL(u.String())
}

func tellPostgres(server, statement string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		panic(err)
	}
}

// TestPostgresLargeWay walks the large way with the ledger in PostgreSQL. On the
// way the server's sessions are ended, and the server crashes if it may.
func TestPostgresLargeWay(t *testing.T) {
	server := os.Getenv(testPostgres)
	if server == "" {
		t.Skip(testPostgres + " is not set: `make stores` starts a PostgreSQL and runs this")
	}
	db := databaseFor(deferred{t}, server)
	w := newWorld(t, demoCmd{NoRateLimits: true, database: db})
	if _, err := os.Stat(w.data.file("ledger.db")); err == nil {
		t.Error("there is a ledger in SQLite, too")
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() { done <- trouble(ctx, t, w, string(db)) }()
	largeWay(w)
	stop()
	if n := <-done; n < 2 {
		t.Errorf("there was trouble %d times; the test proved little", n)
	}
	if head, err := w.demo.app.ledger.Check(t.Context()); err != nil || head.Size < 20 {
		t.Errorf("%d records: %v", head.Size, err)
	}
}

// trouble ends all sessions each time that twenty records have come, and crashes
// the server the first time. It returns how often it did.
func trouble(ctx context.Context, t *testing.T, w *world, db string) (times int) {
	for seen, first := int64(20), true; ctx.Err() == nil; {
		head, err := w.demo.app.ledger.Head(ctx)
		if err != nil || head.Size < seen {
			continue
		}
		seen = head.Size + 20
		times++
		if program := os.Getenv(testPostgresRestart); first && program != "" {
			if out, err := exec.CommandContext(ctx, program).CombinedOutput(); err != nil && ctx.Err() == nil {
				t.Errorf("restart: %v %s", err, out)
			}
			first = false
			continue
		}
		tellPostgres(db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	return times
}
