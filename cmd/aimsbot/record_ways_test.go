package main

// recordedWay is one way through the engine; walk returns the id of the
// workflow whose histories are kept.
type recordedWay struct {
	events int // continue as new after so many; 0 = the default
	walk   func(w *world) string
}

// recordedWays are the branches of the replay corpus, by the name of the file.
var recordedWays = map[string]recordedWay{
	"small": {walk: func(w *world) string {
		run := w.start("max")
		recordSmall(w)
		return recordEnd(w, run)
	}},
	"large": {walk: func(w *world) string {
		run := w.start("max")
		recordScope(w, 250_000, "bias", "safety", "privacy")
		recordTask(w, "Test CV screener for bias", "eli")
		recordTask(w, "Test CV screener for unsafe output", "val")
		recordPress(w, "ethan", "ethan", "approve")
		for _, member := range []string{"cleo", "carl", "cyra"} {
			recordPress(w, member, "C0RAIC", "approve")
		}
		return recordEnd(w, run)
	}},
}

// recordSmall is the smallest assessment: one lead and the officer alone.
func recordSmall(w *world) {
	recordScope(w, 500, "bias")
	recordTask(w, "Test CV screener for bias", "eli")
	recordPress(w, "ethan", "ethan", "approve")
}

// recordScope lets the owner answer the form.
func recordScope(w *world, people int, harms ...string) {
	form := w.message("olive", "answer", "What does CV screener do")
	w.fill("olive", form, "answer", map[string]any{"purpose": "Ranks applications", "people": people, "harms": harms})
}

// recordTask lets a lead finish a task with a report.
func recordTask(w *world, summary, lead string) {
	i := w.issue(summary)
	w.act(i.Key, lead, map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/report"}})
	w.act(i.Key, lead, map[string]any{"transition": "Done"})
}

// recordPress presses a button of the newest message to somebody or in a channel.
func recordPress(w *world, user, to, action string) {
	w.press(user, w.message(to, action, "CV screener"), action)
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
