package slacktest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// retryAfter returns when an event that failed is sent again, counted from
// the failure: at once, after a minute, after five. ok is false after that.
func retryAfter(attempt int) (d time.Duration, ok bool) {
	switch attempt {
	case 1:
		return 0, true
	case 2:
		return time.Minute, true
	case 3:
		return 5 * time.Minute, true
	}
	return 0, false
}

// lookEvery is how often events that are due again are looked for.
const lookEvery = 500 * time.Millisecond

// Event tells the app of an inner event, such as
// {"type":"app_home_opened","user":"U0ANNA","tab":"home"}. Members the outer
// event has may be given in outer, as a merge patch. An event that is not
// acknowledged is kept and sent again by Slack's schedule on Options.Now.
func (s *Server) Event(ctx context.Context, inner, outer json.RawMessage) (Ack, error) {
	event, err := decodeObject(inner)
	if err != nil {
		return Ack{}, fmt.Errorf("slacktest: event: %w", err)
	}
	now := s.opt.Now()
	if event["event_ts"] == nil {
		event["event_ts"] = fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000)
	}
	payload := map[string]any{
		"type": "event_callback", "event_id": newID("Ev"), "event_time": now.Unix(), "team_id": s.opt.TeamID,
		"api_app_id": s.opt.AppID, "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"team_id": s.opt.TeamID, "user_id": s.opt.BotUser, "is_bot": true}},
		"event":          event,
	}
	if payload, err = patched(payload, outer); err != nil {
		return Ack{}, err
	}
	s.mu.Lock()
	room := s.events.take(now)
	s.mu.Unlock()
	if !room {
		return s.deliver(ctx, delivery{kind: eventsAPI, payload: map[string]any{
			"type": "app_rate_limited", "team_id": s.opt.TeamID, "api_app_id": s.opt.AppID,
			"minute_rate_limited": now.Truncate(time.Minute).Unix(),
		}}), nil
	}
	return s.send(ctx, queued{ID: text(payload, "event_id"), Payload: payload})
}

// queued is an event that is to be sent, or sent again.
type queued struct {
	ID      string         `json:"id"`
	Payload map[string]any `json:"payload"`
	Attempt int            `json:"attempt"`
	Reason  string         `json:"reason"`
}

// send delivers an event and, if it was not taken, sets its next try.
func (s *Server) send(ctx context.Context, e queued) (Ack, error) {
	ack := s.deliver(ctx, delivery{kind: eventsAPI, payload: e.Payload, attempt: e.Attempt, reason: e.Reason})
	return ack, s.transact(ctx, func(t *tx) error {
		e.Attempt++
		wait, again := retryAfter(e.Attempt)
		if ack.Status/100 == 2 || ack.final || !again {
			return t.exec("DELETE FROM slack_events WHERE id=?", e.ID)
		}
		e.Reason = retryReason(ack)
		return t.exec(`INSERT INTO slack_events(id,due,attempt,reason,body) VALUES(?,?,?,?,?)
			ON CONFLICT(id) DO UPDATE SET due=excluded.due, attempt=excluded.attempt, reason=excluded.reason, body=excluded.body`,
			e.ID, s.opt.Now().Add(wait).UnixMicro(), e.Attempt, e.Reason, string(encode(e)))
	})
}

// retryReason is how a repeat names the failure before it.
func retryReason(a Ack) string { return cmp.Or(a.why, "timeout") }

// redeliver sends events again when they are due, until ctx ends.
func (s *Server) redeliver(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var due []queued
		err := s.look(ctx, func(t *tx) (err error) {
			due, err = rows[queued](t, "SELECT body FROM slack_events WHERE due<=? ORDER BY due", s.opt.Now().UnixMicro())
			return err
		})
		for _, e := range due {
			if ctx.Err() == nil && err == nil {
				_, err = s.send(ctx, e)
			}
		}
		if err != nil && ctx.Err() == nil {
			s.opt.Logger.Error("events", "err", err)
		}
	}
}
