package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// lateBatch is how many rows of closed runs one look settles.
const lateBatch = 100

// SettleLate gives the rows that came after the end of their run a verdict and
// a record: nobody judges them any more, and still nothing said is forgotten.
func (a *Activities) SettleLate(ctx context.Context, olderThan time.Duration) error {
	rows, err := a.Ledger.Late(ctx, a.Now().Add(-olderThan), lateBatch)
	if err != nil {
		return fmt.Errorf("look for late rows: %w", err)
	}
	for _, row := range rows {
		run, err := a.Ledger.Run(ctx, row.Run)
		if err != nil {
			return fmt.Errorf("read run %s: %w", row.Run, err)
		}
		if err := a.settleLate(ctx, run, row); err != nil {
			return err
		}
	}
	return nil
}

func (a *Activities) settleLate(ctx context.Context, run port.RunRow, row port.InboxRow) error {
	v := port.Verdict{
		Row: row.ID, DecisionID: row.DecisionID, Token: row.Token, Kind: row.Kind, Action: row.Action, Person: row.Person,
		At: row.ReceivedAt, Verdict: port.VerdictLate, Reason: "The run had ended.",
	}
	b := port.Batch{Verdicts: []port.Verdict{v}}
	if row.Action == port.ActionEvent {
		b.Released = releasedBy(row, run.Playbook)
	}
	if row.Kind != port.InboxHint {
		place := port.Place{Run: run.ID}
		b.Records = []port.Record{{
			Key: port.RecordKey(place, "decision.late", row.DecisionID, 0), Place: place, At: row.ReceivedAt, Kind: "decision.late",
			Actor: row.Person, Subject: run.SubjectID, Header: map[string]string{"verdict": v.Verdict, "action": row.Action, "door": row.Origin.Door},
			Body: map[string]any{"account": row.Origin.Team + "/" + row.Origin.User},
		}}
		markRecord(&b.Records[0], run.Exercise)
	}
	if err := a.Ledger.Commit(ctx, b); err != nil {
		return fmt.Errorf("settle a late row: %w", err)
	}
	return nil
}
