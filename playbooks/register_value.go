package playbooks

import (
	"fmt"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// FieldValue is a value as a field of a subject keeps it. The error says why the
// field cannot keep it.
func FieldValue(kind string, f org.Field, v any) (any, error) {
	want := fieldShape(kind, f)
	if f.Type == org.FieldSubject {
		want = subjectText(f.Of)
		if m, ok := v.(map[string]any); ok {
			v = m["id"]
		}
	}
	v = want.coerce(v)
	if !want.keeps(v) {
		return nil, fmt.Errorf("%s of %s is %s, and %v is not", f.Name, withArticle(kind), want.words(), v)
	}
	return v, nil
}

// keeps tells whether a plain value is of the shape.
func (s *shape) keeps(v any) bool {
	switch s.kind {
	case shapeText, shapePerson, shapeChoice:
		text, ok := v.(string)
		return ok && (s.kind != shapeChoice || has(s.options, text))
	case shapeBool:
		_, ok := v.(bool)
		return ok
	case shapeInt:
		_, ok := v.(int64)
		return ok
	case shapeNumber:
		_, ok := v.(float64)
		return ok
	case shapeDate, shapeDatetime:
		_, isText := v.(string)
		return v != nil && !isText // coerced to an instant where it is one
	case shapeList:
		list, ok := v.([]any)
		for _, e := range list {
			ok = ok && s.elem.keeps(e)
		}
		return ok
	case shapeMap:
		m, ok := v.(map[string]any)
		for _, e := range m {
			ok = ok && s.elem.keeps(e)
		}
		return ok
	case shapeObject:
		return s.keepsGroup(v)
	}
	return true
}

// keepsGroup tells whether each value of a group is there and of its shape.
func (s *shape) keepsGroup(v any) bool {
	m, ok := v.(map[string]any)
	for _, f := range s.fields {
		value, there := m[f.name]
		ok = ok && (there && f.shape.keeps(value) || !there && f.maybe)
	}
	return ok
}

// SubjectKind is the kind of the subject that an expression gives; "" = none.
func (e *Evaluator) SubjectKind(tmpl string) string {
	parts, err := splitText(tmpl)
	expr, alone := whole(parts)
	if err != nil || !alone {
		return ""
	}
	if c := e.compile(expr); c.err == nil {
		return c.shape.ref
	}
	return ""
}
