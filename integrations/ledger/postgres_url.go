package ledger

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// urlForm is how a database URL is written.
const urlForm = "postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full"

// DatabaseURL names a PostgreSQL database. It holds a password and hides itself
// from prints and logs.
type DatabaseURL string

// String hides the URL from prints.
func (u DatabaseURL) String() string {
	if u == "" {
		return ""
	}
	return "[database URL]"
}

// GoString hides the URL from %#v.
func (u DatabaseURL) GoString() string { return u.String() }

// LogValue hides the URL from logs.
func (u DatabaseURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// Check says what is wrong with a database URL, without its password.
// Outside this machine only TLS is accepted, as with every other address.
func (u DatabaseURL) Check() error {
	_, err := parseURL(string(u))
	return err
}

// parseURL reads a database URL.
func parseURL(text string) (*pgx.ConnConfig, error) {
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return nil, errors.New("is no address of a PostgreSQL database: write " + urlForm)
	}
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || strings.Contains(text, "#") {
		// The error would repeat the text, and with it the password.
		return nil, errors.New("cannot be read: write " + urlForm + `, and in user and password %40 for @, %2F for /, %3F for ?, %23 for # and %25 for %`)
	}
	c, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("cannot be used: %s; write %s", reasonOf(err, u), urlForm)
	}
	for _, t := range targets(c) {
		if t.TLSConfig == nil && !onThisMachine(t.Host) {
			return nil, fmt.Errorf("would send the password and all evidence to %s without TLS: add sslmode=verify-full, or sslmode=require where the certificate cannot be checked", t.Host)
		}
	}
	return c, nil
}

// targets are all addresses that connecting may try, in order. "prefer" and
// "allow" add the same host without TLS.
func targets(c *pgx.ConnConfig) []*pgconn.FallbackConfig {
	first := &pgconn.FallbackConfig{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}
	return append([]*pgconn.FallbackConfig{first}, c.Fallbacks...)
}

// onThisMachine tells whether a host is loopback or the folder of a socket.
func onThisMachine(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// reasonOf is the reason within the driver's error, without the URL that it
// repeats and without any secret of it.
func reasonOf(err error, u *url.URL) string {
	reason := err.Error()
	if i := strings.LastIndex(reason, "`: "); i >= 0 {
		reason = reason[i+len("`: "):]
	}
	for _, s := range secretsOf(u) {
		reason = strings.ReplaceAll(reason, s, "***")
	}
	return reason
}

// secretsOf lists the passwords in a URL, as written and as meant.
func secretsOf(u *url.URL) []string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, s, url.QueryEscape(s), url.PathEscape(s))
		}
	}
	if p, ok := u.User.Password(); ok {
		add(p)
	}
	for name, values := range u.Query() {
		if strings.Contains(strings.ToLower(name), "password") {
			for _, v := range values {
				add(v)
			}
		}
	}
	return out
}

// certificateError says what to do about a certificate that is refused.
func certificateError(err error) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		return errors.New("its certificate is of no authority that is known here: add sslrootcert=FILE with the authority's certificate to DATABASE_URL, or mend that file")
	case errors.As(err, &name):
		return fmt.Errorf("its certificate is not for that host (%w): name the host in DATABASE_URL as the certificate does", name)
	}
	return err
}
