package playbooks

import "github.com/aimsbot/aimsbot/playbooks/org"

// lintItems checks the steps that are done for every entry of a list.
func lintItems(l *linter) {
	for _, at := range l.flow {
		if e := at.step.Each; e != nil {
			l.entryName(e.As)
			if e.As.Empty() && l.collectsItems() {
				l.ps.Add(at.step.Pos, "each", "In this playbook `item` is an entry of what is collected. Give the entries of `%s` another name with `as`, such as as: action.", at.step.ID)
			}
			if outer := at.each(); outer != nil {
				l.ps.Add(at.step.Pos, "each", "An each cannot stand in another one: `%s` stands in `%s`. Do the second list after the first, in an each of its own.", at.step.ID, outer.ID)
			}
		}
		if in := at.each(); in != nil {
			l.inEach(at, in)
		}
	}
}

// collectsItems tells whether a step chooses what it collects by a condition.
func (l *linter) collectsItems() bool { return len(itemRoot(l.p, nil)) > 0 }

// inEach refuses what would reach beyond the entry it is done for.
func (l *linter) inEach(at place, in *Step) {
	s := at.step
	switch {
	case s.ID.V == "item":
		l.ps.Add(s.ID.Pos, "reserved-id", "`item` is the entry itself in what `%s` leaves. Choose another id.", in.ID)
	case s.End != nil:
		l.ps.Add(s.Pos, "each", "An `end` in an each would end the run while the other entries are still worked on. Put it after `%s`, with a condition that asks the list, such as steps.%s.exists(x, ...).", in.ID, in.ID)
	case s.Back != nil:
		l.ps.Add(s.Pos, "each", "Going back from one entry of an each would also undo the others. Put the `back` after `%s`, with a condition that asks the list.", in.ID)
	case s.Clock != nil:
		l.ps.Add(s.Pos, "each", "A clock runs once in a run, and not for every entry of `%s`. Put it before the each; a task in it can have a `due` of its own.", in.ID)
	case s.Form != nil && s.Form.Again:
		l.ps.Add(s.Pos, "each", "Answers in an each cannot be changed with `again`. Remove it; whoever decides afterwards can ask for changes.")
	case s.Task != nil && s.Task.Hold != nil:
		l.ps.Add(s.Pos, "each", "`blocks` cannot stand in an each, because it would hold up the other entries too. Place the hold in a task before or after `%s`.", in.ID)
	case s.MayStandDown():
		l.ps.Add(s.Task.StandDown.Pos, "each", "`stand_down` cannot stand in an each: it would be looked at for one entry and not for the others. Remove it, or write a task outside of `%s`.", in.ID)
	case s.Approval != nil:
		l.approvalInEach(s, in)
	}
}

func (l *linter) approvalInEach(s, in *Step) {
	if c := s.Approval.Changes; !c.Empty() {
		if to, ok := l.find(c.V); ok && to.each() == in {
			l.ps.Add(c.Pos, "each", "`%s` is done for every entry of `%s`, so going back there would ask about all of them again. Leave `changes` out here, or decide about all entries in one approval after `%s`.", c, in.ID, in.ID)
		}
	}
	if r := s.Approval.OnReject; r != nil {
		l.ps.Add(s.Pos, "each", "`on_reject` cannot stand in an each, because it would reach beyond the entry. Without it a rejection ends the run; to do something else, decide about all entries in one approval after `%s`.", in.ID)
	}
}

// notInEach reports a step of an each where one that is done once must be named;
// what says for what.
func (l *linter) notInEach(id Str, to place, what string) bool {
	in := to.each()
	if in == nil {
		return false
	}
	l.ps.Add(id.Pos, "each", "`%s` is done once for every entry of `%s`, so it cannot %s. Name a step outside of the each, such as an approval after `%s`.", id, in.ID, what, in.ID)
	return true
}

// entryName checks what an entry is called.
func (l *linter) entryName(as Str) {
	roots := []string{"steps", "run", "subject", "before", "organisation", "rules", "data", "answers", "choice", "now"}
	switch {
	case as.Empty():
	case !snake.MatchString(as.V) || len(as.V) > maxID || has(celWords, as.V):
		l.ps.Add(as.Pos, "id", "`%s` is no name for an entry. Use small letters, digits and _, beginning with a letter, such as dimension.", as)
	case has(roots, as.V) || has(org.Kinds(), as.V):
		l.ps.Add(as.Pos, "id", "`%s` means something else in expressions already. Choose another name for the entry, such as entry.", as)
	}
}
