package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/rehearsal"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// playOne plays a scenario on a ledger of its own, which is thrown away.
func (t *tested) playOne(ctx context.Context, one *played) (problems source.Problems, err error) {
	dir, err := os.MkdirTemp("", "aimsbot-test-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for a ledger: %w", err)
	}
	defer func() {
		if gone := os.RemoveAll(dir); err == nil {
			err = gone
		}
	}()
	stage := &rehearsal.Stage{Library: t.shelfOf(one.config)}
	l, err := ledger.Open(ctx, ledger.Options{Path: filepath.Join(dir, "ledger.db"), Key: ledger.LedgerKey{1}, Now: stage.Now})
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := l.Close(); err == nil {
			err = closed
		}
	}()
	stage.Ledger = l
	stage.Load = func(ctx context.Context, o org.Organisation, at time.Time) error {
		_, err := l.PutOrganisation(ctx, o, at)
		return err
	}
	cover := t.covers[one.Playbook]
	stage.Decided = cover.decided
	seen, problems, err := stage.Play(ctx, one.Scenario)
	for _, run := range seen {
		if c := t.covers[run.Playbook]; c != nil {
			c.seen(run)
		}
	}
	return problems, err
}

// shelfOf is the library of a config, one for all its scenarios: a definition is
// made once.
func (t *tested) shelfOf(c *config) *shelf {
	s, _ := t.shelves.LoadOrStore(c, newShelf(c))
	return s.(*shelf)
}

// covered is what scenarios have shown of a playbook.
type covered struct {
	goals []playbooks.Goal

	mu         sync.Mutex
	conditions map[source.Pos]map[bool]bool
	runs       []rehearsal.Seen
}

func newCovered(p *playbooks.Playbook) *covered {
	return &covered{goals: playbooks.Goals(p), conditions: map[source.Pos]map[bool]bool{}}
}

func (c *covered) decided(at playbooks.Pos, holds bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conditions[at] == nil {
		c.conditions[at] = map[bool]bool{}
	}
	c.conditions[at][holds] = true
}

func (c *covered) seen(run rehearsal.Seen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs = append(c.runs, run)
}

// missing are the goals that no scenario has reached.
func (c *covered) missing() []playbooks.Goal {
	var out []playbooks.Goal
	for _, g := range c.goals {
		if !c.reached(g) {
			out = append(out, g)
		}
	}
	return out
}

func (c *covered) reached(g playbooks.Goal) bool {
	if g.Kind == playbooks.GoalCondition {
		return c.conditions[g.Pos][g.Holds]
	}
	return slices.ContainsFunc(c.runs, func(r rehearsal.Seen) bool {
		switch g.Kind {
		case playbooks.GoalStep:
			return slices.Contains(r.Steps, g.Name)
		case playbooks.GoalMissed:
			return slices.Contains(r.Missed, g.Name)
		case playbooks.GoalOutcome:
			return r.Outcome == g.Name
		}
		return false
	})
}
