// Package schema writes JSON Schemas of the files people write, for their
// editors. The playbook and the organisation are taken from the types they are
// read into, so that whatever those get is in the schema; words.go says in plain
// words what each key means. It is pure.
package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// The kinds of files there is a schema of.
const (
	Playbook     = "playbook"
	Organisation = "organisation"
	Programme    = "programme"
	Scenario     = "scenario"
)

// Kinds are the kinds of files there is a schema of.
func Kinds() []string { return []string{Playbook, Organisation, Programme, Scenario} }

// draft is the version of JSON Schema that editors know best
// (https://json-schema.org/draft-07).
const draft = "http://json-schema.org/draft-07/schema#"

// Write returns the schema of a kind of file, as JSON.
func Write(kind string) ([]byte, error) {
	write, ok := map[string]func(*builder) object{
		Playbook: playbook, Organisation: organisation, Programme: programme, Scenario: scenarios,
	}[kind]
	if !ok {
		return nil, fmt.Errorf("there is no schema of %q", kind)
	}
	b := &builder{defs: object{}, types: byType(), paths: byPath(), further: further()}
	root := object{"$schema": draft}
	maps.Copy(root, write(b))
	root["definitions"] = b.defs
	out, err := json.MarshalIndent(root, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of a %s: %w", kind, err)
	}
	return append(out, '\n'), nil
}

// object is one object of a schema.
type object map[string]any

// builder makes the schema of one kind of file. Its definitions are one for each
// group of keys.
type builder struct {
	defs    object
	types   map[reflect.Type]maker
	paths   map[string]maker
	further map[string]map[string]maker
}

func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

// group is a group of known keys.
func group(name string, properties object, required ...string) object {
	out := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	if d := about[name]; d != "" {
		out["description"] = d
	}
	return out
}

// key is a value with what its key means.
func key(path string, value object) object {
	d := about[path]
	if d == "" {
		return value
	}
	if value["$ref"] != nil { // beside a $ref nothing else counts
		return object{"description": d, "allOf": []any{value}}
	}
	out := maps.Clone(value)
	out["description"] = d
	return out
}

func text() object              { return object{"type": "string"} }
func yesNo() object             { return object{"type": "boolean"} }
func whole() object             { return object{"type": "integer"} }
func list(of object) object     { return object{"type": "array", "items": of} }
func anyOf(of ...object) object { return object{"anyOf": of} }
func words(of ...string) object { return object{"type": "string", "enum": of} }

// named are values by a name of the author's choice.
func named(of object) object { return object{"type": "object", "additionalProperties": of} }

// plain is a plain value: a text, a number, true or false.
func plain() object { return object{"type": []string{"string", "number", "boolean"}} }
