package activities

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// listed reads a list, the newest first; missing says what could not be looked
// at.
func (s *session) listed(q factQuery) (items []map[string]any, missing string, err error) {
	switch q.list.Name {
	case playbooks.ListRuns, playbooks.ListDecisions, playbooks.ListConditions, playbooks.ListTasks:
		return s.ofRuns(q)
	case playbooks.ListGaps:
		missed, err := s.a.Ledger.MissedBetween(s.ctx, q.since, s.now, maxLooked+1)
		if err != nil {
			return nil, "", &ledgerError{err}
		}
		missed, missing = cutTo(missed, "gaps")
		for _, o := range missed {
			items = append(items, given(map[string]any{
				"id": o.ID, "playbook": o.Playbook, "subject": o.Subject, "state": o.State, "reason": o.Reason, "run": o.Run, "due": stamp(o.Due), "at": stamp(o.Due),
			}))
		}
		return items, missing, nil
	case playbooks.ListProgramme:
		items, err := s.comingDue()
		return items, "", err
	case playbooks.ListChanges:
		return s.changed(q)
	}
	for _, about := range s.org.Subjects(q.list.Kind) {
		items = append(items, playbooks.SubjectOf(s.org, about))
	}
	return items, "", nil
}

// cutTo cuts a list that was asked for one more than is looked through.
func cutTo[T any](list []T, what string) ([]T, string) {
	if len(list) <= maxLooked {
		return list, ""
	}
	return list[:maxLooked], fmt.Sprintf("only the newest %d %s were looked through; choose a shorter time with `since`", maxLooked, what)
}

// given leaves out what is not there, so that has(...) tells.
func given(m map[string]any) map[string]any {
	for k, v := range m {
		if text, ok := v.(string); ok && text == "" {
			delete(m, k)
		}
	}
	return m
}

// ofRuns reads what the other runs did.
func (s *session) ofRuns(q factQuery) (items []map[string]any, missing string, err error) {
	rq := port.RunQuery{Without: s.state.Run.ID, Subject: q.subject, Since: q.since, At: s.now, Limit: maxLooked + 1}
	if len(q.playbooks) == 1 {
		rq.Playbook = q.playbooks[0]
	}
	runs, err := s.a.Ledger.RunsOf(s.ctx, rq)
	if err != nil {
		return nil, "", &ledgerError{err}
	}
	runs, missing = cutTo(runs, "runs")
	for _, r := range runs {
		var of []map[string]any
		switch q.list.Name {
		case playbooks.ListRuns:
			of = []map[string]any{runItem(r)}
		case playbooks.ListDecisions:
			of = decisionItems(r)
		case playbooks.ListConditions:
			of = conditionItems(r, dayIn(s.now, s.org.Profile.Zone))
		default:
			of = taskItems(r, s.now)
		}
		if r.Restricted() {
			veil(of)
		}
		items = append(items, of...)
	}
	slices.SortStableFunc(items, func(a, b map[string]any) int { return cmp.Compare(b["at"].(string), a["at"].(string)) })
	return items, missing, nil
}

// restrictedItem marks an entry of which people are shown no more than that it is
// there.
const restrictedItem = "restricted"

// veil takes out of the entries of a restricted run what was told in confidence, and
// by whom: what is collected is shown to people who take no part in it. It still
// counts, and what it is about still chooses it.
func veil(items []map[string]any) {
	for _, item := range items {
		item[restrictedItem] = true
		for _, key := range []string{"name", "title", "text", "by", "people"} {
			switch item[key].(type) {
			case string:
				item[key] = restrictedItem
			case []any:
				item[key] = []any{}
			}
		}
	}
}

func runItem(r port.RunRow) map[string]any {
	at := r.ClosedAt
	if at.IsZero() {
		at = r.StartedAt
	}
	return given(map[string]any{
		"id": r.ID, "playbook": r.Playbook, "subject": r.SubjectID, "name": r.Subject, "by": r.By, "state": r.State, "outcome": r.Outcome,
		"open": r.State != port.RunClosed, "started_at": stamp(r.StartedAt), "closed_at": stamp(r.ClosedAt), "at": stamp(at),
	})
}

// ofStep begins an entry about a step of a run. Rounds count, because a step of a
// later round is another decision.
func ofStep(r port.RunRow, st port.StepView) map[string]any {
	id := r.ID + "/" + st.Step
	if st.Item != "" {
		id += "/" + st.Item
	}
	if st.Round > 1 {
		id += fmt.Sprintf("#%d", st.Round)
	}
	title := st.Title
	if title == "" {
		title = sentence(words(st.Step))
	}
	return map[string]any{"id": id, "run": r.ID, "playbook": r.Playbook, "subject": r.SubjectID, "step": st.Step, "title": title}
}

// decided are the approvals of a run that are done.
func decided(r port.RunRow) []port.StepView {
	return slices.DeleteFunc(slices.Clone(r.View.Steps), func(st port.StepView) bool {
		return st.Kind != string(playbooks.KindApproval) || st.State != port.StepDone
	})
}

