package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Purpose is what a ledger is for.
type Purpose string

// The demo's runs would post into a real Slack, a real bot's into the sandbox:
// a ledger serves one of both for ever.
const (
	PurposeDemo    Purpose = "demo"
	PurposeReal    Purpose = "real"
	PurposeUnknown Purpose = ""
)

// PurposeError says that a database holds the demo's ledger and not a real one,
// or the other way round.
type PurposeError struct {
	Where      string
	File       bool // the database is a file in a data folder
	Have, Want Purpose
}

// Error says what to do.
func (e *PurposeError) Error() string {
	do := map[bool]string{true: "name another folder with --data", false: "name an empty database in DATABASE_URL"}[e.File]
	if e.Want == PurposeReal {
		return e.Where + " holds the ledger of a demo: " + do
	}
	if !e.File {
		do = "unset DATABASE_URL, or name an empty database"
	}
	return e.Where + " holds a real ledger, and the demo would write into it: " + do
}

// keepPurpose notes what a new ledger is for, and refuses one that is for
// something else.
func (l *Ledger) keepPurpose(ctx context.Context, tx *sql.Tx, fresh bool) error {
	want := PurposeReal
	if l.opts.Demo {
		want = PurposeDemo
	}
	if fresh {
		return setMeta(ctx, tx, metaPurpose, string(want))
	}
	have, err := l.purpose(ctx, tx)
	if err != nil || have == PurposeUnknown {
		return err
	}
	if have != want {
		return &PurposeError{Where: l.dialect.where(), File: l.opts.URL == "", Have: have, Want: want}
	}
	return nil
}

// purpose is what the ledger is for. A file from before that was noted is what
// the folder and its first organisation show beyond doubt, and keeps it.
func (l *Ledger) purpose(ctx context.Context, tx *sql.Tx) (Purpose, error) {
	have, err := metaOf(ctx, tx, metaPurpose)
	if err == nil || !errors.Is(err, port.ErrNotFound) {
		return Purpose(have), err
	}
	if l.opts.URL != "" || l.opts.Before == nil {
		return PurposeUnknown, nil
	}
	var body string
	var first org.Organisation
	err = tx.QueryRowContext(ctx, "SELECT body FROM organisations ORDER BY version LIMIT 1").Scan(&body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return PurposeUnknown, nil // it ended before the first start was over: no run is in it
	case err == nil:
		err = json.Unmarshal([]byte(body), &first)
	}
	if err != nil {
		return PurposeUnknown, fmt.Errorf("read the first organisation version: %w", err)
	}
	p := l.opts.Before(first)
	if p == PurposeUnknown {
		l.opts.Logger.WarnContext(ctx, "nothing says whether this ledger is a demo's or a real one; it is opened as it is", "ledger", l.dialect.where())
		return p, nil
	}
	return p, setMeta(ctx, tx, metaPurpose, string(p))
}
