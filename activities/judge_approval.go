package activities

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

var choices = map[string]string{
	port.ActionApprove: port.Approve, port.ActionConditions: port.ApproveWith, port.ActionReject: port.Reject,
	port.ActionChanges: port.RequestChanges, port.ActionAbstain: port.Abstain, port.ActionRecuse: port.Recuse,
}

// outcomeChanges is how an approval closes that was sent back.
const outcomeChanges = "changes"

// conditionSlots is how many conditions the decision window takes.
const conditionSlots = 3

// judgeApproval judges a decision as of its arrival against the roster of that
// instant, and again against today's: who lost the right since has lost it.
func (s *session) judgeApproval(row port.InboxRow, v port.Verdict, then org.Organisation, open *port.OpenStep, ask port.Ask) (port.Verdict, error) {
	choice, ok := choices[row.Action]
	if !ok {
		return refused(v, "This is not one of the choices here."), nil
	}
	if choice == port.RequestChanges && ask.Body.Changes == "" {
		return refused(v, "This decision cannot be sent back for changes."), nil
	}
	lines := s.lines(then, open, row.ReceivedAt)
	for _, l := range [][]port.Line{s.lines(s.org, open, s.now), lines} {
		var reason string
		if v.Role, reason = approval.CanDecide(l, open.Decisions, row.Person, choice); reason != "" { // guard: judge-seat
			return refused(v, reason), nil
		}
	}
	if choice == port.Approve || choice == port.ApproveWith {
		why, err := s.tooEarly(ask.Step, row.ReceivedAt)
		if err != nil {
			return v, err
		}
		if why != "" {
			return refused(v, why), nil
		}
	}
	d := port.Decision{ID: row.DecisionID, Person: row.Person, Choice: choice, Digest: ask.Body.Digest, At: row.ReceivedAt}
	if reason := s.readDecision(row, &d); reason != "" {
		return refused(v, reason), nil
	}
	if reason := s.readChoice(row, ask, &d); reason != "" {
		return refused(v, reason), nil
	}
	v.Verdict, v.Decision = port.VerdictAccepted, &d
	raised, err := s.raisedBy(&v, open)
	if err != nil {
		return v, err
	}
	if raised != nil {
		lines = s.lines(then, raised, row.ReceivedAt)
	}
	decisions := append(append([]port.Decision{}, open.Decisions...), d)
	switch st := approval.Compute(lines, decisions); st.Status {
	case approval.Open:
	case approval.Changes:
		v.Closes, v.Fields = outcomeChanges, map[string]any{"outcome": outcomeChanges, "changes": d.Reason}
	default:
		v.Closes = string(st.Status)
		v.Fields = map[string]any{
			"outcome": string(st.Status), "conditions": plainList(st.Conditions), "decisions": plainList(decisions),
			"rounds": s.state.Round, "at": stamp(row.ReceivedAt), "by": row.Person,
		}
		if st.Choice != nil {
			v.Fields["choice"] = st.Choice
		}
	}
	return v, nil
}

// tooEarly says what still holds an approval up; "" when nothing does. Rejecting
// and sending back need not wait.
func (s *session) tooEarly(step string, at time.Time) (string, error) {
	st := s.def.Playbook.Step(step)
	if st == nil || st.Approval == nil {
		return "", nil
	}
	scope := s.scope()
	scope.Now = at
	for _, g := range st.Approval.NotBefore {
		holds, err := s.eval.Holds(g.Check, scope)
		if err != nil {
			s.a.Logger.Error("what holds an approval up cannot be told", "run", s.state.Run.ID, "error", err)
			return "Whether this may be approved yet cannot be told, so it does not count. Please tell the AIMS manager: " + err.Error() + ".", nil
		}
		if holds {
			continue
		}
		say, err := s.eval.Text(g.Say.V, scope)
		if err != nil {
			return "", fmt.Errorf("step %s: not_before: %w", step, err)
		}
		return "This cannot be approved yet: " + say, nil
	}
	return "", nil
}

// readDecision reads reason and conditions and says what is missing.
func (s *session) readDecision(row port.InboxRow, d *port.Decision) string {
	var in map[string]any
	if len(row.Values) > 0 && json.Unmarshal(row.Values, &in) != nil {
		return "Your decision could not be read. Please decide again."
	}
	text := func(k string) string {
		v, _ := in[k].(string)
		return strings.TrimSpace(v)
	}
	d.Reason = text("reason")
	switch d.Choice {
	case port.Approve:
	case port.ApproveWith:
		for i := 1; i <= conditionSlots; i++ {
			c := port.Condition{Text: text(fmt.Sprintf("c%d_text", i)), Owner: text(fmt.Sprintf("c%d_owner", i)), Due: text(fmt.Sprintf("c%d_due", i))}
			if c.Text == "" {
				continue
			}
			if why := s.checkCondition(c); why != "" {
				return fmt.Sprintf("Condition %d: %s", i, why)
			}
			d.Conditions = append(d.Conditions, c)
		}
		if len(d.Conditions) == 0 {
			return "Approving with conditions needs at least one condition with an owner and a date."
		}
	default:
		if d.Reason == "" {
			return "This decision needs a reason."
		}
	}
	return ""
}

func (s *session) checkCondition(c port.Condition) string {
	if _, ok := s.org.Person(c.Owner); !ok {
		return "name an owner who is in the organisation file."
	}
	if _, err := time.Parse(time.DateOnly, c.Due); err != nil {
		return "give a date."
	}
	return ""
}

// plainList turns values into what JSON makes of them, so that a state carried
// over and a state just made look the same.
func plainList(v any) []any {
	b, _ := json.Marshal(v)
	var out []any
	if json.Unmarshal(b, &out) != nil || out == nil {
		return []any{}
	}
	return out
}
