package main

import (
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// refusalsShown is how many refusals `why` tells; the evidence has them all.
const refusalsShown = 10

// sentences says it in words, the most important first.
func (w whyJSON) sentences() []string {
	out := w.standing()
	if w.row.State != port.RunClosed {
		for _, wait := range w.Waiting {
			out = append(out, w.waiting(wait))
		}
	}
	for _, p := range w.Effects {
		out = append(out, p.sentence())
	}
	list := w.Refused
	if n := len(list) - refusalsShown; n > 0 {
		list = list[n:]
		out = append(out, counted(n, "earlier answer")+" did not count either; the evidence of the run has all.")
	}
	for _, r := range list {
		out = append(out, r.sentence())
	}
	return out
}

// standing says how far the run is.
func (w whyJSON) standing() []string {
	r := w.row
	name := "Run " + r.ID + ", " + r.Playbook + " for " + firstOf(r.Subject, r.SubjectID) + ","
	if r.Exercise {
		name = "EXERCISE: " + name
	}
	var out []string
	switch {
	case r.State == port.RunClosed:
		out = append(out, fmt.Sprintf("%s ended on %s: %s.", name, moment(r.ClosedAt), words(r.Outcome)))
		if len(w.Effects) == 0 {
			out = append(out, "Nothing is left to do.")
		}
		return out
	case r.State == port.RunStarting:
		out = append(out, name+" is stored and not started yet: it starts as soon as Temporal answers.")
	default:
		out = append(out, name+" has been open since "+moment(r.StartedAt)+".")
		if len(w.Waiting) == 0 && len(w.Effects) == 0 {
			out = append(out, "It waits for nobody: the bot is working on it.")
		}
	}
	switch {
	case w.Running:
	case w.direct:
		out = append(out, "No bot answers in the data folder; whether one runs elsewhere on this ledger is not known here.")
	default:
		out = append(out, "The bot is not running, so nothing goes on until `aimsbot serve` is started. Buttons pressed in Slack meanwhile do not arrive.")
	}
	return out
}

func (w whyJSON) waiting(wait port.Waiting) string {
	text := endSentence(waitSentence(wait))
	for _, st := range w.row.View.Steps {
		if wait.Step == "" || st.Step != wait.Step || st.State != "open" {
			continue
		}
		if st.Kind == string(playbooks.KindWait) || st.Kind == string(playbooks.KindStart) {
			return text + " Since " + moment(st.OpenedAt) + "."
		}
		text += " Asked " + moment(st.OpenedAt)
		if st.Missed {
			return text + "; was due " + moment(st.Due) + " and stays open."
		}
		if !st.Due.IsZero() {
			text += "; due " + moment(st.Due)
		}
		return text + "."
	}
	return text
}

func (r refusal) sentence() string {
	who := r.Person
	if who == "" {
		who = "somebody"
	}
	text := fmt.Sprintf("Did not count, %s: %s", moment(r.At), who)
	if r.Step != "" {
		text += " at " + r.Step
	}
	switch r.Verdict {
	case port.VerdictLate:
		text += ", too late"
	case port.VerdictSuperseded:
		text += ", on evidence that had changed"
	}
	if r.Reason == "" {
		return text + "."
	}
	return text + ". " + endSentence("Told: "+r.Reason)
}

func (p pending) sentence() string {
	at := ""
	if p.Step != "" {
		at = " at " + p.Step
	}
	var text string
	switch {
	case p.State == port.EffectFailed:
		text = fmt.Sprintf("Failed%s: %s. It is not tried again.", at, p.What)
	case p.State == port.EffectUnknown:
		text = fmt.Sprintf("Unsure%s: %s. It was tried %s and the answer was lost; the bot looks whether it is there before it tries again.", at, p.What, times(p.Attempts))
	case p.Attempts == 0:
		text = fmt.Sprintf("To do%s: %s.", at, p.What)
	default:
		text = fmt.Sprintf("To do%s: %s. It was tried %s.", at, p.What, times(p.Attempts))
	}
	if p.LastError != "" {
		text += " Last error: " + endSentence(p.LastError)
	}
	if !p.Next.IsZero() {
		text += " Next try: " + moment(p.Next) + " or soon after."
	}
	return text
}

// effectWords names a change outside.
func effectWords(e port.Effect) string {
	to := ""
	if kind, id, ok := strings.Cut(e.Addressee, ":"); ok && (kind == "person" || kind == "channel") {
		to = " to " + id
	}
	switch e.Kind {
	case port.EffectPost:
		return "a Slack message" + to
	case port.EffectEdit:
		return "a change of the Slack message" + to
	case port.EffectPrivate:
		return "a private answer in Slack"
	case port.EffectIssue:
		return "a Jira issue"
	case port.EffectComment:
		return "a Jira comment"
	case port.EffectMove:
		return "moving the Jira issue"
	case port.EffectUpdate:
		return "a change of the Jira issue"
	}
	return "a change outside (" + e.Kind + ")"
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// endSentence puts a full stop where there is none.
func endSentence(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
