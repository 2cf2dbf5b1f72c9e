package activities_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

func (w *world) answer(step, person, text string) {
	w.t.Helper()
	w.say(step, person, "answer", map[string]any{"text": text})
	w.judge()
}

// scoped brings the run past its first form.
func scoped(t *testing.T, deep, people string) *world {
	t.Helper()
	w := newWorld(t, lanes)
	w.advance()
	w.say("scope", "olive", "answer", map[string]any{"deep": deep, "people": people})
	w.judge()
	return w
}

// lanesDone brings the run past its group.
func lanesDone(t *testing.T, deep, people string) *world {
	t.Helper()
	w := scoped(t, deep, people)
	w.finishTask("safety", "5b1val")
	w.answer("plan", "eli", "P")
	w.answer("result", "eli", "R")
	w.say("agree", "ron", "approve", nil)
	w.judge()
	return w
}

// asked are the steps open now, in the order they were opened.
func (w *world) asked() []string { return asked(w.state) }

func asked(s port.RunState) (out []string) {
	for _, o := range s.Open {
		out = append(out, o.Step)
	}
	return out
}

// stands are the finished steps with their states, in the order of the file.
func (w *world) stands() string {
	w.t.Helper()
	row, err := w.ledger.Run(w.t.Context(), w.run.ID)
	w.must(err)
	var out []string
	for _, st := range row.View.Steps {
		out = append(out, st.Step+" "+st.State)
	}
	return strings.Join(out, ", ")
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestSequencesSideBySide: each sequence goes at its own pace, and the group is
// finished with the last step of each.
func TestSequencesSideBySide(t *testing.T) {
	w := scoped(t, "no", "1")
	same(t, "at first", w.asked(), "plan", "safety")
	w.answer("plan", "eli", "P")
	same(t, "one went on", w.asked(), "safety", "result")
	w.finishTask("safety", "5b1val")
	if w.titled("U0MAX", "") == 0 || w.state.FindDone("told", "") == nil {
		t.Error("the second sequence did not run to its end")
	}
	same(t, "one is finished", w.asked(), "result")
	w.answer("result", "eli", "R")
	same(t, "the last step of the first", w.asked(), "agree")
	w.say("agree", "ron", "approve", nil)
	w.judge()
	same(t, "the group is finished", w.asked(), "decide")
}

// TestGuardedBlock: a block that runs goes step by step, also through what it
// holds; one that does not is skipped with all that is in it.
func TestGuardedBlock(t *testing.T) {
	t.Parallel()
	t.Run("runs", func(t *testing.T) {
		w := lanesDone(t, "yes", "1000")
		same(t, "first of the block", w.asked(), "reach")
		w.answer("reach", "eli", "Everybody")
		same(t, "its group", w.asked(), "left", "right")
		w.finishTask("right", "5b1val")
		w.finishTask("left", "5b1eli")
		same(t, "its block", w.asked(), "letter")
		w.finishTask("letter", "5b1max")
		same(t, "after it", w.asked(), "decide")
		if n := len(w.records("step.skipped")); n != 0 {
			t.Errorf("%d skipped", n)
		}
	})
	t.Run("skipped inside", func(t *testing.T) {
		w := lanesDone(t, "yes", "1")
		w.answer("reach", "eli", "Few")
		w.finishTask("right", "5b1val")
		w.finishTask("left", "5b1eli")
		same(t, "after it", w.asked(), "decide")
		want := "scope done, plan done, result done, agree done, safety done, signed done, told done, reach done, left done, right done, many skipped, letter skipped, decide open"
		if got := w.stands(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
	t.Run("skipped", func(t *testing.T) {
		w := lanesDone(t, "no", "1000")
		same(t, "after it", w.asked(), "decide")
		want := "scope done, plan done, result done, agree done, safety done, signed done, told done, closer skipped, reach skipped, pair skipped, left skipped, right skipped, many skipped, letter skipped, decide open"
		if got := w.stands(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		for _, h := range w.records("step.skipped") {
			if h.Facts["in"] != "closer" && h.Step != "closer" || !strings.Contains(h.Facts["when"], "steps.scope.deep") {
				t.Errorf("%s was skipped because of %v", h.Step, h.Facts)
			}
		}
		row, err := w.ledger.Run(t.Context(), w.run.ID)
		w.must(err)
		i := slices.IndexFunc(row.View.Steps, func(st port.StepView) bool { return st.Step == "closer" })
		if title := row.View.Steps[i].Title; title != "A closer look at CV screener" {
			t.Errorf("the block is called %q", title)
		}
	})
}

// TestGuardIsLookedAtOnce: what the condition reads changes while the block
// runs: it runs to its end.
func TestGuardIsLookedAtOnce(t *testing.T) {
	w := lanesDone(t, "yes", "1000")
	w.holder("chief-risk-officer", "tess")
	w.answer("reach", "eli", "Everybody")
	same(t, "the block goes on", w.asked(), "left", "right")
}

// TestEvidenceOfBlocks: a decision about a group or a block is about every step
// in it that ran, in the order of the file.
func TestEvidenceOfBlocks(t *testing.T) {
	w := lanesDone(t, "yes", "1")
	w.answer("reach", "eli", "Few")
	w.finishTask("right", "5b1val")
	w.finishTask("left", "5b1eli")
	raw, err := w.ledger.Document(t.Context(), w.open("decide").Digest)
	w.must(err)
	var doc port.Evidence
	w.must(json.Unmarshal(raw, &doc))
	var steps []string
	for _, st := range doc.Steps {
		steps = append(steps, st.Step)
	}
	same(t, "evidence", steps, "plan", "result", "agree", "safety", "signed", "told", "reach", "left", "right")
}

// TestBlocksAdvanceTwice: the process dies after every commit, and the repeat a
// minute later asks, records and does nothing again.
func TestBlocksAdvanceTwice(t *testing.T) {
	w := scoped(t, "yes", "1000")
	twice := func(begin func()) {
		t.Helper()
		begin()
		w.judgeOnly()
		before := w.state
		w.apply(w.acts.Advance(t.Context(), w.request()))
		first, stored := w.state, w.counts()
		w.state = before
		w.pass(time.Minute)
		w.advance()
		same(t, "asked", w.asked(), asked(first)...)
		if got := w.counts(); got != stored {
			t.Errorf("asks, records and effects %v, at first %v", got, stored)
		}
		for i, o := range w.state.Open {
			if o.Token != first.Open[i].Token {
				t.Errorf("%s is asked again", o.Step)
			}
		}
	}
	form := func(step, text string) func() {
		return func() { w.say(step, "eli", "answer", map[string]any{"text": text}) }
	}
	task := func(step, account string) func() {
		return func() {
			w.closeIssue(step, account)
			w.state.Reread = []string{step}
			w.apply(w.acts.Inspect(t.Context(), w.request()))
		}
	}
	twice(form("plan", "P"))
	twice(task("safety", "5b1val"))
	twice(form("result", "R"))
	twice(func() { w.say("agree", "ron", "changes", map[string]any{"reason": "Say more"}) })
	twice(form("result", "R2"))
	twice(func() { w.say("agree", "ron", "approve", nil) })
	twice(form("reach", "Everybody"))
	twice(task("left", "5b1eli"))
	twice(task("right", "5b1val"))
	twice(task("letter", "5b1max"))
	twice(func() { w.say("decide", "ethan", "approve", nil) })
	if w.state.Outcome != port.OutcomeApproved {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// counts are how many asks, records of the run and effects there are.
func (w *world) counts() [3]int {
	w.t.Helper()
	asks, err := w.ledger.AsksOf(w.t.Context(), w.run.ID)
	w.must(err)
	records, err := w.ledger.RecordsOf(w.t.Context(), w.run.ID)
	w.must(err)
	own := len(records) - len(w.records("effect.done"))
	return [3]int{len(asks), own, len(w.effects())}
}
