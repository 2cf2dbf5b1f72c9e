package activities

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// judgeForm judges answers: from somebody asked, and fit for the questions.
func (s *session) judgeForm(row port.InboxRow, v port.Verdict, then org.Organisation, open *port.OpenStep, ask port.Ask) (port.Verdict, error) {
	if row.Kind != port.InboxSubmit {
		return refused(v, "Press Answer and fill in the form."), nil
	}
	if !s.isAsked(*open, then, row.Person) {
		return refused(v, "You are not asked here. Asked: "+strings.Join(s.askedNames(open.Addressees), ", ")+"."), nil
	}
	var raw map[string]any
	if err := json.Unmarshal(row.Values, &raw); err != nil {
		return refused(v, "The answers could not be read. Please answer again."), nil
	}
	zone := s.zone(port.Addressee{Person: row.Person})
	clean, problems := playbooks.CheckAnswers(ask.Body.Questions, raw, zone, row.ReceivedAt)
	if len(problems) > 0 {
		return refused(v, "Please answer again: "+sortedProblems(problems)), nil
	}
	values, err := json.Marshal(clean)
	if err != nil {
		return v, fmt.Errorf("keep the answers: %w", err)
	}
	v.Verdict, v.Values, v.Closes, v.Fields = port.VerdictAccepted, values, port.StepDone, clean
	v.Fields["by"], v.Fields["at"] = row.Person, stamp(row.ReceivedAt)
	return v, nil
}

// isAsked tells whether a person was asked: named at the opening or by an
// escalation, or holding the role when the answer came - and still there now.
func (s *session) isAsked(o port.OpenStep, then org.Organisation, person string) bool {
	named := func(to []port.Addressee) bool {
		return slices.ContainsFunc(to, func(a port.Addressee) bool { return a.Person == person })
	}
	if len(o.Escalated) > 0 && named(o.Addressees) {
		return true
	}
	member := func(of org.Organisation) bool {
		for _, n := range o.Names {
			if c, ok := of.Committee(n); ok && slices.Contains(c.Members, person) {
				return true
			}
		}
		return named(s.addressees(of, o.Names))
	}
	return member(then) && member(s.org)
}

func sortedProblems(problems map[string]string) string {
	var out []string
	for q, p := range problems {
		out = append(out, q+": "+p)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}
