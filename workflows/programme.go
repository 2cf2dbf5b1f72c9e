package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities"
)

// ProgrammeName is the workflow type of the programme.
const ProgrammeName = "Programme"

// programmeDay is how long one history of the programme lasts.
const programmeDay = 24 * time.Hour

// ProgrammeInput is where the programme left off; zero = after the last
// occurrences in the ledger, or now.
type ProgrammeInput struct{ Since time.Time }

// Programme starts what comes due: it looks, sleeps until the next due instant
// or an hour, and continues as new every day, or when its history is long. What it starts is safe to start
// twice, so a second programme does no harm.
func Programme(ctx workflow.Context, in ProgrammeInput) error {
	began := workflow.Now(ctx)
	since := in.Since
	for {
		now := workflow.Now(ctx).UTC()
		var res activities.DueResult
		req := activities.DueRequest{Since: since, Now: now}
		err := workflow.ExecuteLocalActivity(judging(ctx), "Due", req).Get(ctx, &res)
		if failed(err) {
			err = workflow.ExecuteActivity(judgingSlow(ctx), "Due", req).Get(ctx, &res)
		}
		if err != nil {
			return fmt.Errorf("programme: %w", err)
		}
		since = now
		if err := workflow.Sleep(ctx, max(res.NextAt.Sub(now), time.Second)); err != nil {
			return err
		}
		if workflow.Now(ctx).Sub(began) >= programmeDay || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, ProgrammeName, ProgrammeInput{Since: since})
		}
	}
}

// ProgrammeID is the workflow id of an installation's programme.
func ProgrammeID(installation string) string {
	return "aims-" + installation[:min(8, len(installation))] + "-programme"
}
