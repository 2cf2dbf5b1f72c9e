package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// maxValues is the most a submission may hold, in bytes of JSON. Slack's modals
// end at 250 kB (facts of views.open); history and ledger rows stay small.
const maxValues = 128 << 10

// submit handles a sent modal: it checks the answers and keeps them.
func (g *Gate) submit(ctx context.Context, d Delivery) Reply {
	at := g.now()
	ask, reply := g.askOf(ctx, d)
	if reply != nil {
		return *reply
	}
	if !knownAction(d.Action) || d.Action == port.ActionApprove && len(ask.Body.Choose) == 0 || d.Action == port.ActionEvidence { // guard: window-actions
		return Reply{Say: sayNoSuchButton}
	}
	w, err := g.identify(ctx, d, at)
	if err != nil {
		return unstored(ask, d.Action)
	}
	if w.refused != "" { // guard: window-identified
		return g.refuse(ctx, d, ask, w.refused, at)
	}
	over := closed(ask, at)
	if over == "" && !slices.Contains(ask.Body.Actions, d.Action) { // guard: window-action-offered
		return Reply{Say: sayNoSuchButton}
	}
	if b, err := json.Marshal(d.Values); err != nil || len(b) > maxValues { // guard: window-size
		return firstQuestion(ask, d.Action, sayTooLarge)
	}
	var clean map[string]any
	if d.Action == port.ActionAnswer {
		var reply *Reply
		if clean, reply = g.answers(ctx, d, ask, w, over == "", at); reply != nil {
			return *reply
		}
	} else {
		var problems map[string]string
		clean, problems = g.check(questions(ask, d.Action), d, w, at)
		if len(problems) > 0 && over == "" {
			return Reply{Errors: problems}
		}
	}
	row, err := g.keep(ctx, d, ask, w.person.ID, clean, at)
	if err != nil {
		return unstored(ask, d.Action)
	}
	return Reply{Say: closed(ask, row.ReceivedAt)}
}

// check turns Slack's values into answers. Problems are by question id.
func (g *Gate) check(qs []playbooks.Question, d Delivery, w who, at time.Time) (map[string]any, map[string]string) {
	raw, problems := g.known(qs, d.Values, w)
	clean, more := playbooks.CheckAnswers(qs, raw, w.zone(), at)
	addProblems(problems, more)
	if d.Action == port.ActionConditions {
		checkConditions(clean, problems, w.zone(), at)
	}
	return clean, problems
}

// known are the values given to questions, with people by their ids here.
func (g *Gate) known(qs []playbooks.Question, values map[string]any, w who) (map[string]any, map[string]string) {
	raw, problems := map[string]any{}, map[string]string{}
	for _, q := range qs {
		v := values[q.ID.V]
		if v == nil || v == "" {
			continue
		}
		if q.Type.V == playbooks.TypePerson || q.Type.V == playbooks.TypePersons {
			var problem string
			if v, problem = g.people(w.org, v); problem != "" {
				problems[q.ID.V] = problem
				continue
			}
		}
		raw[q.ID.V] = v
	}
	return raw, problems
}

// addProblems adds what is not said about a question yet.
func addProblems(problems, more map[string]string) {
	for id, problem := range more {
		if _, told := problems[id]; !told {
			problems[id] = problem
		}
	}
}

// people turns Slack user ids, one or a list, into person ids.
func (g *Gate) people(o org.Organisation, v any) (any, string) {
	switch v := v.(type) {
	case string:
		found := personsBySlack(o, g.Workspace.Team, v)
		if len(found) != 1 { // guard: answers-known-people
			return nil, "This person is not in the organisation file. Choose somebody who is, or ask the AIMS manager to add them."
		}
		return found[0].ID, ""
	case []string:
		ids := make([]any, 0, len(v))
		for _, user := range v {
			id, problem := g.people(o, user)
			if problem != "" {
				return nil, problem
			}
			ids = append(ids, id)
		}
		return ids, ""
	case []any:
		users := make([]string, 0, len(v))
		for _, u := range v {
			users = append(users, fmt.Sprint(u))
		}
		return g.people(o, users)
	}
	return nil, "Choose a person."
}

// unstored tells the sender of a modal to try again and keeps it open, so that
// nothing typed is lost.
func unstored(ask port.Ask, action string) Reply {
	r := firstQuestion(ask, action, sayTryAgain)
	r.Unstored = r.Errors == nil
	return r
}

// firstQuestion shows a text at the first question of a modal, or privately
// where the modal has none.
func firstQuestion(ask port.Ask, action, text string) Reply {
	if qs := questions(ask, action); len(qs) > 0 {
		return Reply{Errors: map[string]string{qs[0].ID.V: text}}
	}
	return Reply{Say: text}
}
