package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed request;
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const (
	headerTime      = "X-Slack-Request-Timestamp"
	headerSignature = "X-Slack-Signature"
	headerRetry     = "X-Slack-Retry-Num"
	headerReason    = "X-Slack-Retry-Reason"
)

// window is how far the time of a request may be from ours, either way.
const window = 5 * time.Minute

// Reason says why a request was refused. It goes to the log, never to whoever
// asked.
type Reason string

// The reasons there are.
const (
	ReasonMethod     Reason = "method"       // no POST
	ReasonPath       Reason = "path"         // no such door
	ReasonType       Reason = "content_type" // another content type than Slack's
	ReasonSize       Reason = "size"
	ReasonCut        Reason = "cut" // the body broke off or came too slowly
	ReasonUnsigned   Reason = "unsigned"
	ReasonTime       Reason = "time" // no time, or none that can be read
	ReasonStale      Reason = "stale"
	ReasonFuture     Reason = "future"
	ReasonSignature  Reason = "signature"
	ReasonUnreadable Reason = "unreadable" // signed, and not what Slack sends
	ReasonForeign    Reason = "foreign"    // signed, and of another app or workspace
	ReasonUnknown    Reason = "unknown"    // signed, and about nothing of ours
)

// RequestError is the refusal of a request.
type RequestError struct{ Reason Reason }

// Error names the reason.
func (e *RequestError) Error() string { return "request refused: " + string(e.Reason) }

func deny(r Reason) error { return &RequestError{r} }

// verify checks that Slack signed these bytes, and did it now. slack-go's own
// verifier knows no clock but the machine's. Nothing that is computed here may
// leave: it would sign whatever was sent.
func verify(secret []byte, now time.Time, h http.Header, body []byte) error {
	times, signatures := h.Values(headerTime), h.Values(headerSignature)
	if len(signatures) != 1 || len(secret) == 0 { // guard: slack-one-signature
		return deny(ReasonUnsigned)
	}
	if len(times) != 1 { // guard: slack-one-time
		return deny(ReasonTime)
	}
	at, err := strconv.ParseInt(times[0], 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != times[0] {
		return deny(ReasonTime)
	}
	switch limit := int64(window / time.Second); {
	case at < now.Unix()-limit: // guard: slack-stale
		return deny(ReasonStale)
	case at > now.Unix()+limit: // guard: slack-future
		return deny(ReasonFuture)
	}
	text, ok := strings.CutPrefix(signatures[0], "v0=")
	given, err := hex.DecodeString(text)
	if !ok || err != nil {
		return deny(ReasonSignature)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("v0:" + times[0] + ":"))
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), given) { // guard: slack-signature
		return deny(ReasonSignature)
	}
	return nil
}
