package playbooks

import (
	"math"
	"time"

	"cel.dev/cel-go/cel"
)

// shapeKind is what an expression's value is to the people who write playbooks.
type shapeKind int

const (
	shapeAny shapeKind = iota
	shapeText
	shapeBool
	shapeInt
	shapeNumber
	shapeDate // a day; a timestamp at 00:00 UTC while it is computed with
	shapeDatetime
	shapeDuration
	shapePerson
	shapeChoice
	shapeList
	shapeMap
	shapeObject
)

// shape is the type of a value: finer than CEL's, so that options of a choice
// and presence of a field are known. It is built once and never changed.
type shape struct {
	kind    shapeKind
	name    string   // of an object: "the results of step scope"
	ref     string   // of an object or a text: the kind of subject that it is, or names
	what    string   // of a choice: whose options these are
	options []string // of a choice
	elem    *shape   // of a list or map
	fields  []field  // of an object, in the order people know
}

// field is one field of an object.
type field struct {
	name  string
	shape *shape
	// maybe says that the field may be absent: an optional answer, a step that
	// may be skipped.
	maybe bool
	// filled says that an absent list or group is an empty one.
	filled bool
	// apart says that the answer is protected: only whether it is there can be asked.
	apart bool
}

var (
	anyShape      = &shape{kind: shapeAny}
	textShape     = &shape{kind: shapeText}
	boolShape     = &shape{kind: shapeBool}
	intShape      = &shape{kind: shapeInt}
	numberShape   = &shape{kind: shapeNumber}
	dateShape     = &shape{kind: shapeDate}
	datetimeShape = &shape{kind: shapeDatetime}
	durationShape = &shape{kind: shapeDuration}
	personShape   = &shape{kind: shapePerson}
)

func listOf(s *shape) *shape { return &shape{kind: shapeList, elem: s} }

func mapOf(s *shape) *shape { return &shape{kind: shapeMap, elem: s} }

func choiceOf(what string, options ...string) *shape {
	return &shape{kind: shapeChoice, what: what, options: options}
}

func objectOf(name string, fields ...field) *shape {
	return &shape{kind: shapeObject, name: name, fields: fields}
}

// subjectText is the id of a subject of a kind.
func subjectText(kind string) *shape { return &shape{kind: shapeText, ref: kind} }

// emptyShape is that of the entries of a list without any: they can be whatever
// stands beside them.
var emptyShape = &shape{kind: shapeAny}

// field finds a field by name; nil when the object has none such.
func (s *shape) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *shape) fieldNames() []string {
	names := make([]string, 0, len(s.fields))
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	return names
}

// celType is the type CEL checks with.
func (s *shape) celType() *cel.Type {
	switch s.kind {
	case shapeText, shapePerson, shapeChoice:
		return cel.StringType
	case shapeBool:
		return cel.BoolType
	case shapeInt:
		return cel.IntType
	case shapeNumber:
		return cel.DoubleType
	case shapeDate, shapeDatetime:
		return cel.TimestampType
	case shapeDuration:
		return cel.DurationType
	case shapeList:
		return cel.ListType(s.elem.celType())
	case shapeMap:
		return cel.MapType(cel.StringType, s.elem.celType())
	case shapeObject:
		return cel.ObjectType(s.name)
	}
	return cel.DynType
}

// coerce gives a plain value the Go type the shape asks for. Results come back
// from JSON, where every number is a float64 and every instant a text. A value
// that does not fit is left as it is: CEL then says so.
func (s *shape) coerce(v any) any {
	switch s.kind {
	case shapeInt:
		if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f)
		}
		if n, ok := v.(int); ok {
			return int64(n)
		}
	case shapeNumber:
		switch n := v.(type) {
		case int:
			return float64(n)
		case int64:
			return float64(n)
		}
	case shapeDate, shapeDatetime:
		return coerceTime(v)
	case shapeList:
		return s.coerceList(v)
	case shapeObject:
		if m, ok := v.(map[string]any); ok {
			return s.coerceObject(m)
		}
	case shapeMap:
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		out := make(map[string]any, len(m))
		for k, e := range m {
			out[k] = s.elem.coerce(e)
		}
		return out
	}
	return v
}

func coerceTime(v any) any {
	switch t := v.(type) {
	case time.Time:
		return t.UTC()
	case string:
		for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
			if at, err := time.Parse(layout, t); err == nil {
				return at.UTC()
			}
		}
	}
	return v
}

func (s *shape) coerceList(v any) any {
	var in []any
	switch l := v.(type) {
	case []any:
		in = l
	case []string:
		for _, e := range l {
			in = append(in, e)
		}
	default:
		return v
	}
	out := make([]any, len(in))
	for i, e := range in {
		out[i] = s.elem.coerce(e)
	}
	return out
}

// coerceObject keeps only the fields the shape knows. A nil is an absent value.
func (s *shape) coerceObject(m map[string]any) map[string]any {
	out := make(map[string]any, len(s.fields))
	for _, f := range s.fields {
		v, ok := m[f.name]
		switch {
		case ok && v != nil:
			out[f.name] = f.shape.coerce(v)
		case f.filled && f.shape.kind == shapeMap:
			out[f.name] = map[string]any{}
		case f.filled:
			out[f.name] = []any{}
		}
	}
	return out
}

// join is the shape that holds values of both.
func (s *shape) join(o *shape) *shape {
	switch {
	case s == o, o == emptyShape:
		return s
	case s == emptyShape:
		return o
	case s.kind == shapeText && o.kind == shapeText:
		if s.ref == o.ref {
			return s
		}
		return textShape
	case s.kind == shapeChoice && o.kind == shapeChoice:
		return &shape{kind: shapeChoice, what: s.what, options: union(s.options, o.options)}
	case s.isText() && o.isText():
		if s.kind == o.kind {
			return s
		}
		return textShape
	case s.isNumber() && o.isNumber():
		if s.kind == o.kind {
			return s
		}
		return numberShape
	case s.kind == shapeList && o.kind == shapeList:
		return listOf(s.elem.join(o.elem))
	case s.kind == o.kind && s.kind != shapeObject && s.kind != shapeMap:
		return s
	}
	return anyShape
}

func (s *shape) isText() bool {
	return s.kind == shapeText || s.kind == shapePerson || s.kind == shapeChoice
}

func (s *shape) isNumber() bool { return s.kind == shapeInt || s.kind == shapeNumber }

func (s *shape) isTime() bool { return s.kind == shapeDate || s.kind == shapeDatetime }

func union(a, b []string) []string {
	out := append([]string(nil), a...)
	for _, x := range b {
		if !contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
