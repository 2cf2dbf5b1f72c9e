package playbooks

import (
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// provider tells CEL's checker the fields of our objects. At run time they are
// plain maps.
type provider struct {
	types.Provider
	schema *schema
}

// FindStructType finds an object. Its name has a blank in it, so that no
// expression can write it and build such an object.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.schema.objects[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return nil, false
}

// FindStructFieldNames lists the fields of an object.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if s, ok := p.schema.objects[name]; ok {
		return s.fieldNames(), true
	}
	return nil, false
}

// FindStructFieldType finds one field of an object.
func (p *provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	if s, ok := p.schema.objects[name]; ok {
		if f := s.field(fieldName); f != nil {
			return &types.FieldType{Type: f.shape.celType()}, true
		}
	}
	return nil, false
}

// adapter turns Go values into CEL values whose maps are walked in sorted
// order: Go's own order differs from run to run.
type adapter struct{ types.Adapter }

// NativeToValue converts one value; lists and maps convert theirs the same way.
func (a *adapter) NativeToValue(v any) ref.Val {
	switch x := v.(type) {
	case []any:
		return types.NewDynamicList(a, x)
	case []ref.Val:
		return types.NewRefValList(a, x)
	case map[string]any:
		return sortedMap{types.NewStringInterfaceMap(a, x)}
	}
	return a.Adapter.NativeToValue(v)
}

// sortedMap is a map whose keys come in order.
type sortedMap struct{ traits.Mapper }

// Iterator walks the keys by type, then by value.
func (m sortedMap) Iterator() traits.Iterator {
	return types.NewRefValList(types.DefaultTypeAdapter, sortedKeys(m.Mapper)).(traits.Iterable).Iterator()
}

func sortedKeys(m traits.Mapper) []ref.Val {
	var keys []ref.Val
	for it := m.Iterator(); it.HasNext() == types.True; {
		keys = append(keys, it.Next())
	}
	slices.SortFunc(keys, func(a, b ref.Val) int {
		if a.Type() != b.Type() {
			if a.Type().TypeName() < b.Type().TypeName() {
				return -1
			}
			return 1
		}
		if c, ok := a.(traits.Comparer); ok {
			if n, ok := c.Compare(b).(types.Int); ok {
				return int(n)
			}
		}
		return 0
	})
	return keys
}
