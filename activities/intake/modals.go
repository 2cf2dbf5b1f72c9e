package intake

import (
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// conditions an approval may carry in one modal; more belong in an ask for changes.
const maxConditions = 3

// QuestionReason is the id of the one question of every modal that asks why.
const QuestionReason = "reason"

// ConditionQuestions returns the ids of the three questions about condition n,
// which counts from 1.
func ConditionQuestions(n int) (text, owner, due string) {
	return fmt.Sprintf("c%d_text", n), fmt.Sprintf("c%d_owner", n), fmt.Sprintf("c%d_due", n)
}

// questions returns what the modal of an action asks.
func questions(ask port.Ask, action string) []playbooks.Question {
	switch action {
	case port.ActionAnswer:
		return ask.Body.Questions
	case port.ActionApprove:
		return choose(ask)
	case port.ActionConditions:
		return append(choose(ask), conditionQuestions()...)
	case port.ActionReject:
		return reason("Why do you reject it?", "Say what is wrong and what would have to be different.")
	case port.ActionChanges:
		return reason("What has to change?", "The people who answered before see this text.")
	case port.ActionAbstain:
		return reason("Why do you abstain?", "You count as present, not as approving.")
	case port.ActionRecuse:
		return reason("Why do you step back?", "You are taken out of this decision, and the number needed is worked out anew.")
	}
	return nil
}

// choose are the questions about what an approval chooses.
func choose(ask port.Ask) []playbooks.Question {
	out := make([]playbooks.Question, 0, len(ask.Body.Choose))
	for _, q := range ask.Body.Choose {
		q.ID.V = port.ChooseID + q.ID.V
		out = append(out, q)
	}
	return out
}

func reason(text, help string) []playbooks.Question {
	return []playbooks.Question{question(QuestionReason, text, playbooks.TypeLong, help, false)}
}

func question(id, text, kind, help string, optional bool) playbooks.Question {
	s := func(v string) playbooks.Str { return playbooks.Str{V: v} }
	return playbooks.Question{ID: s(id), Text: s(text), Type: s(kind), Help: s(help), Optional: optional}
}

func conditionQuestions() []playbooks.Question {
	var qs []playbooks.Question
	for n := 1; n <= maxConditions; n++ {
		text, owner, due := ConditionQuestions(n)
		optional := n > 1
		qs = append(qs,
			question(text, fmt.Sprintf("Condition %d", n), playbooks.TypeLong, "What must be done. It becomes a task.", optional),
			question(owner, fmt.Sprintf("Who sees to condition %d?", n), playbooks.TypePerson, "", optional),
			question(due, fmt.Sprintf("Condition %d is due on", n), playbooks.TypeDate, "", optional))
	}
	return qs
}

// checkConditions holds each condition to text, owner and a day that is not
// past: all three, or none of an optional one.
func checkConditions(clean map[string]any, problems map[string]string, zone string, now time.Time) {
	today := now.Format(time.DateOnly)
	if loc, err := time.LoadLocation(zone); err == nil {
		today = now.In(loc).Format(time.DateOnly)
	}
	for n := 1; n <= maxConditions; n++ {
		text, owner, due := ConditionQuestions(n)
		ids := []string{text, owner, due}
		given := 0
		for _, id := range ids {
			if _, ok := clean[id]; ok {
				given++
			}
		}
		for _, id := range ids {
			_, ok := clean[id]
			_, told := problems[id]
			if given > 0 && !ok && !told {
				problems[id] = fmt.Sprintf("Condition %d needs a text, a person and a day.", n)
			}
		}
		if day, ok := clean[due].(string); ok && day < today { // guard: condition-not-past
			problems[due] = "This day is past. Choose today or a later day."
		}
	}
}

// modal is the window an action of an approval opens.
func (g *Gate) modal(ask port.Ask, action string) *port.Modal {
	m := &port.Modal{Callback: action, Token: ask.Token, Submit: "Send", Questions: questions(ask, action)}
	m.Lines = []string{aboutLine(ask)}
	switch action {
	case port.ActionApprove:
		m.Title, m.Submit = "Approve", "Approve"
		m.Lines = append(m.Lines, "All who decide must choose the same. Your choice is recorded under your name and bound to the evidence shown; you may change it until the step closes.")
		return m
	case port.ActionConditions:
		m.Title, m.Submit = "Approve with conditions", "Approve"
	case port.ActionReject:
		m.Title, m.Submit = "Reject", "Reject"
	case port.ActionChanges:
		m.Title = "Ask for changes"
		if ask.Body.Changes != "" {
			m.Lines = append(m.Lines, "It goes back to “"+ask.Body.Changes+"”. Votes given so far are set aside.")
		}
	case port.ActionAbstain:
		m.Title, m.Submit = "Abstain", "Abstain"
	case port.ActionRecuse:
		m.Title, m.Submit = "Step back", "Step back"
	}
	m.Lines = append(m.Lines, "Your text is kept as evidence with your name.")
	return m
}

// aboutLine says what an ask is about.
func aboutLine(ask port.Ask) string {
	about := ask.Body.Title
	if ask.Body.Subject != "" {
		about += "\nAbout: " + ask.Body.Subject
	}
	if ask.Body.Exercise {
		about = "EXERCISE, no real case: " + about
	}
	return about
}

// inZone writes an instant as people read it.
func inZone(t time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return t.In(loc).Format("Mon 2 Jan 2006, 15:04 MST")
}
