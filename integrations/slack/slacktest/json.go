package slacktest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// decodeAny reads one JSON value and nothing after it; numbers keep their text.
func decodeAny(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("json: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("json: more after the value")
	}
	return v, nil
}

func decodeObject(b []byte) (map[string]any, error) {
	v, err := decodeAny(b)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("json: not an object")
	}
	return m, nil
}

// object and list read a member that may be missing or of another type.
func object(m map[string]any, k string) map[string]any { o, _ := m[k].(map[string]any); return o }

func list(m map[string]any, k string) []any { l, _ := m[k].([]any); return l }

func text(m map[string]any, k string) string { s, _ := m[k].(string); return s }

// encode writes JSON as Slack does: & < > stay as they are. The values come
// out of a decoder, so that writing them cannot fail.
func encode(v any) json.RawMessage {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimSpace(buf.Bytes())
}

// merge applies an RFC 7396 merge patch: null removes a member.
func merge(into, patch map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range into {
		out[k] = v
	}
	for k, v := range patch {
		p, isObject := v.(map[string]any)
		switch {
		case v == nil:
			delete(out, k)
		case isObject:
			out[k] = merge(object(out, k), p)
		default:
			out[k] = v
		}
	}
	return out
}

// newID makes an id as Slack's: a letter or two and random capitals.
func newID(prefix string) string { return prefix + strings.ToUpper(rand.Text()[:10]) }

// intOf and floatOf read a number kept as JSON or text; def if there is none.
func intOf(v any, def int) int {
	if n, err := strconv.Atoi(fmt.Sprint(v)); err == nil {
		return n
	}
	return def
}

func floatOf(v any, def float64) float64 {
	if n, err := strconv.ParseFloat(fmt.Sprint(v), 64); err == nil {
		return n
	}
	return def
}
