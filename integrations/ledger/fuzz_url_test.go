package ledger

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// hush begins and ends the password that is put into every address: neither
// half may come back, however it is written.
const hush = "hush"

// FuzzDatabaseURL: no address that is taken leads off this machine without TLS,
// and no refusal repeats the password.
func FuzzDatabaseURL(f *testing.F) {
	corpustest.Add(f, "urls", corpustest.Text)
	f.Add("postgres://localhost/aims?sslmode=no")
	f.Add("postgres://localhost:x/aims?connect_timeout=soon")
	f.Fuzz(func(t *testing.T, text string) {
		if namesFile(text) {
			t.Skip("names a file of this machine, which the driver would read")
		}
		if c, err := parseURL(text); err == nil {
			for _, to := range targets(c) {
				if to.TLSConfig == nil && !onThisMachine(to.Host) {
					t.Errorf("%q leads to %s without TLS", text, to.Host)
				}
			}
		}
		if strings.Contains(text, hush) {
			return
		}
		for _, with := range withPassword(text) {
			if _, err := parseURL(with); err != nil && strings.Contains(err.Error(), hush) {
				t.Errorf("the refusal of %q repeats the password: %v", with, err)
			}
		}
	})
}

func namesFile(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	q := u.Query()
	return q.Has("sslcert") || q.Has("sslkey") || q.Has("sslrootcert") || q.Has("passfile") || q.Has("servicefile") || q.Has("service")
}

// withPassword puts a password where an address can have one.
func withPassword(text string) []string {
	var out []string
	query := "?"
	if strings.Contains(text, "?") {
		query = "&"
	}
	scheme, rest, hasHost := strings.Cut(text, "://")
	for _, password := range []string{hush + "%40" + hush, hush + "@" + hush, hush + "%" + hush} {
		out = append(out, text+query+"password="+password, text+query+"sslpassword="+password)
		if hasHost {
			out = append(out, scheme+"://aims:"+password+"@"+rest)
		}
	}
	return out
}
