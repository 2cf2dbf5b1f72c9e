package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

// Limits of the connections to PostgreSQL. A bot holds 1 + pgReaders of the
// server's connections (max_connections is 100 unless set).
const (
	pgReaders = 8
	// readerLife and readerIdle let a pool follow a failover and shrink at night.
	readerLife = 30 * time.Minute
	readerIdle = 5 * time.Minute
	// connectLimit is how long one address may take to answer; a URL may say
	// otherwise (connect_timeout).
	connectLimit = 5 * time.Second
	// connectWait is how long a connection is tried for while the server restarts.
	connectWait = 5 * time.Second
)

// Limits of statements and transactions.
const (
	// writeStatement bounds a writing statement, waiting for the head lock
	// included; readStatement a reading one: a whole ledger is checked in one.
	writeStatement = 5 * time.Second
	readStatement  = 10 * time.Minute
	// writeAttempt bounds one transaction from begin to commit.
	writeAttempt = 8 * time.Second
	// idleInWrite is after which silence the server ends a transaction, so that
	// a bot that hangs frees the head lock.
	idleInWrite = 10 * time.Second
	// writePatience is how long a lost transaction is run anew, and how long it
	// is asked whether an unanswered commit was carried out.
	writePatience = 10 * time.Second
	// againPause is the first pause before the next try; it doubles up to
	// againPauseMax.
	againPause    = 50 * time.Millisecond
	againPauseMax = time.Second
)

// How long starting waits for another process that upgrades the schema: a try
// every second, so often.
const (
	upgradeSeconds = 1
	upgradeTries   = 300
)

// postgres is the dialect of PostgreSQL. Several processes may write.
type postgres struct {
	config *pgx.ConnConfig
	writer *pgWriter
	log    *slog.Logger
}

func newPostgres(url DatabaseURL, log *slog.Logger) (postgres, error) {
	config, err := parseURL(string(url))
	if err != nil {
		return postgres{}, &URLError{Err: err}
	}
	id, err := random26()
	return postgres{config: config, writer: &pgWriter{id: id}, log: log}, err
}

// URLError says that a database URL cannot be used. It does not hold the
// password.
type URLError struct{ Err error }

// Error says what is wrong and what to write.
func (e *URLError) Error() string { return "the database URL " + e.Err.Error() }

// Unwrap returns the cause.
func (e *URLError) Unwrap() error { return e.Err }

func (p postgres) where() string {
	return fmt.Sprintf("the PostgreSQL database %s at %s", p.config.Database, net.JoinHostPort(p.config.Host, strconv.Itoa(int(p.config.Port))))
}

func (p postgres) openWriter(ctx context.Context) (*sql.DB, error) {
	db := sql.OpenDB(newConnector(p.config, map[string]string{
		"statement_timeout":                   millis(writeStatement),
		"idle_in_transaction_session_timeout": millis(idleInWrite),
	}, false))
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db, p.checked(ctx, db)
}

func (p postgres) openReaders(ctx context.Context) (*sql.DB, error) {
	db := sql.OpenDB(newConnector(p.config, map[string]string{
		"statement_timeout":             millis(readStatement),
		"default_transaction_read_only": "on",
	}, true))
	db.SetMaxOpenConns(pgReaders)
	db.SetMaxIdleConns(pgReaders)
	db.SetConnMaxLifetime(readerLife)
	db.SetConnMaxIdleTime(readerIdle)
	return db, p.checked(ctx, db)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// checked reads the settings back on which promises of the ledger hang, and
// closes the pool when one is not met.
func (p postgres) checked(ctx context.Context, db *sql.DB) error {
	var encoding, synchronous, fsync string
	err := db.QueryRowContext(ctx, "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'), current_setting('fsync')").
		Scan(&encoding, &synchronous, &fsync)
	switch {
	case err != nil:
		err = fmt.Errorf("connect to %s: %w", p.where(), certificateError(err))
	case encoding != "UTF8":
		err = fmt.Errorf("%s has the encoding %s; make it with ENCODING 'UTF8'", p.where(), encoding)
	case synchronous == "off":
		err = fmt.Errorf("%s has synchronous_commit = off, so what is acknowledged could be lost; set it to on", p.where())
	default:
		if fsync != "on" {
			p.log.WarnContext(ctx, "the database runs with fsync = off: a power cut can lose what was acknowledged", "database", p.where())
		}
		return nil
	}
	_ = db.Close() // why it cannot be used matters more
	return err
}

func (p postgres) migrations(db *sql.DB) (*goose.Provider, error) {
	one, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(upgradeSeconds, upgradeTries))
	if err != nil {
		return nil, fmt.Errorf("make the lock of upgrades: %w", err)
	}
	return provider(goose.DialectPostgres, db, postgresMigrations, "migrations/postgres", goose.WithSessionLocker(one))
}

// backup makes none: a copy beside the database would be gone with its server.
func (postgres) backup(context.Context, *sql.DB, int64) (string, error) { return "", nil }

func (p postgres) hasTable(ctx context.Context, db *sql.DB, name string) (bool, error) {
	var has bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", name).Scan(&has); err != nil {
		return false, fmt.Errorf("look for table %s: %w", name, err)
	}
	return has, nil
}

// snapshot is one state for all statements: in read committed each would see
// its own.
func (p postgres) member(column, name string) string {
	return "(" + column + "::json ->> '" + name + "')"
}

func (p postgres) snapshot() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (p postgres) again(err error) bool { return lostTransaction(err) }

func (p postgres) patience() time.Duration { return writePatience }

func (p postgres) attemptLimit() time.Duration { return writeAttempt }

// overwrite lets the pages with erased values be tidied up now and not some day.
// The server's write-ahead log, archives and backups keep them until they are
// rotated; that is the database administrator's.
func (p postgres) overwrite(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "VACUUM (TRUNCATE FALSE) bodies, documents, effects, asks, inbox, runs"); err != nil {
		return fmt.Errorf("tidy up the tables: %w", err)
	}
	return nil
}
