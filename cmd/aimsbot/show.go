package main

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

type showCmd struct {
	RunID  string `arg:"" name:"run" help:"Id of the run, or the beginning of it; KIND:ID, such as system:cv-screener, for what is known of a subject; with --graph the name or the file of a playbook."`
	Reveal bool   `help:"Also say what a restricted run is about."`
	Graph  bool   `help:"Draw a playbook instead: prints a Mermaid flowchart, which GitHub, GitLab and many editors show as a picture."`
	Config string `placeholder:"DIR" help:"Config folder with the playbook to draw; the shipped playbooks when not given."`
}

func (c *showCmd) Run(s *streams, g *globals) error {
	if c.Graph {
		return c.draw(s, g)
	}
	if c.Config != "" {
		return wrongUsage("--config is only for --graph: the playbook of a run is kept with it")
	}
	if kind, id, ok := strings.Cut(c.RunID, ":"); ok {
		return c.showSubject(s, g, kind, id)
	}
	return g.readRun(c.RunID, answerBudget, false, func(ctx context.Context, d reading, row port.RunRow) error {
		if !c.Reveal {
			row = veiled(row)
		}
		if g.JSON {
			out := listed(row)
			out.Steps = append([]port.StepView{}, row.View.Steps...)
			return printJSON(s.out, out)
		}
		d.note(s)
		return show(s.out, row)
	})
}

func show(w io.Writer, r port.RunRow) error {
	facts := [][]string{
		{"Run", r.ID},
		{"Playbook", r.Playbook + titleOf(r)},
		{"Subject", subjectOf(r)},
		{"Started", moment(r.StartedAt) + " by " + r.By},
		{"State", stateWords(r)},
	}
	if r.State == port.RunClosed {
		facts = append(facts, []string{"Ended", moment(r.ClosedAt)})
	}
	facts = append(facts, []string{"Digest", r.Definition.Digest})
	if err := table(w, facts); err != nil {
		return err
	}
	if len(r.View.Steps) > 0 {
		lines := [][]string{{"STEP", "KIND", "STATE", "ROUND", "ISSUE", "SINCE", "DUE"}}
		for _, st := range r.View.Steps {
			lines = append(lines, stepCells(st))
		}
		say(w, "")
		if err := table(w, lines); err != nil {
			return err
		}
	}
	sayWritten(w, r)
	if len(r.View.Waiting) > 0 {
		say(w, "")
	}
	for _, wait := range r.View.Waiting {
		say(w, "%s", waitSentence(wait))
	}
	return nil
}

func stepCells(st port.StepView) []string {
	name, since, due := st.Step, st.OpenedAt, moment(st.Due)
	if st.Item != "" {
		name += " " + st.Item
	}
	if !st.DoneAt.IsZero() {
		since = st.DoneAt
	}
	if st.Missed {
		due += " (missed)"
	}
	return []string{name, st.Kind, st.State, strconv.Itoa(st.Round), st.Issue, moment(since), due}
}

func titleOf(r port.RunRow) string {
	if p := r.Definition.Playbook; p != nil && p.Title.V != "" {
		return " (" + p.Title.V + ")"
	}
	return ""
}

func subjectOf(r port.RunRow) string {
	if r.Subject == "" || r.Subject == r.SubjectID {
		return r.SubjectID
	}
	return r.Subject + " (" + r.SubjectID + ")"
}

// waitSentence says whom a run waits for and what would end it.
func waitSentence(w port.Waiting) string {
	if len(w.People) == 0 {
		return "Waits for " + w.For
	}
	return "Waits for " + and(w.People) + ": " + w.For
}
