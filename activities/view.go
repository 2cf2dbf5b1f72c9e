package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// view is what people see of the run's inside.
func (s *session) view() port.RunView {
	v := port.RunView{Steps: []port.StepView{}, Waiting: []port.Waiting{}, Restricted: s.state.Restricted}
	if v.Restricted {
		v.Participants = s.participants()
	}
	for _, d := range s.state.Done {
		if d.State == port.StepEntered && d.Kind != string(playbooks.KindEach) || s.state.FindClock(d.Step) != nil {
			continue
		}
		back := s.within(d.Step, d.Item)
		st := port.StepView{
			Step: d.Step, Item: d.Item, Kind: d.Kind, Title: s.stepTitle(d.Step), Round: d.Round, State: d.State,
			Result: d.Fields, Issue: s.issueName(d.Step, d.Item), DoneAt: d.At,
		}
		if a := s.lastAsk(d.Step, d.Item); a != nil && d.State == port.StepLeft { // it is still to be done by then
			st.OpenedAt, st.Due = a.OpenedAt, a.Body.Due
		}
		v.Steps = append(v.Steps, st)
		back()
	}
	for _, o := range s.state.Open {
		v.Steps = append(v.Steps, port.StepView{
			Step: o.Step, Item: o.Item, Kind: o.Kind, Title: o.Title, Round: o.Round, State: "open",
			Issue: s.issueName(o.Step, o.Item), OpenedAt: o.OpenedAt, Due: o.Due, Missed: o.Missed,
		})
		v.Waiting = append(v.Waiting, s.waiting(o))
	}
	s.viewClocks(&v)
	s.viewHolds(&v)
	order := map[string]int{}
	for i, step := range s.def.Playbook.All() {
		order[step.ID.V] = i
	}
	slices.SortStableFunc(v.Steps, func(a, b port.StepView) int { return order[a.Step] - order[b.Step] })
	if s.state.Parked != "" {
		v.Waiting = append(v.Waiting, port.Waiting{For: "the operator: " + s.state.Parked})
	}
	return v
}

func (s *session) waiting(o port.OpenStep) port.Waiting {
	w := port.Waiting{Step: o.Step, Due: o.Due, People: o.Persons()}
	switch o.Kind {
	case string(playbooks.KindWait):
		w.For, w.Due = s.waitWords(o), o.Until
	case string(playbooks.KindCollect):
		w.For = "facts from outside: " + o.Title
	case string(playbooks.KindStart):
		w.For, w.Run = s.startWords(o), o.Child
	case "form":
		w.For = "an answer in Slack: " + o.Title
	case "task":
		w.For = "a task in Jira: " + o.Title
	default:
		st := approval.Compute(o.Lines, o.Decisions)
		w.People = st.Waiting
		w.For = "a decision in Slack: " + o.Title + " (" + strings.Join(s.lineTexts(st), "; ") + ")"
	}
	return w
}

func (s *session) issueName(step, item string) string {
	if e := s.issueOf(step, item); e != nil {
		return e.Outcome.Issue
	}
	return ""
}

// words makes an outcome or a kind readable.
func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

func joinLines(lines []string) string { return strings.Join(lines, "\n") }

// dayIn is the calendar day of an instant in a zone, YYYY-MM-DD.
func dayIn(t time.Time, zone string) string {
	if loc, err := time.LoadLocation(zone); err == nil {
		t = t.In(loc)
	}
	return t.Format(time.DateOnly)
}

// sentence begins with a capital letter; ids are ASCII.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
