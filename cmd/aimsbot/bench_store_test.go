package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/aimsbot/aimsbot/activities/port"
)

// twinSchema is what a hand-written program would keep: no evidence, no
// versions, no hashes.
const twinSchema = `
CREATE TABLE runs (id TEXT PRIMARY KEY, system TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE asks (token TEXT PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL);
CREATE TABLE inbox (id INTEGER PRIMARY KEY, delivery TEXT NOT NULL UNIQUE, run TEXT NOT NULL, step TEXT NOT NULL, action TEXT NOT NULL, team TEXT NOT NULL, user TEXT NOT NULL, body TEXT NOT NULL, verdict TEXT NOT NULL DEFAULT '');
CREATE INDEX inbox_run ON inbox (run, id);
CREATE TABLE effects (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, run TEXT NOT NULL, step TEXT NOT NULL, kind TEXT NOT NULL, of_key TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '{}', issue_id TEXT NOT NULL DEFAULT '');
CREATE INDEX effects_run ON effects (run, seq);
CREATE INDEX effects_issue ON effects (issue_id);
CREATE TABLE records (id INTEGER PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);`

// twinStore is a SQLite file with the ledger's settings: every write durable
// when it returns, and those that wait together share a transaction.
type twinStore struct {
	read, write *sql.DB
	queue       chan twinWrite
}

type twinWrite struct {
	do   func(tx *sql.Tx) error
	done chan error
}

func openTwinStore(path string) (*twinStore, error) {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)"}}
	s := &twinStore{queue: make(chan twinWrite)}
	var err error
	if s.write, err = sql.Open("sqlite", "file:"+path+"?"+q.Encode()); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	if _, err := s.write.Exec(twinSchema); err != nil {
		return nil, err
	}
	if s.read, err = sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)"); err != nil {
		return nil, err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	go s.loop()
	return s, nil
}

// close ends the writer; nobody may write any more.
func (s *twinStore) close() {
	close(s.queue)
	_ = s.read.Close()
	_ = s.write.Close()
}

// loop commits what waits, as the ledger's writer does.
func (s *twinStore) loop() {
	for first := range s.queue {
		group := []twinWrite{first}
		for more := true; more && len(group) < 64; {
			select {
			case w := <-s.queue:
				group = append(group, w)
			default:
				more = false
			}
		}
		err := s.commit(group)
		for _, w := range group {
			w.done <- err
		}
	}
}

func (s *twinStore) commit(group []twinWrite) error {
	tx, err := s.write.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, w := range group {
		if err := w.do(tx); err != nil {
			return err // a benchmark has no refusals: everything ends here
		}
	}
	return tx.Commit()
}

func (s *twinStore) do(do func(tx *sql.Tx) error) error {
	w := twinWrite{do: do, done: make(chan error, 1)}
	s.queue <- w
	return <-w.done
}

// exec is one write of one statement.
func (s *twinStore) exec(query string, args ...any) error {
	return s.do(func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// twinEffect is one call to be made outside.
type twinEffect struct {
	Key, Run, Step, Kind, Of string
	Body                     json.RawMessage
	Done                     bool
	Out                      port.Outcome
}

const twinColumns = "SELECT key, run, step, kind, of_key, body, state, outcome FROM effects "

func (s *twinStore) effects(ctx context.Context, where string, args ...any) ([]twinEffect, error) {
	rows, err := s.read.QueryContext(ctx, twinColumns+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []twinEffect
	for rows.Next() {
		var e twinEffect
		var body, state, outcome string
		if err := rows.Scan(&e.Key, &e.Run, &e.Step, &e.Kind, &e.Of, &body, &state, &outcome); err != nil {
			return nil, err
		}
		e.Body, e.Done = json.RawMessage(body), state == "done"
		if err := json.Unmarshal([]byte(outcome), &e.Out); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// effect reads one effect.
func (s *twinStore) effect(ctx context.Context, key string) (twinEffect, error) {
	list, err := s.effects(ctx, "WHERE key = ?", key)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("%d effects with key %s", len(list), key)
	}
	if err != nil {
		return twinEffect{}, err
	}
	return list[0], nil
}

// settle stores what an effect left outside.
func (s *twinStore) settle(e twinEffect, out port.Outcome) error {
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return s.do(func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE effects SET state = 'done', outcome = ?, issue_id = ? WHERE key = ?", string(b), out.IssueID, e.Key); err != nil {
			return err
		}
		return twinRecord(tx, e.Run, "effect.done", map[string]any{"effect": e.Kind, "step": e.Step, "ts": out.TS, "issue": out.Issue})
	})
}

// twinRecord keeps a line about a run.
func twinRecord(tx *sql.Tx, run, kind string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO records (run, kind, body) VALUES (?, ?, ?)", run, kind, string(b))
	return err
}

// twinRow is one row of the inbox.
type twinRow struct {
	ID                              int64
	Step, Action, Team, User, Value string
}

// rowsAfter reads the rows of a run that were not judged yet.
func (s *twinStore) rowsAfter(ctx context.Context, run string, after int64) ([]twinRow, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, step, action, team, user, body FROM inbox WHERE run = ? AND id > ? ORDER BY id LIMIT 20", run, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []twinRow
	for rows.Next() {
		var r twinRow
		if err := rows.Scan(&r.ID, &r.Step, &r.Action, &r.Team, &r.User, &r.Value); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
