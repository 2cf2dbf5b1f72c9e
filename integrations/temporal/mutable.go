package temporal

import (
	"time"

	"go.temporal.io/server/api/persistence/v1"
)

// mutableState is the server's inner state of an open run.
type mutableState struct {
	*persistence.WorkflowMutableState
}

// rest tells how far the run's time is ahead and when its next timer is due. quiet
// is false while something is under way or a timer is about to fire.
func (m *mutableState) rest(workflow string) (r rest, quiet bool) {
	info := m.GetExecutionInfo()
	skip := info.GetTimeSkippingInfo()
	r = rest{workflow: workflow, skipped: skip.GetAccumulatedSkippedDuration().AsDuration()}
	if skip.GetConfig().GetEnabled() && skip.GetFastForwardInfo() != nil && !skip.GetFastForwardInfo().GetHasReached() {
		return r, false
	}
	if info.GetWorkflowTaskScheduledEventId() != 0 || len(m.GetBufferedEvents()) > 0 {
		return r, false
	}
	for _, t := range m.GetTimerInfos() {
		r.earliest(t.GetExpiryTime().AsTime())
	}
	for _, a := range m.GetActivityInfos() {
		// One that waits to be tried again is a timer; any other is under way.
		if a.GetStartedEventId() != 0 || a.GetAttempt() < 2 {
			return r, false
		}
		r.earliest(a.GetScheduledTime().AsTime())
	}
	if first := info.GetExecutionTime().AsTime(); info.GetLastCompletedWorkflowTaskStartedEventId() == 0 {
		r.earliest(first) // its start is delayed
	}
	return r, r.due.IsZero() || r.due.After(r.now().Add(near))
}

func (r *rest) earliest(t time.Time) {
	if r.due.IsZero() || t.Before(r.due) {
		r.due = t
	}
}
