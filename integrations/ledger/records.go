package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/aimsbot/aimsbot/activities/port"
)

// headerSchema is the number of the header's present form.
const headerSchema = 1

// saltBytes is the length of a commitment's salt; 32 random bytes make a
// guessed value impossible to confirm once the salt is erased.
const saltBytes = 32

// bodyActor is the body field that says who a pseudonym is.
const bodyActor = "actor"

// Header is the part of a record that stays for ever in clear. Its RFC 8785
// JSON is the leaf's data.
type Header struct {
	V       int               `json:"v"`
	Index   int64             `json:"index"`
	Seq     int64             `json:"seq"` // within the run, from 1
	Key     string            `json:"key"`
	At      time.Time         `json:"at"`
	Run     string            `json:"run,omitempty"`
	Step    string            `json:"step,omitempty"`
	Item    string            `json:"item,omitempty"`
	Round   int               `json:"round,omitempty"`
	Kind    string            `json:"kind"`
	Actor   string            `json:"actor,omitempty"` // pseudonym
	Role    string            `json:"role,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Facts   map[string]string `json:"facts,omitempty"`
	Body    map[string]string `json:"body,omitempty"` // field name -> commitment
}

// factDigest is the header fact that names the evidence document a record is
// about.
const factDigest = "digest"

// document is the digest of the evidence document a record is about.
func (h Header) document() (digest string, ok bool) {
	digest = h.Facts[factDigest]
	return digest, strings.HasPrefix(digest, digestPrefix)
}

// querier is what *sql.DB, *sql.Conn and *sql.Tx have in common for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// sizeOf returns how many records there are. In a writer's transaction, which
// holds the head lock, that is the next index.
func sizeOf(ctx context.Context, q querier) (int64, error) {
	var size int64
	if err := q.QueryRowContext(ctx, "SELECT size FROM head WHERE one = 1").Scan(&size); err != nil {
		return 0, fmt.Errorf("read the head: %w", err)
	}
	return size, nil
}

// append adds records whose keys are new; the others stay as they were written
// first.
func (l *Ledger) append(ctx context.Context, tx *sql.Tx, recs ...port.Record) error {
	if len(recs) == 0 {
		return nil
	}
	first, err := sizeOf(ctx, tx)
	if err != nil {
		return err
	}
	size := first
	for _, r := range recs {
		if r.Key == "" || r.Kind == "" {
			return fmt.Errorf("a record needs a key and a kind (run %s, step %s)", r.Run, r.Step)
		}
		known, err := exists(ctx, tx, "SELECT 1 FROM records WHERE key = $1", r.Key)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := l.appendOne(ctx, tx, size, r); err != nil {
			return fmt.Errorf("append record %s: %w", r.Kind, err)
		}
		size++
	}
	if size == first {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "UPDATE head SET size = $1 WHERE one = 1", size); err != nil {
		return fmt.Errorf("move the head: %w", err)
	}
	return nil
}

func (l *Ledger) appendOne(ctx context.Context, tx *sql.Tx, index int64, r port.Record) error {
	h := Header{
		V: headerSchema, Index: index, Key: r.Key, At: r.At.UTC(),
		Run: r.Run, Step: r.Step, Item: r.Item, Round: r.Round,
		Kind: r.Kind, Role: r.Role, Subject: r.Subject, Facts: maps.Clone(r.Header),
	}
	maps.DeleteFunc(h.Facts, func(_, v string) bool { return v == "" })
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) + 1 FROM records WHERE run = $1", r.Run).Scan(&h.Seq); err != nil {
		return fmt.Errorf("count the run's records: %w", err)
	}
	body, err := l.fields(ctx, tx, r, &h)
	if err != nil {
		return err
	}
	header, err := canonical(h)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(header)
	_, err = tx.ExecContext(ctx, "INSERT INTO records (idx, key, run, seq, kind, header, leaf) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		index, r.Key, r.Run, h.Seq, r.Kind, string(header), leaf.String())
	if err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	for _, f := range body {
		_, err := tx.ExecContext(ctx, "INSERT INTO bodies (idx, name, salt, value) VALUES ($1, $2, $3, $4)", index, f.Name, f.Salt, string(f.Value))
		if err != nil {
			return fmt.Errorf("write body field %s: %w", f.Name, err)
		}
	}
	return storeHashes(ctx, tx, index, leaf)
}

// fields makes the body's fields with their salts and puts the commitments and
// the actor's pseudonym into the header.
func (l *Ledger) fields(ctx context.Context, tx *sql.Tx, r port.Record, h *Header) ([]port.BodyField, error) {
	values := make(map[string]any, len(r.Body)+1)
	if r.Actor != "" {
		var err error
		if h.Actor, err = pseudonym(ctx, tx, r.Actor); err != nil {
			return nil, err
		}
		if values[bodyActor], err = l.actor(ctx, tx, r.Actor, r.At); err != nil {
			return nil, err
		}
	}
	for name, v := range r.Body {
		values[name] = v
	}
	var fields []port.BodyField
	for name, v := range values {
		value, err := canonical(v)
		if err != nil {
			return nil, fmt.Errorf("body field %s: %w", name, err)
		}
		salt := make([]byte, saltBytes)
		if _, err := rand.Read(salt); err != nil {
			return nil, fmt.Errorf("read random bytes: %w", err)
		}
		if h.Body == nil {
			h.Body = make(map[string]string, len(values))
		}
		h.Body[name] = commitment(salt, name, value)
		fields = append(fields, port.BodyField{Name: name, Salt: hex.EncodeToString(salt), Value: value})
	}
	return fields, nil
}

// RecordsOf returns the records of a run in index order.
func (l *Ledger) RecordsOf(ctx context.Context, run string) ([]port.StoredRecord, error) {
	return recordsOf(ctx, l.db, run)
}

// recordsOf reads records and bodies in one statement: two would need a
// transaction to agree with each other.
func recordsOf(ctx context.Context, q querier, run string) ([]port.StoredRecord, error) {
	rows, err := q.QueryContext(ctx, `SELECT r.idx, r.key, r.header, r.leaf, b.name, b.salt, b.value
		FROM records r LEFT JOIN bodies b ON b.idx = r.idx WHERE r.run = $1 ORDER BY r.idx, b.name`, run)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []port.StoredRecord
	for rows.Next() {
		var r port.StoredRecord
		var header string
		var name, salt, value sql.NullString
		if err := rows.Scan(&r.Index, &r.Key, &header, &r.Leaf, &name, &salt, &value); err != nil {
			return nil, fmt.Errorf("read records: %w", err)
		}
		if n := len(out); n == 0 || out[n-1].Index != r.Index {
			r.Header = json.RawMessage(header)
			out = append(out, r)
		}
		if name.Valid {
			last := &out[len(out)-1]
			last.Body = append(last.Body, bodyField(name.String, salt, value))
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return slices.Clip(out), nil
}

func bodyField(name string, salt, value sql.NullString) port.BodyField {
	if !salt.Valid {
		return port.BodyField{Name: name, Erased: true}
	}
	return port.BodyField{Name: name, Salt: salt.String, Value: json.RawMessage(value.String)}
}

// exists tells whether a query finds a row.
func exists(ctx context.Context, q querier, query string, args ...any) (bool, error) {
	var one int
	err := q.QueryRowContext(ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	return true, nil
}
