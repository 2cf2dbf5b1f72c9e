package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// quoted is the first thing that a message names.
var quoted = regexp.MustCompile("`[^`]+`")

// lacking says once each what a playbook lacks: a role stands in many steps, and
// lint says it of each.
func lacking(problems source.Problems) []string {
	var absent, excluded, started, rest []string
	add := func(list *[]string, what string) {
		if what != "" && !slices.Contains(*list, what) {
			*list = append(*list, what)
		}
	}
	for _, p := range problems {
		first := quoted.FindString(p.Message)
		switch p.Rule {
		case "unknown-role", "unknown-committee", "unknown-name":
			add(&absent, first)
		case "excluded":
			add(&excluded, first)
		case "start":
			add(&started, first)
		default:
			add(&rest, p.Message)
		}
	}
	var out []string
	if len(absent) > 0 {
		out = append(out, "The organisation file has no "+inWords(absent, "or")+".")
	}
	if len(excluded) > 0 {
		out = append(out, "Whoever could act as "+inWords(excluded, "or")+" has another part in it: name somebody else, or a deputy.")
	}
	if len(started) > 0 {
		out = append(out, "It starts "+inWords(started, "and")+", which cannot run here yet.")
	}
	return append(out, rest...)
}

// inWords lists things as people do: a, b and c.
func inWords(list []string, last string) string {
	n := len(list)
	if n == 1 {
		return list[0]
	}
	return strings.Join(list[:n-1], ", ") + " " + last + " " + list[n-1]
}
