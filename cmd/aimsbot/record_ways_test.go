package main

import (
	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/workflows"
)

// recordedWay is one way through the engine; walk returns the id of the
// workflow whose histories are kept.
type recordedWay struct {
	events int    // continue as new after so many; 0 = the default
	own    string // text of a playbook beside the shipped ones
	also   string // text of one more
	walk   func(w *world) string
}

// recordedWays are the branches of the replay corpus, by the name of the file.
var recordedWays = map[string]recordedWay{
	"small":            {walk: recordSmall},
	"large":            {walk: recordLarge},
	"large_one_by_one": {walk: benchRun},
	"blocks":           {own: releaseCheck, walk: recordBlocks},
	"rows":             {own: harmReview, walk: recordRows},
	"breach":           {own: breachReview, walk: (*world).breach},
	"exercise":         {own: breachReview, walk: (*world).exercise},
	"restricted":       {own: quietWord, walk: (*world).restricted},
	"longer":           {own: longerReview, walk: (*world).longer},
	"joined":           {own: driftReview, walk: recordJoined},
	"incident":         {own: incidentCase, walk: (*world).incident},
	"collect":          {own: lookBack, walk: (*world).lookBack},
	"outside_facts":    {own: askRegistry, walk: (*world).askRegistry},
	"hold":             {own: frozenEvidence, walk: recordHold},
	"each":             {own: actionPlan, walk: (*world).actions},
	"start":            {own: finding, also: correction, walk: (*world).starting},
	"start_waits":      {own: awaitedFinding, also: correction, walk: func(w *world) string { return w.awaiting(func() {}) }},
	"rejected":         {walk: recordRejected},
	"changes":          {walk: recordChanges},
	"evidence_changed": {walk: recordEvidence},
	"cancelled":        {walk: recordCancelled},
	"silence":          {walk: recordSilence},
	"slow_effects":     {walk: recordSlowEffects},
	"slow_end":         {walk: recordSlowEnd},
	"slow_judge":       {walk: recordSlowJudge},
	"slow_inspect":     {walk: recordSlowInspect},
	"continued":        {events: 20, walk: benchRun},
	"continued_slow":   {events: 5, walk: recordContinuedSlow},
	"parked":           {own: shareOut, walk: recordParked},
	"programme":        {walk: recordProgramme},
}

// shareOut divides by what the owner answers.
const shareOut = `playbook: share-out
title: Share of complaints
purpose: How many of those affected complained.
subject: system
steps:
  - id: count
    form:
      ask: ${system.owner}
      title: How many people are affected?
      questions:
        - {id: people, text: People affected in a year, type: int, min: 0}
  - id: share
    set: {each: '${1000 / steps.count.people}'}
`

func recordSmall(w *world) string {
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	return recordApproved(w, run)
}

// recordApproved lets the officer approve and waits for the end.
func recordApproved(w *world, run string) string {
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	return recordEnd(w, run)
}

// recordBoth brings the large assessment to its decision.
func recordBoth(w *world) string {
	run := w.start("max")
	w.answer(largeAnswers)
	w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	return run
}

func recordLarge(w *world) string {
	run := recordBoth(w)
	w.press("tess", w.message(committee, "approve", "CV screener"), "approve") // no member
	recordMajority(w, "CV screener")
	return recordEnd(w, run)
}

// recordMajority lets the officer and a majority of the committee approve.
func recordMajority(w *world, words string) {
	w.press("ethan", w.message("ethan", "approve", words), "approve")
	for _, member := range []string{"cleo", "carl", "cyra"} {
		w.press(member, w.message(committee, "approve", words), "approve")
	}
}

func recordRejected(w *world) string {
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.fill("ethan", w.message("ethan", "reject", "CV screener"), "reject", map[string]any{"reason": "Proxies were not tested"})
	return recordEnd(w, run)
}

func recordChanges(w *world) string {
	run := recordBoth(w)
	w.fill("ethan", w.message("ethan", "changes", "CV screener"), "changes", map[string]any{"reason": "Say who is affected"})
	w.fill("olive", w.message("olive", "answer", "Round 2"), "answer", map[string]any{"purpose": "Ranks applications for recruiters"})
	recordMajority(w, "Round 2")
	return recordEnd(w, run)
}

