package activities

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// Inspect reads again the Jira issues that a hint spoke of, and judges what is
// there: a task done by the right person with what it needs, something closed
// too early, evidence that changed afterwards. What a webhook claims is never
// believed.
func (a *Activities) Inspect(ctx context.Context, r Request) (port.Delta, error) {
	s, err := a.open(ctx, r)
	if err != nil {
		return port.Delta{}, err
	}
	if err := s.catchUp(); err != nil {
		return port.Delta{}, err
	}
	var later []string
	for _, step := range s.state.Reread {
		issue := s.reread(step)
		if issue != nil && (!finished(*issue) || s.moving(issue)) {
			later = append(later, step) // read once it is known, and where we left it
			continue
		}
		if issue == nil || issue.Outcome.IssueID == "" {
			continue
		}
		if err := s.readAgain(ctx, step, issue); err != nil {
			return port.Delta{}, err
		}
	}
	s.state.Reread = later
	return s.commit(r.State)
}

// Reach reads the same issues and changes nothing: it is done when Jira answers,
// so that the run need not wait for it.
func (a *Activities) Reach(ctx context.Context, r Request) error {
	s, err := a.open(ctx, r)
	if err != nil {
		return err
	}
	for _, step := range s.state.Reread {
		issue := s.reread(step)
		if issue == nil || issue.Outcome.IssueID == "" {
			continue
		}
		if _, err := a.Tracker.Read(ctx, issue.Outcome.IssueID); err != nil && !isGone(err) {
			return fmt.Errorf("read issue %s: %w", issue.Outcome.Issue, err)
		}
	}
	return nil
}

func (s *session) inspect(ref string, issue *port.Effect, now port.IssueState) error {
	step, key := playbooks.ReadStepRef(ref)
	defer s.within(step, key)()
	done := now.Category == port.CategoryDone
	o := s.state.FindOpen(step, key)
	switch {
	case o != nil && o.Kind == string(playbooks.KindTask) && done:
		return s.inspectTask(o, issue, now)
	case o != nil && done: // guard: issue-decides-nothing
		what := "It is finished by answering the form in Slack."
		if o.Kind == string(playbooks.KindApproval) {
			what = "It is decided in Slack; moving the issue decides nothing."
		}
		s.reopen(o, issue, now, what)
	case o == nil:
		s.inspectFinished(step, issue, now)
	}
	return nil
}

// moving tells whether a move of the issue is still to be done.
func (s *session) moving(issue *port.Effect) bool {
	for e := range s.effects() {
		if e.Kind == port.EffectMove && e.Of == issue.Key && !finished(*e) {
			return true
		}
	}
	return false
}

// inspectTask closes a task that an eligible person finished, or reopens it
// saying what is missing.
func (s *session) inspectTask(o *port.OpenStep, issue *port.Effect, now port.IssueState) error {
	at := now.DoneAt
	switch {
	case at.IsZero():
		at = s.now
	case at.Before(o.OpenedAt):
		at = o.OpenedAt // Jira's clock is behind ours
	}
	then, err := s.a.Ledger.SnapshotAt(s.ctx, at)
	if err != nil {
		return fmt.Errorf("read the organisation of %s: %w", stamp(at), err)
	}
	who := s.workers(*o)
	by, err := s.org.PersonByJira(now.DoneBy)
	if err != nil || !s.mayAnswer(then, *o, by.ID, at) || !s.mayAnswer(s.org, *o, by.ID, s.now) { // guard: task-by-right-person
		s.reopen(o, issue, now, "Only "+who+" may finish it.")
		return nil
	}
	items := s.evidenceBy(*o, now, nil)
	step := s.def.Playbook.Step(o.Step)
	if step.Task.Evidence.V == "required" && len(items) == 0 { // guard: task-evidence
		s.reopen(o, issue, now, "Evidence is missing: attach a file, add a web link, or put an http(s) link in a comment. It must come from "+who+".")
		return nil
	}
	if s.unanswered(*o) {
		s.awaitAnswers(o, issue, by.ID)
		return nil
	}
	fields := map[string]any{"by": by.ID, "at": stamp(at), "evidence": items, "issue": now.Key}
	for q, answer := range o.Answers {
		fields[q] = answer
	}
	o.StateVersion++
	s.closeStep(*o, port.Verdict{Person: by.ID, At: at, Closes: port.StepDone, Verdict: port.VerdictAccepted, Fields: fields})
	return nil
}

