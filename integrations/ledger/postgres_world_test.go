package ledger

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresURL names the server in which tests make databases of their own.
// `.ci/with-stores` starts one and sets it.
const postgresURL = "AIMSBOT_TEST_POSTGRES"

// freshDatabase makes an empty database that is gone after the test.
func freshDatabase(t testing.TB) DatabaseURL {
	t.Helper()
	server := DatabaseURL(os.Getenv(postgresURL))
	if server == "" {
		t.Skip(postgresURL + " is not set: `make stores` starts a PostgreSQL and runs this")
	}
	id, err := random26()
	must(t, err)
	name := "aims_" + id
	askPostgres(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { askPostgres(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(string(server))
	must(t, err)
	u.Path = "/" + name
	return DatabaseURL(u.String())
}

// askPostgres runs one statement on a connection of its own and returns the
// first column of the answer. It waits for a server that is starting.
func askPostgres(t testing.TB, server DatabaseURL, query string, args ...any) []string {
	t.Helper()
	out, err := tryPostgres(server, query, args...)
	for end := time.Now().Add(time.Minute); err != nil && absent(err) && time.Now().Before(end); {
		time.Sleep(againPause)
		out, err = tryPostgres(server, query, args...)
	}
	must(t, err)
	return out
}

func tryPostgres(server DatabaseURL, query string, args ...any) ([]string, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, string(server))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// openPostgres is the opener of the second database.
func openPostgres(t testing.TB, opts Options) *Ledger {
	t.Helper()
	if opts.URL == "" {
		opts.URL = freshDatabase(t)
	}
	return openLedger(t, opts)
}

func TestConformancePostgres(t *testing.T) {
	t.Parallel()
	if os.Getenv(postgresURL) == "" {
		freshDatabase(t) // skips, and says why
	}
	conformance(t, openPostgres)
}

// secretOf is the password of a database URL.
func secretOf(t testing.TB, text DatabaseURL) string {
	t.Helper()
	u, err := url.Parse(string(text))
	must(t, err)
	p, _ := u.User.Password()
	if strings.TrimSpace(p) == "" {
		t.Fatal("the URL has no password; the test would prove nothing")
	}
	return p
}
