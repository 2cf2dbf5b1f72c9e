package playbooks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// The lists that are read from outside.
const (
	ListMetrics = "metrics" // of a model, from a registry
	ListJSON    = "json"    // whatever a source answers
)

// What the expressions read that choose from an answer.
const (
	bodyName  = "body"
	entryName = "entry"
)

// RemoteField is one value of an entry that is read from outside.
type RemoteField struct {
	Name  Str `json:"name"`
	Type  Str `json:"type"`
	Value Str `json:"value"` // an expression that reads entry, and body
}

// remoteTypes are the types that values from outside may have.
var remoteTypes = []string{TypeText, TypeNumber, TypeInt, TypeYesNo, TypeDate, TypeDatetime}

// Outside tells whether the list is read from a source outside.
func (c Collected) Outside() bool {
	l, _ := FactListOf(c.From.V)
	return l.Outside
}

// SourceKind is the kind of the source that the list is read from.
func (c Collected) SourceKind() string {
	if c.From.V == ListMetrics {
		return org.SourceMLflow
	}
	return org.SourceJSON
}

func (r *reader) remoteFields(m *source.Map) (out []RemoteField) {
	for _, e := range m.Pairs("fields") {
		f := e.Value.Map(&r.ps, "a value from outside", "type", "value")
		if !f.OK() {
			continue
		}
		f.Require("type", "value")
		out = append(out, RemoteField{Name: e.Key, Type: f.Text("type"), Value: f.Text("value")})
	}
	return out
}

// metricShape is one value of a metric, as a registry keeps it.
func metricShape() *shape {
	return objectOf("a metric that is collected",
		field{name: "id", shape: textShape}, field{name: "model", shape: subjectText("model")}, field{name: "version", shape: textShape},
		field{name: "metric", shape: textShape}, field{name: "value", shape: numberShape}, field{name: "at", shape: datetimeShape},
		field{name: "run", shape: textShape})
}

// entryShape is the shape of one entry of what is collected.
func (c Collected) entryShape() *shape {
	l, known := FactListOf(c.From.V)
	if !known || l.Name != ListJSON {
		if !known {
			return anyShape
		}
		return l.entry
	}
	fields := []field{{name: "id", shape: textShape}}
	for _, f := range c.Fields {
		if f.Name.V != "id" {
			fields = append(fields, field{name: f.Name.V, shape: remoteShape(f.Type.V)})
		}
	}
	return objectOf("an entry of "+c.Name.V, fields...)
}

func remoteShape(of string) *shape {
	switch of {
	case TypeNumber:
		return numberShape
	case TypeInt:
		return intShape
	case TypeYesNo:
		return boolShape
	case TypeDate:
		return dateShape
	case TypeDatetime:
		return datetimeShape
	}
	return textShape
}

// remoteEnv is what expressions over answers see: of what is in them nothing is
// known before.
var remoteEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable(bodyName, cel.DynType), cel.Variable(entryName, cel.DynType),
		cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxExprLength), cel.ParserRecursionLimit(50),
	)
})

// remoteProgram compiles an expression over an answer.
func remoteProgram(expr string) (cel.Program, error) {
	env, err := remoteEnv()
	if err != nil {
		return nil, fmt.Errorf("expressions: %w", err)
	}
	checked, iss := env.Compile(expr)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	return env.Program(checked, cel.CostLimit(costLimit), cel.InterruptCheckFrequency(interruptEvery)) //nolint:wrapcheck // said in words by who asks
}

// Read takes the entries of a list out of an answer: body is plain JSON. The error
// says which part of the answer does not fit.
func (c Collected) Read(ctx context.Context, body any) ([]map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	list, err := c.entriesOf(ctx, body)
	if err != nil {
		return nil, err
	}
	programs := make([]cel.Program, len(c.Fields))
	for i, f := range c.Fields {
		if programs[i], err = remoteProgram(f.Value.V); err != nil {
			return nil, fmt.Errorf("fields.%s: %w", f.Name, err)
		}
	}
	out := make([]map[string]any, 0, len(list))
	for n, entry := range list {
		item := map[string]any{"id": fmt.Sprint(n + 1)}
		for i, f := range c.Fields {
			v, _, err := programs[i].ContextEval(ctx, map[string]any{bodyName: body, entryName: entry})
			if err != nil {
				return nil, fmt.Errorf("entry %d has no %s: %w", n+1, f.Name, err)
			}
			if item[f.Name.V], err = remoteValue(f.Type.V, v); err != nil {
				return nil, fmt.Errorf("%s of entry %d: %w", f.Name, n+1, err)
			}
		}
		out = append(out, item)
	}
	return out, nil
}

// entriesOf is the list of entries in an answer; one that is no list is one entry.
func (c Collected) entriesOf(ctx context.Context, body any) ([]ref.Val, error) {
	v := types.DefaultTypeAdapter.NativeToValue(body)
	if !c.Entries.Empty() {
		program, err := remoteProgram(c.Entries.V)
		if err != nil {
			return nil, fmt.Errorf("entries: %w", err)
		}
		if v, _, err = program.ContextEval(ctx, map[string]any{bodyName: body, entryName: nil}); err != nil {
			return nil, fmt.Errorf("the answer has no `%s`: %w", c.Entries, err)
		}
	}
	list, ok := v.(traits.Lister)
	if !ok {
		return []ref.Val{v}, nil
	}
	var out []ref.Val
	for it := list.Iterator(); it.HasNext() == types.True; {
		out = append(out, it.Next())
	}
	return out, nil
}

// remoteValue is a value as the run keeps it: plain, and of the type it should
// have.
func remoteValue(of string, v ref.Val) (any, error) {
	x := v.Value()
	switch of {
	case TypeText:
		if s, ok := x.(string); ok {
			return s, nil
		}
	case TypeYesNo:
		if b, ok := x.(bool); ok {
			return b, nil
		}
	case TypeNumber, TypeInt:
		return remoteNumber(of, x)
	case TypeDate:
		if s, ok := x.(string); ok {
			if _, err := time.Parse(time.DateOnly, s); err == nil {
				return s, nil
			}
		}
	case TypeDatetime:
		if s, ok := x.(string); ok {
			if at, err := time.Parse(time.RFC3339, s); err == nil {
				x = at
			}
		}
		if at, ok := x.(time.Time); ok {
			return at.UTC().Format(time.RFC3339Nano), nil
		}
	}
	return nil, fmt.Errorf("%v is no %s", x, remoteWord[of])
}

var remoteWord = map[string]string{
	TypeText: "text", TypeNumber: "number", TypeInt: "whole number", TypeYesNo: "true or false", TypeDate: "date such as 2027-03-01", TypeDatetime: "instant such as 2027-03-01T09:00:00Z",
}

func remoteNumber(of string, x any) (any, error) {
	f, ok := x.(float64)
	if i, whole := x.(int64); whole {
		f, ok = float64(i), true
	}
	switch {
	case !ok:
	case of == TypeNumber:
		return f, nil
	case f == float64(int64(f)):
		return int64(f), nil
	}
	return nil, fmt.Errorf("%v is no %s", x, remoteWord[of])
}
