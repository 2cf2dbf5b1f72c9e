package jira_test

import (
	"context"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// skipping lets the clock run on instead of letting the caller wait.
type skipping struct {
	jira.Limiter
	clock *clock
	held  int
}

func (s *skipping) Allow(ctx context.Context, key string, l jira.Limit) (time.Duration, error) {
	for {
		wait, err := s.Limiter.Allow(ctx, key, l)
		if err != nil || wait <= 0 {
			return 0, err
		}
		s.held++
		s.clock.add(wait)
	}
}

// However much there is to do, the calls stay below the site's limits of
// endpoints and of issues, and all of them get through.
func TestPace(t *testing.T) {
	t.Parallel()
	comment := func(w *world, _ int) error {
		_, err := w.client.Comment(w.ctx(), "aims-c", "10001", port.Comment{Text: "x"})
		return err
	}
	for name, tc := range map[string]struct {
		calls int
		do    func(*world, int) error
	}{
		"creates": {250, func(w *world, _ int) error {
			_, err := w.client.CreateIssue(w.ctx(), "aims-more", port.Place{}, port.Issue{Type: "Task", Summary: "x"}, "")
			return err
		}},
		"comments on one issue": {150, comment},
		"edits of ten issues": {250, func(w *world, n int) error {
			id := []string{"10001", "10002", "10003", "10004", "10005", "10006", "10007", "10008", "10009", "10010"}[n%10]
			return w.client.Update(w.ctx(), id, port.IssueUpdate{Summary: "x"})
		}},
		"looks": {250, func(w *world, _ int) error {
			_, err := w.client.FindIssues(w.ctx(), key)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pace *skipping
			w := newWorld(t, func(s *jiratest.Options, _ *jiratest.Seed, o *jira.Options) {
				c := newClock()
				pace = &skipping{Limiter: jira.NewLocalLimiter(c.now), clock: c}
				s.RateLimits, s.Now = true, c.now
				o.Limits, o.Limiter, o.Now = true, pace, c.now
			})
			for range 10 {
				w.create("aims-first")
			}
			for n := range tc.calls {
				if err := tc.do(w, n); err != nil {
					t.Fatalf("call %d: %v", n+1, err)
				}
			}
			if v := w.server.Violations(); len(v) != 0 || pace.held == 0 {
				t.Errorf("violations %v, held %d", v, pace.held)
			}
		})
	}
}
