package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

// twinWork holds the activities of both hand-written programs. They make the
// calls of the bot's run through the same Slack and Jira clients, and as many
// durable writes.
type twinWork struct {
	store *twinStore
	slack *slack.Client
	jira  *jira.Client
	plain bool
}

// twinBatch is what one activity writes.
type twinBatch struct {
	s       *twinState
	effects []twinEffect
	asks    []string // steps
	records []string
}

func (b *twinBatch) key(step, purpose string) string {
	return "aims-" + port.Digest26(b.s.Run, step, purpose)
}

func (b *twinBatch) intend(step, purpose, kind, of string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain values
	}
	b.effects = append(b.effects, twinEffect{Key: b.key(step, purpose), Run: b.s.Run, Step: step, Kind: kind, Of: of, Body: raw})
}

func (b *twinBatch) issue(step, summary, assignee string) {
	i := port.Issue{Type: "Task", Project: "GOV", Process: "impact-assessment", Summary: summary, Description: "Run " + b.s.Run, Assignee: assignee, Due: time.Now().AddDate(0, 0, 14).Format(time.DateOnly)}
	if step == "" {
		i.Type, i.Due = "Epic", ""
	}
	b.intend(step, "issue", port.EffectIssue, b.key("", "issue"), i)
}

func (b *twinBatch) move(step string) {
	b.intend(step, "move", port.EffectMove, b.key(step, "issue"), port.Move{Category: port.CategoryDone, Status: "Done"})
}

// write commits the batch and hands the new effects to the plain program.
func (t *twinWork) write(b *twinBatch) (twinState, error) {
	err := t.store.do(func(tx *sql.Tx) error {
		for _, e := range b.effects {
			if _, err := tx.Exec("INSERT INTO effects (key, run, step, kind, of_key, body, state) VALUES (?, ?, ?, ?, ?, ?, 'intent') ON CONFLICT DO NOTHING", e.Key, e.Run, e.Step, e.Kind, e.Of, string(e.Body)); err != nil {
				return err
			}
		}
		for _, step := range b.asks {
			if _, err := tx.Exec("INSERT INTO asks VALUES (?, ?, ?) ON CONFLICT DO NOTHING", twinToken(b.s.Run, step), b.s.Run, step); err != nil {
				return err
			}
		}
		for _, r := range b.records {
			if err := twinRecord(tx, b.s.Run, r, b.s); err != nil {
				return err
			}
		}
		_, err := tx.Exec("UPDATE runs SET state = ? WHERE id = ?", b.s.Phase, b.s.Run)
		return err
	})
	b.s.New = nil
	for _, e := range b.effects {
		if t.plain {
			b.s.New = append(b.s.New, twinRef{e.Key, e.Of})
		}
	}
	return *b.s, err
}

func twinToken(run, step string) string { return port.Digest26(run, step, "token") }

// Judge takes the rows that wait.
func (t *twinWork) Judge(ctx context.Context, s twinState) (twinState, error) {
	b := &twinBatch{s: &s}
	rows, err := t.store.rowsAfter(ctx, s.Run, s.Cursor)
	if err != nil {
		return s, err
	}
	for _, r := range rows {
		s.Cursor = r.ID
		if r.Action == "changed" {
			if key := b.key(r.Step, "issue"); !slices.Contains(s.Reread, key) {
				s.Reread = append(s.Reread, key)
			}
			continue
		}
		acc, err := t.slack.Account(ctx, r.Team, r.User)
		if err != nil || !acc.OK {
			return s, errors.Join(err, fmt.Errorf("%s may not decide", r.User))
		}
		b.records = append(b.records, "decision.accepted")
		switch {
		case r.Step == "scope":
			s.Go = true
		case r.User == "U0ETHAN":
			s.Officer = true
		default:
			s.Votes++
		}
		if r.Step == "sign_off" {
			s.Version++
			if s.Go = s.Officer && s.Votes >= 3; !s.Go {
				b.editAsks()
			}
		}
	}
	return t.write(b)
}

