package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Seed puts the project and the people in place. It can be repeated: what is
// there is replaced, issues stay.
func (s *Server) Seed(ctx context.Context, seed Seed) error {
	p, err := complete(seed.Project)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("jiratest: seed: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("jiratest: seed: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO jira_meta VALUES ('project', ?)`, string(raw)); err != nil {
		return fmt.Errorf("jiratest: seed: %w", err)
	}
	for _, person := range seed.People {
		doc, err := json.Marshal(person)
		if err != nil {
			return fmt.Errorf("jiratest: seed: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO jira_people VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET doc = excluded.doc`, person.AccountID, string(doc))
		if err != nil {
			return fmt.Errorf("jiratest: seed: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("jiratest: seed: %w", err)
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	s.changed()
	return nil
}

// Reset removes all issues and queued webhooks; project and people stay, and
// so do the numbers: an old key never means another issue.
func (s *Server) Reset(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("jiratest: reset: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range []string{"jira_issues", "jira_labels", "jira_files", "jira_hooks"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+t); err != nil {
			return fmt.Errorf("jiratest: reset: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("jiratest: reset: %w", err)
	}
	s.seen.reset()
	s.limit.init(s.now, s.opt.DataCenter)
	s.changed()
	return nil
}

// complete fills the parts of a project that were left out and checks it.
func complete(p Project) (Project, error) {
	if p.Key == "" {
		return p, fmt.Errorf("jiratest: the project needs a key")
	}
	if p.Name == "" {
		p.Name = p.Key
	}
	if len(p.Types) == 0 {
		p.Types = []string{"Epic", "Task"}
	}
	if len(p.Statuses) == 0 {
		p.Statuses = []Status{
			{ID: "10257", Name: "To Do", Category: categoryNew},
			{ID: "10258", Name: "In Progress", Category: categoryIndeterminate},
			{ID: "10259", Name: "Done", Category: categoryDone},
		}
	}
	if len(p.Transitions) == 0 {
		p.Transitions = allWays(p.Statuses)
	}
	ids := map[string]bool{}
	for _, t := range p.Transitions {
		if ids[t.ID] || p.status(t.From).ID == "" || p.status(t.To).ID == "" {
			return p, fmt.Errorf("jiratest: transition %q: id not unique, or no such status", t.ID)
		}
		ids[t.ID] = true
	}
	if !slices.ContainsFunc(p.Statuses, func(st Status) bool { return st.Category == categoryNew }) {
		return p, fmt.Errorf("jiratest: the project has no status to begin with")
	}
	return p, nil
}

// allWays leads from every status to every other, with ids that differ by the
// status one stands in.
func allWays(list []Status) []Transition {
	var out []Transition
	for i, from := range list {
		for j, to := range list {
			if i == j {
				continue
			}
			name := to.Name
			if from.Category == categoryDone {
				name = "Reopen: " + to.Name
			}
			out = append(out, Transition{ID: strconv.Itoa(10*(i+1) + j + 1), Name: name, From: from.ID, To: to.ID})
		}
	}
	return out
}
