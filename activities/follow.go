package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// Asked are the questions of a form that are asked, given what has been answered
// so far. It sees the run as it was last written; what counts is judged again by
// the run.
func (a *Activities) Asked(ctx context.Context, ask port.Ask, raw map[string]any, zone string) ([]playbooks.Question, error) {
	if !slices.ContainsFunc(ask.Body.Questions, playbooks.Question.Follows) {
		return ask.Body.Questions, nil
	}
	s, err := a.peek(ctx, ask)
	if err != nil {
		return nil, err
	}
	return s.askedBy(ask, raw, zone, s.now)
}

// askedBy are the questions that are asked, given values that need not be well
// formed yet. A question that follows from one without an answer is not asked.
func (s *session) askedBy(ask port.Ask, raw map[string]any, zone string, at time.Time) ([]playbooks.Question, error) {
	step := s.def.Playbook.Step(ask.Step)
	if step == nil || step.Form == nil {
		return ask.Body.Questions, nil
	}
	defer s.within(ask.Step, ask.Item)()
	out := make([]playbooks.Question, 0, len(ask.Body.Questions))
	answered := map[string]map[string]any{} // by row, then by id
	for _, q := range ask.Body.Questions {
		row, id := rowOf(q.ID.V)
		if answered[row] == nil {
			answered[row] = map[string]any{}
		}
		asked, err := s.follows(ask, step, q, row, answered[row], at)
		if err != nil {
			return nil, fmt.Errorf("question %s: when: %w", q.ID, err)
		}
		if !asked {
			continue
		}
		out = append(out, q)
		if v, given := raw[q.ID.V]; given {
			clean, problems := playbooks.CheckAnswers([]playbooks.Question{q}, map[string]any{q.ID.V: v}, zone, at)
			if c, ok := clean[q.ID.V]; ok && len(problems) == 0 {
				answered[row][id] = c
			}
		}
	}
	return out, nil
}

// rowOf takes the id of a question in a window apart: the row, "" for none, and the
// id in the playbook.
func rowOf(id string) (row, question string) {
	if i := strings.LastIndexByte(id, '.'); i >= 0 {
		return id[:i+1], id[i+1:]
	}
	return "", id
}

func (s *session) follows(ask port.Ask, step *playbooks.Step, q playbooks.Question, row string, answered map[string]any, at time.Time) (bool, error) {
	if !q.Follows() {
		return true, nil
	}
	for _, id := range q.Reads() {
		i := slices.IndexFunc(step.Form.Questions, func(x playbooks.Question) bool { return x.ID.V == id })
		if _, there := answered[id]; !there && i >= 0 && !step.Form.Questions[i].Optional {
			return false, nil
		}
	}
	scope := s.scope()
	scope.Now = at
	for i, r := range ask.Body.Rows {
		if port.RowID(i+1) == row {
			scope = s.named(scope, step.Form.EntryName(), r.Item)
		}
	}
	scope.Answers = s.eval.Answers(step, answered)
	return s.eval.Holds(q.When, scope)
}

// answersTo are the values of the questions that are asked: who goes back and answers
// otherwise leaves answers behind that nobody asked for.
func answersTo(qs []playbooks.Question, raw map[string]any) map[string]any {
	out := map[string]any{}
	for _, q := range qs {
		if v, ok := raw[q.ID.V]; ok {
			out[q.ID.V] = v
		}
	}
	return out
}
