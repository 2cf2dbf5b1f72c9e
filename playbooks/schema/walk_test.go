package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/schema"
)

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func raw(t *testing.T, kind string) map[string]any {
	t.Helper()
	b, err := schema.Write(kind)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// groups walks a value beside its schema, and calls f for each group of known
// keys, with the name of its definition.
func groups(root, s map[string]any, v any, path []any, f func(path []any, def map[string]any, at string)) {
	at := ""
	for s["$ref"] != nil {
		at = strings.TrimPrefix(s["$ref"].(string), "#/definitions/")
		s = root["definitions"].(map[string]any)[at].(map[string]any)
	}
	for _, list := range []string{"anyOf", "allOf"} {
		if options, ok := s[list].([]any); ok {
			for _, o := range options {
				if o := o.(map[string]any); fits(root, o, v) {
					groups(root, o, v, path, f)
				}
			}
		}
	}
	switch v := v.(type) {
	case []any:
		if items, ok := s["items"].(map[string]any); ok {
			for i, item := range v {
				groups(root, items, item, append(slices.Clone(path), i), f)
			}
		}
	case map[string]any:
		properties, known := s["properties"].(map[string]any)
		if known {
			f(path, s, at)
		}
		for k, inner := range v {
			p, ok := properties[k].(map[string]any)
			if !ok {
				p, ok = s["additionalProperties"].(map[string]any)
			}
			if ok {
				groups(root, p, inner, append(slices.Clone(path), k), f)
			}
		}
	}
}

// fits tells whether a value can be meant by one of several schemas: it is of
// that kind, and has the keys that are required.
func fits(root, s map[string]any, v any) bool {
	for s["$ref"] != nil {
		s = root["definitions"].(map[string]any)[strings.TrimPrefix(s["$ref"].(string), "#/definitions/")].(map[string]any)
	}
	switch v := v.(type) {
	case map[string]any:
		required, _ := s["required"].([]any)
		for _, k := range required {
			if v[k.(string)] == nil {
				return false
			}
		}
		properties, known := s["properties"].(map[string]any)
		for k := range v {
			if known && properties[k] == nil {
				return false
			}
		}
		return s["type"] == "object"
	case []any:
		return s["type"] == "array"
	}
	return s["type"] != "object" && s["type"] != "array"
}

// keysAt puts the probe into the group at path, and returns the keys that the
// program names; nil when it takes the probe.
func keysAt(t *testing.T, s sample, doc any, path []any) []string {
	t.Helper()
	var changed any
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &changed); err != nil {
		t.Fatal(err)
	}
	at := changed
	for _, p := range path {
		switch p := p.(type) {
		case int:
			at = at.([]any)[p]
		case string:
			at = at.(map[string]any)[p]
		}
	}
	at.(map[string]any)[probe] = "x"
	if b, err = json.Marshal(changed); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.problems(b) {
		if m := mayHave.FindStringSubmatch(p.Message); m != nil {
			keys := strings.Split(m[1], ", ")
			slices.Sort(keys)
			return keys
		}
	}
	return nil
}
