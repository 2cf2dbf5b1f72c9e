package schema

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// of is the schema of a Go type: texts, numbers, lists, and structs by the names
// of their JSON.
func (b *builder) of(t reflect.Type) object {
	if f := b.types[t]; f != nil {
		return f(b)
	}
	switch t.Kind() {
	case reflect.String:
		return text()
	case reflect.Bool:
		return yesNo()
	case reflect.Int, reflect.Int64:
		return whole()
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Pointer:
		return b.of(t.Elem())
	case reflect.Slice:
		return list(b.of(t.Elem()))
	case reflect.Map:
		return named(b.of(t.Elem()))
	case reflect.Struct:
		return b.structure(t)
	}
	return object{}
}

// structure defines a struct once, and refers to it.
func (b *builder) structure(t reflect.Type) object {
	name := nameOf(t)
	if _, done := b.defs[name]; !done {
		b.defs[name] = object{} // a step may hold steps
		properties, required := b.fields(name, t)
		b.defs[name] = group(name, properties, required...)
	}
	return ref(name)
}

// fields are the keys of a struct. What JSON leaves out when it is empty need
// not be written.
func (b *builder) fields(name string, t reflect.Type) (object, []string) {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := name + "." + tag
		if !f.IsExported() || tag == "" || tag == "-" || unwritten[path] {
			continue
		}
		write := b.paths[path]
		var value object
		if write != nil {
			value = write(b)
		} else {
			value = b.of(f.Type)
		}
		properties[tag] = key(path, value)
		if options == "" && !optional[path] {
			required = append(required, tag)
		}
	}
	for written, write := range b.further[name] {
		properties[written] = key(name+"."+written, write(b))
	}
	return properties, required
}

// nameOf is the name of a type in small letters, with _ between words.
func nameOf(t reflect.Type) string {
	var out strings.Builder
	for i, r := range t.Name() {
		if i > 0 && unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

type maker = func(*builder) object

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// byType are the types that are written in another way than they are kept.
func byType() map[reflect.Type]maker {
	return map[reflect.Type]maker{
		typeOf[source.Str]():         func(*builder) object { return text() },
		typeOf[playbooks.Lit]():      func(*builder) object { return plain() },
		typeOf[playbooks.Remind]():   func(*builder) object { return text() },
		typeOf[playbooks.People]():   people,
		typeOf[playbooks.Due]():      due,
		typeOf[playbooks.Choice]():   func(b *builder) object { return anyOf(text(), list(b.row())) },
		typeOf[playbooks.OnReject](): onReject,
		typeOf[[]playbooks.Row]():    func(b *builder) object { return list(b.row()) },
		typeOf[[]playbooks.SetVar](): func(b *builder) object { return named(b.setVar()) },
		typeOf[[]playbooks.Outcome](): func(b *builder) object {
			b.defs["outcome"] = group("outcome", object{"counts": key("outcome.counts", yesNo())})
			return named(ref("outcome"))
		},
		typeOf[[]playbooks.Collected](): func(b *builder) object { return b.byID(typeOf[playbooks.Collected]()) },
		typeOf[[]playbooks.RemoteField](): func(b *builder) object {
			return named(b.of(typeOf[playbooks.RemoteField]()))
		},
		typeOf[[]playbooks.List]():   func(*builder) object { return named(list(named(plain()))) },
		typeOf[[]playbooks.Option](): func(*builder) object { return named(text()) },
		typeOf[[]org.Person]():       func(b *builder) object { return b.byID(typeOf[org.Person]()) },
		typeOf[[]org.Role]():         func(b *builder) object { return b.byID(typeOf[org.Role]()) },
		typeOf[[]org.Committee]():    func(b *builder) object { return b.byID(typeOf[org.Committee]()) },
		typeOf[[]org.System]():       func(b *builder) object { return b.byID(typeOf[org.System]()) },
		typeOf[[]org.Model]():        func(b *builder) object { return b.byID(typeOf[org.Model]()) },
		typeOf[[]org.Source]():       func(b *builder) object { return b.byID(typeOf[org.Source]()) },
		typeOf[[]org.Supplier]():     func(b *builder) object { return b.byID(typeOf[org.Supplier]()) },
		typeOf[[]org.JiraField](): func(*builder) object {
			return named(anyOf(text(), object{"type": "number"}, list(anyOf(text(), object{"type": "number"}))))
		},
	}
}

// byID are entries under their ids.
func (b *builder) byID(t reflect.Type) object { return named(b.of(t)) }
