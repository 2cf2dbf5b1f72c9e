package playbooks

// lintWay checks where a run goes back to: an earlier step from which on
// somebody is asked again. Otherwise it would go round and round by itself.
func lintWay(l *linter) {
	for _, at := range l.flow {
		switch s := at.step; {
		case s.Approval != nil:
			l.backTo(at, s.Approval.Changes, "changes")
			if r := s.Approval.OnReject; r != nil {
				l.backTo(at, r.Back, "back")
			}
		case s.Back != nil:
			l.backTo(at, s.Back.To, "to")
		}
	}
}

func (l *linter) backTo(at place, id Str, key string) {
	if id.Empty() {
		return
	}
	to, ok := l.earlier(at, id, key)
	if !ok {
		return
	}
	for _, between := range l.flow {
		// A group or a block comes again with all that is in it.
		way := to.orderOf(between)
		again := way == itself || way == later || way == within
		before := at.orderOf(between) == earlier
		if again && before && (between.step.Kind == KindForm || between.step.Kind == KindTask) {
			return
		}
	}
	if key == "changes" {
		l.ps.Add(id.Pos, "changes", "Nobody would be asked anything: from `%s` on there is no form or task before this approval. Name the form that is to be changed.", id.V)
		return
	}
	l.ps.Add(id.Pos, "back", "Nobody would be asked anything: from `%s` on there is no form or task before this step, so all would come out the same again. Name a form or task further up.", id.V)
}

// lintEnds finds what stands behind an end that always comes.
func lintEnds(l *linter) {
	for i, at := range l.flow {
		s := at.step
		if s.End == nil || !s.When.Empty() {
			continue
		}
		if n := len(at.above); n > 0 && at.above[n-1].SideBySide() {
			l.ps.Add(s.Pos, "end", "This ends the run as soon as its group begins, before anybody has answered the steps beside it. Give it a `when`, or move it out of the group.")
			continue
		}
		for _, next := range l.flow[i+1:] {
			if at.nextTo(next) {
				l.ps.Add(next.step.Pos, "unreachable", "This step is never reached: `%s` on %s always ends the run before it. Give that one a `when`, or move it to the end.", s.ID, line(s.Pos, next.step.Pos))
				break
			}
		}
	}
}
