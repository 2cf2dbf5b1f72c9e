package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Options say where the ledger is and what it needs.
type Options struct {
	// Path is the SQLite file; it is made, with mode 0600, when it is missing.
	Path string
	// Existing refuses a file that is missing or empty instead: a bot has worked
	// with it, and would go on without its evidence.
	Existing bool
	// URL names a PostgreSQL database instead. Its password is in no error and no
	// log.
	URL DatabaseURL
	// Demo makes and wants a ledger of the demo. A variable that was left set, or a
	// folder that was named again, must not mix the two.
	Demo bool
	// Before tells what a SQLite file is for that does not say so, by its first
	// organisation; nil = nobody knows.
	Before func(first org.Organisation) Purpose
	// Now gives the time of records the ledger makes itself; nil = time.Now.
	Now func() time.Time
	// Key signs checkpoints. Open needs it; OpenReadOnly only for Export.
	Key LedgerKey
	// Failpoint is called with inbox.before, inbox.after, records.before,
	// records.after, outcome.before and outcome.after around those commits, and
	// with upgrade.before, upgrade.part, upgrade.linked, upgrade.copied and
	// upgrade.after on the way; a test stops the process there. nil = none.
	Failpoint func(name string)
	// Logger gets what the ledger does by itself; nil = nowhere.
	Logger *slog.Logger
	// Watch counts transactions and errors; nil = nobody does.
	Watch port.Watch

	schema fs.FS // the migrations of SQLite; a test adds to them. nil = ours
}

// Ledger is the database of one installation. Its methods may be called at the
// same time from many goroutines.
type Ledger struct {
	opts         Options
	dialect      dialect
	db           *readPool
	writer       *writer // nil when read only
	installation string
	closing      sync.Once
	closed       error
	versions     sync.Map // version number -> org.Organisation; versions never change
	named        sync.Map // system id -> time.Time: since when the file names it
	definitions  sync.Map // id -> playbooks.Definition; an id is the digest of all of it
}

var _ port.Ledger = (*Ledger)(nil)

// versionTable is where goose keeps the number of the newest migration.
const versionTable = "schema_versions"

// NewerError says that a newer Aimsbot has written the database.
type NewerError struct {
	Path      string // or the database's name
	Have, Can int64  // schema versions
}

// Error says what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was written by a newer Aimsbot (schema %d, this one knows %d): use that version or a newer one", e.Path, e.Have, e.Can)
}

// OlderError says that the database must be upgraded before it can be read.
type OlderError struct {
	Path      string // or the database's name
	Have, Can int64  // schema versions
}

// Error says what to do.
func (e *OlderError) Error() string {
	return fmt.Sprintf("%s has schema %d and this Aimsbot reads %d: start the bot on it once, it upgrades the database", e.Path, e.Have, e.Can)
}

// Open opens the ledger for writing, makes it when it is missing and upgrades
// it when it is older. A *NewerError refuses a newer one.
func Open(ctx context.Context, opts Options) (*Ledger, error) {
	opts = opts.withDefaults()
	if opts.Key.empty() {
		return nil, ErrNoKey
	}
	d, err := dialectOf(opts)
	if err != nil {
		return nil, err
	}
	db, err := d.openWriter(ctx)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, d, db, opts); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	l := &Ledger{opts: opts, dialect: d, writer: startWriter(d, db, opts.Watch)}
	if l.db, err = openReaders(ctx, d, opts.Watch); err == nil {
		err = l.found(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// OpenReadOnly opens an existing ledger for reading, also beside a running bot.
func OpenReadOnly(ctx context.Context, opts Options) (*Ledger, error) {
	opts = opts.withDefaults()
	d, err := dialectOf(opts)
	if err != nil {
		return nil, err
	}
	db, err := openReaders(ctx, d, opts.Watch)
	if err != nil {
		return nil, err
	}
	l := &Ledger{opts: opts, dialect: d, db: db}
	if err = checkVersion(ctx, d, db.DB); err == nil {
		l.installation, err = l.meta(ctx, metaInstallation)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the ledger %s: %w", d.where(), err), l.Close())
	}
	return l, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Failpoint == nil {
		o.Failpoint = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.schema == nil {
		o.schema = sqliteMigrations
	}
	o.Watch = port.Watching(o.Watch)
	return o
}

// Close waits for the running write and closes the database; of SQLite one file
// is left. Later writes get ErrClosed.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		if l.db != nil {
			l.closed = l.db.Close() // first, or readers would keep the log from being emptied
		}
		if l.writer != nil {
			l.closed = errors.Join(l.closed, l.writer.stop(context.Background()))
		}
	})
	return l.closed
}

// Installation is the random id of this installation: 26 characters of
// lower-case base32.
func (l *Ledger) Installation() string { return l.installation }

// Ping proves that the ledger can be written and flushed now; of a read-only
// one, that it can be read.
func (l *Ledger) Ping(ctx context.Context) error {
	if l.writer == nil {
		_, err := l.meta(ctx, metaInstallation)
		return err
	}
	return l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE head SET size = size WHERE one = 1")
		if err != nil {
			return fmt.Errorf("write to the ledger: %w", err)
		}
		return nil
	})
}

// random26 returns 130 random bits as 26 characters of lower-case base32.
func random26() (string, error) {
	b := make([]byte, 17)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))[:26], nil
}

// version returns a stored organisation version, read once per process.
func (l *Ledger) version(ctx context.Context, q querier, n int64) (org.Organisation, error) {
	if o, ok := l.versions.Load(n); ok {
		return o.(org.Organisation), nil //nolint:forcetypeassert // only this method stores
	}
	var body string
	if err := q.QueryRowContext(ctx, "SELECT body FROM organisations WHERE version = $1", n).Scan(&body); err != nil {
		return org.Organisation{}, fmt.Errorf("read organisation version %d: %w", n, err)
	}
	var o org.Organisation
	if err := fromJSON(body, &o); err != nil {
		return org.Organisation{}, fmt.Errorf("organisation version %d: %w", n, err)
	}
	if q == l.db { // what a transaction sees may still be taken back
		l.versions.Store(n, o)
	}
	return o, nil
}
