package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between the databases. Statements elsewhere use $1,
// ON CONFLICT, RETURNING and SAVEPOINT, which both read.
type dialect interface {
	// where names the database in messages; it holds no secret.
	where() string
	// openWriter opens the pool of the one writing connection. make lets it
	// make a database file that is missing.
	openWriter(ctx context.Context) (*sql.DB, error)
	// openReaders opens the pool of reading connections, which cannot write.
	openReaders(ctx context.Context) (*sql.DB, error)
	// migrations returns the goose provider of the schema.
	migrations(db *sql.DB) (*goose.Provider, error)
	// backup keeps a copy before an upgrade whose first migration is next, and
	// says where it is; "" = that is the operator's business.
	backup(ctx context.Context, db *sql.DB, next int64) (string, error)
	// hasTable tells whether the database has a table of this name.
	hasTable(ctx context.Context, db *sql.DB, name string) (bool, error)

	// begin starts a transaction that keeps every other writer out and sees all
	// that was committed before it. This is the head lock: indexes and inbox ids
	// are dense because nobody else counts meanwhile.
	begin(ctx context.Context, db *sql.DB) (*sql.Tx, error)
	// commit commits. Nil means that it is durable. An error that again accepts
	// means that nothing was written; any other may hide a commit.
	commit(ctx context.Context, db *sql.DB, tx *sql.Tx) error
	// again tells whether the transaction that met err is lost as a whole and
	// may be run anew.
	again(err error) bool
	// patience is how long a lost transaction is run anew; 0 = never.
	patience() time.Duration
	// attemptLimit is how long one attempt may take; 0 = as long as it needs.
	attemptLimit() time.Duration
	// snapshot are the options of a transaction that reads one state throughout.
	snapshot() *sql.TxOptions
	// member is the expression for a member of a JSON object kept in a column, as
	// text; NULL where there is none.
	member(column, name string) string

	// overwrite removes what an erasure left behind in old pages.
	overwrite(ctx context.Context, db *sql.DB) error
	// stopping leaves nothing behind that only the writer needed.
	stopping(ctx context.Context, db *sql.DB) error
}

// dialectOf chooses the database by the options.
func dialectOf(opts Options) (dialect, error) {
	if opts.URL == "" {
		return sqliteFile{path: opts.Path, existing: opts.Existing, schema: opts.schema, failpoint: opts.Failpoint}, nil
	}
	return newPostgres(opts.URL, opts.Logger)
}

// provider reads the migrations below a folder of files.
func provider(d goose.Dialect, db *sql.DB, files fs.FS, folder string, opts ...goose.ProviderOption) (*goose.Provider, error) {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	opts = append(opts, goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(d, db, sub, opts...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// replacement stands for what a text column cannot hold in every database: NUL
// and bytes that are not UTF-8. It is what JSON puts there, too.
const replacement = "\uFFFD"

// plainText is s as both databases keep it and look it up. PostgreSQL refuses
// what it replaces, SQLite would take it: a row must not depend on where it is.
func plainText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, replacement), "\x00", replacement)
}

// plainArgument is the border that every argument of every statement passes.
func plainArgument(nv *driver.NamedValue) error {
	v, err := driver.DefaultParameterConverter.ConvertValue(nv.Value)
	if err != nil {
		return fmt.Errorf("argument %d: %w", nv.Ordinal, err)
	}
	if s, ok := v.(string); ok {
		v = plainText(s)
	}
	nv.Value = v
	return nil
}
