package temporal

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
	_ "modernc.org/sqlite" // the driver the store is looked at with
)

// retention is how long the server keeps the history of a closed run: longer
// than any cadence of a year. Uniqueness never relies on it.
const retention = 400 * 24 * time.Hour

// SchemaError says that the store was made with another schema. The server
// neither checks nor upgrades a SQLite store, and would fail later and worse.
type SchemaError struct{ Store, Found, Want string }

// Error says what to do.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("%s was made with Temporal schema %s; this release needs %s. Start the release that made it, let its runs end, then move the file away", e.Store, e.Found, e.Want)
}

func storePath(dir string) string  { return filepath.Join(dir, "temporal.db") }
func markerPath(dir string) string { return filepath.Join(dir, "temporal.schema") }

// storeConfig describes the SQLite file. Names of pragmas carry no underscore
// before them: SQLite silently ignores pragmas it does not know. The same value
// must serve set-up and server, because the server pools connections by it.
func storeConfig(dir string) *config.SQL {
	return &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: (&url.URL{Path: storePath(dir)}).EscapedPath(),
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  "2", // FULL: what was acknowledged survives a power cut
		},
	}
}

// Schema names the schema of the server in this binary.
func Schema() string {
	return "sqlite " + sqliteschema.Version + ", visibility " + sqliteschema.VisibilityVersion
}

// prepareStore makes the store on first use. Setting up is not one transaction:
// only the marker, written last, says that it ended.
func prepareStore(dir string, store *config.SQL) error {
	found, err := os.ReadFile(markerPath(dir))
	switch {
	case err == nil && strings.TrimSpace(string(found)) != Schema():
		return &SchemaError{Store: storePath(dir), Found: strings.TrimSpace(string(found)), Want: Schema()}
	case err == nil && exists(storePath(dir)):
		return checkStore(storePath(dir))
	case err == nil:
		return &StoreError{Store: storePath(dir), Why: "is missing although " + markerPath(dir) + " says it was made: restore it from a backup"}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read the marker of the Temporal store: %w", err)
	}
	if err := clearUnfinished(dir); err != nil {
		return err
	}
	// Made here, so that only we may read it: SQLite would let everybody.
	if err := os.WriteFile(storePath(dir), nil, 0o600); err != nil { // guard: file-of-temporal
		return fmt.Errorf("make the Temporal store: %w", err)
	}
	if err := sqliteschema.SetupSchema(store); err != nil {
		return fmt.Errorf("set up the Temporal store: %w", err)
	}
	ns, err := sqliteschema.NewNamespaceConfig(clusterName, Namespace, false, nil)
	if err != nil {
		return fmt.Errorf("describe the Temporal namespace: %w", err)
	}
	ns.Detail.Config.Retention = durationpb.New(retention)
	if err := sqliteschema.CreateNamespaces(store, ns); err != nil {
		return fmt.Errorf("create the Temporal namespace: %w", err)
	}
	if err := writeDurably(markerPath(dir), []byte(Schema()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the marker of the Temporal store: %w", err)
	}
	return nil
}

// clearUnfinished removes what an interrupted set-up left. A file that holds
// runs is not one: somebody lost the marker.
func clearUnfinished(dir string) error {
	path := storePath(dir)
	if exists(path) {
		var runs int
		err := look(path, "SELECT count(*) FROM executions", &runs)
		if err == nil && runs > 0 {
			return fmt.Errorf("%s holds %d runs but %s is missing; bring it back, or write %q into it", path, runs, markerPath(dir), Schema())
		}
		var version int
		if err := look(path, "PRAGMA schema_version", &version); err != nil { // an interrupted set-up leaves a database
			return &StoreError{Store: path, Damaged: true, Why: whyDamaged, Err: err}
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished Temporal store: %w", err)
		}
	}
	return nil
}

// checkJournal reads back that the file is in write-ahead mode.
func checkJournal(dir string) error {
	var mode string
	if err := look(storePath(dir), "PRAGMA journal_mode", &mode); err != nil {
		return fmt.Errorf("read the journal mode of the Temporal store: %w", err)
	}
	if mode != "wal" {
		return fmt.Errorf("%s is in journal mode %q, not wal", storePath(dir), mode)
	}
	return nil
}

// look asks the file one question over a connection of its own.
func look(path, query string, into any) error {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro"}).String())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.QueryRow(query).Scan(into)
}
