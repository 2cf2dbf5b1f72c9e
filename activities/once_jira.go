package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
)

func (a *Activities) attemptJira(ctx context.Context, e, of port.Effect) (port.Outcome, error) {
	switch e.Kind {
	case port.EffectIssue:
		return a.createIssue(ctx, e, of)
	case port.EffectComment:
		var c port.Comment
		if err := json.Unmarshal(e.Body, &c); err != nil {
			return port.Outcome{}, broken(e, err)
		}
		if maybeDone(e) {
			found, err := a.Tracker.FindComments(ctx, e.Key, of.Outcome.IssueID)
			if err != nil {
				return port.Outcome{}, &lookError{err}
			}
			if len(found) > 0 {
				found[0].Found = true
				return found[0], nil
			}
		}
		return a.Tracker.Comment(ctx, e.Key, of.Outcome.IssueID, c)
	case port.EffectMove:
		var m port.Move
		if err := json.Unmarshal(e.Body, &m); err != nil {
			return port.Outcome{}, broken(e, err)
		}
		return of.Outcome, a.Tracker.Move(ctx, of.Outcome.IssueID, m)
	case port.EffectUpdate:
		var u port.IssueUpdate
		if err := json.Unmarshal(e.Body, &u); err != nil {
			return port.Outcome{}, broken(e, err)
		}
		return of.Outcome, a.Tracker.Update(ctx, of.Outcome.IssueID, u)
	}
	return port.Outcome{}, broken(e, errors.New("this version does not know the kind"))
}

func (a *Activities) createIssue(ctx context.Context, e, of port.Effect) (port.Outcome, error) {
	var i port.Issue
	if err := json.Unmarshal(e.Body, &i); err != nil {
		return port.Outcome{}, broken(e, err)
	}
	if maybeDone(e) {
		found, err := a.Tracker.FindIssues(ctx, e.Key)
		if err != nil {
			return port.Outcome{}, &lookError{err}
		}
		if len(found) > 0 {
			if err := a.hint(ctx, e); err != nil {
				return port.Outcome{}, &lookError{err}
			}
			return a.adoptIssue(ctx, e, found)
		}
	}
	return a.Tracker.CreateIssue(ctx, e.Key, e.Place, i, of.Outcome.Issue)
}

// hint has the run read a found issue: what people did to it before it was
// known as ours was announced to nobody. It is kept before the outcome, so that
// no crash comes between; the sweeper tells the run.
func (a *Activities) hint(ctx context.Context, e port.Effect) error {
	if e.Token == "" {
		return nil // an epic: nothing is done there by people
	}
	_, _, err := a.Ledger.Put(ctx, port.InboxRow{
		Kind: port.InboxHint, DeliveryKey: "found:" + e.Key, DecisionID: ulid.Make().String(), Token: e.Token, Run: e.Run,
		Action: "changed", ReceivedAt: a.Now().UTC(), Origin: port.Origin{Door: "jira"},
	})
	if err != nil {
		return fmt.Errorf("keep a hint on a found issue: %w", err)
	}
	return nil
}

// adoptIssue takes the lowest id as ours and marks the others.
func (a *Activities) adoptIssue(ctx context.Context, e port.Effect, found []port.Outcome) (port.Outcome, error) {
	out := found[0]
	out.Found = true
	for _, d := range found[1:] {
		_, err := a.Tracker.Comment(ctx, e.Key+"-double", d.IssueID, port.Comment{Text: "This issue was made twice by mistake. The one that counts is " + out.Issue + "."})
		if err != nil {
			return port.Outcome{}, &lookError{err}
		}
		out.Doubles = append(out.Doubles, d.Issue)
	}
	return out, nil
}
