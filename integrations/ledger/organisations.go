package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// factOrganisation is the header fact that names an organisation version by
// its digest.
const factOrganisation = "organisation"

// PutOrganisation makes o the version in force from at on, unless it is so
// already, and records its digest and the difference to the version before.
// at never lies before that version's: a clock set back changes nothing past.
func (l *Ledger) PutOrganisation(ctx context.Context, o org.Organisation, at time.Time) (changed bool, err error) {
	if o.Digest == "" {
		return false, errors.New("put an organisation version: it has no digest")
	}
	err = l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		changed = false
		last, err := l.lastVersion(ctx, tx)
		if err != nil || last.organisation.Digest == o.Digest {
			return err
		}
		if at.Before(last.from) {
			at = last.from
		}
		body, err := toJSON(o)
		if err != nil {
			return err
		}
		n := last.number + 1
		_, err = tx.ExecContext(ctx, "INSERT INTO organisations (version, digest, effective_from, body) VALUES ($1, $2, $3, $4)", n, o.Digest, nanos(at), body)
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		changed = true
		if err := l.append(ctx, tx, versionRecord(last.organisation, o, n, at)); err != nil {
			return err
		}
		return l.putEvents(ctx, tx, changesOf(last.organisation, o, n, at))
	})
	if err != nil {
		return false, fmt.Errorf("put an organisation version: %w", err)
	}
	return changed, nil
}

func versionRecord(before, o org.Organisation, n int64, at time.Time) port.Record {
	rec := port.Record{
		Key:  port.RecordKey(port.Place{}, kindOrgStood, o.Digest, int(n)),
		Kind: kindOrgStood, At: at, Actor: actorBot,
		Header: map[string]string{factOrganisation: o.Digest, "version": strconv.FormatInt(n, 10)},
		Body:   map[string]any{"difference": difference(before, o)},
	}
	if before.Digest != "" {
		rec.Header["before"] = before.Digest
	}
	return rec
}

// changesOf are the events that follow from a new version.
func changesOf(before, o org.Organisation, n int64, at time.Time) (events []port.Event) {
	for i, c := range playbooks.Changes(before, o) {
		events = append(events, port.Event{
			Key: fmt.Sprintf("organisation:%d:%d", n, i), Name: c.Event, Kind: c.Kind, Subject: c.Subject, At: at, Values: c.Values, Door: port.EventDoorOrganisation,
		})
	}
	return events
}

// orgVersion is one stored organisation version.
type orgVersion struct {
	number       int64 // 0 = none yet
	from         time.Time
	organisation org.Organisation
}

func (l *Ledger) lastVersion(ctx context.Context, q querier) (orgVersion, error) {
	return l.versionBy(ctx, q, "SELECT version, effective_from FROM organisations ORDER BY version DESC LIMIT 1")
}

func (l *Ledger) versionBy(ctx context.Context, q querier, query string, args ...any) (orgVersion, error) {
	var v orgVersion
	var from int64
	err := q.QueryRowContext(ctx, query, args...).Scan(&v.number, &from)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("read organisation versions: %w", err)
	}
	v.from = instant(from)
	v.organisation, err = l.version(ctx, q, v.number)
	return v, err
}

// SnapshotAt returns the organisation version in force at t with the register as
// it was then. Before the first,
// that one: nobody acted here earlier, so the clock has been set back since.
// ErrNotFound without any. Callers share it and must not change it.
func (l *Ledger) SnapshotAt(ctx context.Context, t time.Time) (org.Organisation, error) {
	return l.snapshot(ctx, l.db, t)
}

func (l *Ledger) snapshot(ctx context.Context, q querier, t time.Time) (org.Organisation, error) {
	v, err := l.versionBy(ctx, q, "SELECT version, effective_from FROM organisations WHERE effective_from <= $1 ORDER BY version DESC LIMIT 1", nanos(t))
	if err != nil {
		return org.Organisation{}, err
	}
	if v.number == 0 {
		if v, err = l.versionBy(ctx, q, "SELECT version, effective_from FROM organisations ORDER BY version LIMIT 1"); err != nil {
			return org.Organisation{}, err
		}
	}
	if v.number == 0 {
		return org.Organisation{}, fmt.Errorf("no organisation was in force at %s: %w", t.UTC().Format(time.RFC3339), port.ErrNotFound)
	}
	o := v.organisation
	if o.Register, err = registerAt(ctx, q, t); err != nil {
		return org.Organisation{}, err
	}
	return o, nil
}
