package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a ledger?#%.db") // characters that mean something in a DSN
	open := func(key LedgerKey) (id string, size int64) {
		l := got[*Ledger](t)(Open(t.Context(), Options{Path: path, Key: key}))
		defer func() { must(t, l.Close()) }()
		must(t, l.Ping(t.Context()))
		return l.Installation(), got[Head](t)(l.Check(t.Context())).Size
	}
	id, size := open(testKey(1))
	if len(id) != 26 || size != 1 {
		t.Fatalf("installation %q, %d records", id, size)
	}
	for _, step := range []struct {
		key  LedgerKey
		size int64
	}{{testKey(1), 1}, {testKey(2), 2}, {testKey(2), 2}, {testKey(1), 3}} {
		if again, size := open(step.key); again != id || size != step.size {
			t.Errorf("opened again: installation %q, %d records, want %d", again, size, step.size)
		}
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the write-ahead log is left: %v", err)
	}
	if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}

// TestDurable holds the settings that no kill of a process can test, because
// the operating system keeps what was not flushed.
func TestDurable(t *testing.T) {
	t.Parallel()
	l := openSQLite(t, Options{})
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var is string
		must(t, l.writer.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&is))
		if is != want {
			t.Errorf("%s is %s, want %s", name, is, want)
		}
	}
}

func TestOpenNewer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, got[*Ledger](t)(Open(t.Context(), Options{Path: path, Key: testKey(1)})).Close())
	db := got[*sql.DB](t)(sql.Open("sqlite", path))
	_, err := db.ExecContext(t.Context(), "INSERT INTO "+versionTable+" (version_id, is_applied) VALUES (999, 1)")
	must(t, err)
	must(t, db.Close())
	var newer *NewerError
	for name, open := range map[string]func(context.Context, Options) (*Ledger, error){"write": Open, "read": OpenReadOnly} {
		if _, err := open(t.Context(), Options{Path: path, Key: testKey(1)}); !errors.As(err, &newer) || newer.Have != 999 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := OpenReadOnly(t.Context(), Options{Path: path}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	must(t, os.WriteFile(empty, nil, 0o600))
	if _, err := OpenReadOnly(t.Context(), Options{Path: empty}); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("an empty file: %v", err)
	}
	w := openSQLite(t, Options{Path: path})
	createRun(t, w, "run", "cv-screener")
	for _, beside := range []bool{true, false} {
		if !beside {
			must(t, w.Close())
		}
		r := got[*Ledger](t)(OpenReadOnly(t.Context(), Options{Path: path, Key: testKey(1)}))
		must(t, r.Ping(t.Context()))
		if r.Installation() != w.Installation() {
			t.Errorf("installation %q", r.Installation())
		}
		got[port.RunRow](t)(r.Run(t.Context(), "run"))
		dir := filepath.Join(t.TempDir(), "pack")
		got[Manifest](t)(r.Export(t.Context(), "run", dir))
		if rep := got[Report](t)(Verify(dir, VerifyOptions{Self: true})); !rep.OK {
			t.Errorf("pack: %v", rep.Findings)
		}
		if err := r.Commit(t.Context(), port.Batch{}); !errors.Is(err, ErrClosed) {
			t.Errorf("a write gave %v", err)
		}
		must(t, r.Close())
	}
	if _, _, err := w.Put(t.Context(), click("run", 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("a write after Close gave %v", err)
	}
}

func TestFailpoints(t *testing.T) {
	t.Parallel()
	var seen []string
	l := openSQLite(t, Options{Failpoint: func(name string) { seen = append(seen, name) }})
	_, _, err := l.Put(t.Context(), click("run", 1))
	must(t, err)
	must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))
	must(t, l.Settle(t.Context(), effect("run", "aims-1"), nil))
	want := []string{"inbox.before", "inbox.after", "records.before", "records.after", "outcome.before", "outcome.after"}
	if !slices.Equal(seen, want) {
		t.Errorf("failpoints: %v", seen)
	}
}

// TestErasedBytesAreGone looks for an erased value in the files themselves.
func TestErasedBytesAreGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openSQLite(t, Options{Path: path})
	secret := "a very personal sentence"
	createRun(t, l, "run", "cv-screener")
	r := record("run", "decision.accepted", "1")
	r.Body = map[string]any{"reason": strings.Repeat(secret, 500)} // fills pages of its own
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Records: []port.Record{r}, Close: &port.RunClose{Outcome: "approved", At: noon}}))
	onDisk := func() bool {
		var all strings.Builder
		for _, f := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(f)
			must(t, err)
			all.Write(b)
		}
		return strings.Contains(all.String(), secret)
	}
	if !onDisk() {
		t.Fatal("the value is not in the files; the test looks in the wrong place")
	}
	got[Erased](t)(l.Erase(t.Context(), Erasure{Run: "run", Steps: []string{"sign_off"}, By: "max", Role: "aims-manager", Reason: "asked by the person"}))
	if onDisk() {
		t.Error("the erased value is still in the files")
	}
}

func TestCheckNamesTheFirstBadRecord(t *testing.T) {
	t.Parallel()
	for name, sabotage := range map[string]string{
		"header":  `UPDATE records SET header = replace(header, 'kind":"good', 'kind":"best') WHERE idx = 3`,
		"leaf":    `UPDATE records SET leaf = (SELECT leaf FROM records WHERE idx = 2) WHERE idx = 3`,
		"missing": `DELETE FROM records WHERE idx = 3`,
		"hash":    `UPDATE hashes SET hash = (SELECT hash FROM hashes WHERE id = 0) WHERE id = 4`,
		"body":    `UPDATE bodies SET value = '"other"' WHERE idx = 3 AND name = 'reason'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ledger.db")
			l := openSQLite(t, Options{Path: path})
			for n := range 5 {
				r := record("run", "good", fmt.Sprint(n))
				r.Body = map[string]any{"reason": "x"}
				must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{r}}))
			}
			must(t, l.Close())
			db := got[*sql.DB](t)(sql.Open("sqlite", path))
			_, err := db.ExecContext(t.Context(), sabotage)
			must(t, err)
			must(t, db.Close())
			bad := got[*Ledger](t)(OpenReadOnly(t.Context(), Options{Path: path}))
			_, err = bad.Check(t.Context())
			must(t, bad.Close())
			var first *CheckError
			if !errors.As(err, &first) || first.Index != 3 {
				t.Errorf("found: %v", err)
			}
		})
	}
}

func TestKeyText(t *testing.T) {
	t.Parallel()
	k := got[LedgerKey](t)(NewKey())
	if back := got[LedgerKey](t)(ParseKey(k.Text() + "\n")); back != k {
		t.Error("the key changed on its way through text")
	}
	if shown := fmt.Sprintf("%v %s %#v %+v", k, k, k, Options{Key: k}); strings.Contains(shown, fmt.Sprint([]byte(k[:4])[0:4])) || strings.Contains(shown, k.Text()) {
		t.Errorf("a print shows the key: %s", shown)
	}
	for _, bad := range []string{"", "abc", "aimsbot-ledger-key:abc", strings.TrimPrefix(k.Text(), keyPrefix)} {
		if _, err := ParseKey(bad); err == nil || bad != "" && len(bad) > 20 && strings.Contains(err.Error(), bad) {
			t.Errorf("ParseKey(%q): %v", bad, err)
		}
	}
}
