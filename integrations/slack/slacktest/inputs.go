package slacktest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// InputError is what the client shows instead of sending a modal: a text for
// each block_id with something wrong.
type InputError struct {
	Errors map[string]string `json:"errors"`
}

func (e *InputError) Error() string {
	var all []string
	for k, v := range e.Errors {
		all = append(all, k+": "+v)
	}
	slices.Sort(all)
	return "slacktest: the client does not send this: " + strings.Join(all, "; ")
}

// member names where a kind of element keeps its value in state.values, and
// the preset it starts with.
func member(kind string) (key, initial string) {
	switch strings.TrimPrefix(kind, "multi_") {
	case "static_select", "external_select", "radio_buttons", "overflow":
		key, initial = "selected_option", "initial_option"
	case "checkboxes":
		return "selected_options", "initial_options"
	case "users_select":
		key, initial = "selected_user", "initial_user"
	case "channels_select":
		key, initial = "selected_channel", "initial_channel"
	case "conversations_select":
		key, initial = "selected_conversation", "initial_conversation"
	case "datepicker":
		return "selected_date", "initial_date"
	case "timepicker":
		return "selected_time", "initial_time"
	case "datetimepicker":
		return "selected_date_time", "initial_date_time"
	case "rich_text_input":
		return "rich_text_value", "initial_value"
	case "file_input":
		return "files", ""
	default:
		return "value", "initial_value"
	}
	if strings.HasPrefix(kind, "multi_") {
		return key + "s", initial + "s"
	}
	return key, initial
}

// fromText makes the state of an element out of the text a person chose.
func fromText(kind, value string) map[string]any {
	key, _ := member(kind)
	switch {
	case value == "":
		return map[string]any{}
	case key == "selected_option":
		return map[string]any{key: map[string]any{"value": value}}
	case key == "selected_options":
		all := []any{}
		for _, v := range strings.Split(value, ",") {
			all = append(all, map[string]any{"value": v})
		}
		return map[string]any{key: all}
	case strings.HasSuffix(key, "s"):
		all := []any{}
		for _, v := range strings.Split(value, ",") {
			all = append(all, v)
		}
		return map[string]any{key: all}
	case key == "selected_date_time" && unixFormat.MatchString(value):
		return map[string]any{key: json.Number(value)}
	}
	return map[string]any{key: value}
}

// chosen returns the state of an element as the client sends it, and what is
// wrong with the value. Options are completed from the element.
func chosen(e, given map[string]any) (state map[string]any, problem string) {
	kind := text(e, "type")
	key, _ := member(kind)
	v := given[key]
	for k := range given {
		if k != key && k != "type" {
			problem = fmt.Sprintf("%s has no %s", kind, k)
		}
	}
	if k := text(given, "type"); k != "" && k != kind {
		problem = "this is a " + kind + ", not a " + k
	}
	state = map[string]any{"type": kind, key: v}
	switch o := v.(type) {
	case nil:
	case map[string]any:
		if key == "selected_option" {
			state[key], problem = complete(e, o, problem)
		}
	case []any:
		all := []any{}
		for _, x := range o {
			if m, ok := x.(map[string]any); ok && key == "selected_options" {
				x, problem = complete(e, m, problem)
			}
			all = append(all, x)
		}
		state[key] = all
		if hi := intOf(e["max_selected_items"], MaxOptions); len(all) > hi {
			problem = fmt.Sprintf("choose at most %d", hi)
		}
	default:
		if p := wrong(e, kind, fmt.Sprint(v)); p != "" {
			problem = p
		}
	}
	return state, problem
}

// complete finds the whole option of a value.
func complete(e, o map[string]any, problem string) (map[string]any, string) {
	if strings.HasSuffix(text(e, "type"), "external_select") {
		return o, problem
	}
	for _, x := range optionsOf(e) {
		if m, _ := x.(map[string]any); text(m, "value") == text(o, "value") {
			return m, problem
		}
	}
	return o, "there is no such option: " + text(o, "value")
}

// wrong tells what the client would find wrong with a value.
func wrong(e map[string]any, kind, v string) string {
	if v == "" {
		return ""
	}
	switch kind {
	case "plain_text_input":
		lo, hi := intOf(e["min_length"], 0), intOf(e["max_length"], MaxInputLength)
		if n := utf8.RuneCountInString(v); n < lo || n > hi {
			return fmt.Sprintf("write %d to %d characters", lo, hi)
		}
		if e["multiline"] != true && strings.ContainsAny(v, "\r\n") {
			return "this is one line"
		}
	case "number_input":
		return wrongNumber(e, v)
	case "email_text_input":
		if !mailFormat.MatchString(v) {
			return "this is no e-mail address"
		}
	case "url_text_input":
		if u, err := url.Parse(v); err != nil || u.Scheme == "" || u.Host == "" {
			return "this is no address of a page"
		}
	case "datepicker":
		if !dateFormat.MatchString(v) {
			return "a date is YYYY-MM-DD"
		}
	case "timepicker":
		if !timeFormat.MatchString(v) {
			return "a time is HH:MM"
		}
	case "datetimepicker":
		if !unixFormat.MatchString(v) {
			return "a point in time is ten digits of Unix seconds"
		}
	}
	return ""
}

func wrongNumber(e map[string]any, v string) string {
	f := wholeFormat
	if e["is_decimal_allowed"] == true {
		f = realFormat
	}
	n := floatOf(v, math.NaN())
	switch {
	case !f.MatchString(v):
		return "this is no number of the kind asked for"
	case n < floatOf(e["min_value"], math.Inf(-1)):
		return fmt.Sprintf("at least %v", e["min_value"])
	case n > floatOf(e["max_value"], math.Inf(1)):
		return fmt.Sprintf("at most %v", e["max_value"])
	}
	return ""
}
