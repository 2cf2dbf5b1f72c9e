package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aimsbot/aimsbot/activities/port"
)

// restartProgram crashes the server of postgresURL and starts it again.
const restartProgram = "AIMSBOT_TEST_POSTGRES_RESTART"

// acts runs n acts on each ledger from several goroutines and returns their
// ids. No act may fail.
func acts(t *testing.T, n int, ledgers ...*Ledger) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	var all sync.WaitGroup
	for i, l := range ledgers {
		for g := range 4 {
			for a := range n {
				ids[fmt.Sprintf("%d-%d-%d", i, g, a)] = true
			}
			all.Go(func() {
				for a := range n {
					if err := act(context.WithoutCancel(t.Context()), l, fmt.Sprintf("%d-%d-%d", i, g, a)); err != nil {
						t.Errorf("act %d-%d-%d: %v", i, g, a, err)
					}
				}
			})
		}
	}
	all.Wait()
	return ids
}

// whole checks tree and inbox, and that each act is there once and no more.
func whole(t *testing.T, l *Ledger, ids map[string]bool) {
	t.Helper()
	head := got[Head](t)(l.Check(t.Context()))
	checkActs(t, l, ids)
	if want := int64(1 + 2*len(ids)); head.Size != want {
		t.Errorf("%d records, want %d", head.Size, want)
	}
	if rows := got[[]port.InboxRow](t)(l.RowsAfter(t.Context(), "run", 0, 1<<30)); len(rows) != len(ids) {
		t.Errorf("%d inbox rows, want %d", len(rows), len(ids))
	}
}

