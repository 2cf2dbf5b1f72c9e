package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// BackupError says that a ledger was not upgraded, because no copy of it could
// be kept. It is as it was.
type BackupError struct {
	Path string
	Err  error
}

// Error says what to do.
func (e *BackupError) Error() string {
	const do = "%s was not upgraded, because it could not be copied beside itself first (%v): %s, then start again"
	if full(e.Err) {
		return fmt.Sprintf(do, e.Path, e.Err, "make room there for once more its size")
	}
	return fmt.Sprintf(do, e.Path, e.Err, "let the user who runs the bot own the data folder and all in it")
}

// Unwrap gives what the database or the system said.
func (e *BackupError) Unwrap() error { return e.Err }

// full tells whether the disk, or a quota on it, left no room.
func full(err error) bool {
	var s *sqlite.Error
	if errors.As(err, &s) && s.Code() == sqlite3.SQLITE_FULL {
		return true
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// backupEnding is what the name of a copy ends with, before the number of the
// first schema that the upgrade brings.
const backupEnding = ".before-schema-"

// backup copies the ledger beside itself before an upgrade, and returns the
// path. A copy there is never written over: where it is the same it stands, else
// (the ledger was put back and written to) the new one has one more number.
func (f sqliteFile) backup(ctx context.Context, db *sql.DB, next int64) (string, error) {
	path := f.path + backupEnding + strconv.FormatInt(next, 10)
	part := path + ".part"
	err := f.copyTo(ctx, db, part)
	f.failpoint("upgrade.part")
	if err == nil {
		path, err = f.keepCopy(part, path)
	}
	if err != nil {
		_ = os.Remove(part) // it is no copy yet; the next attempt removes it too
		return "", &BackupError{Path: f.path, Err: bare(err)}
	}
	return path, nil
}

// copyTo writes a whole copy of the ledger, durably. What an attempt that was
// killed left is written anew.
func (f sqliteFile) copyTo(ctx context.Context, db *sql.DB, part string) error {
	for _, left := range []string{part, part + "-journal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what an earlier upgrade left: %w", err)
		}
	}
	if err := makeFile(part); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", part); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return flush(part)
}

// keepCopy gives a copy its name. The name is made with a link, which refuses to
// take the place of anything.
func (f sqliteFile) keepCopy(part, path string) (string, error) {
	sum, err := sumOf(part)
	if err != nil {
		return "", err
	}
	name := path
	for n := 2; ; n++ {
		err := os.Link(part, name)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("name the copy: %w", err)
		}
		there, err := sumOf(name)
		if err != nil {
			return "", err
		}
		if bytes.Equal(there, sum) {
			break
		}
		name = path + "." + strconv.Itoa(n)
	}
	f.failpoint("upgrade.linked")
	if err := os.Remove(part); err != nil {
		return "", fmt.Errorf("name the copy: %w", err)
	}
	return name, flush(filepath.Dir(path))
}

func sumOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the copy: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fmt.Errorf("read the copy: %w", err)
	}
	return h.Sum(nil), nil
}

// flush makes a file or the names in a folder durable.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("flush the copy: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("flush the copy: %w", err)
	}
	return nil
}
