package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// story has TestChain print what happens.
var story = flag.Bool("story", false, "print in plain words what happens in TestChain")

// chain is a demo in which people deal with an alert, and who tells of it.
type chain struct {
	*world
	began time.Time // by the clock of the demo
	links []string
}

// part begins a part of the story.
func (c *chain) part(title string) { c.print("\n%s", title) }

// tell says what happened, and how many days after the alert.
func (c *chain) tell(format string, args ...any) {
	c.print("  day %2d  %s", int(c.now().Sub(c.began).Hours())/24, fmt.Sprintf(format, args...))
}

func (c *chain) print(format string, args ...any) {
	if *story {
		fmt.Fprintf(os.Stdout, format+"\n", args...)
	}
}

func (c *chain) now() time.Time { return c.demo.app.opt.now() }

// answers fills in the form that says words, window after window. What a window
// is filled in with already stays, as when a person leaves it.
func (c *chain) answers(run, who, words string, with map[string]any) {
	c.t.Helper()
	before, left := c.counted(run, who), len(with)
	id, _ := c.open(who, c.message(who, "answer", words), "answer")
	for given := map[string]bool{}; ; {
		var values map[string]any
		c.until("the window that asks "+who, func() bool {
			values = map[string]any{}
			for _, in := range c.inputs(id) {
				v, answered := with[in.BlockID]
				if given[in.BlockID] {
					return false // still the window before
				}
				if answered {
					values[in.BlockID] = map[string]any{in.Element.ActionID: inputValue(in.Element.Type, v)}
				} else if v := in.filled(); v != nil {
					values[in.BlockID] = map[string]any{in.Element.ActionID: v}
				}
			}
			return len(values) > 0 || len(with) == 0
		})
		var a ack
		c.post("/_control/submit", map[string]any{"user": who, "view_id": id, "values": values}, &a)
		if strings.Contains(string(a.Body), `"errors"`) {
			c.t.Fatalf("%s is told in the window of %q: %s", who, words, a.Body)
		}
		for block := range values {
			if _, mine := with[block]; mine {
				left--
			}
			given[block] = true
		}
		if left <= 0 {
			break
		}
	}
	c.counts(run, who, words, before)
}

// input is a question of a window.
type input struct {
	Type    string `json:"type"`
	BlockID string `json:"block_id"`
	Element struct {
		Type            string `json:"type"`
		ActionID        string `json:"action_id"`
		InitialValue    string `json:"initial_value"`
		InitialDateTime int64  `json:"initial_date_time"`
		InitialDate     string `json:"initial_date"`
		InitialUser     string `json:"initial_user"`
		InitialOption   struct {
			Value string `json:"value"`
		} `json:"initial_option"`
		InitialOptions []struct {
			Value string `json:"value"`
		} `json:"initial_options"`
	} `json:"element"`
}

