package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The header facts of an erasure's record: a body field of a record, or an
// evidence document.
const (
	factRecord   = "record" // index of the record
	factField    = "field"  // name of the body field
	factDocument = "document"
)

// ErrRunBusy says that a run is open or that its last messages are under way:
// it still needs what people said.
var ErrRunBusy = errors.New("the run still needs what people said in it")

// Erasure asks for the removal of what people said in some steps of a run.
type Erasure struct {
	Run   string
	Steps []string
	// By is the person id of who asked for it, in which Role and why.
	By, Role, Reason string
}

// Erased counts what an erasure removed.
type Erased struct {
	Fields    int `json:"fields"`    // of records' bodies
	Documents int `json:"documents"` // evidence documents
}

// Erase removes what people said in steps of a closed run: the bodies of the
// steps' records, the evidence documents that show them, and every copy this
// database has. Headers and commitments stay, so the tree does; each removal is
// a record of its own. Erasing again removes nothing. ErrRunBusy while the run
// is open; ErrNotFound when there is no such run.
func (l *Ledger) Erase(ctx context.Context, e Erasure) (Erased, error) {
	var done Erased
	if e.Reason == "" || e.By == "" || len(e.Steps) == 0 {
		return done, errors.New("erase: a reason, a person and a step are needed")
	}
	err := l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		done = Erased{}
		if err := refuseBusy(ctx, tx, e.Run); err != nil {
			return err
		}
		records, err := recordsOf(ctx, tx, e.Run)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := l.eraseRecord(ctx, tx, e, r, &done); err != nil {
				return err
			}
		}
		return eraseCopies(ctx, tx, e)
	})
	if err != nil {
		return Erased{}, fmt.Errorf("erase steps of run %s: %w", e.Run, err)
	}
	if err := l.dialect.overwrite(ctx, l.writer.db); err != nil {
		l.opts.Logger.WarnContext(ctx, "erased, but the values may stay in old pages of the database until it next tidies up", "run", e.Run, "error", err)
	}
	return done, nil
}

// refuseBusy gives ErrRunBusy for a run that is open or has changes outside yet
// to be made.
func refuseBusy(ctx context.Context, tx *sql.Tx, run string) error {
	var state string
	err := tx.QueryRowContext(ctx, "SELECT state FROM runs WHERE id = $1", run).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return port.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read the run: %w", err)
	}
	pending, err := exists(ctx, tx, "SELECT 1 FROM effects WHERE run = $1 AND state NOT IN ($2, $3, $4)", run, port.EffectDone, port.EffectFailed, port.EffectSuperseded)
	if err == nil && (pending || state != port.RunClosed) {
		err = ErrRunBusy
	}
	return err
}

// eraseRecord empties the body of a record of the steps, and removes the
// evidence document it names where that shows them.
func (l *Ledger) eraseRecord(ctx context.Context, tx *sql.Tx, e Erasure, r port.StoredRecord, done *Erased) error {
	var h Header
	if err := json.Unmarshal(r.Header, &h); err != nil {
		return fmt.Errorf("header of record %d: %w", r.Index, err)
	}
	if spoken(h.Kind) && slices.Contains(e.Steps, h.Step) {
		for _, f := range r.Body {
			if f.Erased {
				continue
			}
			if err := l.eraseField(ctx, tx, e, h, f.Name); err != nil {
				return err
			}
			done.Fields++
		}
	}
	digest, ok := h.document()
	if !ok {
		return nil
	}
	erased, err := l.eraseDocument(ctx, tx, e, h, digest)
	if erased {
		done.Documents++
	}
	return err
}

// spoken tells whether a record of a kind may hold what people said. Where a
// message stands is no such thing, and who erases messages in Slack needs it.
func spoken(kind string) bool {
	return kind != kindErased && !strings.HasPrefix(kind, effectKinds)
}

// eraseField removes value and salt of a body field and records that.
func (l *Ledger) eraseField(ctx context.Context, tx *sql.Tx, e Erasure, h Header, name string) error {
	if _, err := tx.ExecContext(ctx, "UPDATE bodies SET salt = NULL, value = NULL WHERE idx = $1 AND name = $2", h.Index, name); err != nil {
		return fmt.Errorf("erase field %s of record %d: %w", name, h.Index, err)
	}
	index := strconv.FormatInt(h.Index, 10)
	return l.append(ctx, tx, e.record(h, l.opts.Now(), "rec-"+port.Digest26(kindErased, index, name), map[string]string{factRecord: index, factField: name}))
}

// eraseDocument removes an evidence document that shows one of the steps.
func (l *Ledger) eraseDocument(ctx context.Context, tx *sql.Tx, e Erasure, h Header, digest string) (bool, error) {
	body, err := documentOf(ctx, tx, digest)
	if errors.Is(err, port.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var doc port.Evidence
	if err := json.Unmarshal(body, &doc); err != nil {
		return false, fmt.Errorf("read document %s: %w", digest, err)
	}
	shown := slices.ContainsFunc(doc.Steps, func(s port.EvidenceStep) bool { return slices.Contains(e.Steps, s.Step) })
	if !shown {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM documents WHERE digest = $1", digest); err != nil {
		return false, fmt.Errorf("erase document %s: %w", digest, err)
	}
	return true, l.append(ctx, tx, e.record(h, l.opts.Now(), "rec-"+port.Digest26(kindErased, digest), map[string]string{factDocument: digest}))
}
