package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintHolds checks that what a task holds up can be held up, and that somebody
// can lift the hold whenever it is placed.
func lintHolds(l *linter) {
	for _, at := range l.flow {
		if at.step.Task == nil || at.step.Task.Hold == nil {
			continue
		}
		h := at.step.Task.Hold
		until, ok := l.lifts(at, h.Until)
		seen := map[string]bool{}
		for _, id := range h.Blocks {
			if seen[id.V] {
				l.ps.Add(id.Pos, "hold", "`%s` is in this list already.", id)
				continue
			}
			seen[id.V] = true
			if to, found := l.blocked(at, id); found && ok {
				l.deadlock(to, until, id)
			}
		}
	}
}

// lifts checks the step that ends a hold, and tells whether there is one.
func (l *linter) lifts(at place, id Str) (place, bool) {
	if id.Empty() {
		return place{}, false
	}
	to, ok := l.find(id.V)
	switch {
	case !ok:
		l.ps.Add(id.Pos, "unknown-step", "There is no step `%s`.%s", id, source.DidYouMean(id.V, l.stepIDs()))
		return to, false
	case to.step == at.step:
		l.ps.Add(id.Pos, "hold", "`until` names the step itself, but doing the task lifts no hold: somebody has to decide so. Name the approval that lifts it.")
		return to, false
	case l.notInEach(id, to, "lift a hold"):
		return to, false
	case !to.step.WaitsForPeople():
		l.ps.Add(id.Pos, "hold", "Nobody does the step `%s`, so it cannot lift a hold. Name an approval, a form or a task.", id)
		return to, false
	case at.orderOf(to) == earlier:
		l.ps.Add(id.Pos, "hold", "`%s` is done before this hold is placed, on %s, so it would lift it at once. Name a step that comes later.", id, line(to.step.Pos, id.Pos))
		return to, false
	}
	if why := unshared(at, to); why != "" {
		l.ps.Add(id.Pos, "hold", "`%s` is only asked %s, and the hold is placed in other cases too: then nobody would decide to lift it. Give both steps the same `when`, or put both into the same block.", id, why)
		return to, false
	}
	return to, true
}

// unshared says on what the step that lifts a hold depends and the hold does
// not; empty when it is asked whenever the hold is placed.
func unshared(hold, until place) string {
	var whens []string
	for _, s := range append(slices.Clone(hold.above), hold.step) {
		if !s.When.Empty() {
			whens = append(whens, strings.Join(strings.Fields(s.When.V), " "))
		}
	}
	for _, s := range append(slices.Clone(until.above), until.step) {
		switch when := strings.Join(strings.Fields(s.When.V), " "); {
		case slices.Contains(hold.above, s):
		case !s.When.Empty() && !slices.Contains(whens, when):
			return "when " + when
		case s != until.step && s.Approval != nil:
			return "when `" + s.ID.V + "` was rejected"
		case s != until.step && s.Back != nil:
			return "when `" + s.ID.V + "` has gone back often enough"
		}
	}
	return ""
}

// blocked checks a step that a hold is to keep back, and tells whether it can.
func (l *linter) blocked(at place, id Str) (place, bool) {
	to, ok := l.find(id.V)
	if !ok {
		l.ps.Add(id.Pos, "unknown-step", "There is no step `%s`.%s", id, source.DidYouMean(id.V, l.stepIDs()))
		return to, false
	}
	if in := to.each(); in != nil && in != at.each() {
		l.ps.Add(id.Pos, "each", "`%s` is done once for every entry of `%s`, so one cannot wait alone. Name `%s`, which then waits with all its entries.", id, in.ID, in.ID)
		return to, false
	}
	switch at.orderOf(to) {
	case itself:
		l.ps.Add(id.Pos, "hold", "This task cannot hold itself up. Name the steps that must wait until `%s` is done.", at.step.Task.Hold.Until)
		return to, false
	case around:
		l.ps.Add(id.Pos, "hold", "This task is a part of `%s`, and cannot hold up what it stands in. Name the steps that must wait.", id)
		return to, false
	case earlier:
		l.ps.Add(id.Pos, "hold", "`%s` comes before this hold, on %s: it is done by then, and nothing is held up. Name a step that comes later.", id, line(to.step.Pos, id.Pos))
		return to, false
	case beside:
		if !at.firstBeside(to) {
			l.ps.Add(id.Pos, "hold", "`%s` runs at the same time, in the same group, and may be open before this hold is placed. Make this task an entry of the group itself, above the one with `%s`.", id, id)
			return to, false
		}
	}
	for _, inner := range to.step.All() {
		if inner.Clock != nil {
			l.ps.Add(id.Pos, "hold", "The clock `%s` is a legal deadline: it runs whether evidence is held or not, and cannot wait. Name other steps.", inner.ID)
			return to, false
		}
	}
	return to, true
}

// firstBeside tells whether the step is an entry of the group that both stand
// in, and is opened before the other's.
func (p place) firstBeside(other place) bool {
	n := len(p.path)
	return len(other.path) >= n && slices.Equal(p.path[:n-1], other.path[:n-1]) && p.path[n-1] < other.path[n-1]
}

// deadlock finds a step that waits for a decision which is only asked after it.
func (l *linter) deadlock(blocked, until place, id Str) {
	switch order := blocked.orderOf(until); {
	case order == itself:
		l.ps.Add(id.Pos, "hold", "`%s` lifts the hold, so it cannot wait for it.", id)
	case order == within:
		l.ps.Add(id.Pos, "hold", "`%s`, which lifts the hold, is a part of `%s`: it could never be asked. Take it out of there.", until.step.ID, id)
	case slices.Contains(blocked.above, until.step):
		l.ps.Add(id.Pos, "hold", "`%s` is only done when `%s` was rejected, and then the hold is not lifted: it would wait for ever. Name a step outside of that.", id, until.step.ID)
	case order == later && blocked.step.WaitedFor():
		l.ps.Add(id.Pos, "hold", "`%s` waits until `%s` is done, and that comes only after it, on %s: the run would stand still. Put `%s` before `%s`.", id, until.step.ID, line(until.step.Pos, id.Pos), until.step.ID, id)
	}
}
