package jira

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// Hint says that something about an issue may have changed.
type Hint = intake.Hint

// headerSignature is the header with a webhook's signature;
// https://developer.atlassian.com/cloud/jira/platform/webhooks/
const headerSignature = "X-Hub-Signature"

// Handler takes Jira's webhooks. A verified one about an issue becomes a hint;
// what our own account did is ignored. 200 is answered once hint has returned
// nil, which must mean that the hint is durable; else 503, on which Jira comes
// again. Without a secret everything is refused.
func (c *Client) Handler(hint func(context.Context, Hint) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		outcome, reason := c.webhook(w, r, hint)
		c.watch.Delivered(port.Delivered{Door: port.DoorWebhook, Kind: port.InboxHint, Outcome: outcome}, reason, time.Since(began))
	})
}

// webhook answers one request, and says what came of it and why it was refused.
func (c *Client) webhook(w http.ResponseWriter, r *http.Request, hint func(context.Context, Hint) error) (outcome, reason string) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return port.Refused, "method"
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) { // guard: jira-size
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return port.Refused, "size"
		}
		http.Error(w, "not read", http.StatusServiceUnavailable)
		return port.Refused, "cut"
	}
	signature := r.Header.Get(headerSignature)
	if !verify(c.opt.WebhookSecret, signature, body) { // guard: jira-signature
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return port.Refused, "signature"
	}
	h, ok := parseWebhook(body)
	if !ok || c.echo(r.Context(), h.Author) {
		w.WriteHeader(http.StatusOK)
		return port.Acknowledged, ""
	}
	h.DeliveryKey = deliveryKey(body) // guard: jira-replay
	if err := hint(r.Context(), h); err != nil {
		c.log.Error("a Jira webhook could not be kept; Jira will send it again", "event", h.Event, "error", err)
		http.Error(w, "not kept", http.StatusServiceUnavailable)
		return port.Unkept, ""
	}
	w.WriteHeader(http.StatusOK)
	return port.Acknowledged, ""
}

// echo tells whether our own account did it. While we cannot know, the hint
// passes: reading an issue once more is harmless.
func (c *Client) echo(ctx context.Context, author string) bool {
	if author == "" {
		return false
	}
	own, err := c.Self(ctx)
	if err != nil {
		c.log.Warn("our own Jira account is not known yet; a hint passes unchecked", "error", err)
		return false
	}
	return own == author
}

// verify checks "sha256=<hex>", the HMAC of the raw body with the secret.
func verify(secret, signature string, body []byte) bool {
	method, sum, ok := strings.Cut(signature, "=")
	given, err := hex.DecodeString(sum)
	if secret == "" { // guard: jira-secret
		return false
	}
	if !ok || method != "sha256" || err != nil { // guard: jira-algorithm
		return false
	}
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return hmac.Equal(m.Sum(nil), given)
}

// deliveryKey is equal for repeated deliveries of one webhook, and for whoever
// recorded one and sends it again. Jira's own identifier is outside the
// signature: with another one the same body would pass for a new delivery.
func deliveryKey(body []byte) string {
	sum := sha256.Sum256(body)
	return "jira:" + hex.EncodeToString(sum[:16])
}

// parseWebhook reads the few fields of a payload that we use. Anything odd in
// the others does not matter; a payload about no issue is no hint.
func parseWebhook(body []byte) (Hint, bool) {
	var p struct {
		Event   lenient `json:"webhookEvent"`
		User    account `json:"user"`
		Issue   issueID `json:"issue"`
		Comment struct {
			Author       account `json:"author"`
			UpdateAuthor account `json:"updateAuthor"`
		} `json:"comment"`
	}
	// A field of another shape than ours leaves the others readable.
	var shape *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &p); err != nil && !errors.As(err, &shape) {
		return Hint{}, false
	}
	h := Hint{IssueID: string(p.Issue), Event: string(p.Event), Author: string(p.User)}
	if h.Author == "" {
		h.Author = string(p.Comment.UpdateAuthor)
	}
	if h.Author == "" {
		h.Author = string(p.Comment.Author)
	}
	if _, err := strconv.ParseUint(h.IssueID, 10, 63); err != nil {
		return Hint{}, false
	}
	h.Labels = labelsOf(body)
	return h, true
}

// labelsOf reads the issue's labels; none where the payload has another shape.
func labelsOf(body []byte) []string {
	var p struct {
		Issue struct {
			Fields struct {
				Labels []string `json:"labels"`
			} `json:"fields"`
		} `json:"issue"`
	}
	if json.Unmarshal(body, &p) != nil {
		return nil
	}
	return p.Issue.Fields.Labels
}

// lenient takes a string or a number as text, and anything else as nothing.
type lenient string

func (l *lenient) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*l = lenient(text)
		return nil
	}
	var n json.Number
	if json.Unmarshal(b, &n) == nil {
		*l = lenient(n)
	}
	return nil
}

// account is the account id, or the Data Center user name, of a user object of
// any shape.
type account string

func (a *account) UnmarshalJSON(b []byte) error {
	var u struct {
		AccountID lenient `json:"accountId"`
		Name      lenient `json:"name"`
	}
	if json.Unmarshal(b, &u) == nil {
		*a = account(cmp.Or(u.AccountID, u.Name))
	}
	return nil
}

// issueID is the numeric id of an issue object of any shape.
type issueID string

func (i *issueID) UnmarshalJSON(b []byte) error {
	var u struct {
		ID lenient `json:"id"`
	}
	if json.Unmarshal(b, &u) == nil {
		*i = issueID(u.ID)
	}
	return nil
}
