package schema

import (
	"maps"

	"github.com/aimsbot/aimsbot/playbooks/scenario"
)

// scenarios are read line by line and not into types, so that their keys stand
// here; a test holds them to what is read.
func scenarios(b *builder) object {
	b.defs["scenario"] = described("scenario", object{
		"name": text(), "subject": text(), "by": text(), "at": text(), "input": named(object{}),
		"organisation": b.overlay(), "register": named(object{"type": "object"}), "given": named(list(object{"type": "object"})), "begin": ref("happens"), "do": list(ref("line")),
	}, "name", "do")
	b.defs["condition"] = described("condition", object{"text": text(), "owner": text(), "due": text()}, "text", "owner", "due")
	b.defs["expect"] = described("expect", object{
		"outcome": text(), "round": whole(), "steps": list(text()), "skipped": list(text()), "open": list(text()), "held": list(text()), "missed": list(text()),
		"asked": named(oneOrMore()), "due": named(oneOrMore()), "told": named(oneOrMore()), "values": named(object{}), "records": named(whole()), "started": list(text()),
	})
	b.defs["happens"] = described("happens", object{"event": text(), "about": text(), "person": text(), "values": named(object{}), "times": whole()}, "event")
	line := object{
		"event": text(), "about": text(), "values": named(object{}), "times": whole(),
		"person": text(), "with": given(), "reason": text(), "conditions": list(ref("condition")), "evidence": text(), "refused": text(),
		"pass": text(), "until": text(), "organisation": b.overlay(), "register": named(object{"type": "object"}), "ended": text(), "outcome": text(), "expect": ref("expect"),
	}
	for _, v := range scenario.Verbs {
		line[v.Word] = text()
	}
	b.defs["line"] = described("line", line)
	root := described("scenarios", object{"playbook": text(), "subject": text(), "by": text(), "answers": named(named(object{})), "scenarios": list(ref("scenario"))}, "playbook", "scenarios")
	root["title"] = "Scenarios of a playbook of Aimsbot"
	return root
}

// given are answers: by question, by a name under answers, or several of both.
func given() object {
	one := anyOf(text(), named(object{}))
	return anyOf(text(), named(object{}), list(one))
}

func oneOrMore() object { return anyOf(text(), list(text())) }

// overlay is a part of the organisation file that is laid over the whole.
func (b *builder) overlay() object {
	sections := object{}
	for _, name := range []string{"organisation", "people", "roles", "committees", "systems", "models", "suppliers", "sources", "slack", "jira"} {
		sections[name] = object{"type": "object"}
	}
	return group("overlay", sections)
}

// described is a group of keys, each with what it means.
func described(name string, properties object, required ...string) object {
	out := maps.Clone(properties)
	for k, v := range properties {
		out[k] = key(name+"."+k, v.(object))
	}
	return group(name, out, required...)
}
