package jiratest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

func (p Project) custom(id string) (CustomField, bool) {
	n := slices.IndexFunc(p.Fields, func(f CustomField) bool { return f.ID == id })
	if n < 0 {
		return CustomField{}, false
	}
	return p.Fields[n], true
}

// typeOf is the name of the issue type with an id.
func (p Project) typeOf(id string) string {
	for n, t := range p.Types {
		if typeID(n) == id {
			return t
		}
	}
	return ""
}

// on tells whether the create screen of an issue type has the field.
func (f CustomField) on(issueType string) bool {
	return len(f.Only) == 0 || slices.Contains(f.Only, issueType)
}

// customScreen lists the fields people made that an issue type's screen has.
func (p Project) customScreen(issueType string) []any {
	var out []any
	for _, f := range p.Fields {
		if !f.on(issueType) {
			continue
		}
		schema := map[string]any{"type": f.Kind, "customId": 10042, "custom": "com.atlassian.jira.plugin.system.customfieldtypes:x"}
		if item, many := strings.CutPrefix(f.Kind, "array of "); many {
			schema["type"], schema["items"] = "array", item
		}
		one := map[string]any{
			"fieldId": f.ID, "key": f.ID, "name": f.Name, "required": f.Required, "hasDefaultValue": false, "operations": []string{"set"}, "schema": schema,
		}
		if len(f.Options) > 0 {
			allowed := []any{}
			for n, o := range f.Options {
				allowed = append(allowed, map[string]any{"id": fmt.Sprint(10100 + n), "value": o})
			}
			one["allowedValues"] = allowed
		}
		out = append(out, one)
	}
	return out
}

// lacking says which demanded fields a new issue has not, and which fields its
// screen has not.
func (p Project) lacking(i *issue, fields map[string]json.RawMessage) map[string]string {
	wrong := map[string]string{}
	for _, f := range p.Fields {
		_, given := fields[f.ID]
		switch {
		case given && !f.on(i.Type):
			wrong[f.ID] = "Field '" + f.ID + "' cannot be set. It is not on the appropriate screen, or unknown."
		case !given && f.Required && f.on(i.Type):
			wrong[f.ID] = f.Name + " is required."
		}
	}
	return wrong
}

// setCustom sets a field people made, and says what is wrong with its value.
func (w *writing) setCustom(i *issue, f CustomField, raw json.RawMessage) string {
	var values []json.RawMessage
	kind, many := strings.CutPrefix(f.Kind, "array of ")
	switch {
	case !many:
		values = []json.RawMessage{raw}
	case json.Unmarshal(raw, &values) != nil:
		return "data was not an array"
	}
	for _, v := range values {
		if msg := w.wrongValue(f, kind, v); msg != "" {
			return msg
		}
	}
	if i.Custom == nil {
		i.Custom = map[string]json.RawMessage{}
	}
	i.Custom[f.ID] = raw
	return ""
}

func (w *writing) wrongValue(f CustomField, kind string, raw json.RawMessage) string {
	switch kind {
	case "number":
		var n float64
		if json.Unmarshal(raw, &n) != nil {
			return "Operation value must be a number"
		}
	case "option":
		var o struct {
			Value *string `json:"value"`
		}
		switch {
		case json.Unmarshal(raw, &o) != nil || o.Value == nil:
			return "Specify a valid 'id' or 'name' for " + f.Name
		case !slices.Contains(f.Options, *o.Value):
			return "Option value '" + *o.Value + "' is not valid"
		}
	case "user":
		i := &issue{}
		return w.setAssignee(i, raw)
	case "date":
		text, ok := str(raw)
		if _, err := time.Parse(time.DateOnly, text); !ok || err != nil {
			return "Error parsing date string: " + text
		}
	default:
		if _, ok := str(raw); !ok {
			return "Operation value must be a string"
		}
	}
	return ""
}
