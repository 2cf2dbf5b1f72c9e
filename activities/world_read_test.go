package activities_test

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// verdict is what became of a row.
func (w *world) verdict(decision string) port.Verdict {
	w.t.Helper()
	rows, err := w.ledger.RowsAfter(w.t.Context(), w.run.ID, 0, 1000)
	w.must(err)
	for _, r := range rows {
		if r.DecisionID == decision && r.Verdict != nil {
			return *r.Verdict
		}
	}
	w.t.Fatalf("row %s has no verdict", decision)
	return port.Verdict{}
}

// header is a record's header as a map.
type header struct {
	Kind    string            `json:"kind"`
	Step    string            `json:"step"`
	Round   int               `json:"round"`
	Role    string            `json:"role"`
	Facts   map[string]string `json:"facts"`
	Content string            `json:"-"`
}

// records are the headers of the records of a kind.
func (w *world) records(kind string) (out []header) {
	w.t.Helper()
	all, err := w.ledger.RecordsOf(w.t.Context(), w.run.ID)
	w.must(err)
	for _, r := range all {
		var h header
		w.must(json.Unmarshal(r.Header, &h))
		h.Content = string(r.Header)
		if h.Kind == kind {
			out = append(out, h)
		}
	}
	return out
}

// issueOf is the newest issue of a step in Jira.
func (w *world) issueOf(step string) *issue {
	w.t.Helper()
	for _, i := range slices.Backward(w.out.issues) {
		if i.place.Step == step {
			return i
		}
	}
	w.t.Fatalf("step %s has no issue", step)
	return nil
}

// finishTask puts a link on the task's issue, closes it and lets the run look.
func (w *world) finishTask(step, account string) {
	w.t.Helper()
	i := w.issueOf(step)
	i.Evidence = append(i.Evidence, port.EvidenceItem{Kind: "link", Name: "Report", URL: "https://example.com/" + account, By: account, At: w.clock()})
	w.closeIssue(step, account)
	w.inspect(step)
}

func (w *world) closeIssue(step, account string) {
	w.t.Helper()
	i := w.issueOf(step)
	i.Category, i.DoneBy, i.DoneAt = port.CategoryDone, account, w.clock()
}

// messagesTo are the messages a user or a channel can see, oldest first.
func (w *world) messagesTo(where string) (out []*message) {
	for _, m := range w.out.messages {
		if (m.channel == where || m.user == where) && !m.removed {
			out = append(out, m)
		}
	}
	return out
}

// titled counts the messages to somebody whose title begins so.
func (w *world) titled(where, prefix string) (n int) {
	for _, m := range w.messagesTo(where) {
		if strings.HasPrefix(m.card.Title, prefix) {
			n++
		}
	}
	return n
}

// effect is the newest effect of a purpose at a step.
func (w *world) effect(step, purpose string) port.Effect {
	w.t.Helper()
	for _, e := range slices.Backward(w.effects()) {
		if e.Step == step && e.Purpose == purpose {
			return e
		}
	}
	w.t.Fatalf("there is no effect %s of %s", purpose, step)
	return port.Effect{}
}

func (w *world) effects() []port.Effect {
	w.t.Helper()
	all, err := w.ledger.EffectsOf(w.t.Context(), w.run.ID)
	w.must(err)
	return all
}

// settle lets time pass until all effects are done.
func (w *world) settle() {
	w.t.Helper()
	for range 50 {
		if w.perform().Pending == 0 {
			return
		}
		w.pass(5 * time.Second)
	}
	w.t.Fatal("effects are left for good")
}
