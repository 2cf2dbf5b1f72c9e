package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// ActionCancel ends a run from the command line, with a reason.
const ActionCancel = "cancel"

// maxReason is the longest reason the command line takes, in characters; the
// same as a text field of a Slack modal.
const maxReason = 3000

// CommandRequest is a command about a run from the command line. The person is
// recorded as claimed.
type CommandRequest struct {
	Run         string
	Action      string // ActionCancel
	Reason      string
	By          string // person id
	DeliveryKey string
}

// Command keeps a command about a run and signals it. Only a cancel enters
// here: decisions come from Slack or the signed-in page. A *RefusedError says
// in words what was wrong.
func (g *Gate) Command(ctx context.Context, c CommandRequest) (port.InboxRow, error) {
	reason := strings.TrimSpace(c.Reason)
	switch {
	case c.Action != ActionCancel:
		return port.InboxRow{}, refused("The command line can cancel a run. Decisions are made in Slack.")
	case c.DeliveryKey == "":
		return port.InboxRow{}, refused("The command has no delivery key.")
	case reason == "":
		return port.InboxRow{}, refused("Say why the run is cancelled: --reason 'why'.")
	case len([]rune(reason)) > maxReason:
		return port.InboxRow{}, refused("The reason is longer than %d characters.", maxReason)
	}
	run, err := g.Ledger.Run(ctx, c.Run)
	if errors.Is(err, port.ErrNotFound) {
		return port.InboxRow{}, refused("There is no run %q.", c.Run)
	}
	if err != nil {
		return port.InboxRow{}, fmt.Errorf("find the run: %w", err)
	}
	if run.State == port.RunClosed {
		return port.InboxRow{}, refused("Run %s has already ended: %s.", run.ID, run.Outcome)
	}
	at := g.now()
	o, err := g.Organisation(ctx, at)
	if err != nil {
		return port.InboxRow{}, fmt.Errorf("read the organisation: %w", err)
	}
	p, found := personByID(o, c.By)
	row, err := g.put(ctx, port.InboxRow{
		Kind: port.InboxCommand, DeliveryKey: c.DeliveryKey, Run: run.ID, Action: c.Action,
		Person: p.ID, ReceivedAt: at, Origin: port.Origin{Door: doorCLI, User: c.By},
	}, map[string]any{QuestionReason: reason})
	if err != nil {
		return port.InboxRow{}, err
	}
	if !found { // guard: cancel-by-somebody
		return row, refused("There is no person %q in the organisation file; the attempt was recorded.", c.By)
	}
	return row, nil
}

func refused(format string, args ...any) error {
	return &RefusedError{Text: fmt.Sprintf(format, args...)}
}