// TestPostgresWriters opens a new database from several pools at once and
// writes through all of them: one installation, one dense ledger.
func TestPostgresWriters(t *testing.T) {
	t.Parallel()
	db := freshDatabase(t)
	ledgers := make([]*Ledger, 3)
	var all sync.WaitGroup
	for i := range ledgers {
		all.Go(func() {
			l, err := Open(t.Context(), at(string(db)))
			if err != nil {
				t.Error(err)
				return
			}
			ledgers[i] = l
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, l := range ledgers {
		t.Cleanup(func() { must(t, l.Close()) })
		if l.Installation() != ledgers[0].Installation() {
			t.Errorf("installations %s and %s", l.Installation(), ledgers[0].Installation())
		}
	}
	whole(t, ledgers[0], acts(t, 8, ledgers...))
	for _, l := range ledgers {
		must(t, l.Close())
	}
	if left := askPostgres(t, db, "SELECT id FROM writers"); len(left) != 0 {
		t.Errorf("stopped writers left rows: %v", left)
	}
}

// TestPostgresHeadLock: while somebody holds the head, a writer waits in the
// database, also a writer that appends nothing.
func TestPostgresHeadLock(t *testing.T) {
	t.Parallel()
	db := freshDatabase(t)
	l := openPostgres(t, Options{URL: db})
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))
	for name, write := range map[string]func() error{
		"inbox": func() error { _, _, err := l.Put(t.Context(), click("run", 1)); return err },
		"claim": func() error { _, err := l.Claim(t.Context(), "aims-1", noon, noon.Add(time.Second)); return err },
	} {
		holder := got[*pgx.Conn](t)(pgx.Connect(t.Context(), string(db)))
		tx := got[pgx.Tx](t)(holder.Begin(t.Context()))
		_, err := tx.Exec(t.Context(), "UPDATE head SET size = size")
		must(t, err)
		done := make(chan error, 1)
		go func() { done <- write() }()
		waiting := func() bool {
			return len(askPostgres(t, db, "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")) > 0
		}
		for !waiting() {
			select {
			case err := <-done:
				t.Fatalf("%s did not wait for the head: %v", name, err)
			case <-time.After(time.Millisecond):
			}
		}
		must(t, tx.Commit(t.Context()))
		must(t, <-done)
		must(t, holder.Close(t.Context()))
	}
}

// TestPostgresKilledSessions ends the server's sessions again and again, most
// of them within a commit: no act fails, none is lost, none is there twice.
func TestPostgresKilledSessions(t *testing.T) {
	t.Parallel()
	db := freshDatabase(t)
	ledgers := []*Ledger{openPostgres(t, Options{URL: db}), openPostgres(t, Options{URL: db})}
	// What is deferred runs within COMMIT, which is else too short to be hit.
	askPostgres(t, db, `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.003); RETURN NULL; END $$`)
	askPostgres(t, db, `CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON inbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()`)
	var commits, others atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var killer sync.WaitGroup
	killer.Go(func() {
		conn, err := pgx.Connect(ctx, string(db))
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		kill := func(where string, count *atomic.Int64) {
			var n int64
			err := conn.QueryRow(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "+where).Scan(&n)
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			count.Add(n)
		}
		// Each writer must get through now and then, or its patience ends.
		for hit := int64(0); ctx.Err() == nil; {
			kill("state = 'active' AND query = 'commit'", &commits)
			if commits.Load() > hit {
				kill("random() < 0.3", &others)
				time.Sleep(300 * time.Millisecond)
			}
			hit = commits.Load()
		}
	})
	ids := acts(t, 15, ledgers...)
	stop()
	killer.Wait()
	whole(t, ledgers[0], ids)
	t.Logf("%d acts, %d sessions killed in a commit, %d elsewhere", len(ids), commits.Load(), others.Load())
	if commits.Load() == 0 {
		t.Error("no commit was hit; the test proved nothing")
	}
}

// TestPostgresRestart crashes the server while two ledgers write and read.
// Not parallel: it takes the server away from everybody.
func TestPostgresRestart(t *testing.T) {
	program := os.Getenv(restartProgram)
	if program == "" {
		t.Skip(restartProgram + " is not set: `make stores` starts a PostgreSQL that may be crashed")
	}
	db := freshDatabase(t)
	ledgers := []*Ledger{openPostgres(t, Options{URL: db}), openPostgres(t, Options{URL: db})}
	ids := make(chan map[string]bool, 1)
	go func() { ids <- acts(t, 60, ledgers...) }()
	for range 2 {
		before := got[Head](t)(ledgers[0].Head(t.Context())).Size
		for got[Head](t)(ledgers[0].Head(t.Context())).Size < before+10 {
			time.Sleep(time.Millisecond)
		}
		if out, err := exec.CommandContext(t.Context(), program).CombinedOutput(); err != nil {
			t.Fatalf("restart: %v %s", err, out)
		}
		must(t, ledgers[1].Ping(t.Context()))
	}
	whole(t, ledgers[1], <-ids)
}

func TestPostgresOpen(t *testing.T) {
	t.Parallel()
	db := freshDatabase(t)
	if _, err := OpenReadOnly(t.Context(), at(string(db))); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("an empty database: %v", err)
	}
	w := openPostgres(t, Options{URL: db})
	createRun(t, w, "run", "cv-screener")
	r := got[*Ledger](t)(OpenReadOnly(t.Context(), at(string(db))))
	if r.Installation() != w.Installation() {
		t.Errorf("installation %q", r.Installation())
	}
	dir := filepath.Join(t.TempDir(), "pack")
	got[Manifest](t)(r.Export(t.Context(), "run", dir))
	if rep := got[Report](t)(Verify(dir, VerifyOptions{Self: true})); !rep.OK {
		t.Errorf("pack: %v", rep.Findings)
	}
	if _, err := r.db.ExecContext(t.Context(), "DELETE FROM records"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a reader wrote: %v", err)
	}
	must(t, r.Close())
	demo := at(string(db))
	demo.Demo = true
	var purpose *PurposeError
	if _, err := Open(t.Context(), demo); !errors.As(err, &purpose) || !strings.Contains(err.Error(), "holds a real ledger") {
		t.Errorf("the demo on a real ledger: %v", err)
	}
	askPostgres(t, db, "INSERT INTO "+versionTable+" (version_id, is_applied) VALUES (999, true)")
	var newer *NewerError
	for name, open := range map[string]func(context.Context, Options) (*Ledger, error){"write": Open, "read": OpenReadOnly} {
		if _, err := open(t.Context(), at(string(db))); !errors.As(err, &newer) || newer.Have != 999 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPostgresPromises: a database that would break what the ledger promises is
// refused.
func TestPostgresPromises(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ setting, says string }{
		{"ALTER DATABASE %s SET synchronous_commit = off", "synchronous_commit = off"},
		{"ALTER DATABASE %s SET default_transaction_isolation = 'serializable'", ""},
	} {
		db := freshDatabase(t)
		u := got[*url.URL](t)(url.Parse(string(db)))
		askPostgres(t, db, fmt.Sprintf(tt.setting, strings.TrimPrefix(u.Path, "/")))
		l, err := Open(t.Context(), at(string(db)))
		if tt.says != "" {
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: %v", tt.setting, err)
			}
			continue
		}
		must(t, err)
		whole(t, l, acts(t, 3, l)) // our own level counts
		must(t, l.Close())
	}
}
