package activities

import (
	"fmt"
	"strings"
	"time"
)

// linesShown is how many entries of a list people are shown on a card; ours: more
// is in the evidence document.
const linesShown = 10

// collectedText is what was found of a list, as people read it: how much, where
// from and as of when, and a line for each entry.
func (s *session) collectedText(v any) string {
	c, _ := v.(map[string]any)
	items, _ := c["items"].([]any)
	head := fmt.Sprintf("%s, from %v", found(len(items), c["count"]), c["source"])
	if at, err := time.Parse(time.RFC3339, fmt.Sprint(c["at"])); err == nil {
		head += ", as of " + moment(at, s.org.Profile.Zone)
	}
	lines := []string{head}
	if missing, _ := c["missing"].(string); missing != "" {
		lines = append(lines, "Missing: "+missing)
	}
	for i, item := range items {
		if i == linesShown {
			lines = append(lines, fmt.Sprintf("and %d more", len(items)-i))
			break
		}
		m, _ := item.(map[string]any)
		lines = append(lines, "- "+s.itemText(m))
	}
	return joinLines(lines)
}

// found says how many entries there are, and of how many they were taken.
func found(kept int, count any) string {
	all := plain(count)
	if all == plain(int64(kept)) {
		if kept == 0 {
			return "nothing found"
		}
		return all + " found"
	}
	return fmt.Sprintf("%d of %s found", kept, all)
}

// itemText is one entry on one line.
func (s *session) itemText(m map[string]any) string {
	text := func(key string) string { t, _ := m[key].(string); return t }
	var parts []string
	shown := []string{"title", "text", "name", "playbook", "subject"}
	if m[restrictedItem] == true {
		parts, shown = append(parts, "a restricted run"), nil
	}
	for _, key := range shown {
		if t := text(key); t != "" && !(key == "subject" && text("name") != "") {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, text("id"))
	}
	for _, key := range []string{"outcome", "state", "reason"} {
		if t := text(key); t != "" && !(key == "state" && text("outcome") != "") {
			parts = append(parts, words(t))
		}
	}
	if o := text("owner"); o != "" {
		parts = append(parts, s.name(o))
	}
	if i := text("issue"); i != "" {
		parts = append(parts, i)
	}
	if due := text("due"); due != "" {
		parts = append(parts, "due "+s.dayText(due))
	}
	if late, _ := m["overdue"].(bool); late {
		parts = append(parts, "overdue")
	}
	return strings.Join(parts, ", ")
}

// dayText is the day of an instant or a date.
func (s *session) dayText(t string) string {
	if at, err := time.Parse(time.RFC3339, t); err == nil {
		return dayIn(at, s.org.Profile.Zone)
	}
	return t
}
