package slacktest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The kinds of deliveries, as envelopes name them, and their doors over HTTP.
const (
	interactiveKind = "interactive"
	slashCommands   = "slash_commands"
	eventsAPI       = "events_api"
)

// maxAnswer is how much of an HTTP answer is read, in bytes.
const maxAnswer = 1 << 20

// delivery is one thing told to the app.
type delivery struct {
	kind    string
	payload map[string]any
	answers bool   // the acknowledgement may carry a payload
	attempt int    // events: number of the repeat
	reason  string // events: why it is repeated
}

// deliver brings it to the app over the door in use and waits for the answer.
func (s *Server) deliver(ctx context.Context, d delivery) Ack {
	if hooks := s.hooks(); hooks != "" && !s.opt.SocketMode {
		path, kind, body := d.http()
		head := map[string]string{"Content-Type": kind}
		if d.attempt > 0 {
			head["X-Slack-Retry-Num"], head["X-Slack-Retry-Reason"] = strconv.Itoa(d.attempt), d.reason
		}
		return s.post(ctx, http.MethodPost, hooks+path, head, body, s.opt.SigningSecret)
	}
	envelope := map[string]any{
		"type": d.kind, "envelope_id": newID(""), "payload": d.payload, "accepts_response_payload": d.answers,
	}
	if d.kind == eventsAPI {
		envelope["retry_attempt"], envelope["retry_reason"] = d.attempt, d.reason
	}
	return s.hub.deliver(ctx, envelope)
}

func (s *Server) hooks() string {
	if s.opt.Hooks == nil {
		return ""
	}
	return s.opt.Hooks()
}

// http gives path, content type and body of a delivery.
func (d delivery) http() (path, kind, body string) {
	const form = "application/x-www-form-urlencoded"
	switch d.kind {
	case interactiveKind:
		return "/interactions", form, url.Values{"payload": {string(encode(d.payload))}}.Encode()
	case slashCommands:
		vs := url.Values{}
		for k, v := range d.payload {
			vs.Set(k, fmt.Sprint(v))
		}
		return "/commands", form, vs.Encode()
	}
	return "/events", "application/json", string(encode(d.payload))
}

// Sign returns the X-Slack-Signature of a body at a time.
func Sign(secret, timestamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":" + body))
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// post sends a body to one of the app's doors, signed unless secret is empty.
// Headers given win over those that signing adds.
func (s *Server) post(ctx context.Context, method, to string, head map[string]string, body, secret string) Ack {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.opt.AckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader([]byte(body)))
	if err != nil {
		return Ack{Warning: "no such address: " + err.Error()}
	}
	if secret != "" {
		ts := strconv.FormatInt(s.opt.Now().Unix(), 10)
		req.Header.Set("X-Slack-Request-Timestamp", ts)
		req.Header.Set("X-Slack-Signature", Sign(secret, ts, body))
	}
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	for k, v := range head {
		req.Header.Set(k, v)
	}
	resp, err := s.client.Do(req)
	ack := Ack{Ms: time.Since(begin).Milliseconds(), why: "http_timeout"}
	if err != nil {
		ack.Warning = "the app did not answer within " + s.opt.AckTimeout.String()
		if ctx.Err() == nil {
			ack.Warning, ack.why = "no connection: the app is not there", "connection_failed"
		}
		return ack
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		ack.Warning = "the app's answer broke off"
		return ack
	}
	ack.Status, ack.final, ack.why = resp.StatusCode, resp.Header.Get("X-Slack-No-Retry") == "1", "http_error"
	ack.Ms = time.Since(begin).Milliseconds() // the whole answer, not its head
	if b = bytes.TrimSpace(b); json.Valid(b) {
		ack.Body = b
	} else if len(b) > 0 {
		ack.Body = encode(string(b))
	}
	if resp.StatusCode != http.StatusOK {
		ack.Warning = "the app answered " + resp.Status
	}
	return ack
}

// Raw is an arbitrary delivery, for attacks.
type Raw struct {
	Transport string            `json:"transport"`        // socket | http
	Method    string            `json:"method,omitempty"` // of http; POST
	Path      string            `json:"path,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	// Body is the envelope of a socket, or the body of a POST: a JSON string
	// is sent as its text, anything else as it stands.
	Body json.RawMessage `json:"body"`
	// Sign adds a valid signature of the present, unless the headers have one;
	// Secret signs with another secret than the app's.
	Sign   bool   `json:"sign,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// Raw delivers something as it is, checking nothing.
func (s *Server) Raw(ctx context.Context, r Raw) (Ack, error) {
	if r.Transport == "socket" {
		envelope, err := decodeObject(r.Body)
		if err != nil {
			return Ack{}, fmt.Errorf("slacktest: envelope: %w", err)
		}
		return s.hub.deliver(ctx, envelope), nil
	}
	hooks := s.hooks()
	if hooks == "" {
		return Ack{}, fmt.Errorf("slacktest: no address for deliveries over HTTP: %w", ErrNotThere)
	}
	body := string(r.Body)
	var asText string
	if json.Unmarshal(r.Body, &asText) == nil {
		body = asText
	}
	secret := ""
	if r.Sign || r.Secret != "" {
		secret = cmp.Or(r.Secret, s.opt.SigningSecret)
	}
	return s.post(ctx, cmp.Or(r.Method, http.MethodPost), hooks+r.Path, r.Headers, body, secret), nil
}

// VerifyURL is somebody entering the address for events in the app's settings:
// the app must answer with the challenge.
func (s *Server) VerifyURL(ctx context.Context) (Ack, error) {
	hooks := s.hooks()
	if hooks == "" {
		return Ack{}, fmt.Errorf("slacktest: no address for deliveries over HTTP: %w", ErrNotThere)
	}
	challenge := newID("")
	body := string(encode(map[string]any{"type": "url_verification", "token": "deprecated", "challenge": challenge}))
	ack := s.post(ctx, http.MethodPost, hooks+"/events", map[string]string{"Content-Type": "application/json"}, body, s.opt.SigningSecret)
	var plain string
	var object struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(ack.Body, &plain) != nil {
		_ = json.Unmarshal(ack.Body, &object) // another shape is a wrong answer
	}
	if ack.Warning == "" && plain != challenge && object.Challenge != challenge {
		ack.Warning = "Your URL didn't respond with the value of the challenge parameter."
	}
	return ack, nil
}
