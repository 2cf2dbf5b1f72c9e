package redis

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

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
		if err != nil && strings.Contains(text, "made-up") && strings.Contains(err.Error(), "made-up") {
			t.Errorf("the refusal repeats the password: %v", err)
		}
	})
}