func recordEvidence(w *world) string {
	run := recordBoth(w)
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	task := w.issue("Test CV screener for bias")
	w.act(task.Key, "eli", map[string]any{"comment": "Second report: https://example.com/second"})
	recordMajority(w, "The evidence changed since")
	return recordEnd(w, run)
}

func recordCancelled(w *world) string {
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	if _, err := (desk{w.demo.app}).Cancel(w.t.Context(), cancelRequest(run, "max")); err != nil {
		w.t.Fatal(err)
	}
	return recordEnd(w, run)
}

// recordSilence lets a month pass in which nobody answers.
func recordSilence(w *world) string {
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.skip("720h")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	return recordApproved(w, run)
}

// recordSlowEffects holds the first message for 30 s: the effects go on as a
// regular activity, and meanwhile the owner answers.
func recordSlowEffects(w *world) string {
	w.fault(map[string]any{"target": "slack", "kind": "hang_before", "call": "chat.postMessage", "nth": 1, "length": "30s"})
	return recordSmall(w)
}

// recordContinuedSlow is beyond the threshold while the regular activity runs:
// the run goes on judging and continues as new when that has ended.
func recordContinuedSlow(w *world) string {
	w.fault(map[string]any{"target": "slack", "kind": "hang_before", "call": "chat.postMessage", "nth": 1, "length": "30s"})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	atRest(w, run, 3)
	return recordApproved(w, run)
}

// recordSlowEnd holds the last edit; a decision that comes while the run waits
// for it is late.
func recordSlowEnd(w *world) string {
	run := recordBoth(w)
	ask := w.message(committee, "approve", "CV screener")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	for _, member := range []string{"cleo", "carl"} {
		w.press(member, ask, "approve")
	}
	atRest(w, run, 8)
	w.fault(map[string]any{"target": "slack", "kind": "hang_before", "call": "chat.update", "count": 2, "length": "20s"})
	w.press("cyra", ask, "approve")
	w.closed(run)
	w.press("cora", ask, "approve")
	return recordEnd(w, run)
}

// recordSlowJudge lets Slack fail to say who clicks for longer than a local
// activity waits.
func recordSlowJudge(w *world) string {
	w.fault(map[string]any{"target": "slack", "kind": "http_500", "call": "users.info", "count": 4})
	return recordSmall(w)
}

// recordSlowInspect lets Jira fail once when an issue is read.
func recordSlowInspect(w *world) string {
	run := w.start("max")
	w.answer(smallAnswers)
	w.issue("Test CV screener for bias")
	w.fault(map[string]any{"target": "jira", "kind": "http_500", "call": "GET", "count": 2})
	w.do("Test CV screener for bias", "eli")
	return recordApproved(w, run)
}

// recordParked is stopped by a division by zero, tries again and is cancelled.
func recordParked(w *world) string {
	started, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "share-out", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	run := started.ID
	w.fill("olive", w.message("olive", "answer", "How many"), "answer", map[string]any{"people": 0})
	w.until("the run to park", func() bool { return w.records(run)["run.parked"] > 0 })
	w.skip("25m")
	if _, err := (desk{w.demo.app}).Cancel(w.t.Context(), cancelRequest(run, "max")); err != nil {
		w.t.Fatal(err)
	}
	return recordEnd(w, run)
}

func recordProgramme(w *world) string {
	w.skip("25h")
	return workflows.ProgrammeID(w.demo.app.ledger.Installation())
}

// recordEnd waits for the end of the run and of what it does outside, and
// returns the id of its workflow.
func recordEnd(w *world, run string) string {
	w.closed(run)
	w.quiet(run)
	id := w.run(run).WorkflowID
	w.until("the workflow to close", func() bool {
		d, err := w.demo.app.client.DescribeWorkflowExecution(w.t.Context(), id, "")
		return err == nil && d.GetWorkflowExecutionInfo().GetCloseTime() != nil
	})
	return id
}

// fault makes the outside misbehave.
func (w *world) fault(rule map[string]any) {
	w.t.Helper()
	w.post("/_control/faults", rule, nil)
}

// recordBlocks goes through sequences side by side and a guarded block, and
// back into the middle of a sequence.
func recordRows(w *world) string { return w.run(harmsApproved(w)).WorkflowID }

func recordHold(w *world) string { return recordEnd(w, holdLifted(w)) }

func recordBlocks(w *world) string { return recordEnd(w, blockRuns(w)) }
