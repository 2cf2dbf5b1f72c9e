package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgConnector opens connections to PostgreSQL.
type pgConnector struct {
	driver.Connector
	// rereads marks what was lost on the way as fit for another connection: true
	// where statements only read.
	rereads bool
}

// newConnector makes a connector with the run-time settings of a session.
func newConnector(c *pgx.ConnConfig, session map[string]string, rereads bool) pgConnector {
	c = c.Copy()
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectLimit
	}
	for name, value := range session {
		c.RuntimeParams[name] = value
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "aimsbot"
	}
	return pgConnector{Connector: stdlib.GetConnector(*c), rereads: rereads}
}

// Connect opens a connection.
func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	end := time.Now().Add(connectWait)
	for {
		raw, err := c.Connector.Connect(ctx)
		if err == nil {
			conn, ok := raw.(*stdlib.Conn)
			if !ok {
				return nil, errors.Join(fmt.Errorf("the driver's connection is a %T", raw), raw.Close())
			}
			return &pgConn{Conn: conn, rereads: c.rereads}, nil
		}
		if !absent(err) || time.Now().Add(againPause).After(end) {
			return nil, err //nolint:wrapcheck // the driver says what and where
		}
		select {
		case <-ctx.Done():
			return nil, err //nolint:wrapcheck // as above
		case <-time.After(againPause):
		}
	}
}

// pgConn is a connection on which every argument passes the border.
type pgConn struct {
	*stdlib.Conn
	rereads bool
}

// CheckNamedValue makes an argument what both databases can hold.
func (c *pgConn) CheckNamedValue(nv *driver.NamedValue) error { return plainArgument(nv) }

// ExecContext runs a statement that gives no rows.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.Conn.ExecContext(ctx, query, args)
	return res, c.sorted(ctx, err)
}

// QueryContext runs a statement that gives rows.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.QueryContext(ctx, query, args)
	return rows, c.sorted(ctx, err)
}

// sorted lets database/sql read again on another connection when this one broke
// and the caller still waits.
func (c *pgConn) sorted(ctx context.Context, err error) error {
	if err != nil && c.rereads && ctx.Err() == nil && c.Conn.Conn().IsClosed() {
		return driver.ErrBadConn
	}
	return err
}

// The SQLSTATEs after which a transaction is lost as a whole, through no fault
// of what it wrote (PostgreSQL manual, appendix A).
const (
	stateSerialization  = "40001"
	stateDeadlock       = "40P01"
	stateLockTimeout    = "55P03"
	stateCanceled       = "57014" // statement_timeout too
	stateAdminShutdown  = "57P01" // pg_terminate_backend too
	stateCrashShutdown  = "57P02"
	stateCannotConnect  = "57P03" // starting up, shutting down
	stateTooMany        = "53300"
	stateReadOnly       = "25006" // a standby, after a failover
	stateIdleInTx       = "25P03"
	classConnection     = "08"
	classConnectionSize = 2
)

// lostTransaction tells whether what met err can be run anew as a whole.
func lostTransaction(err error) bool {
	var lost *lostError
	if errors.As(err, &lost) {
		return true
	}
	var state *pgconn.PgError
	if errors.As(err, &state) {
		switch state.Code {
		case stateSerialization, stateDeadlock, stateLockTimeout, stateCanceled, stateReadOnly, stateIdleInTx:
			return true
		}
		return absentState(state.Code)
	}
	return absent(err) || errors.Is(err, context.DeadlineExceeded)
}

// absent tells whether the server could not be reached, or went away.
func absent(err error) bool {
	var state *pgconn.PgError
	if errors.As(err, &state) {
		return absentState(state.Code)
	}
	var dial *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &dial) || errors.As(err, &network) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

func absentState(code string) bool {
	switch code {
	case stateAdminShutdown, stateCrashShutdown, stateCannotConnect, stateTooMany:
		return true
	}
	return len(code) >= classConnectionSize && code[:classConnectionSize] == classConnection
}
