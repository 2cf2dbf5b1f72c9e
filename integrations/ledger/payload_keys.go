package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// metaPayloadKeys lists the ids of the keys with which the engine's histories
// were encrypted, separated by blanks.
const metaPayloadKeys = "payload_keys"

// PayloadKeys lists the ids of the keys with which histories were encrypted and
// that open runs may still need.
func (l *Ledger) PayloadKeys(ctx context.Context) ([]string, error) {
	text, err := l.meta(ctx, metaPayloadKeys)
	if err != nil && !errors.Is(err, port.ErrNotFound) {
		return nil, err
	}
	return strings.Fields(text), nil
}

// UsePayloadKey notes the id of the key that encrypts from now on, and strikes
// those off the list that nothing open needs any more.
func (l *Ledger) UsePayloadKey(ctx context.Context, id string, retired []string) error {
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		text, err := metaOf(ctx, tx, metaPayloadKeys)
		if err != nil && !errors.Is(err, port.ErrNotFound) {
			return err
		}
		keep := slices.DeleteFunc(strings.Fields(text), func(k string) bool { return k == id || slices.Contains(retired, k) })
		now := strings.Join(append(keep, id), " ")
		if now == text {
			return nil
		}
		return setMeta(ctx, tx, metaPayloadKeys, now)
	})
	if err != nil {
		return fmt.Errorf("note the payload key %s: %w", id, err)
	}
	return nil
}
