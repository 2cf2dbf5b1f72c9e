// Package source reads the YAML files people write for Aimsbot: strictly, with
// the position of every value, and with errors in words a layman knows. It is
// pure: it is given bytes and opens no file.
package source

import (
	"encoding/json"
	"fmt"
)

// Pos is a place in a source file. Line and Col count from 1, Col in
// characters; a zero Pos means the value was not read from a file.
type Pos struct {
	File string
	Line int
	Col  int
}

// String prints file:line:col.
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Before orders positions by file, line and column.
func (p Pos) Before(q Pos) bool {
	if p.File != q.File {
		return p.File < q.File
	}
	if p.Line != q.Line {
		return p.Line < q.Line
	}
	return p.Col < q.Col
}

// Str is a text with the place of its first character: after an opening quote,
// and on the line below the sign of a block text. In a text that is written on
// one line without escapes, character n (from 0) therefore stands at Col+n. In
// JSON it is the text alone: a Definition carries meaning, not positions.
type Str struct {
	V   string
	Pos Pos
}

// String returns the text.
func (s Str) String() string { return s.V }

// Empty tells whether no text was given.
func (s Str) Empty() bool { return s.V == "" }

// IsZero tells encoding/json to leave an empty text out, wherever it was read.
func (s Str) IsZero() bool { return s.V == "" }

// MarshalJSON writes the text alone.
func (s Str) MarshalJSON() ([]byte, error) { return json.Marshal(s.V) }

// UnmarshalJSON reads the text; the position stays zero.
func (s *Str) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &s.V) }
