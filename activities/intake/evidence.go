package intake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// maxDepth bounds how deep an evidence document is followed; below it the JSON
// is shown as it stands.
const maxDepth = 12

// evidence opens the kept evidence document of an ask. It decides nothing and
// leaves no row.
func (g *Gate) evidence(ctx context.Context, ask port.Ask) Reply {
	if ask.Body.Digest == "" {
		return Reply{Say: sayNoEvidence}
	}
	doc, err := g.Ledger.Document(ctx, ask.Body.Digest)
	if errors.Is(err, port.ErrNotFound) {
		return Reply{Say: sayNoEvidence}
	}
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	fields, err := readable(doc)
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	lines := []string{ask.Body.Title}
	if ask.Body.Subject != "" {
		lines[0] += "\nAbout: " + ask.Body.Subject
	}
	if over := closed(ask, g.now()); over != "" && ask.State == port.AskSuperseded {
		lines = append(lines, "This evidence is out of date: a newer message shows what changed.")
	}
	lines = append(lines, "A decision on this message is about exactly this document:\n"+ask.Body.Digest)
	return Reply{Modal: &port.Modal{
		Callback: port.ActionEvidence, Token: ask.Token, Title: "Evidence", Lines: lines, Fields: fields,
	}}
}

// readable turns a JSON document into labelled values, in the document's order.
func readable(doc json.RawMessage) ([]port.Field, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("read an evidence document: %w", err)
	}
	return flatten(nil, nil, v), nil
}

func flatten(out []port.Field, path []string, v any) []port.Field {
	switch v := v.(type) {
	case map[string]any:
		if len(path) < maxDepth && len(v) > 0 {
			return flattenMap(out, path, v)
		}
	case []any:
		if len(path) < maxDepth && len(v) > 0 && !plain(v) {
			for i, e := range v {
				out = flatten(out, element(path, e, i), e)
			}
			return out
		}
	}
	return append(out, port.Field{Label: label(path), Value: text(v)})
}

// flattenMap follows the members of an object: what it holds first, then the
// plain facts about it, each by name.
func flattenMap(out []port.Field, path []string, m map[string]any) []port.Field {
	if v, ok := m["value"]; ok && isPair(m) {
		return flatten(out, path, v)
	}
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(weight(m[a]), weight(m[b])) })
	for _, k := range keys {
		if k == "title" && len(path) > 0 && m[k] == path[len(path)-1] {
			continue
		}
		out = flatten(out, append(slices.Clone(path), human(k)), m[k])
	}
	return out
}

// element is the path of one element of the list at path: elements with a name
// of their own need neither the list's name nor a number.
func element(path []string, v any, i int) []string {
	m, ok := v.(map[string]any)
	if !ok {
		return append(slices.Clone(path), strconv.Itoa(i+1))
	}
	own := "title"
	if isPair(m) {
		own = "label"
	}
	if s, ok := m[own].(string); ok && s != "" {
		return append(slices.Clone(path[:max(len(path)-1, 0)]), s)
	}
	return append(slices.Clone(path), strconv.Itoa(i+1))
}

// isPair tells whether an object is one labelled value.
func isPair(m map[string]any) bool {
	_, label := m["label"].(string)
	_, value := m["value"]
	return label && value
}

// weight puts what holds more before plain values.
func weight(v any) int {
	switch v.(type) {
	case map[string]any, []any:
		return 0
	}
	return 1
}

// plain tells whether a list holds no objects and no lists.
func plain(list []any) bool {
	return !slices.ContainsFunc(list, func(e any) bool {
		switch e.(type) {
		case map[string]any, []any:
			return true
		}
		return false
	})
}

func label(path []string) string {
	if len(path) == 0 {
		return "Document"
	}
	return strings.Join(path, " › ")
}

// human turns an id such as possible_harms into words.
func human(id string) string {
	if id == "" {
		return id
	}
	return strings.ToUpper(id[:1]) + strings.ReplaceAll(id[1:], "_", " ")
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "not given"
	case string:
		if v == "" {
			return "empty"
		}
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case json.Number:
		return v.String()
	case []any:
		if len(v) == 0 {
			return "none"
		}
		if plain(v) {
			parts := make([]string, len(v))
			for i, e := range v {
				parts[i] = text(e)
			}
			return strings.Join(parts, ", ")
		}
	case map[string]any:
		if len(v) == 0 {
			return "none"
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "unreadable"
	}
	return string(b)
}
