package main

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// sayWritten says what a run wrote into the register, a line a step.
func sayWritten(w io.Writer, r port.RunRow) {
	first := true
	for _, st := range r.View.Steps {
		if st.Kind != string(playbooks.KindRegister) || st.State != port.StepDone {
			continue
		}
		if first {
			say(w, "")
			first = false
		}
		on, _ := st.Result["on"].(string)
		var values []string
		for _, name := range slices.Sorted(maps.Keys(st.Result)) {
			if name != "on" && name != "at" {
				values = append(values, fieldWords(name)+" "+valueWords(st.Result[name]))
			}
		}
		did := "wrote"
		if r.Exercise {
			did = "would have written"
		}
		say(w, "%s %s about %s: %s", st.Step, did, on, strings.Join(values, "; "))
	}
}

// fieldWords makes a field of the register readable.
func fieldWords(name string) string {
	group, of, grouped := strings.Cut(name, ".")
	if !grouped {
		return words(name)
	}
	return words(group) + " (" + of + ")"
}

// valueWords is a value of the register on one line.
func valueWords(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case []any:
		if len(x) == 0 {
			return "none"
		}
		var out []string
		for _, e := range x {
			out = append(out, valueWords(e))
		}
		return strings.Join(out, ", ")
	case map[string]any: // a condition of an approval
		if text, ok := x["text"].(string); ok {
			return text
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?" // values of the ledger can always be written
	}
	return string(b)
}
