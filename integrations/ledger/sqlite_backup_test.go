package ledger

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// later is the schema with one more migration.
func later(t testing.TB, up string) fs.FS {
	t.Helper()
	files := fstest.MapFS{"migrations/sqlite/00009_later.sql": {Data: []byte("-- +goose Up\n" + up + "\n")}}
	for _, name := range got[[]string](t)(fs.Glob(sqliteMigrations, "migrations/sqlite/*.sql")) {
		files[name] = &fstest.MapFile{Data: got[[]byte](t)(sqliteMigrations.ReadFile(name))}
	}
	return files
}

const (
	goodUp = "CREATE TABLE later (id INTEGER PRIMARY KEY);"
	badUp  = goodUp + "\nINSERT INTO nowhere VALUES (1);"
)

// olderLedger makes a ledger of today with one run in it, and returns its path.
func olderLedger(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openSQLite(t, Options{Path: path})
	createRun(t, l, "run", "cv-screener")
	must(t, l.Close())
	return path
}

// holdsRun opens a ledger with today's schema and looks for the run in it.
func holdsRun(t testing.TB, path string) {
	t.Helper()
	l := got[*Ledger](t)(Open(t.Context(), at(path)))
	_, err := l.Run(t.Context(), "run")
	must(t, errors.Join(err, l.Close()))
}

func filesBeside(t testing.TB, path string) []string {
	t.Helper()
	var names []string
	for _, e := range got[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(path))) {
		names = append(names, e.Name())
	}
	return names
}

func TestUpgradeKeepsCopy(t *testing.T) {
	t.Parallel()
	path := olderLedger(t)
	var log bytes.Buffer
	opts := at(path)
	opts.schema, opts.Logger = later(t, goodUp), slog.New(slog.NewTextHandler(&log, nil))
	for range 2 { // the second finds nothing to upgrade
		must(t, got[*Ledger](t)(Open(t.Context(), opts)).Close())
	}
	backup := path + ".before-schema-9"
	if n := strings.Count(log.String(), "upgraded"); n != 1 || !strings.Contains(log.String(), backup) {
		t.Errorf("logged %q", log.String())
	}
	if have := filesBeside(t, path); !slices.Equal(have, []string{"ledger.db", "ledger.db.before-schema-9"}) {
		t.Errorf("files: %q", have)
	}
	if info := got[fs.FileInfo](t)(os.Stat(backup)); info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v", info.Mode())
	}
	var newer *NewerError
	if _, err := Open(t.Context(), at(path)); !errors.As(err, &newer) {
		t.Errorf("the Aimsbot before opens it: %v", err)
	}
	// Going back: the copy takes the place, and is worked with.
	must(t, os.WriteFile(path, got[[]byte](t)(os.ReadFile(backup)), 0o600))
	holdsRun(t, path)
	l := openSQLite(t, Options{Path: path})
	createRun(t, l, "another", "chatbot")
	must(t, l.Close())
	// Forward again: what was copied first is not written over.
	before := got[[]byte](t)(os.ReadFile(backup))
	must(t, got[*Ledger](t)(Open(t.Context(), opts)).Close())
	if !bytes.Equal(before, got[[]byte](t)(os.ReadFile(backup))) {
		t.Error("the first copy was written over")
	}
	holdsRun(t, backup)
	holdsRun(t, backup+".2")
}

func TestUpgradeFails(t *testing.T) {
	t.Parallel()
	path := olderLedger(t)
	opts := at(path)
	opts.schema = later(t, badUp)
	backup := path + ".before-schema-9"
	for range 3 { // a service is started again and again: one copy stands for all
		_, err := Open(t.Context(), opts)
		var failed *UpgradeError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), backup) {
			t.Fatalf("the migration that fails: %v", err)
		}
	}
	if have := filesBeside(t, path); !slices.Equal(have, []string{"ledger.db", "ledger.db.before-schema-9"}) {
		t.Errorf("files: %q", have)
	}
	holdsRun(t, path)
	holdsRun(t, backup)
}

// TestUpgradeWithoutCopy lets the copy fail as a full disk or foreign rights
// would: something that cannot be removed is in its way.
func TestUpgradeWithoutCopy(t *testing.T) {
	t.Parallel()
	path := olderLedger(t)
	must(t, os.MkdirAll(path+".before-schema-9.part/in/the/way", 0o700))
	opts := at(path)
	opts.schema = later(t, goodUp)
	_, err := Open(t.Context(), opts)
	var refused *BackupError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "\n") {
		t.Errorf("without a copy: %v", err)
	}
	holdsRun(t, path)
}

// upgradeVictim names the environment variable that turns this test binary into
// an upgrade that is killed at a failpoint: PATH=FAILPOINT.
const upgradeVictim = "AIMSBOT_UPGRADE_VICTIM"

func upgradeAndDie(t testing.TB, place string) {
	path, point, _ := strings.Cut(place, "=")
	opts := at(path)
	opts.schema = later(t, goodUp)
	opts.Failpoint = func(name string) {
		if name == point {
			p := got[*os.Process](t)(os.FindProcess(os.Getpid()))
			must(t, p.Kill())
			select {}
		}
	}
	_, err := Open(context.Background(), opts)
	t.Fatalf("not killed: %v", err)
}

func TestUpgradeKilled(t *testing.T) {
	t.Parallel()
	if place := os.Getenv(upgradeVictim); place != "" {
		upgradeAndDie(t, place)
	}
	for _, point := range []string{"upgrade.before", "upgrade.part", "upgrade.linked", "upgrade.copied", "upgrade.after"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			path := olderLedger(t)
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestUpgradeKilled$")
			cmd.Env = append(os.Environ(), upgradeVictim+"="+path+"="+point)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Exited() {
				t.Fatalf("not killed: %v\n%s", err, out)
			}
			if point == "upgrade.after" {
				var newer *NewerError
				if _, err := Open(t.Context(), at(path)); !errors.As(err, &newer) {
					t.Errorf("the Aimsbot before opens it: %v", err)
				}
			} else {
				holdsRun(t, path)
			}
			opts := at(path)
			opts.schema = later(t, goodUp)
			l := openSQLite(t, opts)
			got[Head](t)(l.Check(t.Context()))
			must(t, l.Close())
			if have := filesBeside(t, path); !slices.Equal(have, []string{"ledger.db", "ledger.db.before-schema-9"}) {
				t.Errorf("files: %q", have)
			}
			holdsRun(t, path+".before-schema-9")
		})
	}
}
