package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const eventColumns = "e.id, e.key, e.name, e.kind, e.subject, e.at, e.person, e.door, e.run, e.body"

func scanEvent(rows *sql.Rows) (port.Event, error) {
	var e port.Event
	var at int64
	var body string
	if err := rows.Scan(&e.ID, &e.Key, &e.Name, &e.Kind, &e.Subject, &at, &e.By, &e.Door, &e.Run, &body); err != nil {
		return e, err //nolint:wrapcheck // collect wraps it
	}
	e.At = instant(at)
	return e, fromJSON(body, &e.Values)
}

// PutEvent commits an event with its record and returns it with its ID; an event
// with the same key is returned instead, with fresh = false.
func (l *Ledger) PutEvent(ctx context.Context, e port.Event) (stored port.Event, fresh bool, err error) {
	err = l.guarded(ctx, pointInbox, func(ctx context.Context, tx *sql.Tx) error {
		if fresh, err = l.putEvent(ctx, tx, e); err != nil {
			return err
		}
		stored, err = only(collect(ctx, tx, scanEvent, "SELECT "+eventColumns+" FROM events e WHERE e.key = $1", e.Key))
		return err
	})
	if err != nil {
		return port.Event{}, false, fmt.Errorf("keep an event: %w", err)
	}
	return stored, fresh, nil
}

// putEvent writes an event and its record; one with the same key stays.
func (l *Ledger) putEvent(ctx context.Context, tx *sql.Tx, e port.Event) (fresh bool, err error) {
	if e.Key == "" || e.Name == "" {
		return false, errors.New("an event needs a key and a name")
	}
	if known, err := exists(ctx, tx, "SELECT 1 FROM events WHERE key = $1", e.Key); err != nil || known {
		return false, err
	}
	body, err := toJSON(e.Values)
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO events (key, name, kind, subject, at, person, door, run, body, settled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
		e.Key, e.Name, e.Kind, e.Subject, nanos(e.At), e.By, e.Door, e.Run, body)
	if err != nil {
		return false, fmt.Errorf("write the event: %w", err)
	}
	return true, l.append(ctx, tx, e.Record())
}

