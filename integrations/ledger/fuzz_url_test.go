package ledger

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// shortSecret is the length in bytes up to which a password is also an
// ordinary part of the words of a refusal.
const shortSecret = 8

// FuzzDatabaseURL: no address that is taken leads off this machine without TLS,
// and no refusal repeats the password.
func FuzzDatabaseURL(f *testing.F) {
	// The driver would read files that an address names.
	corpustest.Add(f, "urls", corpustest.Text)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/") && strings.Contains(text, "file") {
			t.Skip("names a file of this machine")
		}
		c, err := parseURL(text)
		if err == nil {
			for _, to := range targets(c) {
				if to.TLSConfig == nil && !onThisMachine(to.Host) {
					t.Errorf("%q leads to %s without TLS", text, to.Host)
				}
			}
			return
		}
		u, parseErr := url.Parse(text)
		if parseErr != nil {
			return
		}
		if p, ok := u.User.Password(); ok && len(p) > shortSecret && !strings.Contains(urlForm, p) && !strings.Contains(u.Host, p) && strings.Contains(err.Error(), p) {
			t.Errorf("the refusal of %q repeats the password: %v", text, err)
		}
	})
}