func decisionItems(r port.RunRow) (items []map[string]any) {
	for _, st := range decided(r) {
		item := ofStep(r, st)
		decisions, _ := st.Result["decisions"].([]any)
		by := []any{}
		for _, d := range decisions {
			m, _ := d.(map[string]any)
			by = append(by, m["person"])
		}
		conditions, _ := st.Result["conditions"].([]any)
		item["outcome"], item["by"], item["conditions"], item["at"] = st.Result["outcome"], by, len(conditions), stamp(st.DoneAt)
		items = append(items, item)
	}
	return items
}

func conditionItems(r port.RunRow, today string) (items []map[string]any) {
	for _, st := range decided(r) {
		conditions, _ := st.Result["conditions"].([]any)
		for i, c := range conditions {
			m, _ := c.(map[string]any)
			due, _ := m["due"].(string)
			item := ofStep(r, st)
			delete(item, "title")
			item["id"] = fmt.Sprintf("%s/%d", item["id"], i+1)
			item["text"], item["owner"], item["due"], item["passed"], item["at"] = m["text"], m["owner"], due, due < today, stamp(st.DoneAt)
			items = append(items, item)
		}
	}
	return items
}

func taskItems(r port.RunRow, now time.Time) (items []map[string]any) {
	for _, st := range r.View.Steps {
		if st.Kind != string(playbooks.KindTask) || st.State == port.StepSkipped {
			continue
		}
		people := []any{}
		for _, w := range r.View.Waiting {
			if w.Step == st.Step {
				for _, p := range w.People {
					people = append(people, p)
				}
			}
		}
		at, open := st.DoneAt, st.State == "open" || st.State == port.StepLeft
		if st.State == "open" {
			at = st.OpenedAt
		}
		item := ofStep(r, st)
		item["state"], item["open"], item["people"], item["issue"] = st.State, open, people, st.Issue
		// What became of a task that outlived its run is not known here.
		item["overdue"] = st.State == "open" && !st.Due.IsZero() && st.Due.Before(now)
		item["due"], item["opened_at"], item["at"] = stamp(st.Due), stamp(st.OpenedAt), stamp(at)
		if !open {
			item["done_at"] = stamp(st.DoneAt)
		}
		items = append(items, given(item))
	}
	return items
}

// comingDue is when the programme has a run due next, the soonest first.
func (s *session) comingDue() (items []map[string]any, err error) {
	for _, e := range s.a.Library.Programme().Entries {
		if e.Exercise {
			continue
		}
		for _, about := range s.a.subjects(s.org, e) {
			if selected, err := playbooks.Selects(e.For, s.org, about, s.now); err != nil || !selected {
				continue // the programme logs what cannot be evaluated
			}
			due, err := s.nextDue(e, about)
			if err != nil {
				return nil, err
			}
			if !due.IsZero() {
				items = append(items, map[string]any{"id": e.Playbook + "/" + about.ID, "playbook": e.Playbook, "subject": about.ID, "due": stamp(due)})
			}
		}
	}
	slices.SortStableFunc(items, func(a, b map[string]any) int { return cmp.Compare(a["due"].(string), b["due"].(string)) })
	return items, nil
}

func (s *session) nextDue(e org.Entry, about org.Subject) (time.Time, error) {
	if e.Every != "" {
		t, _, _, err := s.a.turnOf(s.ctx, s.org, e, about)
		if err != nil {
			return time.Time{}, &ledgerError{err}
		}
		return t.Due, nil
	}
	return org.Next(e, s.now, s.org.Profile.Zone) //nolint:wrapcheck // names the entry
}

// changed lists the versions of the organisation and what runs wrote into the
// register.
func (s *session) changed(q factQuery) (items []map[string]any, missing string, err error) {
	facts, err := s.a.Ledger.FactsBetween(s.ctx, q.since, s.now, maxLooked+1)
	if err != nil {
		return nil, "", &ledgerError{err}
	}
	versions, err := s.a.Ledger.VersionsBetween(s.ctx, q.since, s.now, maxLooked)
	if err != nil {
		return nil, "", &ledgerError{err}
	}
	facts, missing = cutTo(facts, "changes of the register")
	for _, v := range versions {
		items = append(items, map[string]any{
			"id": fmt.Sprintf("organisation/%d", v.Version), "kind": "organisation", "title": fmt.Sprintf("Version %d of the organisation file", v.Version), "at": stamp(v.From),
		})
	}
	for _, f := range facts {
		if f.Run == s.state.Run.ID {
			continue
		}
		items = append(items, map[string]any{
			"id": f.Record + "/" + f.Field, "kind": "register", "title": fmt.Sprintf("%s of %s was written", words(f.Field), f.Subject),
			"subject": f.Subject, "field": f.Field, "run": f.Run, "at": stamp(f.From),
		})
	}
	slices.SortStableFunc(items, func(a, b map[string]any) int { return cmp.Compare(b["at"].(string), a["at"].(string)) })
	return items, missing, nil
}
