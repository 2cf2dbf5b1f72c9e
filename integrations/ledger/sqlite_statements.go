package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// statementMax is how many prepared statements a connection keeps. The
// ledger's own are fewer than a hundred; what comes after is prepared each time.
const statementMax = 256

// connector opens connections that keep their prepared statements: SQLite
// spends more on parsing a statement of ours than on running it.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

func (c connector) Driver() driver.Driver { return c.driver }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	raw, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, fmt.Errorf("open a connection: %w", err)
	}
	conn, ok := raw.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's %T lacks what a kept connection needs", raw), raw.Close())
	}
	return &preparedConn{sqliteConn: conn, kept: map[string]*preparedStmt{}}, nil
}

// sqliteConn is what database/sql uses of the driver's connection.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// sqliteStmt is what database/sql uses of the driver's statement.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// preparedConn is a connection with its statements by text. database/sql never
// calls one connection from two goroutines at a time.
type preparedConn struct {
	sqliteConn
	kept map[string]*preparedStmt
}

// preparedStmt is busy while rows of it are being read: running it again would
// take them away.
type preparedStmt struct {
	sqliteStmt
	busy bool
}

// CheckNamedValue makes an argument what both databases can hold.
func (c *preparedConn) CheckNamedValue(nv *driver.NamedValue) error { return plainArgument(nv) }

// take returns a kept statement; nil where the text must be prepared for this
// once.
func (c *preparedConn) take(ctx context.Context, query string) (*preparedStmt, error) {
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= statementMax {
		return nil, nil
	}
	raw, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err //nolint:wrapcheck // database/sql tells the driver's errors apart
	}
	stmt, ok := raw.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's %T cannot be kept", raw), raw.Close())
	}
	s := &preparedStmt{sqliteStmt: stmt}
	c.kept[query] = s
	return s, nil
}

// ExecContext runs a statement that gives no rows.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, driver.ErrSkip // database/sql prepares, runs and closes it
	}
	return s.ExecContext(ctx, args)
}

// QueryContext runs a statement that gives rows.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, driver.ErrSkip
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	s.busy = true
	return &preparedRows{Rows: rows, of: s}, nil
}

// Close closes the statements with the connection.
func (c *preparedConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	of *preparedStmt
}

// Close may be called twice.
func (r *preparedRows) Close() error {
	if r.of == nil {
		return nil
	}
	r.of.busy, r.of = false, nil
	return r.Rows.Close() //nolint:wrapcheck // as above
}
