package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TestTasks: what finishes a task, and what is said where it does not.
func TestTasks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before   func(w *world)
		evidence string
		closer   string
		says     string // empty: it is finished
	}{
		"the lead":              {evidence: "5b1eli", closer: "5b1eli"},
		"the deputy":            {evidence: "5b1eli", closer: "5b1val"},
		"no evidence":           {closer: "5b1eli", says: "Evidence is missing"},
		"a stranger's evidence": {evidence: "5b1dev", closer: "5b1eli", says: "Evidence is missing"},
		"a stranger":            {evidence: "5b1eli", closer: "5b1dev", says: "Only Eli Engel may finish it."},
		"nobody knows who":      {evidence: "5b1eli", says: "Only Eli Engel may finish it."},
		"who lost the role a second before": {
			before: func(w *world) {
				w.organisation(func(o *org.Organisation) {
					for i := range o.Roles {
						if o.Roles[i].ID == "explainability-lead" {
							o.Roles[i].Holder, o.Roles[i].Deputies = "tess", nil
						}
					}
				})
				w.pass(time.Second)
			},
			evidence: "5b1eli", closer: "5b1eli", says: "Only Tess Thorne may finish it.",
		},
		"the new holder": {
			before:   func(w *world) { w.holder("explainability-lead", "tess"); w.pass(time.Second) },
			evidence: "5b1tess", closer: "5b1tess",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tested)
			w.advance()
			if c.before != nil {
				c.before(w)
			}
			i := w.issueOf("bias_test")
			if c.evidence != "" {
				i.Evidence = []port.EvidenceItem{{Kind: "link", Name: "Report", URL: "https://example.com", By: c.evidence}}
			}
			w.closeIssue("bias_test", c.closer)
			w.inspect("bias_test")
			done := w.state.FindDone("bias_test", "") != nil
			if done != (c.says == "") || done != (i.Category == port.CategoryDone) {
				t.Errorf("finished %v, issue %s", done, i.Category)
			}
			if c.says != "" && (len(i.comments) != 1 || !strings.Contains(i.comments[0].text, c.says)) {
				t.Errorf("comments: %v", i.comments)
			}
		})
	}
}

// TestOneWordPerReopening: several hints about the same closing, while Jira is
// too busy to move the issue back, comment once.
func TestOneWordPerReopening(t *testing.T) {
	w := newWorld(t, tested)
	w.advance()
	w.closeIssue("bias_test", "5b1dev")
	for range 3 {
		w.out.fail("move", fault{err: errLimited})
	}
	w.inspect("bias_test")
	w.inspect("bias_test")
	if len(w.state.Reread) == 0 {
		t.Error("what happens meanwhile would be forgotten")
	}
	w.settle()
	w.inspect("bias_test")
	if i := w.issueOf("bias_test"); len(i.comments) != 1 || i.Category == port.CategoryDone {
		t.Errorf("%s with comments %v", i.Category, i.comments)
	}
	w.closeIssue("bias_test", "5b1dev")
	w.inspect("bias_test")
	if i := w.issueOf("bias_test"); len(i.comments) != 2 {
		t.Errorf("closed once more: %v", i.comments)
	}
}

// TestFinishedIssueOpenedByHand is closed again with one comment, also when the
// activity is repeated later, and not while its own closing is under way.
func TestFinishedIssueOpenedByHand(t *testing.T) {
	w := newWorld(t, tested)
	w.advance()
	w.finishTask("bias_test", "5b1eli")
	i := w.issueOf("bias_test")
	i.Category = port.CategoryToDo
	before := w.state
	w.inspect("bias_test")
	w.state = before
	w.pass(time.Second)
	i.Category = port.CategoryToDo
	w.inspect("bias_test")
	if len(i.comments) != 1 {
		t.Errorf("comments: %v", i.comments)
	}
}

func TestClosingUnderWayIsNotOpenedByHand(t *testing.T) {
	w := newWorld(t, signOff)
	w.advance()
	w.out.fail("move", fault{err: errLimited}, fault{err: errLimited})
	w.say("scope", "olive", "answer", map[string]any{"purpose": "Ranks applications"})
	w.judge()
	w.inspect("scope")
	w.settle()
	if i := w.issueOf("scope"); len(i.comments) != 0 || i.Category != port.CategoryDone {
		t.Errorf("%s with comments %v", i.Category, i.comments)
	}
}

// TestEvidenceAcceptedStays: evidence of somebody who held the role then counts
// after a handover too.
func TestEvidenceAcceptedStays(t *testing.T) {
	w := newWorld(t, tested)
	w.advance()
	i := w.issueOf("bias_test")
	i.Evidence = []port.EvidenceItem{{Kind: "link", Name: "Report", URL: "https://example.com", By: "5b1eli"}}
	w.closeIssue("bias_test", "5b1val") // its deputy closes it
	w.inspect("bias_test")
	w.organisation(func(o *org.Organisation) {
		for n := range o.Roles {
			if o.Roles[n].ID == "explainability-lead" {
				o.Roles[n].Holder, o.Roles[n].Deputies = "tess", nil
			}
		}
	})
	w.inspect("bias_test")
	if o := w.open("decide"); o.Version != 1 {
		t.Error("a handover voided the decision")
	}
}

// TestGoneIssue: an issue that an open step needs is made again only where we
// know that we would see it; a finished step's is only recorded.
func TestGoneIssue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(w *world)
		made   bool
		told   string // in the audit channel
	}{
		"we would see it":                     {made: true},
		"the account may not see the project": {before: func(w *world) { w.out.blind = true }, told: "may not see or create issues"},
		"the step is finished":                {before: func(w *world) { w.finishTask("bias_test", "5b1eli") }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tested)
			w.advance()
			if c.before != nil {
				c.before(w)
			}
			old := w.issueOf("bias_test")
			w.out.remove(old)
			issues := len(w.out.issues)
			for range 3 { // hints come again
				w.inspect("bias_test")
			}
			if made := len(w.out.issues) - issues; (made == 1) != c.made || made > 1 {
				t.Errorf("%d issues were made", made)
			}
			told := 0
			for _, m := range w.out.messages {
				if strings.HasPrefix(m.card.Title, "Gone from Jira") {
					told++
					if !strings.Contains(strings.Join(m.card.Lines, " "), c.told) {
						t.Errorf("the audit channel reads %q", m.card.Lines)
					}
				}
			}
			if (told == 1) != (c.told != "") || told > 1 {
				t.Errorf("the audit channel was told %d times", told)
			}
		})
	}
	t.Run("Jira does not say what we may see", func(t *testing.T) {
		w := newWorld(t, tested)
		w.advance()
		w.out.remove(w.issueOf("bias_test"))
		issues := len(w.out.issues)
		w.out.fail("may see", fault{err: errLimited})
		w.state.Reread = []string{"bias_test"}
		if _, err := w.acts.Inspect(t.Context(), w.request()); err == nil || len(w.out.issues) != issues {
			t.Errorf("%v, %d issues", err, len(w.out.issues)-issues)
		}
	})
}
