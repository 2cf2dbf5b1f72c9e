package temporal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// StoreError says what is wrong with the file of the embedded server. It was
// left as it is.
type StoreError struct {
	Store string
	// Damaged files were stores, perhaps; else the file's place or rights are wrong.
	Damaged bool
	Why     string // and what to do
	Err     error  // what SQLite said; nil = nothing
}

// Error says what to do.
func (e *StoreError) Error() string {
	if e.Err == nil {
		return e.Store + " " + e.Why
	}
	return fmt.Sprintf("%s %s (%v)", e.Store, e.Why, e.Err)
}

// Unwrap gives what SQLite said.
func (e *StoreError) Unwrap() error { return e.Err }

const (
	whyReadOnly = "cannot be read and written: let the user who runs the bot own the data folder and all in it"
	whyDamaged  = "is damaged, or is not what Temporal keeps its runs in: restore the data folder from a backup"
)

// checkStore looks whether the file can be read and written. The server would
// find out too, in the midst of starting and with pages of its own words.
func checkStore(path string) error {
	err := tryStore(path)
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.EISDIR) {
		return &StoreError{Store: path, Why: "is a folder, and Temporal keeps its runs in a file there: restore it from a backup"}
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &StoreError{Store: path, Why: whyReadOnly}
	}
	var s *sqlite.Error
	if !errors.As(err, &s) {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	const primary = 0xff // the rest of a code says more exactly what happened
	switch s.Code() & primary {
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return &StoreError{Store: path, Why: whyReadOnly, Err: s}
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR: // ERROR: a table is not there
		return &StoreError{Store: path, Damaged: true, Why: whyDamaged, Err: s}
	}
	return fmt.Errorf("look at %s: %w", path, err)
}

// tryStore takes the write lock, reads what the server reads first, and changes
// nothing.
func tryStore(path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // SQLite would fall back to reading
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=rw&_txlock=immediate"}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, table := range []string{"cluster_metadata_info", "namespaces"} {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			return err
		}
	}
	return nil
}
