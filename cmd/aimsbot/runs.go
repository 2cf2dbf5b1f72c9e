package main

import (
	"context"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

type runsCmd struct {
	State  string `enum:"open,closed,all" default:"all" help:"Only runs in this state: ${enum}."`
	Reveal bool   `help:"Also say what restricted runs are about."`
}

func (c *runsCmd) Run(s *streams, g *globals) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerBudget)
	defer cancel()
	d, err := g.read(ctx, false)
	if err != nil {
		return err
	}
	defer d.close()
	rows, err := runsIn(ctx, d, c.State)
	if err != nil {
		return err
	}
	if !c.Reveal {
		for i, r := range rows {
			rows[i] = veiled(r)
		}
	}
	if g.JSON {
		out := make([]runJSON, 0, len(rows))
		for _, r := range rows {
			out = append(out, listed(r))
		}
		return printJSON(s.out, out)
	}
	d.note(s)
	if len(rows) == 0 {
		say(s.out, "No runs.")
		return nil
	}
	lines := [][]string{{"RUN", "PLAYBOOK", "SUBJECT", "STARTED", "STATE", "WAITS FOR"}}
	for _, r := range rows {
		lines = append(lines, []string{r.ID, r.Playbook, r.SubjectID, moment(r.StartedAt), stateWords(r), waitsFor(r)})
	}
	return table(s.out, lines)
}

// runsIn lists runs. A run whose workflow does not exist yet is open to
// everybody but the sweeper.
func runsIn(ctx context.Context, d reader, state string) ([]port.RunRow, error) {
	if state == "all" {
		return d.Runs(ctx, "")
	}
	rows, err := d.Runs(ctx, state)
	if err != nil || state == port.RunClosed {
		return rows, err
	}
	starting, err := d.Runs(ctx, port.RunStarting)
	if err != nil {
		return nil, err
	}
	rows = append(rows, starting...)
	slices.SortStableFunc(rows, func(a, b port.RunRow) int { return b.StartedAt.Compare(a.StartedAt) })
	return rows, nil
}

// veiled hides what a restricted run is about: the command line knows nobody, and
// what is confidential is to be seen by nobody by chance.
func veiled(r port.RunRow) port.RunRow {
	if r.Restricted() {
		return r.Veiled()
	}
	return r
}

// runJSON is a run as programs get it.
type runJSON struct {
	Run      string `json:"run"`
	Playbook string `json:"playbook"`
	Digest   string `json:"digest"`
	Subject  string `json:"subject"`
	State    string `json:"state"` // open | closed
	Outcome  string `json:"outcome"`
	Exercise bool   `json:"exercise,omitempty"`
	// Restricted: without --reveal it is not said what the run is about.
	Restricted bool            `json:"restricted,omitempty"`
	Steps      []port.StepView `json:"steps,omitzero"` // of one run only
	Waiting    []port.Waiting  `json:"waiting"`
}

func listed(r port.RunRow) runJSON {
	return runJSON{
		Run: r.ID, Playbook: r.Playbook, Digest: r.Definition.Digest, Subject: r.SubjectID,
		State: openOrClosed(r), Outcome: r.Outcome, Exercise: r.Exercise, Restricted: r.Restricted(), Waiting: append([]port.Waiting{}, r.View.Waiting...),
	}
}

func openOrClosed(r port.RunRow) string {
	if r.State == port.RunClosed {
		return port.RunClosed
	}
	return port.RunOpen
}

// stateWords says how a run stands; of an exercise, that it is one.
func stateWords(r port.RunRow) string {
	if r.Exercise {
		return "exercise, " + stateOnly(r)
	}
	return stateOnly(r)
}

func stateOnly(r port.RunRow) string {
	switch r.State {
	case port.RunClosed:
		return words(r.Outcome)
	case port.RunStarting:
		return "starting"
	}
	return "open"
}

// waitsFor names the people a run waits for, each once.
func waitsFor(r port.RunRow) string {
	var who []string
	for _, w := range r.View.Waiting {
		for _, p := range w.People {
			if !slices.Contains(who, p) {
				who = append(who, p)
			}
		}
		if len(w.People) == 0 && w.Step == "" {
			who = append(who, w.For)
		}
	}
	return some(who)
}

// note says on the side that the bot is not running, so that nobody waits for
// a run that stands still.
func (d reading) note(s *streams) {
	switch {
	case d.direct:
		say(s.err, "No bot answers in the data folder; this is what the ledger in DATABASE_URL says.")
	case d.stopped:
		say(s.err, "The bot is not running; this is what its ledger says.")
	}
}