func (c *chain) inputs(id string) []input {
	c.t.Helper()
	var view struct {
		Blocks []input `json:"blocks"`
	}
	for _, v := range c.state().Views {
		if v.ID == id {
			if err := json.Unmarshal(v.View, &view); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	return slices.DeleteFunc(view.Blocks, func(in input) bool { return in.Type != "input" })
}

// filled is what a question is filled in with; nil = nothing.
func (in input) filled() map[string]any {
	e := in.Element
	switch {
	case e.InitialValue != "":
		return inputValue(e.Type, e.InitialValue)
	case e.InitialDateTime != 0:
		return inputValue(e.Type, e.InitialDateTime)
	case e.InitialDate != "":
		return inputValue(e.Type, e.InitialDate)
	case e.InitialUser != "":
		return inputValue(e.Type, e.InitialUser)
	case e.InitialOption.Value != "":
		return inputValue(e.Type, e.InitialOption.Value)
	case len(e.InitialOptions) > 0:
		var all []string
		for _, o := range e.InitialOptions {
			all = append(all, o.Value)
		}
		return inputValue(e.Type, all)
	}
	return nil
}

// approves approves what says words, which is shown in a channel or to a person;
// what is chosen with it is given by name.
func (c *chain) approves(run, who, shown, words string, choose map[string]any) {
	c.t.Helper()
	before, m := c.counted(run, who), c.message(shown, "approve", words)
	if len(choose) == 0 {
		c.press(who, m, "approve")
	} else {
		named := map[string]any{}
		for k, v := range choose {
			named[port.ChooseID+k] = v
		}
		c.fill(who, m, "approve", named)
	}
	c.counts(run, who, words, before)
}

// finishes puts evidence on the issue of a task and moves it to Done. What the task
// asks is answered in Slack before.
func (c *chain) finishes(run, step, who, summary string, with map[string]any) {
	c.t.Helper()
	if len(with) > 0 {
		c.answers(run, who, summary, with)
	}
	c.do(summary, who)
	c.comes(run, step, port.StepDone)
}

// counted is how often a run has taken what a person said.
func (c *chain) counted(run, who string) (n int) {
	c.t.Helper()
	for _, v := range c.verdicts(run, who) {
		if v.Verdict == port.VerdictAccepted {
			n++
		}
	}
	return n
}

func (c *chain) verdicts(run, who string) (out []port.Verdict) {
	c.t.Helper()
	rows, err := c.demo.app.ledger.RowsAfter(c.t.Context(), run, 0, 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Person == who && r.Verdict != nil {
			out = append(out, *r.Verdict)
		}
	}
	return out
}

// counts waits until the run has taken one more thing that a person said.
func (c *chain) counts(run, who, words string, before int) {
	c.t.Helper()
	c.until(fmt.Sprintf("what %s says to %q to count", who, words), func() bool {
		if all := c.verdicts(run, who); len(all) > 0 && all[len(all)-1].Verdict == port.VerdictRefused {
			c.t.Fatalf("%s was refused at %q: %s", who, words, all[len(all)-1].Reason)
		}
		return c.counted(run, who) > before
	})
}

// comes waits until a step of a run stands so.
func (c *chain) comes(run, step, state string) {
	c.t.Helper()
	c.until(fmt.Sprintf("%s of run %s to be %s", step, run, state), func() bool {
		r := c.run(run)
		for _, waits := range r.View.Waiting {
			if waits.Step == "" {
				c.t.Fatalf("run %s of %s cannot go on: %s", run, r.Playbook, waits.For)
			}
		}
		return stepState(c.world, run, step) == state
	})
}

// begun is the one run that the alert began; it is a link of the chain where the
// fingerprint of the alert is given.
func (c *chain) begun(playbook, subject, fingerprint string) port.RunRow {
	c.t.Helper()
	var row port.RunRow
	c.until("a run of "+playbook, func() bool {
		rows, err := c.demo.app.ledger.RunsAbout(c.t.Context(), playbook, subject, 2)
		if err != nil {
			c.t.Fatal(err)
		}
		if len(rows) == 1 {
			row = rows[0]
		}
		return len(rows) == 1
	})
	e, err := c.demo.app.ledger.EventOf(c.t.Context(), row.ID)
	if err != nil || e.Values["alert"] != "ModelDrift" {
		c.t.Fatalf("missing link: run %s was begun by %+v: %v", row.ID, e, err)
	}
	if fingerprint != "" {
		c.links = append(c.links, fmt.Sprintf("alert %s -> %s %s about %s (event %d)", fingerprint, playbook, row.ID, subject, e.ID))
	}
	return row
}

// led is the run that a step of a run led to: it knows its parent, or that the
// parent joined it. An id that is missing ends the test.
func (c *chain) led(parent port.RunRow, step, playbook, subject string) port.RunRow {
	c.t.Helper()
	c.until(step+" of run "+parent.ID+" to be over", func() bool { return stepState(c.world, parent.ID, step) != "" })
	id := ""
	for _, s := range c.run(parent.ID).View.Steps {
		if s.Step == step {
			id, _ = s.Result["run"].(string)
		}
	}
	if id == "" {
		c.t.Fatalf("missing link: %s of %s %s led to no run", step, parent.Playbook, parent.ID)
	}
	child, how := c.run(id), "started"
	if child.Parent != parent.ID {
		how = "joined"
		if c.records(id)["run.joined"] == 0 {
			c.t.Fatalf("missing link: %s %s does not know %s", child.Playbook, id, parent.ID)
		}
	}
	if child.Playbook != playbook || subject != "" && child.SubjectID != subject {
		c.t.Fatalf("missing link: %s of %s led to %s about %s, want %s about %s", step, parent.ID, child.Playbook, child.SubjectID, playbook, subject)
	}
	c.links = append(c.links, fmt.Sprintf("%s %s -> %s %s about %s (%s by its step %s)", parent.Playbook, parent.ID, playbook, id, child.SubjectID, how, step))
	return child
}
