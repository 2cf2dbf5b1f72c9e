package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Advance begins the next phase.
func (t *twinWork) Advance(_ context.Context, s twinState) (twinState, error) {
	b := &twinBatch{s: &s}
	s.Go = false
	for _, step := range s.Finished {
		b.edit(step, b.taskCard(step), 1)
	}
	s.Finished = nil
	switch {
	case s.Phase == "":
		s.Phase = "form"
		b.begin()
	case s.Phase == "form":
		s.Phase = "tasks"
		b.beginTasks()
	case s.Phase == "tasks" && len(s.Tasks) == 2:
		s.Phase = "sign"
		b.beginSign()
	case s.Phase == "sign":
		s.Phase = "ended"
		b.end()
	}
	b.records = append(b.records, "phase."+s.Phase)
	return t.write(b)
}

func (b *twinBatch) begin() {
	b.issue("", "AI system impact assessment: "+b.s.System, "")
	b.audit("started", "AI system impact assessment for "+b.s.System+" was started by Max Mayer.")
	b.issue("scope", "What does "+b.s.System+" do, and to whom?", "5b1"+ownerOf(b.s.System))
	b.asks = append(b.asks, "scope")
	b.intend("scope", "ask", port.EffectPost, "", b.formCard())
}

func (b *twinBatch) beginTasks() {
	card := b.formCard()
	card.Buttons, card.Lines = nil, append(card.Lines, "Answered by the owner. Purpose: Ranks applications. People: 250000.")
	b.edit("scope", card, 1)
	b.move("scope")
	for _, task := range [][3]string{{"bias_test", "bias", "5b1eli"}, {"safety_test", "unsafe output", "5b1val"}} {
		b.issue(task[0], "Test "+b.s.System+" for "+task[1], task[2])
		b.intend(task[0], "ask", port.EffectPost, b.key(task[0], "issue"), b.taskCard(task[0]))
	}
}

func (b *twinBatch) beginSign() {
	b.issue("sign_off", "Sign off", "")
	b.asks = append(b.asks, "sign_off")
	for _, to := range b.deciders() {
		b.intend("sign_off", "ask "+to.ID(), port.EffectPost, "", b.signCard(to))
	}
}

func (b *twinBatch) end() {
	b.editAsks()
	b.move("sign_off")
	b.intend("", "comment", port.EffectComment, b.key("", "issue"), port.Comment{Text: "AI system impact assessment for " + b.s.System + " has ended: approved."})
	b.move("")
	b.audit("ended", "AI system impact assessment for "+b.s.System+" has ended: approved.")
}

// editAsks shows the decision as it stands in its messages.
func (b *twinBatch) editAsks() {
	for _, to := range b.deciders() {
		card := b.signCard(to)
		if b.s.Go {
			card.Buttons = nil
		}
		n := strconv.Itoa(b.s.Version)
		if b.s.Phase == "ended" {
			n, card.Buttons = "last", nil
		}
		b.intend("sign_off", "edit "+to.ID()+n, port.EffectEdit, b.key("sign_off", "ask "+to.ID()), card)
	}
}

func (b *twinBatch) edit(step string, card port.Card, n int) {
	b.intend(step, fmt.Sprint("edit", n), port.EffectEdit, b.key(step, "ask"), card)
}

func (b *twinBatch) audit(what, text string) {
	b.intend("", what, port.EffectPost, "", port.Card{To: port.Addressee{Channel: "C0AUDIT"}, Title: "AI system impact assessment", Lines: []string{text}, Footer: "Run " + b.s.Run})
}

func (b *twinBatch) deciders() []port.Addressee {
	return []port.Addressee{{Person: "ethan"}, {Channel: committee}}
}

func (b *twinBatch) fields() []port.Field {
	return []port.Field{{Label: "System", Value: b.s.System}, {Label: "Due", Value: "Mon 7 Dec 2026, 23:59"}, {Label: "Run", Value: b.s.Run}}
}

func (b *twinBatch) formCard() port.Card {
	return port.Card{
		To: port.Addressee{Person: ownerOf(b.s.System)}, Title: "What does " + b.s.System + " do, and to whom?", Token: twinToken(b.s.Run, "scope"), Fields: b.fields(),
		Lines:   []string{"AI system impact assessment for " + b.s.System + " needs your answers. You are asked because you are its owner."},
		Buttons: []port.Button{{Action: port.ActionAnswer, Label: "Answer", Style: "primary"}},
		Footer:  "Your answers take the run to its next step. The Jira issue follows by itself.",
	}
}

func (b *twinBatch) taskCard(step string) port.Card {
	person := map[string]string{"bias_test": "eli", "safety_test": "val"}[step]
	return port.Card{
		To: port.Addressee{Person: person}, Title: "Test " + b.s.System, Fields: b.fields(),
		Lines:  []string{"AI system impact assessment for " + b.s.System + " needs this done.", "• Selection rates by group\n• Error rates by group\n• Proxies", "Evidence is required: put a file or a link on the Jira issue before you close it."},
		Footer: "Move the issue to Done in Jira when it is finished. If something is missing, it is reopened with a comment that says what.",
	}
}

func (b *twinBatch) signCard(to port.Addressee) port.Card {
	c := port.Card{
		To: to, Title: "Sign off", Token: twinToken(b.s.Run, "sign_off"), Fields: b.fields(),
		Lines:  []string{"AI system impact assessment for " + b.s.System + " needs a decision.", fmt.Sprintf("AI Ethics Officer: %v\nResponsible AI Committee: %d of 3 approvals", b.s.Officer, b.s.Votes)},
		Facts:  []port.Field{{Label: "Purpose", Value: "Ranks applications"}, {Label: "People affected in a year", Value: "250000"}, {Label: "Harms", Value: "Bias, Safety, Privacy"}, {Label: "Level", Value: "high"}, {Label: "Bias test", Value: "https://example.com/report"}, {Label: "Safety test", Value: "https://example.com/report"}},
		Footer: "You may change your decision until the step closes. No answer is never a yes.",
	}
	for _, a := range []string{port.ActionApprove, port.ActionConditions, port.ActionReject, port.ActionChanges, port.ActionEvidence} {
		c.Buttons = append(c.Buttons, port.Button{Action: a, Label: a})
	}
	if to.Channel != "" {
		for _, m := range []string{"U0CORA", "U0CLEO", "U0CARL", "U0CYRA", "U0CODY"} {
			c.People = append(c.People, port.Mention{User: m})
		}
	}
	return c
}
