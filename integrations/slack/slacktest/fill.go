package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fillIn makes view.state.values: what is given, over what was filled in
// before, over the presets. Unless it is a draft, a required input that is
// empty is an InputError, as is any value that does not fit.
func (t *tx) fillIn(v View, given json.RawMessage, draft bool) (json.RawMessage, error) {
	body, err := decodeObject(v.Body)
	if err != nil {
		return nil, err
	}
	before, err := decodeValues(v.State)
	if err != nil {
		return nil, err
	}
	now, err := decodeValues(given)
	if err != nil {
		return nil, err
	}
	out, bad := map[string]any{}, map[string]string{}
	for _, b := range list(body, "blocks") {
		block, _ := b.(map[string]any)
		id := text(block, "block_id")
		states := map[string]any{}
		for _, e := range interactive(block) {
			action := text(e, "action_id")
			if strings.HasSuffix(text(e, "type"), "button") {
				continue
			}
			state, problem := chosen(e, current(e, object(object(now, id), action), object(object(before, id), action)))
			if problem == "" {
				problem = t.unknownPerson(state)
			}
			if problem == "" && !draft && required(block) && empty(state) {
				problem = "Please complete this required field."
			}
			if problem != "" {
				bad[id] = problem
			}
			states[action] = state
		}
		if len(states) > 0 {
			out[id] = states
		}
	}
	for id := range now {
		for action := range object(now, id) {
			if object(object(out, id), action) == nil {
				bad[id] = "there is no such input: " + action
			}
		}
	}
	if len(bad) > 0 {
		return encode(out), &InputError{bad}
	}
	return encode(out), nil
}

func decodeValues(raw json.RawMessage) (map[string]any, error) {
	if len(raw) == 0 {
		return map[string]any{}, nil
	}
	m, err := decodeObject(raw)
	if err != nil {
		return nil, fmt.Errorf("slacktest: values: %w", err)
	}
	return m, nil
}

// unknownPerson tells of a chosen person who has no account here.
func (t *tx) unknownPerson(state map[string]any) string {
	all := list(state, "selected_users")
	if one := text(state, "selected_user"); one != "" {
		all = append(all, one)
	}
	for _, id := range all {
		if _, ok, err := t.person(fmt.Sprint(id)); err != nil || !ok {
			return fmt.Sprintf("there is no such person: %v", id)
		}
	}
	return ""
}

// current returns what an element holds: filled in now, before, or preset.
func current(e, now, before map[string]any) map[string]any {
	key, initial := member(text(e, "type"))
	switch {
	case now != nil:
		return now
	case before != nil:
		return before
	case initial != "" && e[initial] != nil:
		return map[string]any{key: e[initial]}
	}
	return map[string]any{}
}

func required(block map[string]any) bool {
	return text(block, "type") == "input" && block["optional"] != true
}

func empty(state map[string]any) bool {
	key, _ := member(text(state, "type"))
	switch v := state[key].(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}
