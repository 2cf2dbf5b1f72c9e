package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

const (
	// remadeMost is how many issues are made again within remadeWithin, in all
	// runs: beyond it somebody is cleaning up, or something is broken.
	remadeMost   = 5
	remadeWithin = time.Hour
	// purposeRemade tells people that their issue was made again.
	purposeRemade = "remade"
)

// issueGone deals with an issue that Jira does not show. One that an open step,
// or the run itself, still needs is made again, once we know that we would see
// it, and unless many are gone at once.
func (s *session) issueGone(issue *port.Effect) error {
	s.record(issue.Place, "issue.gone", "", issue.N, port.Record{Header: map[string]string{"issue": issue.Outcome.Issue}})
	s.a.Logger.Error("an issue of an open run is gone from Jira", "run", s.state.Run.ID, "issue", issue.Outcome.Issue)
	o := s.state.FindOpen(issue.Step, issue.Item)
	needed := o != nil && o.Round == issue.Round || issue.Purpose == purposeEpic
	if !needed || s.state.Outcome != "" {
		return nil
	}
	may, err := s.a.Tracker.MaySee(s.ctx, s.org.Jira.Project)
	if err != nil {
		return fmt.Errorf("ask whether issues of %s could be seen: %w", s.org.Jira.Project, err)
	}
	if !may {
		s.leaveGone(issue, fmt.Sprintf("The bot's account may not see or create issues in project %s, so it cannot tell whether %s was deleted. Give it the permissions to browse the project and to create issues.", s.org.Jira.Project, issue.Outcome.Issue))
		return nil
	}
	lately, err := s.a.Ledger.RemadeSince(s.ctx, s.now.Add(-remadeWithin))
	if err != nil {
		return fmt.Errorf("count the issues made again: %w", err)
	}
	for _, e := range s.batch.Effects {
		if e.Remakes() {
			lately++
		}
	}
	if lately >= remadeMost {
		s.leaveGone(issue, fmt.Sprintf("%d issues were made again within the last hour already, so %s is not. See who or what deletes them.", lately, issue.Outcome.Issue))
		return nil
	}
	return s.remake(issue, o)
}

// leaveGone says where auditors look that an issue is not made again, and why.
func (s *session) leaveGone(issue *port.Effect, why string) {
	s.record(issue.Place, "issue.not_made_again", "", issue.N, port.Record{Header: map[string]string{"issue": issue.Outcome.Issue}, Body: map[string]any{"why": why}})
	ch := s.org.Slack.AuditChannel
	if ch == "" {
		return
	}
	to := port.Addressee{Channel: ch}
	s.intend(port.Effect{Place: issue.Place, Purpose: "gone", Addressee: to.ID(), N: issue.N, Kind: port.EffectPost}, port.Card{
		To: to, Title: "Gone from Jira: " + issue.Outcome.Issue,
		Lines:  []string{fmt.Sprintf("%s for %s still needs this issue. %s", s.def.Playbook.Title.V, s.subjectName(), why), "It is looked at again once a day, and when the bot starts."},
		Footer: "Run " + s.state.Run.ID,
	})
}

// remake makes an issue again as it was, with the next number, and sends the
// people of a task to the new one.
func (s *session) remake(issue *port.Effect, o *port.OpenStep) error {
	first, err := s.a.Ledger.Effect(s.ctx, issue.Key)
	if err != nil {
		return fmt.Errorf("read how issue %s was made: %w", issue.Outcome.Issue, err)
	}
	var i port.Issue
	if err := json.Unmarshal(first.Body, &i); err != nil {
		return fmt.Errorf("read how issue %s was made: %w", issue.Outcome.Issue, err)
	}
	s.batch.Remakes = &port.RemakeLimit{Since: s.now.Add(-remadeWithin), Most: remadeMost} // other runs count as well
	again := port.Effect{Place: issue.Place, Purpose: issue.Purpose, N: issue.N + 1, Kind: port.EffectIssue, Token: issue.Token}
	if o != nil {
		again.Of = s.epicKey()
		if people := o.Persons(); len(people) == 1 {
			i.Assignee = s.person(people[0]).Jira
		}
	}
	key := s.intend(again, i)
	s.record(issue.Place, "issue.made_again", "", again.N, port.Record{Header: map[string]string{"deleted": issue.Outcome.Issue}})
	if o == nil || o.Kind != string(playbooks.KindTask) {
		return nil
	}
	for _, to := range o.Addressees {
		s.intend(port.Effect{Place: issue.Place, Purpose: purposeRemade, Addressee: to.ID(), N: again.N, Kind: port.EffectPost, Of: key, Token: o.Token}, port.Card{
			To: to, LinkIssue: true, Title: "Made again: " + o.Title,
			Lines:  []string{fmt.Sprintf("%s was deleted in Jira. The task is still open, so a new issue was made.", issue.Outcome.Issue)},
			Fields: s.context(*o, to),
			Footer: "Finish it there. What stood on the deleted issue, evidence too, has to be added again.",
		})
	}
	return nil
}

// reread is the issue that a hint spoke of: that of a step, or for "" the epic.
func (s *session) reread(step string) *port.Effect {
	if step == "" {
		return s.epic()
	}
	id, key := playbooks.ReadStepRef(step)
	return s.issueOf(id, key)
}

// readAgain reads an issue again and judges what is there.
func (s *session) readAgain(ctx context.Context, step string, issue *port.Effect) error {
	now, err := s.a.Tracker.Read(ctx, issue.Outcome.IssueID)
	switch {
	case isGone(err):
		return s.issueGone(issue)
	case err != nil:
		return fmt.Errorf("read issue %s: %w", issue.Outcome.Issue, err)
	case step == "":
		return nil // people may do with the epic as they like
	}
	return s.inspect(step, issue, now)
}
