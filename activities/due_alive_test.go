package activities_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimsbot/aimsbot/activities"
)

// TestProgrammeAlive: a bot is alive while it or another one looks at the
// programme.
func TestProgrammeAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var a activities.Activities
		asked := 0
		elsewhere := func(at time.Time, err error) func(context.Context) (time.Time, error) {
			return func(context.Context) (time.Time, error) { asked++; return at, err }
		}
		begun := time.Now()
		check := func(what string, at time.Time, err error, alive bool, asks int) {
			t.Helper()
			asked = 0
			if got := a.ProgrammeAlive(t.Context(), elsewhere(at, err)); (got == nil) != alive || asked != asks {
				t.Errorf("%s: %v, asked elsewhere %d times; want alive %v, asked %d times", what, got, asked, alive, asks)
			}
		}
		check("just begun", begun, nil, true, 0)
		time.Sleep(3 * time.Hour)
		check("nobody looked", begun, nil, false, 1)
		check("nobody can say", time.Now(), errors.New("away"), false, 1)
		check("another one looked", time.Now().Add(-time.Hour), nil, true, 1)
		check("that counts", begun, nil, true, 0)
		time.Sleep(2 * time.Hour)
		check("and grows old", begun, nil, false, 1)
	})
}
