package slacktest

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// placesOf lists the blocks an element may be in; empty = there is no such
// element.
func placesOf(kind string) string {
	switch kind {
	case "button", "workflow_button", "overflow":
		return "section actions"
	case "image":
		return "section context"
	case "checkboxes", "radio_buttons", "datepicker", "timepicker",
		"static_select", "external_select", "users_select", "conversations_select", "channels_select":
		return "section actions input"
	case "multi_static_select", "multi_external_select", "multi_users_select",
		"multi_conversations_select", "multi_channels_select":
		return "section input"
	case "datetimepicker":
		return "actions input"
	case "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input":
		return "input"
	case "feedback_buttons", "icon_button":
		return "context_actions"
	}
	return ""
}

func (c *checker) elements(all []any, ptr, place string) {
	for i, e := range all {
		c.element(e, fmt.Sprintf("%s/%d", ptr, i), place)
	}
}

// element checks one element of a block of the type place.
func (c *checker) element(v any, ptr, place string) {
	m, ok := c.obj(v, ptr)
	if !ok {
		return
	}
	kind := text(m, "type")
	if !slices.Contains(strings.Fields(placesOf(kind)), place) {
		c.bad(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == "image" {
		c.keys(m, ptr, "type image_url slack_file alt_text")
		c.image(m, ptr)
		return
	}
	c.actionID(m, ptr)
	c.focus(m, ptr)
	if conf, there := m["confirm"]; there {
		c.confirm(conf, ptr+"/confirm")
	}
	c.text(m, "placeholder", ptr, plain, MaxPlaceholder, false)
	switch {
	case strings.HasSuffix(kind, "_select"):
		c.menu(m, ptr, kind)
	case strings.HasSuffix(kind, "button") || strings.HasSuffix(kind, "buttons") && kind != "radio_buttons":
		c.button(m, ptr, kind)
	default:
		c.field(m, ptr, kind)
	}
}

func (c *checker) button(m map[string]any, ptr, kind string) {
	switch kind {
	case "button":
		c.keys(m, ptr, "type text action_id url value style confirm accessibility_label visible_to_user_ids")
	case "workflow_button":
		c.keys(m, ptr, "type text action_id workflow style accessibility_label")
	case "icon_button":
		c.keys(m, ptr, "type icon text action_id value confirm accessibility_label visible_to_user_ids")
	case "feedback_buttons":
		c.keys(m, ptr, "type action_id positive_button negative_button")
		for _, k := range []string{"positive_button", "negative_button"} {
			if b, ok := c.obj(m[k], ptr+"/"+k); ok {
				c.keys(b, ptr+"/"+k, "text value accessibility_label")
				c.text(b, "text", ptr+"/"+k, plain, MaxButtonText, true)
				c.str(b, "value", ptr+"/"+k, 1, MaxButtonValue)
			}
		}
		return
	}
	c.text(m, "text", ptr, plain, MaxButtonText, true)
	c.str(m, "value", ptr, 0, MaxButtonValue)
	c.url(m, "url", ptr, false)
	c.str(m, "accessibility_label", ptr, 0, MaxAccessLabel)
	c.style(m, ptr)
}

func (c *checker) style(m map[string]any, ptr string) {
	if v, there := m["style"]; there && v != "primary" && v != "danger" {
		c.bad(ptr+"/style", "must be one of: primary, danger")
	}
}

func (c *checker) confirm(v any, ptr string) {
	m, ok := c.obj(v, ptr)
	if !ok {
		return
	}
	c.keys(m, ptr, "title text confirm deny style")
	c.text(m, "title", ptr, plain, MaxConfirmTitle, true)
	c.text(m, "text", ptr, either, MaxConfirmText, true)
	c.text(m, "confirm", ptr, plain, MaxConfirmLabel, true)
	c.text(m, "deny", ptr, plain, MaxConfirmLabel, true)
	c.style(m, ptr)
}

// menu checks the select menus, single and multiple.
func (c *checker) menu(m map[string]any, ptr, kind string) {
	base, initial := kind, "initial_option"
	if rest, multi := strings.CutPrefix(kind, "multi_"); multi {
		base, initial = rest, "initial_options"
		c.number(m, "max_selected_items", ptr, 1, MaxOptions)
	}
	common := "type action_id placeholder confirm focus_on_load max_selected_items "
	switch base {
	case "static_select":
		c.keys(m, ptr, common+"options option_groups "+initial)
		c.staticOptions(m, ptr)
		c.initial(m, ptr, initial)
	case "external_select":
		c.keys(m, ptr, common+"min_query_length "+initial)
	case "users_select":
		c.keys(m, ptr, common+"initial_user initial_users")
	case "channels_select":
		c.keys(m, ptr, common+"initial_channel initial_channels response_url_enabled")
	case "conversations_select":
		c.keys(m, ptr, common+"initial_conversation initial_conversations default_to_current_conversation response_url_enabled filter")
	}
}

func (c *checker) staticOptions(m map[string]any, ptr string) {
	_, groups := m["option_groups"]
	if _, options := m["options"]; options && groups {
		c.bad(ptr, "only one of options, option_groups")
	}
	if !groups {
		c.options(c.list(m, "options", ptr, 1, MaxOptions), ptr+"/options", plain)
		return
	}
	for i, g := range c.list(m, "option_groups", ptr, 1, MaxGroups) {
		at := fmt.Sprintf("%s/option_groups/%d", ptr, i)
		if o, ok := c.obj(g, at); ok {
			c.keys(o, at, "label options")
			c.text(o, "label", at, plain, MaxOptionText, true)
			c.options(c.list(o, "options", at, 1, MaxOptions), at+"/options", plain)
		}
	}
}

func (c *checker) options(all []any, ptr, kinds string) {
	seen := map[string]bool{}
	for i, v := range all {
		at := fmt.Sprintf("%s/%d", ptr, i)
		m, ok := c.obj(v, at)
		if !ok {
			continue
		}
		c.keys(m, at, "text value description url")
		c.text(m, "text", at, kinds, MaxOptionText, true)
		c.text(m, "description", at, kinds, MaxOptionText, false)
		c.url(m, "url", at, false)
		value := c.str(m, "value", at, 1, MaxOptionText)
		if seen[value] {
			c.bad(at+"/value", "value %q already exists", value)
		}
		seen[value] = true
	}
}

// initial checks that preset options are among the options.
func (c *checker) initial(m map[string]any, ptr, k string) {
	v, there := m[k]
	if !there {
		return
	}
	chosen, many := v.([]any)
	if !many {
		chosen = []any{v}
	}
	for _, o := range chosen {
		if !slices.ContainsFunc(optionsOf(m), func(x any) bool { return reflect.DeepEqual(x, o) }) {
			c.bad(ptr+"/"+k, "%s must exactly match one of the options", k)
		}
	}
}

// optionsOf returns the options of an element, those of its groups included.
func optionsOf(m map[string]any) []any {
	out := slices.Clone(list(m, "options"))
	for _, g := range list(m, "option_groups") {
		o, _ := g.(map[string]any)
		out = append(out, list(o, "options")...)
	}
	return out
}

// field checks the elements that hold a value and are no menu.
func (c *checker) field(m map[string]any, ptr, kind string) {
	common := "type action_id placeholder focus_on_load "
	switch kind {
	case "overflow":
		c.keys(m, ptr, "type action_id options confirm")
		c.options(c.list(m, "options", ptr, 1, MaxOverflow), ptr+"/options", plain)
	case "checkboxes", "radio_buttons":
		initial := map[string]string{"checkboxes": "initial_options", "radio_buttons": "initial_option"}[kind]
		c.keys(m, ptr, "type action_id focus_on_load confirm options visible_to_user_ids "+initial)
		c.options(c.list(m, "options", ptr, 1, MaxChoices), ptr+"/options", either)
		c.initial(m, ptr, initial)
	case "datepicker":
		c.keys(m, ptr, common+"initial_date confirm")
		c.format(m, "initial_date", ptr, dateFormat)
	case "timepicker":
		c.keys(m, ptr, common+"initial_time confirm timezone")
		c.format(m, "initial_time", ptr, timeFormat)
	case "datetimepicker":
		c.keys(m, ptr, "type action_id focus_on_load initial_date_time confirm")
		c.format(m, "initial_date_time", ptr, unixFormat)
	case "plain_text_input":
		c.keys(m, ptr, common+"initial_value multiline min_length max_length dispatch_action_config")
		c.number(m, "min_length", ptr, 0, MaxInputLength)
		c.number(m, "max_length", ptr, 1, MaxInputLength)
		c.preset(m, ptr)
	case "number_input":
		c.numberInput(m, ptr, common)
	case "email_text_input", "url_text_input":
		c.keys(m, ptr, common+"initial_value dispatch_action_config")
		c.preset(m, ptr)
	case "rich_text_input":
		c.keys(m, ptr, common+"initial_value dispatch_action_config min_lines max_lines")
	case "file_input":
		c.keys(m, ptr, "type action_id filetypes max_files")
		c.number(m, "max_files", ptr, 1, 10)
	}
}

// preset checks an initial_value against the length the person is held to.
func (c *checker) preset(m map[string]any, ptr string) {
	v := c.str(m, "initial_value", ptr, 0, MaxInputLength)
	if hi := intOf(m["max_length"], MaxInputLength); utf8.RuneCountInString(v) > hi {
		c.bad(ptr+"/initial_value", "must be less than %d characters", hi+1)
	}
}

func (c *checker) numberInput(m map[string]any, ptr, common string) {
	c.keys(m, ptr, common+"initial_value is_decimal_allowed min_value max_value dispatch_action_config")
	if _, there := m["is_decimal_allowed"]; !there {
		c.bad(ptr, "missing required field: is_decimal_allowed")
	}
	f := wholeFormat
	if c.flag(m, "is_decimal_allowed", ptr) {
		f = realFormat
	}
	for _, k := range []string{"initial_value", "min_value", "max_value"} {
		c.str(m, k, ptr, 0, MaxInputLength)
		c.format(m, k, ptr, f)
	}
	if floatOf(m["min_value"], math.Inf(-1)) > floatOf(m["max_value"], math.Inf(1)) {
		c.bad(ptr+"/min_value", "must not be greater than max_value")
	}
}
