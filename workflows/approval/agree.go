package approval

import (
	"encoding/json"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// key is what an approval chose, so that equal choices have equal keys: JSON
// has the names in order.
func key(d port.Decision) string {
	if len(d.Chosen) == 0 {
		return ""
	}
	b, err := json.Marshal(d.Chosen)
	if err != nil { // what came from JSON is written again
		return ""
	}
	return string(b)
}

// agreed are the decisions that count together: with approvals of one choice
// only. The first choice, in seat order, that meets every line; nil when none
// does.
func agreed(benches []bench, lines []LineState, votes ballots) ballots {
	if !allMet(lines) {
		return nil
	}
	var keys, people []string
	for _, l := range lines {
		people = union(people, l.Approved)
	}
	for _, p := range people {
		keys = union(keys, []string{key(votes[p])})
	}
	if len(keys) == 1 {
		return votes
	}
	for _, k := range keys {
		of := ballots{}
		for _, p := range people {
			if key(votes[p]) == k {
				of[p] = votes[p]
			}
		}
		tried := make([]LineState, len(benches))
		assign(benches, tried, of)
		if allMet(tried) {
			return of
		}
	}
	return nil
}

// allMet tells whether every line is met; of no lines it is not.
func allMet(lines []LineState) bool {
	return len(lines) > 0 && !slices.ContainsFunc(lines, func(l LineState) bool { return !l.Met })
}

// approvers are those of the people whose approval is among the ballots.
func (b ballots) approvers(people []string) []string {
	var out []string
	for _, p := range people {
		if approves(b.choice(p)) {
			out = append(out, p)
		}
	}
	return out
}

// chosen is what the approvers chose, who all chose the same.
func chosen(by []string, counted ballots) map[string]any {
	for _, p := range by {
		if c := counted[p].Chosen; len(c) > 0 {
			return c
		}
	}
	return nil
}
