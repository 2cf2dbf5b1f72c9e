package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
)

// ActionChanged is the action of every hint: something about the issue may
// have changed, look again.
const ActionChanged = "changed"

// Hint says that something about a Jira issue may have changed. It decides
// nothing: the run reads the issue again.
type Hint struct {
	IssueID     string // numeric
	Author      string // account id of who changed it; tells our own echo
	DeliveryKey string
	// Labels of the issue: ours carry the key of the effect that made it.
	Labels []string
	Event  string // such as "jira:issue_updated"
}

// Jira keeps a hint and signals the run. An issue that is not ours is no
// error; an error means that nothing was kept and the hint must come again.
func (g *Gate) Jira(ctx context.Context, h Hint) error {
	if h.IssueID == "" || h.DeliveryKey == "" {
		return &RefusedError{Text: "a hint needs an issue and a delivery key"}
	}
	ask, err := g.Ledger.AskOfIssue(ctx, h.IssueID)
	if errors.Is(err, port.ErrNotFound) {
		return g.notYetOurs(ctx, h)
	}
	if err != nil {
		return fmt.Errorf("find the ask of an issue: %w", err)
	}
	at := g.now()
	o, err := g.Organisation(ctx, at)
	if err != nil {
		return fmt.Errorf("read the organisation: %w", err)
	}
	person := ""
	matches := 0
	for _, p := range o.People {
		if h.Author != "" && p.Jira == h.Author {
			person = p.ID
			matches++
		}
	}
	if matches != 1 {
		person = ""
	}
	_, err = g.put(ctx, port.InboxRow{
		Kind: port.InboxHint, DeliveryKey: h.DeliveryKey, Token: ask.Token, Run: ask.Run,
		Action: ActionChanged, Person: person, ReceivedAt: at,
		Origin: port.Origin{Door: doorJira, User: h.Author},
	}, map[string]any{"event": h.Event, "issue": h.IssueID})
	return err
}

// notYetOurs answers a hint about an issue whose id is not known here. One that
// carries the key of an effect under way is being made right now: the hint must
// come again. Any other is not ours, nor is a copy of one of ours, which has its
// label.
func (g *Gate) notYetOurs(ctx context.Context, h Hint) error {
	for _, label := range h.Labels {
		underWay, err := g.Ledger.UnderWay(ctx, label) // guard: hint-label-under-way
		if err != nil {
			return fmt.Errorf("look for the maker of an issue: %w", err)
		}
		if underWay {
			return errors.New("the issue has just been made and its id is not stored yet; the hint must come again")
		}
	}
	return nil
}
