package workflows_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows"
)

// epoch is when the runs of these tests begin: the SDK measures the deadlines of
// local activities by the wall clock, so it must not lie in the past.
var epoch = time.Now().UTC().Round(0)

// world is a run in the SDK's test environment with activities that keep a
// plain inbox and end the run after some rows.
type world struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	mu     sync.Mutex
	inbox  int64    // rows kept so far
	calls  []string // activities in the order they began, local ones as "local X"
	timers int      // timers started

	// ends is after how many judged rows the run has an outcome; 0 = never.
	ends int64
	// The scripts change what an activity answers; nil = nothing special.
	advance func(n int, s *port.RunState) error // n counts the calls from 1
	judge   func(n int, s *port.RunState) error
	tick    func(s *port.RunState)
	perform func(n int) (pending int)
	slow    func(ctx context.Context, n int) error
	inspect func(n int) error
	reach   func(n int) error
	putOff  int // so many first readings are put off
	counts  map[string]int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &world{t: t, env: suite.NewTestWorkflowEnvironment(), ends: 1, counts: map[string]int{}}
	w.env.SetStartTime(epoch)
	w.env.SetTestTimeout(10 * time.Second)
	w.env.RegisterWorkflowWithOptions(workflows.Run, workflow.RegisterOptions{Name: "Run"})
	for name, f := range map[string]any{
		"Advance": w.doAdvance, "Judge": w.doJudge, "Tick": w.doTick, "Inspect": w.doInspect,
		"Reach": w.doReach, "Perform": w.doPerform, "PerformSlow": w.doPerformSlow,
	} {
		w.env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	w.env.SetOnTimerScheduledListener(func(string, time.Duration) { w.timers++ })
	return w
}

// run plays the run to its end.
func (w *world) run(start port.StartedRun, carried workflows.Carried) error {
	w.t.Helper()
	start.ID, start.StartedAt = "R1", epoch
	w.env.ExecuteWorkflow("Run", start, carried)
	if !w.env.IsWorkflowCompleted() {
		w.t.Fatalf("the run does not end; calls: %q", w.calls)
	}
	return w.env.GetWorkflowError()
}

// say keeps a row in the inbox and signals the run, as intake does.
func (w *world) say() {
	w.mu.Lock()
	w.inbox++
	w.mu.Unlock()
	w.env.SignalWorkflow("inbox", "D1")
}

// sayAfter says something so long after the start.
func (w *world) sayAfter(d time.Duration) { w.env.RegisterDelayedCallback(w.say, d) }

// begin notes a call and counts it.
func (w *world) begin(ctx context.Context, name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[name]++
	n := w.counts[name]
	if !activity.GetInfo(ctx).IsLocalActivity {
		name = "regular " + name
	}
	w.calls = append(w.calls, name)
	return n
}

// count is how often an activity was called, "regular X" for regular ones.
func (w *world) count(name string) int {
	n := 0
	for _, c := range w.calls {
		if c == name {
			n++
		}
	}
	return n
}

// before tells whether the first call of one came before the first of another.
func (w *world) before(one, another string) bool {
	i, j := slices.Index(w.calls, one), slices.Index(w.calls, another)
	return i >= 0 && (j < 0 || i < j)
}

// change runs a script on a copy of the state and answers the difference.
func change(r activities.Request, do func(s *port.RunState) error) (port.Delta, error) {
	after, err := r.State.Clone()
	if err != nil {
		return port.Delta{}, err
	}
	if err := do(&after); err != nil {
		return port.Delta{}, err
	}
	return port.Diff(r.State, after)
}

func (w *world) doAdvance(ctx context.Context, r activities.Request) (port.Delta, error) {
	n := w.begin(ctx, "Advance")
	return change(r, func(s *port.RunState) error {
		s.Parked = ""
		if c := s.Cancel; c != nil {
			s.Outcome = "cancelled"
			return nil
		}
		if w.advance != nil {
			if err := w.advance(n, s); err != nil {
				return err
			}
		}
		if w.ends > 0 && s.Cursor >= w.ends {
			s.Outcome = "completed"
		}
		return nil
	})
}

func (w *world) doJudge(ctx context.Context, r activities.Request) (activities.Judged, error) {
	n := w.begin(ctx, "Judge")
	w.mu.Lock()
	rows := w.inbox
	w.mu.Unlock()
	more := false
	d, err := change(r, func(s *port.RunState) error {
		last := min(rows, s.Cursor+activities.JudgeLimit)
		more = last < rows
		for s.Cursor < last {
			s.Cursor++
			s.Done = append(s.Done, port.StepResult{Step: "s" + string(rune('a'+s.Cursor))})
		}
		if w.judge != nil {
			return w.judge(n, s)
		}
		return nil
	})
	return activities.Judged{Delta: d, More: more}, err
}

func (w *world) doTick(ctx context.Context, r activities.Request) (port.Delta, error) {
	w.begin(ctx, "Tick")
	return change(r, func(s *port.RunState) error {
		s.NextAt = time.Time{}
		if w.tick != nil {
			w.tick(s)
		}
		return nil
	})
}

func (w *world) doInspect(ctx context.Context, r activities.Request) (port.Delta, error) {
	n := w.begin(ctx, "Inspect")
	return change(r, func(s *port.RunState) error {
		if n > w.putOff {
			s.Reread = nil
		}
		if w.inspect != nil {
			return w.inspect(n)
		}
		return nil
	})
}

func (w *world) doReach(ctx context.Context, _ activities.Request) error {
	n := w.begin(ctx, "Reach")
	if w.reach == nil {
		return nil
	}
	return w.reach(n)
}

func (w *world) doPerform(ctx context.Context, _ string) (activities.Performed, error) {
	n := w.begin(ctx, "Perform")
	if w.perform == nil {
		return activities.Performed{}, nil
	}
	return activities.Performed{Pending: w.perform(n)}, nil
}

func (w *world) doPerformSlow(ctx context.Context, _ string) (activities.Performed, error) {
	n := w.begin(ctx, "PerformSlow")
	if w.slow == nil {
		return activities.Performed{}, nil
	}
	return activities.Performed{}, w.slow(ctx, n)
}

// sayOnce says something unless something was said before.
func (w *world) sayOnce() {
	w.mu.Lock()
	said := w.inbox > 0
	w.mu.Unlock()
	if !said {
		w.say()
	}
}

// watch follows the regular activities from now on.
func (w *world) watch(note func(i *activity.Info)) {
	w.env.SetOnActivityStartedListener(func(i *activity.Info, _ context.Context, _ converter.EncodedValues) { note(i) })
}

// regular returns how often each regular activity, by its id, was tried.
func (w *world) regular() func() map[string]int {
	ids := map[string]int{}
	w.watch(func(i *activity.Info) { ids[i.ActivityID]++ })
	return func() map[string]int { return ids }
}

// testQueue is the queue of runs in the SDK's test environment.
const testQueue = "default-test-taskqueue"

// queues returns the queue of each regular activity.
func (w *world) queues() func() map[string]string {
	queues := map[string]string{}
	w.watch(func(i *activity.Info) { queues[i.ActivityType.Name] = i.TaskQueue })
	return func() map[string]string { return queues }
}

// talk is a slow activity during which somebody says something; it ends when
// that was judged.
func (w *world) talk(judged <-chan struct{}) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		w.say()
		select {
		case <-judged:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
