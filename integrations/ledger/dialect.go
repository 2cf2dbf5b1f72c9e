package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Everything that only SQLite understands is in this file and in
// migrations/sqlite. Statements elsewhere use $1, ON CONFLICT and RETURNING,
// which PostgreSQL reads too.

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// busyMillis is how long a connection waits for another process's lock, in
// milliseconds.
const busyMillis = "5000"

// readers is how many connections read at the same time.
const readers = 4

// pragma is one setting of a connection: how it is written and what reading it
// back must show.
type pragma struct{ name, set, want string }

// writerPragmas make a commit durable (FULL flushes the write-ahead log each
// time) and overwrite what is deleted, so that an erased value is gone.
func writerPragmas() []pragma {
	return []pragma{
		{"busy_timeout", busyMillis, busyMillis},
		{"journal_mode", "WAL", "wal"},
		{"synchronous", "FULL", "2"},
		{"foreign_keys", "1", "1"},
		{"secure_delete", "1", "1"},
	}
}

func readerPragmas() []pragma {
	return []pragma{
		{"busy_timeout", busyMillis, busyMillis},
		{"query_only", "1", "1"},
	}
}

// dsn names the database file for the driver. The path is escaped because a
// '?' or '#' in it would otherwise start the options.
func dsn(path, mode string, pragmas []pragma) string {
	q := url.Values{}
	q.Set("mode", mode)
	q.Set("_txlock", "immediate")
	for _, p := range pragmas {
		q.Add("_pragma", p.name+"("+p.set+")")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// openPool opens a pool of at most conns connections and checks that each
// pragma took: a driver that drops one silently would cost durability.
func openPool(ctx context.Context, path, mode string, pragmas []pragma, conns int) (*sql.DB, error) {
	db := sql.OpenDB(connector{driver: &sqlite.Driver{}, dsn: dsn(path, mode, pragmas)})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	for _, p := range pragmas {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("open %s: read back %s: %w", path, p.name, err)
		}
		if !strings.EqualFold(got, p.want) {
			_ = db.Close()
			return nil, fmt.Errorf("open %s: %s is %q, not %q; is the file on a network share?", path, p.name, got, p.want)
		}
	}
	return db, nil
}

// errLogBusy says that somebody was reading while the log was to be emptied.
// Nothing is lost: SQLite empties it later by itself.
var errLogBusy = errors.New("a reader kept the write-ahead log from being emptied")

// flushLog moves the write-ahead log into the database file and empties it.
func flushLog(ctx context.Context, db *sql.DB) error {
	var busy, frames, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("flush the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errLogBusy
	}
	return nil
}

// migrations returns the goose provider for the database's dialect.
func migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// hasTable tells whether the database has a table of this name.
func hasTable(ctx context.Context, db *sql.DB, name string) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", name).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for table %s: %w", name, err)
	}
	return n > 0, nil
}
