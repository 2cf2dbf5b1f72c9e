package redis

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// hush begins and ends the password that is put into every address: neither
// half may come back, however it is written.
const hush = "hush"

// FuzzURL: what is taken leaves this machine only with TLS, and no refusal
// repeats the password.
func FuzzURL(f *testing.F) {
	corpustest.Add(f, "urls", corpustest.Text)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := URL(text).options()
		if err == nil && o.Network == "tcp" && o.TLSConfig == nil {
			if u, parseErr := url.Parse(text); parseErr != nil || !onThisMachine(u.Hostname()) {
				t.Errorf("%q is taken without TLS", text)
			}
		}
		scheme, rest, ok := strings.Cut(text, "://")
		if !ok || strings.Contains(text, hush) {
			return
		}
		for _, password := range []string{hush + "%40" + hush, hush + "@" + hush, hush + "%" + hush} {
			u := URL(scheme + "://aims:" + password + "@" + rest)
			if err := u.Check(); err != nil && strings.Contains(err.Error(), hush) {
				t.Errorf("the refusal of %q repeats the password: %v", string(u), err)
			}
			if strings.Contains(u.String()+u.GoString()+u.LogValue().String(), hush) {
				t.Errorf("%q is printed", string(u))
			}
		}
	})
}
