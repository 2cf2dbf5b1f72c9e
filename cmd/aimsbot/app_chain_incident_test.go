package main

import (
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// stop has people stop the harm, keep the evidence and say how grave it is; the
// legal deadline runs from then on.
func (c *chain) stop(incident port.RunRow) {
	c.t.Helper()
	c.part("The incident")
	c.answers(incident.ID, "olive", "What happened?", map[string]any{
		"observed_at": c.now().Add(-time.Hour).Unix(), "persons": "p11_1000", "ongoing": "yes", "flags": []string{"rights"},
		"where": []string{"DE"}, "confidential": "no", "kind": []string{"other"}, "input": "normal", "reach": "many",
	})
	c.tell("Olive says what happened; what the drift run knows is filled in. The incident is filed, and version v7 is held as evidence.")
	c.answers(incident.ID, "sid", "Stop CV screener now?", map[string]any{"action": "restricted", "what": "Nobody is ranked by it alone", "acted_at": c.now().Add(-time.Minute).Unix()})
	c.tell("Sid, the CISO, restricts the system. Nobody has to approve that; using it in full again is decided later.")
	c.finishes(incident.ID, "hold", "dev", "Evidence hold: keep everything of CV screener", nil)
	c.answers(incident.ID, "ethan", "How grave is it? CV screener", map[string]any{
		"incident_lead": "U0INES", "real": "incident", "severity": 4, "link": "likely", "eu_role": "both", "reason": "One group is selected far less often",
	})
	c.comes(incident.ID, "eu_aia_73_2", "running")
	c.tell("Ethan, the AI Ethics Officer, finds it grave: a breach of fundamental rights. A deadline of the EU AI Act runs: 15 days until the report, until %s.",
		c.due(incident.ID, "eu_aia_73_2").Format("2 January 2006"))
	measure := map[string]any{"measure": "human_checks", "fix_by": c.now().AddDate(0, 0, 40).Format(time.DateOnly)}
	c.approves(incident.ID, "ethan", "ethan", "How is CV screener contained?", measure)
	c.approves(incident.ID, "ron", "ron", "How is CV screener contained?", measure)
	c.tell("Ethan and Ron, the Chief Risk Officer, approve the containment: a human checks each ranking before anybody is told.")
}

// due is when a step is due.
func (c *chain) due(run, step string) time.Time {
	c.t.Helper()
	for _, s := range c.run(run).View.Steps {
		if s.Step == step {
			return s.Due
		}
	}
	c.t.Fatalf("run %s has no step %s", run, step)
	return time.Time{}
}

// investigate has people find out what happened, and tell those whom it affects.
func (c *chain) investigate(incident port.RunRow) {
	c.t.Helper()
	c.part("What happened")
	c.answers(incident.ID, "val", "Who tries how often it happens in CV screener?", map[string]any{"tester": "U0ELI"})
	c.finishes(incident.ID, "rate", "eli", "Try on a copy of CV screener how often it happens", nil)
	c.answers(incident.ID, "eli", "How often does it happen in CV screener?", map[string]any{"tries": 50, "hits": 12, "variations": "In each language"})
	c.answers(incident.ID, "olive", "Who received what CV screener put out?", map[string]any{"received": "Recruiters", "recalled": "yes"})
	c.answers(incident.ID, "ines", "What caused it in CV screener?", map[string]any{
		"timeline": "Nine days", "cause": "model", "contributing.r1.factor": "The monthly look came too late", "reproduced": "yes",
	})
	c.finishes(incident.ID, "investigate_task", "ines", "Look for the cause on a copy of CV screener", nil)
	c.finishes(incident.ID, "to_provider", "olive", "Tell the provider of CV screener what happened", nil)
	c.finishes(incident.ID, "persons", "ines", "Tell users and affected people of CV screener what happened", nil)
	c.tell("Ines, who leads the work, finds the cause in the model; Eli reproduces it in 12 of 50 tries on a copy. Provider, users and applicants are told.")
}

// report lets six days pass and has the authority told in time.
func (c *chain) report(incident port.RunRow) {
	c.t.Helper()
	c.part("The report")
	c.skip("144h")
	c.tell("Six days pass.")
	answer := map[string]any{"answer": "report"}
	c.approves(incident.ID, "noa", "noa", "Must CV screener be reported under the EU AI Act?", answer)
	c.approves(incident.ID, "ethan", "ethan", "Must CV screener be reported under the EU AI Act?", answer)
	c.tell("Noa, the counsel, and Ethan decide that it must be reported.")
	c.finishes(incident.ID, "first_report_eu_aia", "ethan", "Send the first report about CV screener to the market surveillance authority", nil)
	c.answers(incident.ID, "ethan", "The first report about CV screener: what did the authority get?", map[string]any{
		"authority": "Bundesnetzagentur", "receipt": "MSA-4711", "sent_at": c.now().Add(-time.Minute).Unix(), "complete": "yes",
	})
	c.comes(incident.ID, "eu_aia_73_2", "stopped")
	c.tell("Ethan sends the report to the authority, receipt MSA-4711. The deadline is stopped, nine days before its end.")
}

// release has the evidence hold lifted, which the repair of the model waits for.
func (c *chain) release(incident, drift port.RunRow) {
	c.t.Helper()
	c.part("The evidence hold")
	lift := map[string]any{"hold": "lift", "items": []string{"nothing"}}
	c.approves(incident.ID, "noa", "noa", "May the evidence hold on CV screener be lifted?", lift)
	c.approves(incident.ID, "ethan", "ethan", "May the evidence hold on CV screener be lifted?", lift)
	c.comes(incident.ID, "release_register", port.StepDone)
	c.skip("24h")
	c.comes(drift.ID, "unheld", port.StepDone)
	c.tell("Noa and Ethan lift the hold. By the next morning the drift run sees it, and asks Dev for the repair.")
}

// recover has the system repaired, tried again, watched, and used in full again.
func (c *chain) recover(incident port.RunRow) {
	c.t.Helper()
	c.part("Recovery")
	c.finishes(incident.ID, "fix", "dev", "Repair CV screener", nil)
	c.answers(incident.ID, "dev", "How was CV screener repaired?", map[string]any{"changed": []string{"model"}, "what": "Version v8 of the ranker"})
	c.finishes(incident.ID, "retest", "eli", "Try again whether it happens in CV screener", nil)
	c.answers(incident.ID, "eli", "Does it still happen in CV screener?", map[string]any{"tries": 50, "hits": 0, "new_class": "no"})
	c.comes(incident.ID, "monitored", "open")
	c.skip("504h")
	c.tell("Eli tries it again: 0 of 50. Three weeks pass under watch.")
	c.approves(incident.ID, "ethan", "ethan", "May CV screener be used in full again?", nil)
	c.approves(incident.ID, "val", "val", "May CV screener be used in full again?", nil)
	c.answers(incident.ID, "ines", "What do we learn from the incident in CV screener?", map[string]any{
		"root_cause": "Other people apply than before", "control": "The monthly look", "earlier": "A weekly look", "changes": "We look weekly", "likely_again": 2,
	})
	c.tell("Ethan and Val approve that it is used in full again. Ines writes down what we learn.")
}

// follow checks what the incident leads to.
func (c *chain) follow(incident port.RunRow) {
	c.t.Helper()
	c.part("What follows")
	action := c.led(incident, "follow_corrective", "corrective-action", "")
	impact := c.led(incident, "follow_impact", "impact-assessment", "cv-screener")
	validation := c.led(incident, "follow_revalidation", "model-revalidation", "cv-ranker")
	if action.Input["system"] != "cv-screener" || action.Input["source"] != "incident" || action.Input["grade"] != "major" {
		c.t.Errorf("the corrective action was started with %v", action.Input)
	}
	c.tell("A corrective action begins about %s (%s), an impact assessment of the system (%s), and a revalidation of the model (%s).",
		action.SubjectID, action.ID, impact.ID, validation.ID)
}

// close has the incident closed.
func (c *chain) close(incident port.RunRow) {
	c.t.Helper()
	words := "May the incident in CV screener be closed?"
	c.press("olive", c.message("C0RAIC", "approve", words), "approve")
	c.until("olive to be refused", func() bool {
		return c.refusedWith(incident.ID, "olive", "You are not a member of Responsible AI Committee")
	})
	c.tell("Olive presses Approve in the committee's channel. It is refused, and on record: it is not hers to decide.")
	for _, who := range []string{"ethan", "ron"} {
		c.approves(incident.ID, who, who, words, nil)
	}
	for _, who := range []string{"cora", "cleo", "carl"} {
		c.approves(incident.ID, who, "C0RAIC", words, nil)
	}
	if r := c.closed(incident.ID); r.Outcome != "closed" {
		c.t.Errorf("the incident ended as %s", r.Outcome)
	}
	c.tell("Ethan, Ron and the committee with its chair close the incident.")
}
