package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

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

// sqliteFile is the dialect of SQLite. The file is of one process alone: its
// transactions take the write lock when they begin, and a failed commit has
// written nothing.
type sqliteFile struct {
	path      string
	existing  bool  // see Options
	schema    fs.FS // the migrations
	failpoint func(name string)
}

func (f sqliteFile) where() string { return f.path }

func (f sqliteFile) openWriter(ctx context.Context) (*sql.DB, error) {
	if f.existing {
		if info, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0) {
			return nil, &FileError{Path: f.path, Why: whyGone}
		}
	}
	if err := makeFile(f.path); err != nil {
		return nil, err
	}
	db, err := openPool(ctx, f.path, "rw", writerPragmas(), 1)
	if err != nil {
		return nil, fileError(f.path, err)
	}
	if err := f.ours(ctx, db); err != nil {
		_ = db.Close()
		return nil, fileError(f.path, err)
	}
	return db, nil
}

func (f sqliteFile) openReaders(ctx context.Context) (*sql.DB, error) {
	switch info, err := os.Stat(f.path); {
	case err != nil:
		return nil, fileError(f.path, err)
	case info.IsDir():
		return nil, fileError(f.path, syscall.EISDIR)
	}
	db, err := openPool(ctx, f.path, "rw", readerPragmas(), readers)
	if err != nil {
		return nil, fileError(f.path, err)
	}
	if err := f.ours(ctx, db); err != nil {
		_ = db.Close()
		return nil, fileError(f.path, err)
	}
	return db, nil
}

// makeFile makes the database file before SQLite does, because SQLite would
// make it readable for everybody.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // guard: file-of-ledger
	if err != nil {
		return fileError(path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close %s: %w", path, err)
	}
	return nil
}

func (f sqliteFile) migrations(db *sql.DB) (*goose.Provider, error) {
	return provider(goose.DialectSQLite3, db, f.schema, "migrations/sqlite")
}

func (sqliteFile) hasTable(ctx context.Context, db *sql.DB, name string) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", name).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for table %s: %w", name, err)
	}
	return n > 0, nil
}

// begin is BEGIN IMMEDIATE (_txlock in the dsn).
func (sqliteFile) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return tx, nil
}

func (sqliteFile) commit(_ context.Context, _ *sql.DB, tx *sql.Tx) error {
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (sqliteFile) again(error) bool { return false }

func (sqliteFile) patience() time.Duration { return 0 }

func (sqliteFile) attemptLimit() time.Duration { return 0 }

func (sqliteFile) member(column, name string) string {
	return "json_extract(" + column + ", '$." + name + "')"
}

func (sqliteFile) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

// overwrite moves the write-ahead log into the database file and empties it;
// the file itself is overwritten by secure_delete.
func (sqliteFile) overwrite(ctx context.Context, db *sql.DB) error {
	var busy, frames, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("flush the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errLogBusy
	}
	return nil
}

// stopping leaves one file behind where it can.
func (f sqliteFile) stopping(ctx context.Context, db *sql.DB) error {
	err := f.overwrite(ctx, db)
	if errors.Is(err, errLogBusy) {
		return nil // another process reads; the log stays beside the file and is whole
	}
	return err
}
