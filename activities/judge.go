package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// JudgeLimit is how many inbox rows one Judge takes: local activities must
// stay short, because a crash repeats them.
const JudgeLimit = 20

// Judged is what Judge answers: the change, and whether more rows wait.
type Judged struct {
	Delta port.Delta
	More  bool
}

// Judge looks at the inbox rows of a run that it has not seen, in row order,
// and says of each whether it counts: the only place where that is decided. A
// row judged before keeps its verdict, so a repeat changes nothing. The row
// that closes a step is its end: rows after it are late.
func (a *Activities) Judge(ctx context.Context, r Request) (Judged, error) {
	s, err := a.open(ctx, r)
	if err != nil {
		return Judged{}, err
	}
	if err := s.catchUp(); err != nil {
		return Judged{}, err
	}
	rows, err := a.Ledger.RowsAfter(ctx, s.state.Run.ID, s.state.Cursor, JudgeLimit)
	if err != nil {
		return Judged{}, fmt.Errorf("read the inbox: %w", err)
	}
	more := len(rows) == JudgeLimit
	for _, row := range rows {
		v := row.Verdict
		if v == nil && s.ahead(row) {
			more = false
			break
		}
		if v == nil {
			judged, err := s.judge(row)
			if err != nil {
				return Judged{}, err
			}
			s.keepVerdict(row, judged)
			v = &judged
		}
		if err := s.apply(*v); err != nil {
			return Judged{}, err
		}
		switch row.Action {
		case port.ActionOrganisation:
			err = s.moveOn()
		case port.ActionEvent:
			err = s.joinEvent(row, *v)
		case port.ActionRunEnded:
			s.state.Look = true
		}
		if err != nil {
			return Judged{}, err
		}
		s.state.Cursor = row.ID
	}
	d, err := s.commit(r.State)
	return Judged{Delta: d, More: more}, err
}

// ahead tells whether a row is about an ask that the run does not know yet. A
// crash has the run do its last steps once more while their asks and messages
// are there already, and people may have answered them. Such a row, and those
// behind it, wait until the run has come so far; the sweeper tells it again.
func (s *session) ahead(row port.InboxRow) bool {
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == row.Token })
	if row.Token == "" || i < 0 || s.state.Outcome != "" {
		return false
	}
	ask := s.asks[i]
	open := s.state.FindOpen(ask.Step, ask.Item)
	switch {
	case ask.Round > s.state.Round:
		return true
	case open != nil:
		return ask.Round == open.Round && ask.Version > open.Version
	}
	return ask.State == port.AskOpen && s.state.FindDone(ask.Step, ask.Item) == nil
}

// judge makes the verdict on one row; it changes nothing.
func (s *session) judge(row port.InboxRow) (port.Verdict, error) {
	v := port.Verdict{Row: row.ID, DecisionID: row.DecisionID, Token: row.Token, Kind: row.Kind, Action: row.Action, Person: row.Person, At: row.ReceivedAt}
	then, err := s.a.Ledger.SnapshotAt(s.ctx, row.ReceivedAt)
	if err != nil {
		return v, fmt.Errorf("read the organisation of %s: %w", stamp(row.ReceivedAt), err)
	}
	if row.Action == port.ActionOrganisation {
		return ignored(v, "the organisation has changed"), nil
	}
	if row.Action == port.ActionEvent {
		return s.judgeEvent(v), nil
	}
	if row.Action == port.ActionRunEnded {
		return ignored(v, "a run has ended"), nil
	}
	if row.Kind == port.InboxHint && row.Token == "" {
		v.Verdict = port.VerdictReread // the epic
		return v, nil
	}
	if row.Token == "" {
		return s.judgeCommand(row, v, then)
	}
	i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == row.Token })
	if i < 0 {
		return ignored(v, "there is no such message in this run"), nil
	}
	ask := s.asks[i]
	v.Step, v.Item, v.Round = ask.Step, ask.Item, ask.Round
	defer s.within(ask.Step, ask.Item)()
	if row.Kind == port.InboxHint { // guard: hint-decides-nothing
		v.Verdict = port.VerdictReread
		return v, nil
	}
	if closed, done := s.closed(v, ask); done { // guard: ask-is-the-newest
		return closed, nil
	}
	reason, err := s.stranger(row)
	if err != nil {
		return v, err
	}
	if reason != "" {
		return refused(v, reason), nil
	}
	open := s.state.FindOpen(ask.Step, ask.Item)
	if open == nil {
		open = s.standing(ask)
	}
	switch ask.Kind {
	case playbooks.KindForm:
		return s.judgeForm(row, v, then, open, ask)
	case playbooks.KindApproval:
		return s.judgeApproval(row, v, then, open, ask)
	}
	return s.judgeTask(row, v, then, open, ask)
}

// closed says late or superseded where the ask is no longer the one that
// counts.
func (s *session) closed(v port.Verdict, ask port.Ask) (port.Verdict, bool) {
	open := s.state.FindOpen(ask.Step, ask.Item)
	switch {
	case s.state.Cancel != nil:
		v.Verdict, v.Reason = port.VerdictLate, "The run was cancelled before your answer arrived, so it changed nothing."
	case open != nil && open.Token == ask.Token:
		return v, false
	case s.standing(ask) != nil:
		return v, false
	case open != nil && open.Round == ask.Round:
		v.Verdict, v.Reason = port.VerdictSuperseded, "The evidence changed after this message. Please decide on the newer one."
	default:
		v.Verdict, v.Reason = port.VerdictLate, "This step was closed before your answer arrived, so it changed nothing."
	}
	return v, true
}

