package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The names of meta rows.
const (
	metaInstallation = "installation"
	metaVerifierKey  = "verifier_key"
	metaPurpose      = "purpose" // SQLite files from before have none
)

// The records the ledger makes about itself.
const (
	kindCreated  = "ledger.created"       // the first record of every ledger
	kindKey      = "ledger.key"           // another key signs from here on
	kindErased   = "record.erased"        // a body field was removed
	kindOrgStood = "organisation.version" // another organisation file is in force
)

// effectKinds begins the kinds of the records about changes outside.
const effectKinds = "effect."

// UpgradeError says that a migration failed. Each is one transaction, so that
// the database has the schema before it.
type UpgradeError struct {
	Path   string // or the database's name
	Backup string // "" = none was made
	Err    error
}

// Error says where the copy is.
func (e *UpgradeError) Error() string {
	if e.Backup == "" {
		return fmt.Sprintf("upgrade the schema of %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("upgrade the schema of %s: %v; the ledger as it was is %s: go on with the Aimsbot before, or start this one again", e.Path, e.Err, e.Backup)
}

// Unwrap gives what the database said.
func (e *UpgradeError) Unwrap() error { return e.Err }

// migrate brings the schema to this program's version. What an older one has
// written is copied first: going back means putting the copy in place.
func migrate(ctx context.Context, d dialect, db *sql.DB, opts Options) error {
	p, err := d.migrations(db)
	if err != nil {
		return err
	}
	have, can, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version of %s: %w", d.where(), err)
	}
	if have > can {
		return &NewerError{Path: d.where(), Have: have, Can: can}
	}
	if have == can {
		return nil
	}
	if have == 0 { // new
		return upgraded(ctx, d, p, "")
	}
	opts.Failpoint("upgrade.before")
	backup, err := d.backup(ctx, db, have+1)
	if err != nil {
		return err
	}
	opts.Failpoint("upgrade.copied")
	if err := upgraded(ctx, d, p, backup); err != nil {
		return err
	}
	opts.Failpoint("upgrade.after")
	opts.Logger.InfoContext(ctx, "the ledger was upgraded", "ledger", d.where(), "from_schema", have, "to_schema", can, "copy_before", backup)
	return nil
}

func upgraded(ctx context.Context, d dialect, p *goose.Provider, backup string) error {
	if _, err := p.Up(ctx); err != nil {
		return &UpgradeError{Path: d.where(), Backup: backup, Err: err}
	}
	return nil
}

// checkVersion refuses a database whose schema is not exactly this program's.
func checkVersion(ctx context.Context, d dialect, db *sql.DB) error {
	ok, err := d.hasTable(ctx, db, versionTable)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s is not a ledger: %w", d.where(), port.ErrNotFound)
	}
	p, err := d.migrations(db)
	if err != nil {
		return err
	}
	have, can, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the schema version of %s: %w", d.where(), err)
	case have > can:
		return &NewerError{Path: d.where(), Have: have, Can: can}
	case have < can:
		return &OlderError{Path: d.where(), Have: have, Can: can}
	}
	return nil
}

func (l *Ledger) meta(ctx context.Context, name string) (string, error) {
	return metaOf(ctx, l.db, name)
}

func metaOf(ctx context.Context, q querier, name string) (string, error) {
	var v string
	err := q.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = $1", name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", port.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read meta %s: %w", name, err)
	}
	return v, nil
}

func setMeta(ctx context.Context, tx *sql.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	if err != nil {
		return fmt.Errorf("write meta %s: %w", name, err)
	}
	return nil
}

// found gives a new ledger its installation id, and records which key signs:
// the first record of a ledger, and one more whenever the key has changed.
func (l *Ledger) found(ctx context.Context) error {
	var refused *PurposeError // committed all the same: what the ledger is for is known from then on
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		id, err := metaOf(ctx, tx, metaInstallation)
		fresh := errors.Is(err, port.ErrNotFound)
		if fresh {
			if id, err = random26(); err == nil {
				err = setMeta(ctx, tx, metaInstallation, id)
			}
		}
		if err != nil {
			return err
		}
		if err := l.keepPurpose(ctx, tx, fresh); errors.As(err, &refused) {
			return nil
		} else if err != nil {
			return err
		}
		l.installation = id
		key, err := l.opts.Key.verifierKey(keyName(id))
		if err != nil {
			return err
		}
		before, err := metaOf(ctx, tx, metaVerifierKey)
		if err != nil && !errors.Is(err, port.ErrNotFound) {
			return err
		}
		if before == key {
			return nil
		}
		if err := setMeta(ctx, tx, metaVerifierKey, key); err != nil {
			return err
		}
		return l.recordKey(ctx, tx, fresh, before, key)
	})
	if err == nil && refused != nil {
		return refused
	}
	return err
}

func (l *Ledger) recordKey(ctx context.Context, tx *sql.Tx, fresh bool, before, key string) error {
	rec := port.Record{
		Kind: kindKey, At: l.opts.Now(),
		Header: map[string]string{"installation": l.installation, "verifier_key": key},
	}
	if fresh {
		rec.Kind = kindCreated
	} else {
		rec.Header["before"] = before
		l.opts.Logger.WarnContext(ctx, "another ledger key signs from now on", "before", before, "key", key)
	}
	size, err := sizeOf(ctx, tx)
	if err != nil {
		return err
	}
	rec.Key = port.RecordKey(port.Place{}, rec.Kind, key, int(size))
	return l.append(ctx, tx, rec)
}
