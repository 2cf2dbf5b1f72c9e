package jiratest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// hookTimeout is how long an answer to a webhook may take. Jira's own limit
// is not published; ours is short so that a hung listener shows early.
const hookTimeout = 10 * time.Second

// outbox sends the queued webhooks one after the other. A failed one waits
// for its next try and lets the others pass.
type outbox struct {
	s      *Server
	client *http.Client
	delays []time.Duration
	wake   chan struct{}
	done   chan struct{}
	stop   context.CancelFunc

	mu          sync.Mutex
	url, secret string
	lost        int
	waiters     []chan struct{} // closed when nothing is left to do
}

func newOutbox(s *Server) *outbox {
	ctx, stop := context.WithCancel(context.Background())
	o := &outbox{
		s: s, client: s.opt.HookClient, delays: s.opt.RetryDelays, stop: stop,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		url: s.opt.WebhookURL, secret: s.opt.WebhookSecret,
	}
	if o.client == nil {
		o.client = &http.Client{Timeout: hookTimeout}
	}
	if o.delays == nil {
		o.delays = []time.Duration{200 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}
	}
	go o.run(ctx)
	return o
}

func (o *outbox) aim(url, secret string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.url, o.secret = url, secret
}

func (o *outbox) target() (url, secret string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.url, o.secret
}

func (o *outbox) poke() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) close() {
	o.stop()
	<-o.done
	o.client.CloseIdleConnections()
}

// run sends what is due, then sleeps until something is.
func (o *outbox) run(ctx context.Context) {
	defer close(o.done)
	for ctx.Err() == nil {
		var timer <-chan time.Time
		waiting := o.waiting()
		if url, _ := o.target(); url != "" {
			wait, err := o.round(ctx)
			if err != nil && ctx.Err() == nil {
				o.s.log.Warn("jiratest: webhooks", "error", err)
				wait = time.Second
			}
			if wait >= 0 {
				timer = time.After(wait)
			}
		} else {
			o.idle(waiting)
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-timer:
		}
	}
}

type queued struct {
	id         int64
	identifier string
	body       []byte
	attempts   int
}

// round sends everything due and returns how long to sleep; negative = until
// woken.
func (o *outbox) round(ctx context.Context) (time.Duration, error) {
	for {
		var q queued
		var due int64
		waiting := o.waiting()
		err := o.s.db.QueryRowContext(ctx, `SELECT id, identifier, body, attempts, due_ms FROM jira_hooks ORDER BY due_ms, id LIMIT 1`).
			Scan(&q.id, &q.identifier, &q.body, &q.attempts, &due)
		if errors.Is(err, sql.ErrNoRows) {
			o.idle(waiting)
			return -1, nil
		}
		if err != nil {
			return 0, err
		}
		// Retries go by the wall clock: skipped time must not use them up.
		if wait := time.Until(time.UnixMilli(due)); wait > 0 {
			return wait, nil
		}
		if err := o.settle(ctx, q, o.send(ctx, q)); err != nil {
			return 0, err
		}
	}
}

// The fates of one try.
const (
	hookDone = iota
	hookAgain
	hookLost
)

func (o *outbox) send(ctx context.Context, q queued) int {
	url, secret := o.target()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(q.body))
	if err != nil {
		o.s.log.Warn("jiratest: webhook address", "error", err)
		return hookLost
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Atlassian Webhook HTTP Client")
	r.Header.Set("X-Atlassian-Webhook-Identifier", q.identifier)
	r.Header.Set("X-Atlassian-Webhook-Flow", "Primary")
	if q.attempts > 0 {
		r.Header.Set("X-Atlassian-Webhook-Retry", strconv.Itoa(q.attempts))
	}
	if secret != "" {
		r.Header.Set("X-Hub-Signature", Sign(secret, q.body))
	}
	resp, err := o.client.Do(r)
	if err != nil {
		return hookAgain
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch c := resp.StatusCode; {
	case c < 300:
		return hookDone
	case c == 408 || c == 409 || c == 425 || c == 429 || c >= 500:
		return hookAgain
	}
	return hookLost
}

// settle stores what became of a try. A try that the closing of the server
// cut short leaves the webhook as it was.
func (o *outbox) settle(ctx context.Context, q queued, fate int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fate == hookAgain && q.attempts < len(o.delays) {
		due := time.Now().Add(o.delays[q.attempts]).UnixMilli()
		_, err := o.s.db.ExecContext(ctx, `UPDATE jira_hooks SET attempts = attempts + 1, due_ms = ? WHERE id = ?`, due, q.id)
		return wrapHook(err)
	}
	if fate != hookDone {
		o.mu.Lock()
		o.lost++
		o.mu.Unlock()
	}
	_, err := o.s.db.ExecContext(ctx, `DELETE FROM jira_hooks WHERE id = ?`, q.id)
	return wrapHook(err)
}

func wrapHook(err error) error {
	if err != nil {
		return fmt.Errorf("settle a webhook: %w", err)
	}
	return nil
}

// waiting counts those who wait.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiters)
}

// idle tells the first n who wait that nothing is left to send. Who came
// after the look at the queue may wait for what was queued since.
func (o *outbox) idle(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.waiters[:n] {
		close(w)
	}
	o.waiters = o.waiters[n:]
}

func (o *outbox) flush(ctx context.Context) error {
	w := make(chan struct{})
	o.mu.Lock()
	o.waiters = append(o.waiters, w)
	o.mu.Unlock()
	o.poke()
	select {
	case <-w:
		return nil
	case <-o.done:
		return errors.New("jiratest: closed")
	case <-ctx.Done():
		return ctx.Err()
	}
}
