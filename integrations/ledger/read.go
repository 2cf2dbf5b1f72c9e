package ledger

import (
	"context"
	"database/sql"

	"github.com/aimsbot/aimsbot/activities/port"
)

// readPool is the pool of reading connections. It tells of errors.
type readPool struct {
	*sql.DB
	watch port.Watch
}

func openReaders(ctx context.Context, d dialect, watch port.Watch) (*readPool, error) {
	db, err := d.openReaders(ctx)
	if err != nil {
		return nil, err
	}
	return &readPool{DB: db, watch: watch}, nil
}

// QueryContext reads rows.
func (r *readPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := r.DB.QueryContext(ctx, query, args...) //nolint:sqlclosecheck // the caller's
	r.told(ctx, err)
	return rows, err //nolint:wrapcheck // the caller says what it read
}

// QueryRowContext reads one row.
func (r *readPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	row := r.DB.QueryRowContext(ctx, query, args...)
	r.told(ctx, row.Err())
	return row
}

// told counts an error of the database; a caller who left is none.
func (r *readPool) told(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		r.watch.StoreFailed(port.StoreRead)
	}
}
