package schema

import (
	"maps"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
)

// unwritten are fields that are worked out and not written by anybody.
var unwritten = map[string]bool{
	"step.kind": true, "question.heading": true, "raise.need": true, "need.pattern": true, "task.no_wait": true, "task.hold": true,
	"person.id": true, "role.id": true, "committee.id": true, "system.id": true, "model.id": true, "supplier.id": true, "source.id": true, "remote_field.name": true, "organisation.digest": true, "entry.line": true,
	"role.since": true, "collected.name": true,
}

// optional are fields that JSON always has and people need not write.
var optional = map[string]bool{
	"playbook.subject": true, "playbook.steps": true, // they may come from what it extends
	"step.id":       true, // of a sequence in a group
	"approval.need": true, "need.role": true,
	"organisation.roles": true, "organisation.committees": true, "organisation.systems": true, "organisation.models": true, "organisation.suppliers": true, "organisation.sources": true, "metric.main": true, "organisation.slack": true,
	"organisation.organisation": true, "organisation.people": true, "organisation.jira": true, // they may stand in another file
	"profile.calendar": true, "calendar.weekdays": true, "calendar.hours": true,
	"choose.text": true,
}

// byPath are keys that are written in another way than their type says.
func byPath() map[string]maker {
	return map[string]maker{
		"question.type": func(*builder) object { return words(playbooks.QuestionTypes()...) },
		"question.columns": func(b *builder) object {
			return list(b.question("column", playbooks.ColumnTypes(), []string{"id", "text", "type"}, "when", "prefill", "check", "columns"))
		},
		"playbook.input": func(b *builder) object {
			return named(b.question("input", playbooks.InputTypes(), []string{"type"}, "id", "when", "prefill", "check", "never", "columns"))
		},
		"approval.choose": func(b *builder) object {
			return named(b.question("choose", playbooks.ChooseTypes(), []string{"type"}, "id", "optional", "pattern", "when", "prefill", "check", "never", "columns"))
		},
		"task.evidence": func(*builder) object { return words(playbooks.EvidenceWords()...) },
		"need.any_of":   func(b *builder) object { return list(b.needEntry()) },
		"step.group": func(b *builder) object {
			return object{"type": "array", "minItems": 1, "items": anyOf(ref("step"), b.sequence())}
		},
		"collected.playbook": func(*builder) object { return oneOrMore() },
		"collected.last":     func(*builder) object { return anyOf(whole(), yesNo()) },
		"collected.outcome":  func(*builder) object { return oneOrMore() },
		"register.set":       func(*builder) object { return named(object{}) }, // plain values, and groups of them
		"register.add":       func(*builder) object { return named(object{}) },
		"register.change":    listChange,
		"register.valid":     func(b *builder) object { return group("valid", object{"for": key("valid.for", text())}, "for") },
		"committee.rule":     func(*builder) object { return anyOf(words("majority", "all"), whole()) },
		"calendar.weekdays": func(*builder) object {
			return list(words("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
		},
	}
}

// further are keys that are read into a field of another name or place.
func further() map[string]map[string]maker {
	return map[string]map[string]maker{
		"playbook": {
			"extends": func(*builder) object { return text() },
			"place":   place,
			"change":  func(b *builder) object { return named(b.change()) },
			"remove":  func(*builder) object { return list(text()) },
		},
		"task": {
			"wait":   func(*builder) object { return yesNo() },
			"blocks": func(*builder) object { return list(text()) },
			"until":  func(*builder) object { return text() },
		},
		"back": {"when": func(*builder) object { return text() }},
		"end":  {"when": func(*builder) object { return text() }},
	}
}

func playbook(b *builder) object {
	b.of(typeOf[playbooks.Playbook]())
	root := maps.Clone(b.defs["playbook"].(object))
	delete(b.defs, "playbook")
	root["title"] = "A playbook of Aimsbot"
	// What it does not say itself comes from the playbook it extends.
	root["anyOf"] = []object{{"required": []string{"extends"}}, {"required": []string{"title", "subject", "steps"}}}
	step := b.defs["step"].(object)
	step["required"] = []string{"id"}
	var does []object
	for _, kind := range playbooks.Kinds() {
		does = append(does, object{"required": []string{kind}})
	}
	step["oneOf"] = does
	b.defs["approval"].(object)["anyOf"] = []object{{"required": []string{"need"}}, {"required": []string{"pattern"}}}
	return root
}

// question is a question with fewer keys and types.
func (b *builder) question(name string, types, required []string, without ...string) object {
	if _, done := b.defs[name]; !done {
		b.defs[name] = object{}
		properties, _ := b.fields("question", typeOf[playbooks.Question]())
		for _, k := range without {
			delete(properties, k)
		}
		properties["type"] = key("question.type", words(types...))
		b.defs[name] = group(name, properties, required...)
	}
	return ref(name)
}

// row is a row of a table: a condition and a value, or the value for else.
func (b *builder) row() object {
	if _, done := b.defs["row"]; !done {
		row := group("row", object{"when": key("row.when", text()), "value": key("row.value", plain()), "else": key("row.else", plain())})
		row["oneOf"] = []object{{"required": []string{"when", "value"}}, {"required": []string{"else"}, "maxProperties": 1}}
		b.defs["row"] = row
	}
	return ref("row")
}

// setVar is a value of a set step: one, or a table.
func (b *builder) setVar() object {
	b.defs["all"] = group("all", object{"all": key("all.all", list(b.row()))}, "all")
	return anyOf(plain(), list(b.row()), ref("all"))
}

func people(b *builder) object {
	b.defs["any_of"] = group("any_of", object{"any_of": key("any_of.any_of", list(text()))}, "any_of")
	return anyOf(text(), ref("any_of"))
}

func due(b *builder) object {
	if _, done := b.defs["due"]; !done {
		b.defs["due"] = object{}
		properties, _ := b.fields("due", typeOf[playbooks.Due]())
		delete(properties, "span")
		delete(properties, "table")
		b.defs["due"] = group("due", properties)
	}
	return anyOf(text(), list(b.row()), ref("due"))
}

func onReject(b *builder) object {
	b.defs["on_reject"] = group("on_reject", object{"back": key("on_reject.back", text())}, "back")
	return anyOf(list(ref("step")), ref("on_reject"))
}

// needEntry is one of several who may decide on a line.
func (b *builder) needEntry() object {
	if _, done := b.defs["need_entry"]; !done {
		b.defs["need_entry"] = object{}
		properties, _ := b.fields("need", typeOf[playbooks.Need]())
		delete(properties, "any_of")
		delete(properties, "when")
		b.defs["need_entry"] = group("need_entry", properties)
	}
	return ref("need_entry")
}

// sequence is an entry of a group that is nothing but steps.
func (b *builder) sequence() object {
	b.defs["sequence"] = group("sequence", object{"steps": key("step.steps", list(ref("step")))}, "steps")
	return ref("sequence")
}

// listChange is what changes in the entries of lists, by the name of the list.
func listChange(b *builder) object {
	b.defs["list_change"] = group("list_change", object{
		"of": key("list_change.of", named(object{})), "set": key("list_change.set", named(object{})),
	}, "of", "set")
	return named(ref("list_change"))
}

func place(b *builder) object {
	b.defs["place"] = group("place", object{
		"after": key("place.after", text()), "before": key("place.before", text()), "steps": key("place.steps", list(ref("step"))),
	}, "steps")
	return list(ref("place"))
}

// change is a step of which only what differs is written.
func (b *builder) change() object {
	if _, done := b.defs["change"]; done {
		return ref("change")
	}
	b.defs["change"] = object{}
	properties := maps.Clone(b.defs["step"].(object)["properties"].(object))
	delete(properties, "id")
	for _, kind := range playbooks.Kinds() {
		if part := b.part(properties[kind]); part != nil {
			properties[kind] = key("step."+kind, part)
		}
	}
	properties["ask_also"] = key("change.ask_also", list(ref("question")))
	b.defs["change"] = group("change", properties)
	return ref("change")
}

// part is a group of keys of which some may be left out; nil for what is no
// group of keys.
func (b *builder) part(property any) object {
	p, _ := property.(object)
	if all, ok := p["allOf"].([]any); ok {
		p, _ = all[0].(object)
	}
	name, _ := p["$ref"].(string)
	whole, ok := b.defs[strings.TrimPrefix(name, "#/definitions/")].(object)
	if !ok {
		return nil
	}
	part := maps.Clone(whole)
	delete(part, "required")
	delete(part, "anyOf")
	return part
}
