package ledger

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

// TestPostgresSecret: whatever goes wrong, the password is in no error, no log
// and no print.
func TestPostgresSecret(t *testing.T) {
	t.Parallel()
	db := freshDatabase(t)
	canary := "canary%21" + secretOf(t, db)
	change := func(f func(u *url.URL)) DatabaseURL {
		u := got[*url.URL](t)(url.Parse(string(db)))
		u.User = url.UserPassword(u.User.Username(), canary)
		f(u)
		return DatabaseURL(u.String())
	}
	right := got[*url.URL](t)(url.Parse(string(db)))
	wrong := map[string]DatabaseURL{
		"password":  change(func(*url.URL) {}),
		"no server": change(func(u *url.URL) { u.Host = "127.0.0.1:1"; u.RawQuery = "connect_timeout=1" }),
		"sslmode":   change(func(u *url.URL) { u.RawQuery = "sslmode=" + url.QueryEscape("perhaps"+canary) }),
		"port":      change(func(u *url.URL) { u.Host = "127.0.0.1:99999" }),
		"query":     change(func(u *url.URL) { u.User = nil; u.RawQuery += "&user=aimsbot&password=" + url.QueryEscape(canary) }),
		"option":    change(func(u *url.URL) { u.RawQuery += "&connect_timeout=" + url.QueryEscape(canary) }),
		"certs":     change(func(u *url.URL) { u.RawQuery = "sslmode=verify-full&sslrootcert=/none" }),
		"fragment":  change(func(u *url.URL) { u.Fragment = canary }),
		"broken":    DatabaseURL("postgres://aimsbot:" + canary + "/x@127.0.0.1/db"),
		"no scheme": DatabaseURL("host=127.0.0.1 password=" + canary),
		"database":  DatabaseURL(strings.Replace(string(db), right.Path, "/none", 1)),
	}
	for name, u := range wrong {
		var log bytes.Buffer
		opts := Options{URL: u, Key: testKey(1), Logger: slog.New(slog.NewTextHandler(&log, nil))}
		for _, open := range []func(context.Context, Options) (*Ledger, error){Open, OpenReadOnly} {
			_, err := open(t.Context(), opts)
			if err == nil {
				t.Errorf("%s: opened", name)
				continue
			}
			for _, shown := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), log.String(), fmt.Sprintf("%v %+v %#v %s", opts, opts, u, u)} {
				if strings.Contains(shown, canary) || strings.Contains(shown, url.QueryEscape(canary)) || strings.Contains(shown, secretOf(t, db)) {
					t.Errorf("%s: the password shows: %s", name, shown)
				}
			}
		}
	}
}
