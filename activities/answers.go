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

// answerProblems says by question id what is wrong with answers that are well
// formed: what the playbook checks, and people who may not be named.
func (s *session) answerProblems(ask port.Ask, clean map[string]any, at time.Time) (map[string]string, error) {
	step := s.def.Playbook.Step(ask.Step)
	if step == nil || step.Form == nil && step.Task == nil {
		return nil, nil
	}
	out := map[string]string{}
	defer s.within(ask.Step, ask.Item)()
	scope := s.scope()
	scope.Now = at
	if len(ask.Body.Rows) == 0 {
		return out, s.lookAt(step, "", clean, scope, out)
	}
	for i, row := range toRows(ask, clean) {
		answers, _ := row.(map[string]any)
		scope = s.named(scope, step.Form.EntryName(), answers["item"])
		if err := s.lookAt(step, port.RowID(i+1), answers, scope, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lookAt checks one set of answers; prefix begins their ids.
func (s *session) lookAt(step *playbooks.Step, prefix string, answers map[string]any, scope playbooks.Scope, out map[string]string) error {
	scope.Answers = s.eval.Answers(step, answers)
	for _, q := range step.Questions() {
		v, answered := answers[q.ID.V]
		if !answered {
			continue
		}
		if err := s.lookAtColumns(q, prefix, v, scope, out); err != nil {
			return err
		}
		say, err := s.eval.CheckAnswer(q, scope)
		if err == nil && say == "" {
			say, err = s.unnameable(q, v, scope)
		}
		if err != nil {
			return fmt.Errorf("step %s: question %s: %w", step.ID, q.ID, err)
		}
		if say != "" {
			out[prefix+q.ID.V] = say
		}
	}
	return nil
}

// unnameable says who of the people named may not be.
func (s *session) unnameable(q playbooks.Question, v any, scope playbooks.Scope) (string, error) {
	var not []string
	for _, n := range q.Never {
		names, err := s.eval.People(playbooks.People{One: n}, scope)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			not = append(not, s.everybody(name)...)
		}
	}
	named, err := namesIn(v)
	if err != nil {
		return "", err
	}
	for _, p := range named {
		if slices.Contains(not, p) {
			return s.name(p) + " may not be named here: the playbook excludes them, so that nobody sees to their own work. Choose somebody else.", nil
		}
	}
	return "", nil
}

func namesIn(v any) ([]string, error) {
	switch x := v.(type) {
	case string:
		return []string{x}, nil
	case []string:
		return x, nil
	case []any:
		var out []string
		for _, e := range x {
			out = append(out, fmt.Sprint(e))
		}
		return out, nil
	}
	return nil, nil
}

// CheckAnswers looks at answers before they are kept, so that the person is told
// in the window. It sees the run as it was last written; what counts is judged
// again by the run.
func (a *Activities) CheckAnswers(ctx context.Context, ask port.Ask, clean map[string]any) (map[string]string, error) {
	if step := ask.Step; !slices.ContainsFunc(ask.Body.Questions, func(q playbooks.Question) bool { return q.Check != nil || names(q) }) || step == "" {
		return nil, nil
	}
	s, err := a.peek(ctx, ask)
	if err != nil {
		return nil, err
	}
	return s.answerProblems(ask, clean, s.now)
}

// peek is a session on the run of an ask as it was last written.
func (a *Activities) peek(ctx context.Context, ask port.Ask) (*session, error) {
	run, err := a.Ledger.Run(ctx, ask.Run)
	if err != nil {
		return nil, fmt.Errorf("read the run: %w", err)
	}
	state := port.RunState{Run: port.RunInfo{
		ID: run.ID, WorkflowID: run.WorkflowID, Playbook: run.Playbook, SubjectID: run.SubjectID, By: run.By, Input: run.Input, StartedAt: run.StartedAt,
	}}
	for _, st := range run.View.Steps {
		if st.State == port.StepDone || st.Kind == string(playbooks.KindEach) {
			state.Done = append(state.Done, port.StepResult{Step: st.Step, Item: st.Item, Kind: st.Kind, State: st.State, Fields: st.Result})
		}
	}
	return a.open(ctx, Request{Definition: run.Definition, State: state, Now: a.Now()})
}

// inWords lists problems with answers as the person reads them: by the text of
// the question, in the order asked.
func inWords(ask port.Ask, problems map[string]string) string {
	var out []string
	for _, q := range ask.Body.Questions {
		if why, ok := problems[q.ID.V]; ok {
			out = append(out, "“"+q.Text.V+"”: "+why)
		}
		out = append(out, cellProblems(q, problems)...)
	}
	return strings.Join(out, " ")
}
