package activities_test

import "testing"

// TestStartInAnEach: each entry of a list begins a finding of its own, and a
// repeated try finds those of the first one.
func TestStartInAnEach(t *testing.T) {
	w := newWorld(t, `playbook: starting
title: Starting
subject: system
data: {seen: [{id: one, title: First}, {id: two, title: Second}]}
steps:
  - id: found
    each:
      in: data.seen
      as: thing
      steps:
        - {id: correct, start: {playbook: followup, with: {what: '${thing.title}'}}}
`)
	w.also("playbook: followup\ntitle: Follow up\nsubject: finding\ninput: {what: {type: text}}\nsteps:\n  - id: look\n    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}\n")
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	w.apply(w.acts.Advance(t.Context(), before))
	rows := w.runsOf("followup")
	if len(rows) != 2 || rows[0].SubjectID == rows[1].SubjectID || rows[0].Input["what"] == rows[1].Input["what"] {
		t.Errorf("%d runs: %+v; parked %q", len(rows), rows, w.state.Parked)
	}
}