// stranger says why the sender of a row is nobody who may answer here: not
// known, gone since, or with a Slack account that is not a full member's now.
// Identity fails closed.
func (s *session) stranger(row port.InboxRow) (string, error) {
	if row.Person == "" { // guard: judge-somebody
		var in struct {
			Refused string `json:"refused"`
		}
		if json.Unmarshal(row.Values, &in) == nil && in.Refused != "" {
			return in.Refused, nil
		}
		return "Your account does not belong to exactly one person of the organisation file. Ask the AIMS manager to add you.", nil
	}
	if row.Origin.Door != "slack" {
		return "This is answered in Slack only. It was recorded and changes nothing.", nil
	}
	if _, ok := s.org.Person(row.Person); !ok { // guard: judge-still-there
		return "You are no longer in the organisation file.", nil
	}
	acc, err := s.a.Directory.Account(s.ctx, row.Origin.Team, row.Origin.User)
	var out *port.OutsideError
	switch {
	case errors.As(err, &out) && out.Forever:
		return "Slack could not confirm your account. Ask the AIMS manager.", nil
	case err != nil && lastTry(s.ctx): // guard: judge-fails-closed
		return "Slack could not confirm your account just now, so this does not count. Please press again.", nil
	case err != nil:
		return "", fmt.Errorf("ask Slack about the account: %w", err)
	case !acc.OK: // guard: judge-account
		return "Slack says your account may not decide: " + acc.Reason + ".", nil
	}
	return "", nil
}

// patientTries is how often the ordinary activity asks Slack about an account,
// after the local tries, before identity fails closed: one person's account must
// not hold up everybody's decisions.
const patientTries = 3

// lastTry tells whether the activity has tried long enough.
func lastTry(ctx context.Context) bool {
	if !activity.IsActivity(ctx) {
		return false
	}
	info := activity.GetInfo(ctx)
	return !info.IsLocalActivity && info.Attempt >= patientTries
}

// judgeCommand judges a cancellation: the AIMS manager or the AI Ethics Officer
// may, with a reason (processes.md 0.8).
func (s *session) judgeCommand(row port.InboxRow, v port.Verdict, then org.Organisation) (port.Verdict, error) {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(row.Values, &in); err != nil || row.Action != "cancel" {
		return ignored(v, "no such command"), nil
	}
	if s.state.Outcome != "" {
		v.Verdict, v.Reason = port.VerdictLate, "The run has ended already."
		return v, nil
	}
	may := func(o org.Organisation) bool {
		return slices.Contains(o.Acting(roleAIMSManager, false), row.Person) || slices.Contains(o.Acting(roleEthics, false), row.Person)
	}
	switch {
	case row.Person == "" || !may(then) || !may(s.org): // guard: cancel-right
		return refused(v, "Only the AIMS manager or the AI Ethics Officer may cancel a run."), nil
	case in.Reason == "":
		return refused(v, "A cancellation needs a reason."), nil
	}
	if why := s.clockForbidsCancel(); why != "" {
		return refused(v, why), nil
	}
	v.Verdict, v.Values, v.Closes = port.VerdictAccepted, row.Values, "cancelled"
	return v, nil
}

func refused(v port.Verdict, why string) port.Verdict {
	v.Verdict, v.Reason = port.VerdictRefused, why
	return v
}

func ignored(v port.Verdict, why string) port.Verdict {
	v.Verdict, v.Reason = port.VerdictIgnored, why
	return v
}

// keepVerdict adds a verdict, its record and the private answer to the batch.
func (s *session) keepVerdict(row port.InboxRow, v port.Verdict) {
	s.batch.Verdicts = append(s.batch.Verdicts, v)
	if v.Kind == port.InboxHint || v.Verdict == port.VerdictIgnored {
		return
	}
	place := port.Place{Run: s.state.Run.ID, Step: v.Step, Item: v.Item, Round: max(v.Round, 1)}
	if v.Token == "" {
		place.Round = s.state.Round // a command is about the run as it stands
	}
	header := map[string]string{"verdict": v.Verdict, "action": v.Action, "door": row.Origin.Door}
	body := map[string]any{"name": s.name(v.Person), "account": row.Origin.Team + "/" + row.Origin.User}
	if v.Reason != "" {
		body["why"] = v.Reason
	}
	role := ""
	if d := v.Decision; d != nil {
		header["choice"], header["digest"] = d.Choice, d.Digest
		role = v.Role
		if d.Reason != "" {
			body["reason"] = d.Reason
		}
		if d.Chosen != nil {
			body["chosen"] = d.Chosen
		}
		if len(d.Conditions) > 0 {
			body["conditions"] = d.Conditions
		}
	}
	if len(v.Values) > 0 {
		body["answers"] = v.Values
	}
	s.record(place, "decision."+v.Verdict, v.DecisionID, 0, port.Record{At: v.At, Actor: v.Person, Role: role, Header: header, Body: body})
	if v.Verdict != port.VerdictAccepted && row.Origin.Door == "slack" && s.tellNow(row, v) {
		s.intend(port.Effect{Place: place, Purpose: "private", Addressee: v.DecisionID, Kind: port.EffectPrivate}, port.Private{
			Person: v.Person, User: row.Origin.User, Channel: row.Origin.Channel, Text: v.Reason,
		})
	}
}

// tellNow says whether the person has not been told yet: intake answers at
// once where the ask was closed before the click came.
func (s *session) tellNow(row port.InboxRow, v port.Verdict) bool {
	if v.Verdict == port.VerdictRefused {
		return true
	}
	for _, a := range s.asks {
		if a.Token == row.Token {
			return a.State == port.AskOpen
		}
	}
	return false
}
