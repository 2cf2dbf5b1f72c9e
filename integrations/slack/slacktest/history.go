package slacktest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// messageJSON is a message as the Web API gives it.
func (s *Server) messageJSON(m Message, metadata bool) map[string]any {
	out := map[string]any{"type": "message", "user": m.User, "team": s.opt.TeamID, "ts": m.TS, "text": m.Text}
	if m.User == s.opt.BotUser {
		out["bot_id"], out["app_id"] = s.opt.BotID, s.opt.AppID
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Edited != "" {
		out["edited"] = map[string]any{"user": m.User, "ts": m.Edited}
	}
	if metadata && len(m.Metadata) > 0 {
		out["metadata"] = m.Metadata
	}
	return out
}

var stampFormat = regexp.MustCompile(`^\d{1,12}(\.\d{1,6})?$`)

// bound normalises a time stamp argument so that it sorts as text; def if
// there is none.
func (q *request) bound(k, def string) (string, error) {
	v := q.str(k)
	if v == "" || v == "0" || v == "now" {
		return def, nil
	}
	if !stampFormat.MatchString(v) {
		return "", fail("invalid_ts_" + k)
	}
	sec, frac, _ := strings.Cut(v, ".")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return "", fail("invalid_ts_" + k)
	}
	return fmt.Sprintf("%010d.%s", n, frac+strings.Repeat("0", 6-len(frac))), nil
}

// between tells whether a time stamp is within the call's bounds.
func (q *request) between() (func(ts string) bool, error) {
	oldest, err := q.bound("oldest", "")
	if err != nil {
		return nil, err
	}
	latest, err := q.bound("latest", "~")
	if err != nil {
		return nil, err
	}
	inclusive := q.flag("inclusive")
	return func(ts string) bool {
		return (ts > oldest && ts < latest) || inclusive && (ts == oldest || ts == latest)
	}, nil
}

// paginate cuts one page out of a list. The cursor is the offset, opaque to
// the caller.
func paginate[T any](all []T, q *request) (page []T, next string, err error) {
	limit, from := DefaultHistory, 0
	if v := q.str("limit"); v != "" && v != "0" {
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 || limit > MaxHistory {
			return nil, "", fail("invalid_limit")
		}
	}
	if v := q.str("cursor"); v != "" {
		n, ok := strings.CutPrefix(v, "next:")
		if from, err = strconv.Atoi(n); err != nil || !ok || from < 0 || from > len(all) {
			return nil, "", fail("invalid_cursor")
		}
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		next = "next:" + strconv.Itoa(to)
	}
	return append([]T{}, all[from:to]...), next, nil
}

// history gives the messages of a conversation, newest first, without the
// replies in threads and without what only one person sees.
func (s *Server) history(ctx context.Context, q *request) (answer, error) {
	return s.listing(ctx, q, "SELECT body FROM slack_messages WHERE channel=? AND thread_ts='' ORDER BY ts DESC")
}

// replies gives a thread, its first message included, oldest first.
func (s *Server) replies(ctx context.Context, q *request) (answer, error) {
	ts := q.str("ts")
	if ts == "" {
		return nil, fail("invalid_arguments")
	}
	return s.listing(ctx, q, "SELECT body FROM slack_messages WHERE channel=? AND (thread_ts=? OR ts=?) ORDER BY ts", ts, ts)
}

func (s *Server) listing(ctx context.Context, q *request, query string, args ...any) (a answer, err error) {
	within, err := q.between()
	if err != nil {
		return nil, err
	}
	err = s.look(ctx, func(t *tx) error {
		c, err := t.conversation(q.str("channel"), "history")
		if err != nil {
			return err
		}
		all, err := rows[Message](t, query, append([]any{c.ID}, args...)...)
		if err != nil {
			return err
		}
		found := []any{}
		for _, m := range all {
			if !m.Deleted && !m.Ephemeral && within(m.TS) {
				found = append(found, s.messageJSON(m, q.flag("include_all_metadata")))
			}
		}
		if len(args) > 0 && len(all) == 0 {
			return fail("thread_not_found")
		}
		page, next, err := paginate(found, q)
		a = answer{"messages": page, "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}}
		return err
	})
	return a, err
}
