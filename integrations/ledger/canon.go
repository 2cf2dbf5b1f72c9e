package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
)

// canonMembers is how many members one JSON object may have. The canonicaliser
// sorts them by insertion, so its work grows with the square; packs come from
// anybody. No object of ours comes near.
const canonMembers = 1000

// canonical returns v as RFC 8785 JSON.
func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	// Raw JSON within v is taken over as it is, also what is not UTF-8 in it.
	return canonicalJSON(bytes.ToValidUTF8(b, []byte(replacement)))
}

// canonicalJSON returns JSON text in its RFC 8785 form. json.Valid comes first
// because it also bounds the depth, which the canonicaliser does not.
func canonicalJSON(b []byte) ([]byte, error) {
	if !json.Valid(b) {
		return nil, errors.New("not JSON")
	}
	if !utf8.Valid(b) {
		return nil, errors.New("JSON that is not UTF-8")
	}
	if crowded(b) {
		return nil, fmt.Errorf("a JSON object with more than %d members", canonMembers)
	}
	// The canonicaliser wants an object or a list; a list of one serves any value.
	wrapped := make([]byte, 0, len(b)+2)
	wrapped = append(append(append(wrapped, '['), b...), ']')
	out, err := jsoncanonicalizer.Transform(wrapped)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return out[1 : len(out)-1], nil
}

// crowded tells whether an object of valid JSON text has too many members.
func crowded(b []byte) bool {
	var commas []int // per open object or list
	inString := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			commas = append(commas, 0)
		case c == '}':
			if commas[len(commas)-1] >= canonMembers {
				return true
			}
			commas = commas[:len(commas)-1]
		case c == ']':
			commas = commas[:len(commas)-1]
		case c == ',':
			commas[len(commas)-1]++
		}
	}
	return false
}

// commitment binds a header to a body field without showing it; its form is in
// the package's documentation.
func commitment(salt []byte, name string, value []byte) string {
	h := sha256.New()
	h.Write(salt)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(name)))
	h.Write(n[:])
	h.Write([]byte(name))
	h.Write(value)
	return hex.EncodeToString(h.Sum(nil))
}

// digestOf is "sha256:" and the lower-case hex of the SHA-256 of b.
func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return digestPrefix + hex.EncodeToString(sum[:])
}

const digestPrefix = "sha256:"

// toJSON writes a value for a text column, without the escapes meant for HTML.
func toJSON(v any) (string, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("write JSON: %w", err)
	}
	return string(bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})), nil
}

func fromJSON(text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}

// nanos is an instant as a column holds it; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// instant is the reverse of nanos, in UTC.
func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