// Inspect reads issues again.
func (t *twinWork) Inspect(ctx context.Context, s twinState) (twinState, error) {
	b := &twinBatch{s: &s}
	for _, key := range s.Reread {
		e, err := t.store.effect(ctx, key)
		if err != nil {
			return s, err
		}
		now, err := t.jira.Read(ctx, e.Out.IssueID)
		if err != nil {
			return s, err
		}
		if now.Category == port.CategoryDone && len(now.Evidence) > 0 && strings.HasSuffix(e.Step, "_test") && !slices.Contains(s.Tasks, e.Step) {
			s.Tasks, s.Finished, s.Go = append(s.Tasks, e.Step), append(s.Finished, e.Step), true
			b.records = append(b.records, "step.closed")
		}
	}
	s.Reread = nil
	return t.write(b)
}

// Perform makes the calls that wait, Slack and Jira side by side, each claimed
// before and settled after.
func (t *twinWork) Perform(ctx context.Context, run string) error {
	all, err := t.store.effects(ctx, "WHERE run = ? ORDER BY seq", run)
	if err != nil {
		return err
	}
	out := &twinOutcomes{done: map[string]port.Outcome{}}
	for _, e := range all {
		if e.Done {
			out.done[e.Key] = e.Out
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, 3)
	chain := func(n int, target string) {
		for _, e := range all {
			if !strings.HasPrefix(e.Kind, target) || !out.ready(e) {
				continue
			}
			if errs[n] = t.claimed(ctx, e, out); errs[n] != nil {
				return
			}
		}
	}
	wg.Go(func() { chain(0, "slack.") })
	wg.Go(func() { chain(1, "jira.") })
	wg.Wait()
	chain(2, "slack.") // what waited for an issue
	return errors.Join(errs...)
}

// twinOutcomes is what is done, shared by the two chains.
type twinOutcomes struct {
	mu   sync.Mutex
	done map[string]port.Outcome
}

// ready tells whether an effect can be done and is not.
func (o *twinOutcomes) ready(e twinEffect) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, done := o.done[e.Key]
	_, there := o.done[e.Of]
	return !done && (e.Of == "" || there || e.Key == e.Of)
}

func (t *twinWork) claimed(ctx context.Context, e twinEffect, out *twinOutcomes) error {
	if err := t.store.exec("UPDATE effects SET state = 'claimed' WHERE key = ?", e.Key); err != nil {
		return err
	}
	out.mu.Lock()
	of := out.done[e.Of]
	out.mu.Unlock()
	result, err := t.call(ctx, e, of)
	if err != nil {
		return err
	}
	out.mu.Lock()
	out.done[e.Key] = result
	out.mu.Unlock()
	return t.store.settle(e, result)
}

// Effect is one call as an activity of its own.
func (t *twinWork) Effect(ctx context.Context, key string) error {
	e, err := t.store.effect(ctx, key)
	if err != nil || e.Done {
		return err
	}
	var of twinEffect
	if e.Of != "" && e.Of != e.Key {
		if of, err = t.store.effect(ctx, e.Of); err != nil {
			return err
		}
	}
	result, err := t.call(ctx, e, of.Out)
	if err != nil {
		return err
	}
	return t.store.settle(e, result)
}

// call makes one call outside.
func (t *twinWork) call(ctx context.Context, e twinEffect, of port.Outcome) (port.Outcome, error) {
	var card port.Card
	var issue port.Issue
	var move port.Move
	var comment port.Comment
	into := map[string]any{port.EffectPost: &card, port.EffectEdit: &card, port.EffectIssue: &issue, port.EffectMove: &move, port.EffectComment: &comment}[e.Kind]
	if err := json.Unmarshal(e.Body, into); err != nil {
		return port.Outcome{}, err
	}
	switch e.Kind {
	case port.EffectPost:
		user := ""
		if card.To.Person != "" {
			user = "U0" + strings.ToUpper(card.To.Person)
		}
		if of.URL != "" {
			card.Links = append(card.Links, port.Link{Label: "Open " + of.Issue, URL: of.URL})
		}
		return t.slack.Post(ctx, e.Key, card, user, "")
	case port.EffectEdit:
		return of, t.slack.Edit(ctx, of, card)
	case port.EffectIssue:
		return t.jira.CreateIssue(ctx, e.Key, port.Place{Run: e.Run, Step: e.Step, Round: 1}, issue, of.Issue)
	case port.EffectMove:
		return of, t.jira.Move(ctx, of.IssueID, move)
	}
	return t.jira.Comment(ctx, e.Key, of.IssueID, comment)
}