// workers names those who may finish a task now.
func (s *session) workers(o port.OpenStep) string {
	return joinWords(s.askedNames(s.addressees(s.org, o.Names)))
}

// evidenceBy lists what eligible people put on the issue. What was accepted
// before stays accepted, whoever holds the role since.
func (s *session) evidenceBy(o port.OpenStep, now port.IssueState, before []any) []any {
	out := []any{}
	for _, e := range plainList(now.Evidence) {
		m, _ := e.(map[string]any)
		account, _ := m["by"].(string)
		p, err := s.org.PersonByJira(account)
		if slices.ContainsFunc(before, func(b any) bool { return reflect.DeepEqual(b, e) }) || err == nil && s.mayAnswer(s.org, o, p.ID, s.now) { // guard: evidence-by-right-person
			out = append(out, e)
		}
	}
	return out
}

// reopen moves an issue closed by hand back and says why.
func (s *session) reopen(o *port.OpenStep, issue *port.Effect, now port.IssueState, why string) {
	o.Reopened++
	s.comment(issue, "reopened", o.Reopened, "Reopened because this step is not finished. "+why)
	s.moveIssue(issue, "reopened", o.Reopened, port.CategoryToDo)
	s.record(o.Place(s.state.Run.ID), "issue.reopened", "", o.Reopened, port.Record{
		Header: map[string]string{"issue": now.Key}, Body: map[string]any{"why": why, "moved_by": now.DoneBy},
	})
}

// inspectFinished looks at the issue of a finished step: changed evidence is
// taken over, so that open decisions about it are asked again; an issue opened
// by hand is closed again.
func (s *session) inspectFinished(step string, issue *port.Effect, now port.IssueState) {
	d := s.state.FindDone(step, s.itemOf(step))
	if d == nil || d.State != port.StepDone {
		return
	}
	if d.Kind == string(playbooks.KindTask) {
		o := port.OpenStep{Step: d.Step, Item: d.Item, Kind: d.Kind, Names: append(s.namesOf(d.Step), d.By)}
		was, _ := d.Fields["evidence"].([]any)
		if items := s.evidenceBy(o, now, was); !reflect.DeepEqual(items, was) {
			d.Version++
			d.Fields["evidence"] = items
			s.record(port.Place{Run: s.state.Run.ID, Step: d.Step, Item: d.Item, Round: d.Round}, "evidence.changed", "", d.Version, port.Record{
				Header: map[string]string{"issue": now.Key, "items": fmt.Sprint(len(items))}, Body: map[string]any{"evidence": items},
			})
		}
	}
	if now.Category != port.CategoryDone {
		d.Reclosed++
		s.comment(issue, "finished", d.Reclosed, "Closed again because this step is finished. To do it again, ask for changes in the decision that uses it.")
		s.moveIssue(issue, "finished", d.Reclosed, port.CategoryDone)
	}
}

// namesOf is whom the step asked, as far as names need no answers of the run.
func (s *session) namesOf(step string) []string {
	st := s.def.Playbook.Step(step)
	if st == nil || st.Task == nil {
		return nil
	}
	names, err := s.eval.People(st.Task.Assign, s.scope())
	if err != nil {
		return nil
	}
	return names
}

func isGone(err error) bool { return errors.Is(err, port.ErrNotFound) }

func joinWords(list []string) string {
	switch len(list) {
	case 0:
		return "the person asked"
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
