package port

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
)

// Apart is a protected answer. It is kept in a table of its own; wherever answers
// go (state, history, records, evidence, messages) only its Ref stands.
type Apart struct {
	// Ref is a salted commitment to the value: it tells nothing of it, and shows
	// when the value is not the one that was given.
	Ref        string
	Run        string
	Step       string
	Question   string
	DecisionID string // of the inbox row that it came with
	Salt       string // 32 random bytes in hex
	Value      json.RawMessage
	// Settled says that the row was judged; what did not count is not kept.
	Settled bool
}

// apartKey is the one member of what stands in the place of a protected answer.
const apartKey = "kept_apart"

// ApartRef tells whether a value stands in the place of a protected answer, and
// of which.
func ApartRef(v any) (ref string, ok bool) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return "", false
	}
	ref, ok = m[apartKey].(string)
	return ref, ok
}

// KeepApart takes the protected answers out of what somebody answered, before any
// of it is kept: the row then never holds them.
func KeepApart(ask Ask, row *InboxRow, values map[string]any) (map[string]any, error) {
	out := maps.Clone(values)
	for _, q := range ask.Body.Questions {
		v, answered := values[q.ID.V]
		if len(q.Protected) == 0 || !answered {
			continue
		}
		kept := Apart{Run: ask.Run, Step: ask.Step, Question: q.ID.V}
		var err error
		if kept.Value, err = json.Marshal(v); err != nil {
			return nil, fmt.Errorf("keep an answer apart: %w", err)
		}
		var salt [32]byte
		if _, err := rand.Read(salt[:]); err != nil {
			return nil, fmt.Errorf("keep an answer apart: %w", err)
		}
		kept.Salt = hex.EncodeToString(salt[:])
		kept.Ref = kept.commitment()
		row.Apart = append(row.Apart, kept)
		out[q.ID.V] = map[string]any{apartKey: kept.Ref}
	}
	return out, nil
}

// Whole tells whether the value is the one that was given.
func (a Apart) Whole() bool { return a.Ref == a.commitment() }

// commitment is SHA-256 over length-prefixed salt, question and value.
func (a Apart) commitment() string {
	h := sha256.New()
	var n [8]byte
	for _, f := range []string{a.Salt, a.Question, string(a.Value)} {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
