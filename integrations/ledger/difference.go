package ledger

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// difference tells in sorted lines what one organisation version changes.
// Holders of roles and seats are named, because authority changes with them.
func difference(before, after org.Organisation) []string {
	var lines []string
	if before.Digest != "" && !reflect.DeepEqual(before.Profile, after.Profile) {
		lines = append(lines, "organisation: changed")
	}
	if before.Slack != after.Slack {
		lines = append(lines, "slack: changed")
	}
	if !reflect.DeepEqual(before.Jira, after.Jira) {
		lines = append(lines, "jira: changed")
	}
	lines = append(lines, listed("person", before.People, after.People, func(p org.Person) string { return p.ID }, nil)...)
	lines = append(lines, listed("role", before.Roles, after.Roles, func(r org.Role) string { return r.ID }, roleChange)...)
	lines = append(lines, listed("committee", before.Committees, after.Committees, func(c org.Committee) string { return c.ID }, committeeChange)...)
	lines = append(lines, listed("system", before.Systems, after.Systems, func(s org.System) string { return s.ID }, nil)...)
	slices.Sort(lines)
	return lines
}

// listed compares two lists by id. detail says more about a changed entry.
func listed[T any](what string, before, after []T, id func(T) string, detail func(a, b T) string) []string {
	var lines []string
	for _, a := range after {
		i := slices.IndexFunc(before, func(b T) bool { return id(b) == id(a) })
		switch {
		case i < 0:
			lines = append(lines, fmt.Sprintf("%s %s: added", what, id(a)))
		case !reflect.DeepEqual(before[i], a):
			line := fmt.Sprintf("%s %s: changed", what, id(a))
			if detail != nil {
				line += detail(before[i], a)
			}
			lines = append(lines, line)
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(after, func(a T) bool { return id(a) == id(b) }) {
			lines = append(lines, fmt.Sprintf("%s %s: removed", what, id(b)))
		}
	}
	return lines
}

func roleChange(a, b org.Role) string {
	return changedWord("holder", a.Holder, b.Holder) + changedWord("deputies", a.Deputies, b.Deputies)
}

func committeeChange(a, b org.Committee) string {
	return changedWord("chair", a.Chair, b.Chair) + changedWord("members", a.Members, b.Members) + changedWord("rule", a.Rule, b.Rule)
}

func changedWord(what string, a, b any) string {
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return fmt.Sprintf(", %s %q to %q", what, a, b)
}
