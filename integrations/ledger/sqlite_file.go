package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FileError says what is wrong with the file at a ledger's path. The file was
// left as it is.
type FileError struct {
	Path string
	// Damaged files were ledgers, perhaps; else the path or its rights are wrong.
	Damaged bool
	Why     string // what it is, and what to do
	Err     error  // what the database or the system said; nil = nothing
}

// Error says what to do.
func (e *FileError) Error() string {
	if e.Err == nil {
		return e.Path + " " + e.Why
	}
	return fmt.Sprintf("%s %s (%v)", e.Path, e.Why, e.Err)
}

// Unwrap gives what the database or the system said.
func (e *FileError) Unwrap() error { return e.Err }

const (
	whyForeign  = "is no ledger: name the data folder of the installation with --data, or restore the file from a backup"
	whyGone     = "is missing or empty, and a bot has worked with it: restore it from a backup, set DATABASE_URL if the ledger is in PostgreSQL, or begin anew in another folder with --data"
	whyDamaged  = "is damaged: restore the data folder from a backup"
	whyReadOnly = "cannot be read and written: let the user who runs the bot own the data folder and all in it"
)

// fileError tells the faults of a file from other errors.
func fileError(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return &FileError{Path: path, Why: whyReadOnly, Err: bare(err)}
	}
	if errors.Is(err, syscall.EISDIR) {
		return &FileError{Path: path, Why: whyForeign, Err: bare(err)}
	}
	var s *sqlite.Error
	if !errors.As(err, &s) {
		return err
	}
	const primary = 0xff // the rest of a code says more exactly what happened
	switch s.Code() & primary {
	case sqlite3.SQLITE_NOTADB:
		return &FileError{Path: path, Damaged: true, Why: whyForeign, Err: s}
	case sqlite3.SQLITE_CORRUPT:
		return &FileError{Path: path, Damaged: true, Why: whyDamaged, Err: s}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return &FileError{Path: path, Why: whyReadOnly, Err: s}
	}
	return err
}

// bare leaves away the path, which the message has already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// ours refuses a database with tables of somebody else, before any of ours come
// beside them.
func (f sqliteFile) ours(ctx context.Context, db *sql.DB) error {
	ok, err := f.hasTable(ctx, db, versionTable)
	if err != nil {
		return err
	}
	var n int
	query := "SELECT count(*) FROM " + versionTable // shows now whether it can be read
	if !ok {
		query = "SELECT count(*) FROM sqlite_master"
	}
	if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	if !ok && n == 0 && f.existing {
		return &FileError{Path: f.path, Why: whyGone}
	}
	if !ok && n > 0 {
		return &FileError{Path: f.path, Why: whyForeign, Err: errors.New("it holds other tables")}
	}
	return nil
}
