package activities

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// openTask makes the issue of a task and tells its assignee. It answers true
// when the task keeps the result of an earlier round because nothing about it
// has changed.
func (s *session) openTask(step *playbooks.Step) (bool, error) {
	o, err := s.newOpening(step, step.Task.Title)
	if err != nil {
		return false, err
	}
	if o.open.Names, o.open.Addressees, err = s.asked(step, step.Task.Assign); err != nil {
		return false, err
	}
	var checklist []string
	for _, c := range step.Task.Checklist {
		text, err := s.eval.Text(c.V, s.scope())
		if err != nil {
			return false, fmt.Errorf("step %s: checklist: %w", step.ID, err)
		}
		checklist = append(checklist, text)
	}
	o.open.Inputs = inputs(o.open, checklist)
	if s.keep(step, o.open.Inputs) {
		return true, nil
	}
	if err := s.deadline(o); err != nil {
		return false, err
	}
	o.issue.Description = s.holdText(step) + taskText(checklist, step.Task.Evidence.V == "required")
	if err := s.askAtTask(o); err != nil {
		return false, fmt.Errorf("step %s: %w", step.ID, err)
	}
	s.put(o)
	s.placeHold(step, o.open)
	return false, nil
}

// inputs is the digest of what a task asks and of whom.
func inputs(o port.OpenStep, checklist []string) string {
	b, _ := json.Marshal([]any{o.Title, o.Addressees, checklist})
	return port.Digest26(string(b))
}

// keep carries a result of an earlier round over, unless what was asked or of
// whom has changed.
func (s *session) keep(step *playbooks.Step, inputs string) bool {
	prev := s.state.FindPrevious(step.ID.V, s.itemOf(step.ID.V))
	if prev == nil || prev.State != port.StepDone || prev.Inputs != inputs {
		return false
	}
	s.state.Done = append(s.state.Done, *prev)
	s.record(s.place(step), "step.kept", "", 0, port.Record{Header: map[string]string{"kind": string(step.Kind), "from_round": fmt.Sprint(prev.Round)}})
	return true
}

// taskText is the description of a task's issue.
func taskText(checklist []string, evidence bool) string {
	var b strings.Builder
	for _, c := range checklist {
		b.WriteString("- " + c + "\n")
	}
	if len(checklist) > 0 {
		b.WriteString("\n")
	}
	if evidence {
		b.WriteString("Evidence is required: attach a file, add a web link or put an http(s) link in a comment here. ")
	}
	b.WriteString("Then move this issue to Done. Aimsbot notices and the run goes on.")
	return b.String()
}
