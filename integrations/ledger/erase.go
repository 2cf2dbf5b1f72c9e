package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The header facts of an erasure's record.
const (
	factRecord = "record" // index of the record
	factField  = "field"  // name of the body field
)

// Erase removes salt and value of one body field and appends a record about
// it; the tree stays as it is. Erasing again changes nothing. ErrNotFound when
// there is no such record or field.
//
// It reaches the record alone: an answer also stands in its inbox row and in
// the evidence documents made from it.
func (l *Ledger) Erase(ctx context.Context, recordIndex int64, name, reason string) error {
	if reason == "" {
		return errors.New("erase a body field: a reason is needed")
	}
	err := l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		var header string
		err := tx.QueryRowContext(ctx, "SELECT r.header FROM records r JOIN bodies b ON b.idx = r.idx WHERE r.idx = $1 AND b.name = $2", recordIndex, name).Scan(&header)
		if errors.Is(err, sql.ErrNoRows) {
			return port.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE bodies SET salt = NULL, value = NULL WHERE idx = $1 AND name = $2", recordIndex, name); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		var h Header
		if err := fromJSON(header, &h); err != nil {
			return err
		}
		return l.append(ctx, tx, port.Record{
			Key:   "rec-" + port.Digest26(kindErased, strconv.FormatInt(recordIndex, 10), name),
			Place: port.Place{Run: h.Run, Step: h.Step, Item: h.Item, Round: h.Round},
			At:    l.opts.Now(), Kind: kindErased, Actor: actorBot, Subject: h.Subject,
			Header: map[string]string{factRecord: strconv.FormatInt(recordIndex, 10), factField: name},
			Body:   map[string]any{"reason": reason},
		})
	})
	if err != nil {
		return fmt.Errorf("erase field %s of record %d: %w", name, recordIndex, err)
	}
	// The old page may still be in the write-ahead log.
	if err := flushLog(ctx, l.writer.db); err != nil {
		l.opts.Logger.WarnContext(ctx, "erased, but the value may stay in the write-ahead log until it is next emptied", "record", recordIndex, "error", err)
	}
	return nil
}
