package jiratest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// schema is idempotent: the tables may be there from an earlier process.
const schema = `
CREATE TABLE IF NOT EXISTS jira_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS jira_people (account TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS jira_issues (
	id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, visible_ms INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS jira_labels (
	label TEXT NOT NULL, issue INTEGER NOT NULL, visible_ms INTEGER NOT NULL, PRIMARY KEY (label, issue)) STRICT;
CREATE TABLE IF NOT EXISTS jira_files (id INTEGER PRIMARY KEY, issue INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS jira_hooks (
	id INTEGER PRIMARY KEY, identifier TEXT NOT NULL, body BLOB NOT NULL,
	attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL) STRICT;`

// counters are the numbers given out, kept so that none is given twice even
// after a delete.
type counters struct {
	Issue  int64 `json:"issue"`  // numeric issue ids
	Number int64 `json:"number"` // of the issue key
	Seq    int64 `json:"seq"`    // comments, links, attachments, changes, webhooks
}

var errNoIssue = errors.New("no such issue")

// writing is one transaction being prepared: reads come first, all writes go
// out together in commit, so that SQLite never has to upgrade a read lock.
type writing struct {
	s      *Server
	now    time.Time
	issues []*issue
	fresh  []*issue // of issues, those made here
	gone   []*issue
	files  map[int64][]byte
	hooks  [][]byte
}

// write runs one change under the server's lock and commits it before it
// returns. An error of fn changes nothing.
func (s *Server) write(ctx context.Context, fn func(*writing) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &writing{s: s, now: s.now(), files: map[int64][]byte{}}
	before := s.count
	if err := fn(w); err != nil {
		s.count = before
		return err
	}
	// A request that was cut after this point still happened: the caller's
	// context must not undo it.
	if err := w.commit(context.WithoutCancel(ctx)); err != nil {
		s.count = before
		return fmt.Errorf("jiratest: commit: %w", err)
	}
	s.changed()
	return nil
}

func (w *writing) commit(ctx context.Context) error {
	tx, err := w.s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	raw, err := json.Marshal(w.s.count)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO jira_meta VALUES ('counters', ?)`, string(raw)); err != nil {
		return err
	}
	for _, i := range w.issues {
		if err := w.putIssue(ctx, tx, i); err != nil {
			return err
		}
	}
	for id, b := range w.files {
		if _, err := tx.ExecContext(ctx, `UPDATE jira_files SET bytes = ? WHERE id = ?`, b, id); err != nil {
			return err
		}
	}
	for _, i := range w.gone {
		for _, q := range []string{`DELETE FROM jira_issues WHERE id = ?`, `DELETE FROM jira_labels WHERE issue = ?`, `DELETE FROM jira_files WHERE issue = ?`} {
			if _, err := tx.ExecContext(ctx, q, i.ID); err != nil {
				return err
			}
		}
	}
	for _, body := range w.hooks {
		_, err := tx.ExecContext(ctx, `INSERT INTO jira_hooks (identifier, body, attempts, due_ms) VALUES (?, ?, 0, 0)`, newIdentifier(), body)
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// putIssue writes the issue and its labels. A label already indexed keeps the
// instant from which search sees it.
func (w *writing) putIssue(ctx context.Context, tx *sql.Tx, i *issue) error {
	doc, err := json.Marshal(i)
	if err != nil {
		return err
	}
	visible := w.now.Add(w.s.opt.IndexDelay).UnixMilli()
	if slices.Contains(w.fresh, i) {
		_, err = tx.ExecContext(ctx, `INSERT INTO jira_issues VALUES (?, ?, ?, ?)`, i.ID, i.Key, visible, string(doc))
	} else {
		_, err = tx.ExecContext(ctx, `UPDATE jira_issues SET doc = ? WHERE id = ?`, string(doc), i.ID)
	}
	if err != nil {
		return err
	}
	labels, err := json.Marshal(append([]string{}, i.Labels...))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM jira_labels WHERE issue = ? AND label NOT IN (SELECT value FROM json_each(?))`, i.ID, string(labels)); err != nil {
		return err
	}
	for _, l := range i.Labels {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO jira_labels VALUES (?, ?, ?)`, l, i.ID, visible); err != nil {
			return err
		}
	}
	for _, a := range i.Attachments {
		_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO jira_files VALUES (?, ?, x'')`, a.ID, i.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// issue loads an issue by id or key for changing.
func (w *writing) issue(ctx context.Context, idOrKey string) (*issue, error) {
	i, err := w.s.issue(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	w.issues = append(w.issues, i)
	return i, nil
}

// seq gives the next number of comments, links, files and changes.
func (w *writing) seq() int64 {
	w.s.count.Seq++
	return w.s.count.Seq
}

// issue loads an issue by numeric id or by key.
func (s *Server) issue(ctx context.Context, idOrKey string) (*issue, error) {
	where, arg := `WHERE key = upper(?)`, any(idOrKey)
	if id, err := strconv.ParseInt(idOrKey, 10, 64); err == nil {
		where, arg = `WHERE id = ?`, id
	}
	list, err := s.issues(ctx, where, arg)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNoIssue
	}
	return list[0], nil
}

// issues loads the issues a condition selects, oldest first. The rows are read
// to their end before it returns: the pool may have a single connection.
func (s *Server) issues(ctx context.Context, where string, args ...any) ([]*issue, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT doc FROM jira_issues `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []*issue
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		i := new(issue)
		if err := json.Unmarshal([]byte(doc), i); err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}
