package activities

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// judgeForm judges answers: from somebody asked, and fit for the questions.
func (s *session) judgeForm(row port.InboxRow, v port.Verdict, then org.Organisation, open *port.OpenStep, ask port.Ask) (port.Verdict, error) {
	if row.Kind != port.InboxSubmit {
		return refused(v, "Press Answer and fill in the form."), nil
	}
	if !s.mayAnswer(then, *open, row.Person, row.ReceivedAt) || !s.mayAnswer(s.org, *open, row.Person, s.now) { // guard: judge-form-asked
		return refused(v, "You are not asked here. Asked: "+strings.Join(s.askedNames(open.Addressees), ", ")+"."), nil
	}
	var raw map[string]any
	if err := json.Unmarshal(row.Values, &raw); err != nil {
		return refused(v, "The answers could not be read. Please answer again."), nil
	}
	kept := raw
	raw, whole, err := s.together(ask, raw)
	if err != nil {
		return v, err
	}
	if !whole {
		return refused(v, "The answers could not be read. Please answer again."), nil
	}
	zone := s.zone(port.Addressee{Person: row.Person})
	asked, err := s.askedBy(ask, raw, zone, row.ReceivedAt)
	if err != nil {
		s.a.Logger.Error("what a form asks cannot be worked out", "run", s.state.Run.ID, "error", err)
		return refused(v, "Your answers could not be checked, so they do not count. Please tell the AIMS manager: "+err.Error()+"."), nil
	}
	if slices.ContainsFunc(ask.Body.Questions, playbooks.Question.Follows) {
		raw = answersTo(asked, raw)
	}
	clean, problems := playbooks.CheckAnswers(asked, raw, zone, row.ReceivedAt)
	if len(problems) == 0 {
		if problems, err = s.answerProblems(ask, clean, row.ReceivedAt); err != nil {
			s.a.Logger.Error("answers cannot be checked", "run", s.state.Run.ID, "error", err)
			return refused(v, "Your answers could not be checked, so they do not count. Please tell the AIMS manager: "+err.Error()+"."), nil
		}
	}
	if len(problems) > 0 {
		for _, q := range ask.Body.Questions {
			if len(q.Protected) > 0 && problems[q.ID.V] != "" {
				problems[q.ID.V] = sayProtected
			}
		}
		return refused(v, "Please answer again: "+inWords(ask, problems)), nil
	}
	s.apart(ask, kept, clean, asked)
	values, err := json.Marshal(clean)
	if err != nil {
		return v, fmt.Errorf("keep the answers: %w", err)
	}
	v.Verdict, v.Values, v.Closes, v.Fields = port.VerdictAccepted, values, port.StepDone, clean
	if len(ask.Body.Rows) > 0 {
		v.Fields = map[string]any{"rows": toRows(ask, clean)}
	}
	v.Fields["by"], v.Fields["at"] = row.Person, stamp(row.ReceivedAt)
	return v, nil
}

// mayAnswer tells whether a person may answer a form or finish a task, in an
// organisation and at an instant: who was named or stands for a role named,
// and its deputies - for a form once it has escalated to them.
func (s *session) mayAnswer(of org.Organisation, o port.OpenStep, person string, at time.Time) bool {
	deputies := o.Kind == string(playbooks.KindTask) || deputiesAct(o, at)
	for _, n := range o.Names {
		if c, ok := of.Committee(n); ok && slices.Contains(c.Members, person) {
			return true
		}
		if r, ok := of.Role(n); ok && deputies && slices.Contains(r.Deputies, person) {
			return true
		}
	}
	return slices.ContainsFunc(s.addressees(of, o.Names), func(a port.Addressee) bool { return a.Person == person })
}

// deputiesAct tells whether the step had escalated to the deputies by then.
func deputiesAct(o port.OpenStep, at time.Time) bool {
	return !o.DeputiesFrom.IsZero() && !at.Before(o.DeputiesFrom)
}
