package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// RunsAbout lists the runs of a playbook about a subject, the newest first, at
// most limit.
func (l *Ledger) RunsAbout(ctx context.Context, playbook, subject string, limit int) ([]port.RunRow, error) {
	rows, err := l.runsWhere(ctx, l.db, "WHERE r.playbook = $1 AND r.subject_id = $2 ORDER BY r.started_at DESC, r.id DESC LIMIT $3", playbook, subject, limit)
	if err != nil {
		return nil, fmt.Errorf("runs of %s for %s: %w", playbook, subject, err)
	}
	return rows, nil
}

// NamedSince is when the organisation file first named a subject of a kind;
// ErrNotFound where it never did.
func (l *Ledger) NamedSince(ctx context.Context, kind, id string) (time.Time, error) {
	if at, ok := l.named.Load(kind + " " + id); ok {
		return at.(time.Time), nil //nolint:forcetypeassert // only this method stores
	}
	type version struct{ number, from int64 }
	scan := func(rows *sql.Rows) (v version, err error) { return v, rows.Scan(&v.number, &v.from) }
	versions, err := collect(ctx, l.db, scan, "SELECT version, effective_from FROM organisations ORDER BY version")
	if err != nil {
		return time.Time{}, fmt.Errorf("read organisation versions: %w", err)
	}
	for _, v := range versions {
		o, err := l.version(ctx, l.db, v.number)
		if err != nil {
			return time.Time{}, err
		}
		if _, known := o.Subject(kind, id); known {
			at := instant(v.from)
			l.named.Store(kind+" "+id, at)
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %s: %w", kind, id, port.ErrNotFound)
}
