package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// CheckError names the first record that does not fit.
type CheckError struct {
	Index int64
	Err   error
}

// Error names the record.
func (e *CheckError) Error() string { return fmt.Sprintf("record %d: %v", e.Index, e.Err) }

// Unwrap returns the cause.
func (e *CheckError) Unwrap() error { return e.Err }

// Check reads the whole ledger and computes its tree anew: dense indexes,
// headers that hash to their leaves, bodies that fit their commitments, every
// stored hash, and a dense inbox. It returns the head it proved; a *CheckError
// names the first bad record. It holds one read transaction while it runs.
func (l *Ledger) Check(ctx context.Context) (Head, error) {
	tx, err := l.db.BeginTx(ctx, l.dialect.snapshot())
	if err != nil {
		return Head{}, fmt.Errorf("check the ledger: begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	head, err := headOf(ctx, tx)
	if err == nil {
		err = firstError(
			func() error { return checkRecords(ctx, tx, head) },
			func() error { return checkBodies(ctx, tx) },
			func() error { return checkInbox(ctx, tx) },
		)
	}
	if err != nil {
		return Head{}, fmt.Errorf("check the ledger: %w", err)
	}
	return head, nil
}

func checkRecords(ctx context.Context, q querier, head Head) error {
	rows, err := q.QueryContext(ctx, "SELECT idx, key, header, leaf FROM records ORDER BY idx")
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var hashes []tlog.Hash // as tlog numbers them
	memory := tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(ids))
		for _, id := range ids {
			out = append(out, hashes[id])
		}
		return out, nil
	})
	next := int64(0)
	for ; rows.Next(); next++ {
		var index int64
		var key, header, leaf string
		if err := rows.Scan(&index, &key, &header, &leaf); err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		if index != next {
			return &CheckError{Index: next, Err: errors.New("is missing")}
		}
		if err := checkHeader(index, key, header, leaf); err != nil {
			return &CheckError{Index: index, Err: err}
		}
		more, err := tlog.StoredHashesForRecordHash(index, tlog.RecordHash([]byte(header)), memory)
		if err != nil {
			return &CheckError{Index: index, Err: err}
		}
		hashes = append(hashes, more...)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	if next != head.Size {
		return &CheckError{Index: min(next, head.Size), Err: fmt.Errorf("the head counts %d records, %d are there", head.Size, next)}
	}
	root, err := tlog.TreeHash(next, memory)
	if err != nil {
		return fmt.Errorf("compute the root: %w", err)
	}
	if root.String() != head.Root {
		return fmt.Errorf("the stored hashes give the root %s, the records %s", head.Root, root)
	}
	return checkHashes(ctx, q, hashes)
}

func checkHeader(index int64, key, header, leaf string) error {
	var h Header
	if err := strictJSON([]byte(header), &h); err != nil {
		return fmt.Errorf("its header cannot be read: %w", err)
	}
	if h.Index != index || h.Key != key {
		return errors.New("its header says another index or key")
	}
	if tlog.RecordHash([]byte(header)).String() != leaf {
		return errors.New("its header does not hash to its leaf")
	}
	return nil
}

func checkHashes(ctx context.Context, q querier, want []tlog.Hash) error {
	type stored struct {
		id   int64
		hash string
	}
	got, err := collect(ctx, q, func(rows *sql.Rows) (s stored, err error) {
		err = rows.Scan(&s.id, &s.hash)
		return s, err //nolint:wrapcheck // collect wraps it
	}, "SELECT id, hash FROM hashes ORDER BY id")
	if err != nil {
		return fmt.Errorf("read hashes: %w", err)
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d hashes are stored, the records give %d", len(got), len(want))
	}
	for i, s := range got {
		if s.id != int64(i) || s.hash != want[i].String() {
			level, n := tlog.SplitStoredHashIndex(int64(i))
			return &CheckError{Index: n << level, Err: fmt.Errorf("stored hash %d is not what the records give", i)}
		}
	}
	return nil
}

func checkBodies(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, `SELECT r.idx, r.header, b.name, b.salt, b.value FROM records r
		JOIN bodies b ON b.idx = r.idx WHERE b.salt IS NOT NULL ORDER BY r.idx`)
	if err != nil {
		return fmt.Errorf("read bodies: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var index int64
		var header, name, salt, value string
		if err := rows.Scan(&index, &header, &name, &salt, &value); err != nil {
			return fmt.Errorf("read bodies: %w", err)
		}
		var h struct {
			Body map[string]string `json:"body"`
		}
		raw, err := hex.DecodeString(salt)
		if err == nil {
			err = json.Unmarshal([]byte(header), &h)
		}
		if err != nil || commitment(raw, name, []byte(value)) != h.Body[name] {
			return &CheckError{Index: index, Err: fmt.Errorf("body field %q is not what the header commits to", name)}
		}
	}
	return rows.Err() //nolint:wrapcheck // says enough
}

func checkInbox(ctx context.Context, q querier) error {
	var rows, highest, next int64
	err := q.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(MAX(id), 0), (SELECT next_inbox FROM head WHERE one = 1) FROM inbox").Scan(&rows, &highest, &next)
	if err != nil {
		return fmt.Errorf("read the inbox: %w", err)
	}
	if rows != highest || highest+1 != next {
		return fmt.Errorf("the inbox is not dense: %d rows, the highest is %d, the next would be %d", rows, highest, next)
	}
	return nil
}
