package playbooks

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var errNotFinite = errors.New("the result is no number: it is infinite or undefined")

// toPlain turns a result into what JSON can hold.
func toPlain(v ref.Val, s *shape) (any, error) {
	switch x := v.(type) {
	case types.Bool:
		return bool(x), nil
	case types.Int:
		return int64(x), nil
	case types.Double:
		if f := float64(x); math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, errNotFinite
		}
		return float64(x), nil
	case types.String:
		return string(x), nil
	case types.Timestamp:
		if s.kind == shapeDate {
			return x.UTC().Format(time.DateOnly), nil
		}
		return x.UTC().Format(time.RFC3339Nano), nil
	case types.Duration:
		return x.String(), nil
	case types.Null:
		return nil, nil
	case traits.Mapper:
		return plainMap(x, s)
	case traits.Lister:
		return plainList(x, s)
	}
	return nil, fmt.Errorf("the result is %s, which cannot be kept", celName(v.Type().TypeName()))
}

func plainList(l traits.Lister, s *shape) (any, error) {
	elem := anyShape
	if s.kind == shapeList {
		elem = s.elem
	}
	out := []any{}
	for it := l.Iterator(); it.HasNext() == types.True; {
		e, err := toPlain(it.Next(), elem)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func plainMap(m traits.Mapper, s *shape) (any, error) {
	out := map[string]any{}
	for _, k := range sortedKeys(m) {
		key, ok := k.(types.String)
		if !ok {
			return nil, errors.New("the keys of a map must be texts")
		}
		elem := anyShape
		if s.kind == shapeMap {
			elem = s.elem
		} else if f := s.field(string(key)); f != nil {
			elem = f.shape
		}
		e, err := toPlain(m.Get(k), elem)
		if err != nil {
			return nil, err
		}
		out[string(key)] = e
	}
	return out, nil
}

// readable writes a plain value for people: lists joined with commas, numbers
// without exponent, instants in the organisation's zone.
func readable(v any, s *shape, zone *time.Location) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		if s.kind == shapeDatetime {
			if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
				return at.In(zone).Format("2006-01-02 15:04 MST")
			}
		}
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []any:
		elem := anyShape
		if s.kind == shapeList {
			elem = s.elem
		}
		words := make([]string, 0, len(x))
		for _, e := range x {
			words = append(words, readable(e, elem, zone))
		}
		return strings.Join(words, ", ")
	case map[string]any:
		return readableMap(x, s, zone)
	}
	return fmt.Sprint(v)
}

func readableMap(m map[string]any, s *shape, zone *time.Location) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	words := make([]string, 0, len(keys))
	for _, k := range keys {
		elem := anyShape
		if f := s.field(k); f != nil {
			elem = f.shape
		}
		words = append(words, k+": "+readable(m[k], elem, zone))
	}
	return strings.Join(words, ", ")
}

// zoneOf is the organisation's time zone; UTC when it is unknown.
func zoneOf(s Scope) *time.Location {
	if name, ok := s.Organisation["zone"].(string); ok {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}
