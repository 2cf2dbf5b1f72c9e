package slack

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The vector that Slack publishes, and one of our own for an interaction.
const (
	slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	slackTime   = "1531420618"
	slackBody   = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
		"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	slackSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

	ownSecret    = "aimsbot-test-secret"
	ownTime      = "1700000000"
	ownBody      = "payload=%7B%22type%22%3A%22block_actions%22%7D"
	ownSignature = "v0=c8201fff33b8f4fe2d39befd7033e67fc92ec4a5d67177cafe39cd5069c6d151"
)

// TestVerify holds the verifier to the published vector, to each edge of the
// window, and to everything that is nearly right.
func TestVerify(t *testing.T) {
	t.Parallel()
	at := time.Unix(1531420618, 0)
	cases := []struct {
		name                          string
		secret, time, signature, body string
		now                           time.Time
		want                          Reason
	}{
		{"published vector", slackSecret, slackTime, slackSignature, slackBody, at, ""},
		{"own vector", ownSecret, ownTime, ownSignature, ownBody, time.Unix(1700000000, 0), ""},
		{"just young enough", slackSecret, slackTime, slackSignature, slackBody, at.Add(window), ""},
		{"stale", slackSecret, slackTime, slackSignature, slackBody, at.Add(window + time.Second), ReasonStale},
		{"just not too early", slackSecret, slackTime, slackSignature, slackBody, at.Add(-window), ""},
		{"future", slackSecret, slackTime, slackSignature, slackBody, at.Add(-window - time.Second), ReasonFuture},
		{"another secret", ownSecret, slackTime, slackSignature, slackBody, at, ReasonSignature},
		{"no secret", "", slackTime, slackSignature, slackBody, at, ReasonUnsigned},
		{"another body", slackSecret, slackTime, slackSignature, slackBody + "x", at, ReasonSignature},
		{"another time", slackSecret, "1531420619", slackSignature, slackBody, at, ReasonSignature},
		{"no signature", slackSecret, slackTime, "", slackBody, at, ReasonUnsigned},
		{"no time", slackSecret, "", slackSignature, slackBody, at, ReasonTime},
		{"time with a sign", slackSecret, "+1531420618", slackSignature, slackBody, at, ReasonTime},
		{"time in words", slackSecret, "now", slackSignature, slackBody, at, ReasonTime},
		{"time beyond 64 bits", slackSecret, "99999999999999999999", slackSignature, slackBody, at, ReasonTime},
		{"least time there is", slackSecret, "-9223372036854775808", slackSignature, slackBody, at, ReasonStale},
		{"another version", slackSecret, slackTime, "v1" + slackSignature[2:], slackBody, at, ReasonSignature},
		{"no version", slackSecret, slackTime, slackSignature[3:], slackBody, at, ReasonSignature},
		{"half a signature", slackSecret, slackTime, slackSignature[:35], slackBody, at, ReasonSignature},
		{"empty signature", slackSecret, slackTime, "v0=", slackBody, at, ReasonSignature},
		{"no hexadecimal", slackSecret, slackTime, "v0=" + strings.Repeat("z", 64), slackBody, at, ReasonSignature},
	}
	for _, c := range cases {
		h := http.Header{}
		if c.time != "" {
			h.Set(headerTime, c.time)
		}
		if c.signature != "" {
			h.Set(headerSignature, c.signature)
		}
		if got := reasonOf(verify([]byte(c.secret), c.now, h, []byte(c.body))); got != c.want {
			t.Errorf("%s: refused for %q, want %q", c.name, got, c.want)
		}
	}
	twice := http.Header{headerTime: {slackTime}, headerSignature: {"v0=00", slackSignature}}
	if got := reasonOf(verify([]byte(slackSecret), at, twice, []byte(slackBody))); got != ReasonUnsigned {
		t.Errorf("two signatures: refused for %q", got)
	}
}

func reasonOf(err error) Reason {
	var refusal *RequestError
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return ""
}