func (l *Ledger) putEvents(ctx context.Context, tx *sql.Tx, events []port.Event) error {
	for _, e := range events {
		if _, err := l.putEvent(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// putEventRuns writes what events led to. What is there stands.
func putEventRuns(ctx context.Context, tx *sql.Tx, runs []port.EventRun) error {
	for _, r := range runs {
		if _, err := takeEvent(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func takeEvent(ctx context.Context, tx *sql.Tx, r port.EventRun) (taken bool, err error) {
	res, err := tx.ExecContext(ctx, "INSERT INTO event_runs (event, playbook, run, how, reason, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event, playbook) DO NOTHING",
		r.Event, r.Playbook, r.Run, r.How, r.Reason, nanos(r.At))
	if err != nil {
		return false, fmt.Errorf("write what event %d led to: %w", r.Event, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("count written rows: %w", err)
	}
	return n > 0, nil
}

// takeEvents gives a run the event that begins it, and those that were counted;
// ErrConflict when the event led to something already.
func takeEvents(ctx context.Context, tx *sql.Tx, o port.Occurrence) error {
	taken, err := takeEvent(ctx, tx, port.EventRun{Event: o.Event.Event, Playbook: o.Playbook, Run: o.Run, How: port.EventStarted, At: o.Due})
	if err != nil {
		return err
	}
	if !taken {
		return fmt.Errorf("event %d has begun a run of %s or joined one: %w", o.Event.Event, o.Playbook, port.ErrConflict)
	}
	for _, id := range o.Event.Counted {
		if _, err := takeEvent(ctx, tx, port.EventRun{Event: id, Playbook: o.Playbook, Run: o.Run, How: port.EventCounted, At: o.Due}); err != nil {
			return err
		}
	}
	return nil
}

// settleEvents marks events that were looked at with every playbook.
func settleEvents(ctx context.Context, tx *sql.Tx, ids []int64, at time.Time) error {
	for _, id := range ids {
		if err := mustChange(ctx, tx, "UPDATE events SET settled = $1 WHERE id = $2", nanos(at), id); err != nil {
			return fmt.Errorf("settle event %d: %w", id, err)
		}
	}
	return nil
}

// releaseEvents takes events back from runs that ended before they could take
// them in, so that they are looked at again.
func releaseEvents(ctx context.Context, tx *sql.Tx, runs []port.EventRun) error {
	for _, r := range runs {
		res, err := tx.ExecContext(ctx, "DELETE FROM event_runs WHERE event = $1 AND playbook = $2 AND run = $3 AND how = $4", r.Event, r.Playbook, r.Run, port.EventJoined)
		if err != nil {
			return fmt.Errorf("release event %d: %w", r.Event, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue // released before
		}
		if err := mustChange(ctx, tx, "UPDATE events SET settled = 0 WHERE id = $1", r.Event); err != nil {
			return fmt.Errorf("release event %d: %w", r.Event, err)
		}
	}
	return nil
}

// WaitingEvents returns events not settled yet, oldest first.
func (l *Ledger) WaitingEvents(ctx context.Context, limit int) ([]port.Event, error) {
	events, err := collect(ctx, l.db, scanEvent, "SELECT "+eventColumns+" FROM events e WHERE e.settled = 0 ORDER BY e.id LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("events not looked at: %w", err)
	}
	return events, nil
}

// EventsLike returns the events of the name and subject of e that came after
// since, up to e itself, and led to nothing by the playbook yet, oldest first.
func (l *Ledger) EventsLike(ctx context.Context, e port.Event, playbook string, since time.Time) ([]port.Event, error) {
	events, err := collect(ctx, l.db, scanEvent, "SELECT "+eventColumns+` FROM events e
		WHERE e.name = $1 AND e.kind = $2 AND e.subject = $3 AND e.at > $4 AND e.id <= $5
		AND NOT EXISTS (SELECT 1 FROM event_runs r WHERE r.event = e.id AND r.playbook = $6) ORDER BY e.at, e.id`,
		e.Name, e.Kind, e.Subject, nanos(since), e.ID, playbook)
	if err != nil {
		return nil, fmt.Errorf("count events like %d: %w", e.ID, err)
	}
	return events, nil
}

// OpenRunLike is the open run of a playbook that an event of the name and subject
// of e began; "" = there is none. That another playbook is late is another event.
func (l *Ledger) OpenRunLike(ctx context.Context, e port.Event, playbook string) (string, error) {
	began, err := collect(ctx, l.db, scanEvent, "SELECT "+eventColumns+` FROM events e JOIN event_runs b ON b.event = e.id AND b.playbook = $4 AND b.how = $5
		JOIN runs r ON r.id = b.run AND r.`+notClosed+" WHERE e.name = $1 AND e.kind = $2 AND e.subject = $3 ORDER BY e.at DESC",
		e.Name, e.Kind, e.Subject, playbook, port.EventStarted)
	if err != nil {
		return "", fmt.Errorf("look for a run begun by events like %d: %w", e.ID, err)
	}
	i := slices.IndexFunc(began, func(b port.Event) bool { return b.Values[latePlaybook] == e.Values[latePlaybook] })
	if i < 0 {
		return "", nil
	}
	runs, err := l.EventRuns(ctx, began[i].ID)
	for _, r := range runs {
		if r.Playbook == playbook {
			return r.Run, err
		}
	}
	return "", err
}

// latePlaybook is the value of an event that names the playbook which is late.
const latePlaybook = "playbook"

// EventRuns returns what an event led to.
func (l *Ledger) EventRuns(ctx context.Context, event int64) ([]port.EventRun, error) {
	scan := func(rows *sql.Rows) (port.EventRun, error) {
		var r port.EventRun
		var at int64
		err := rows.Scan(&r.Event, &r.Playbook, &r.Run, &r.How, &r.Reason, &at)
		r.At = instant(at)
		return r, err //nolint:wrapcheck // collect wraps it
	}
	runs, err := collect(ctx, l.db, scan, "SELECT event, playbook, run, how, reason, at FROM event_runs WHERE event = $1 ORDER BY playbook", event)
	if err != nil {
		return nil, fmt.Errorf("what event %d led to: %w", event, err)
	}
	return runs, nil
}

// EventOf returns the event that began a run, or ErrNotFound.
func (l *Ledger) EventOf(ctx context.Context, run string) (port.Event, error) {
	e, err := only(collect(ctx, l.db, scanEvent, "SELECT "+eventColumns+` FROM event_runs r JOIN events e ON e.id = r.event
		WHERE r.run = $1 AND r.how = $2 LIMIT 1`, run, port.EventStarted))
	if err != nil {
		return port.Event{}, fmt.Errorf("the event that began run %s: %w", run, err)
	}
	return e, nil
}
