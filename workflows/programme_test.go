package workflows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestProgramme: it looks at every instant it was told, asks each time for what
// came due since the last look, and continues as new after a day or a
// long history.
func TestProgramme(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		since time.Time
		every time.Duration
		looks int
		fails int
		long  bool // the engine suggests to continue as new
	}{
		"from now":            {every: time.Hour, looks: 24},
		"where it left off":   {since: epoch.Add(-3 * time.Hour), every: 6 * time.Hour, looks: 4},
		"the ledger was away": {every: 12 * time.Hour, looks: 2, fails: 5},
		"a long history":      {every: time.Minute, looks: 1, long: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []activities.DueRequest
			fails := c.fails
			due := func(_ context.Context, q activities.DueRequest) (activities.DueResult, error) {
				if fails--; fails >= 0 {
					return activities.DueResult{}, errors.New("the database is away")
				}
				asked = append(asked, q)
				return activities.DueResult{NextAt: q.Now.Add(c.every)}, nil
			}
			looks, again := playProgramme(t, workflows.ProgrammeInput{Since: c.since}, due, &asked, c.long)
			if len(looks) != c.looks {
				t.Errorf("it looked %d times, want %d", len(looks), c.looks)
			}
			from := c.since // zero: the ledger knows the last occurrences
			for i, q := range looks {
				if !q.Since.Equal(from) {
					t.Fatalf("look %d asks since %s, want %s: what lies between is forgotten", i, q.Since, from)
				}
				from = q.Now
			}
			if !again.Since.Equal(from) {
				t.Errorf("it continues from %s, want %s", again.Since, from)
			}
		})
	}
}

func playProgramme(t *testing.T, in workflows.ProgrammeInput, due any, asked *[]activities.DueRequest, long bool) ([]activities.DueRequest, workflows.ProgrammeInput) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(epoch)
	env.SetContinueAsNewSuggested(long)
	env.RegisterWorkflowWithOptions(workflows.Programme, workflow.RegisterOptions{Name: "Programme"})
	env.RegisterActivityWithOptions(due, activity.RegisterOptions{Name: "Due"})
	env.ExecuteWorkflow("Programme", in)
	var again *workflow.ContinueAsNewError
	if err := env.GetWorkflowError(); !errors.As(err, &again) || again.WorkflowType.Name != "Programme" {
		t.Fatalf("ended with %v, want to continue as new", err)
	}
	var next workflows.ProgrammeInput
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(*asked), next
}
