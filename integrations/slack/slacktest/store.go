package slacktest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// schema keeps the workspace. Bodies are JSON; what is searched has a column.
const schema = `
CREATE TABLE IF NOT EXISTS slack_meta(k TEXT PRIMARY KEY, v INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS slack_people(id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS slack_channels(id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS slack_groups(id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS slack_messages(
  channel TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(channel, ts));
CREATE INDEX IF NOT EXISTS slack_messages_seq ON slack_messages(seq);
CREATE TABLE IF NOT EXISTS slack_views(
  id TEXT PRIMARY KEY, user TEXT NOT NULL, closed INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS slack_views_seq ON slack_views(seq);
CREATE TABLE IF NOT EXISTS slack_events(id TEXT PRIMARY KEY, due INTEGER NOT NULL, attempt INTEGER NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL);
`

// tables lists what Reset empties; slack_meta stays, so that time stamps and
// the sequence go on rising.
const tables = "slack_people slack_channels slack_groups slack_messages slack_views slack_events"

// tx is one transaction. A change takes the next sequence number once.
type tx struct {
	ctx  context.Context
	conn *sql.Conn
	s    *Server
	seq  int64
}

// transact runs fn and commits before it returns: what was answered survives
// a kill. It goes on when the caller gave up, as the real Slack does.
func (s *Server) transact(ctx context.Context, fn func(*tx) error) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	return s.run(context.WithoutCancel(ctx), "BEGIN IMMEDIATE", fn)
}

// look runs fn, which only reads, on one consistent state.
func (s *Server) look(ctx context.Context, fn func(*tx) error) error {
	return s.run(ctx, "BEGIN", fn)
}

func (s *Server) run(ctx context.Context, begin string, fn func(*tx) error) (err error) {
	conn, err := s.opt.DB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("slacktest: connection: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, q := range []string{"PRAGMA busy_timeout=10000", "PRAGMA synchronous=FULL", begin} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("slacktest: %s: %w", q, err)
		}
	}
	t := &tx{ctx: ctx, conn: conn, s: s}
	if err := fn(t); err != nil {
		if _, rerr := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); rerr != nil {
			return errors.Join(err, rerr)
		}
		return err
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("slacktest: commit: %w", err)
	}
	if t.seq != 0 {
		s.tick()
	}
	return nil
}

func (t *tx) exec(q string, args ...any) error {
	if _, err := t.conn.ExecContext(t.ctx, q, args...); err != nil {
		return fmt.Errorf("slacktest: %w", err)
	}
	return nil
}

// meta reads a counter; one that was never set is 0.
func (t *tx) meta(k string) (int64, error) {
	var v int64
	err := t.conn.QueryRowContext(t.ctx, "SELECT v FROM slack_meta WHERE k=?", k).Scan(&v)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("slacktest: %w", err)
	}
	return v, nil
}

func (t *tx) setMeta(k string, v int64) error {
	return t.exec("INSERT INTO slack_meta(k,v) VALUES(?,?) ON CONFLICT(k) DO UPDATE SET v=excluded.v", k, v)
}

// next returns the sequence number of this change.
func (t *tx) next() (int64, error) {
	if t.seq != 0 {
		return t.seq, nil
	}
	n, err := t.meta("seq")
	if err != nil {
		return 0, err
	}
	t.seq = n + 1
	return t.seq, t.setMeta("seq", t.seq)
}

// stamp makes a message time stamp: the time in seconds and microseconds,
// never the same twice, never falling.
func (t *tx) stamp() (string, error) {
	last, err := t.meta("ts")
	if err != nil {
		return "", err
	}
	now := max(t.s.opt.Now().UnixMicro(), last+1)
	return fmt.Sprintf("%d.%06d", now/1e6, now%1e6), t.setMeta("ts", now)
}

// put stores a body of a table that has no further columns.
func (t *tx) put(table, id string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("slacktest: %w", err)
	}
	if _, err := t.next(); err != nil {
		return err
	}
	return t.exec("INSERT INTO "+table+"(id,body) VALUES(?,?) ON CONFLICT(id) DO UPDATE SET body=excluded.body", id, string(b))
}

// rows decodes the body column of every row of a query.
func rows[T any](t *tx, q string, args ...any) ([]T, error) {
	rs, err := t.conn.QueryContext(t.ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("slacktest: %w", err)
	}
	defer func() { _ = rs.Close() }()
	out := []T{}
	for rs.Next() {
		var b string
		var v T
		if err := rs.Scan(&b); err != nil {
			return nil, fmt.Errorf("slacktest: %w", err)
		}
		if err := json.Unmarshal([]byte(b), &v); err != nil {
			return nil, fmt.Errorf("slacktest: stored body: %w", err)
		}
		out = append(out, v)
	}
	return out, rs.Err()
}

// one decodes the body of the only row of a query; ok is false without one.
func one[T any](t *tx, q string, args ...any) (v T, ok bool, err error) {
	all, err := rows[T](t, q, args...)
	if err != nil || len(all) == 0 {
		return v, false, err
	}
	return all[0], true, nil
}

func (t *tx) person(id string) (Person, bool, error) {
	return one[Person](t, "SELECT body FROM slack_people WHERE id=?", id)
}

func (t *tx) channel(id string) (Channel, bool, error) {
	return one[Channel](t, "SELECT body FROM slack_channels WHERE id=?", id)
}

func (t *tx) message(channel, ts string) (Message, bool, error) {
	return one[Message](t, "SELECT body FROM slack_messages WHERE channel=? AND ts=?", channel, ts)
}

func (t *tx) view(id string) (View, bool, error) {
	return one[View](t, "SELECT body FROM slack_views WHERE id=?", id)
}

func (t *tx) putMessage(m Message) (err error) {
	if m.Seq, err = t.next(); err != nil {
		return err
	}
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("slacktest: %w", err)
	}
	return t.exec(`INSERT INTO slack_messages(channel,ts,thread_ts,seq,body) VALUES(?,?,?,?,?)
		ON CONFLICT(channel,ts) DO UPDATE SET seq=excluded.seq, body=excluded.body`,
		m.Channel, m.TS, m.ThreadTS, m.Seq, string(b))
}

func (t *tx) putView(v View) (err error) {
	if v.Seq, err = t.next(); err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("slacktest: %w", err)
	}
	return t.exec(`INSERT INTO slack_views(id,user,closed,seq,body) VALUES(?,?,?,?,?)
		ON CONFLICT(id) DO UPDATE SET closed=excluded.closed, seq=excluded.seq, body=excluded.body`,
		v.ID, v.User, v.Closed, v.Seq, string(b))
}
