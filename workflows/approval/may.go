package approval

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// CanDecide tells whether the person may make the choice now. With an empty
// reason it may, and role names the line or lines it acts as; otherwise reason
// says in words for the person why not.
func CanDecide(lines []port.Line, decisions []port.Decision, person, choice string) (role, reason string) {
	if !known(choice) {
		return "", "This is not one of the choices here."
	}
	votes := ballots{}
	for _, d := range decisions {
		if votes.choice(d.Person) != port.Recuse {
			votes[d.Person] = d
		}
	}
	var acts, spare []string
	excluded := ""
	for _, b := range flat(lines, votes) {
		switch why, seated := exclusion(b.line, person); {
		case why != "" && excluded == "":
			excluded = why
		case why != "" || !seated:
		case slices.Contains(b.sitting, person) || slices.Contains(b.recused, person):
			acts = union(acts, []string{b.line.Title})
		default:
			spare = union(spare, []string{b.line.Title})
		}
	}
	state := Compute(lines, decisions)
	switch {
	case len(acts) == 0 && excluded != "":
		return "", excluded // in words for the person already
	case len(acts) == 0 && len(spare) > 0:
		return "", "You are an alternate of " + spokenList(spare, "or") + ". You decide only when members are missing."
	case len(acts) == 0:
		return "", outsider(lines)
	case votes.choice(person) == port.Recuse:
		return "", "You withdrew from this decision."
	case state.Status != Open:
		return "", "This decision is closed: " + closedWord(state.Status) + "."
	}
	return spokenList(acts, "and"), ""
}

func known(choice string) bool {
	switch choice {
	case port.Approve, port.ApproveWith, port.Reject, port.RequestChanges, port.Abstain, port.Recuse:
		return true
	}
	return false
}

// flat lists the benches people sit on, alternatives included.
func flat(lines []port.Line, votes ballots) []bench {
	var out []bench
	for _, l := range lines {
		b := newBench(l, votes)
		if l.Kind == port.LineAnyOf {
			out = append(out, b.alternatives...)
			continue
		}
		out = append(out, b)
	}
	return out
}

// exclusion tells whether the person has a seat on the line, and why it may not
// use it.
func exclusion(l port.Line, person string) (why string, seated bool) {
	for _, s := range l.Seats {
		if s.Person != person {
			continue
		}
		seated = true
		if s.Excluded != "" && why == "" {
			why = s.Excluded
		}
	}
	return why, seated
}

// outsider says to whom the decision belongs.
func outsider(lines []port.Line) string {
	var bodies, roles []string
	for _, b := range flat(lines, nil) {
		switch b.line.Kind {
		case port.LineCommittee:
			bodies = union(bodies, []string{b.line.Title})
		case port.LineRole, port.LinePerson:
			roles = union(roles, []string{b.line.Title})
		}
	}
	switch {
	case len(bodies) == 0 && len(roles) == 0:
		return "You are not among those who decide here."
	case len(bodies) == 0:
		return "This is for " + spokenList(roles, "and") + " to decide, not for you."
	case len(roles) == 0:
		return "You are not a member of " + spokenList(bodies, "or") + "."
	}
	return "You are not a member of " + spokenList(bodies, "or") + ", and you do not act as " + spokenList(roles, "or") + "."
}

func closedWord(s Status) string {
	switch s {
	case Approved:
		return "approved"
	case ApprovedWith:
		return "approved with conditions"
	case Changes:
		return "changes were asked for"
	}
	return "rejected"
}

// titles joins the titles of a line's alternatives.
func titles(l port.Line) string {
	var out []string
	for _, b := range flat([]port.Line{l}, nil) {
		out = union(out, []string{b.line.Title})
	}
	return spokenList(out, "or")
}

func spokenList(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
