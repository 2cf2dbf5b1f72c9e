package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Guest is a guest account of the workspace who is no person of the
// organisation: everything they press must be refused.
const (
	GuestID   = "gus"
	GuestUser = "U0GUS"
	guestName = "Gus Grant (guest)"
)

// auditName is what the audit channel is called in the workspace.
const auditName = "aims-audit"

// team is the workspace of the organisation's people.
func (s *Sandbox) team() string {
	for _, p := range s.opt.Organisation.People {
		if p.Slack.Team != "" {
			return p.Slack.Team
		}
	}
	return TeamID
}

// seed brings what the organisation says into the fakes. What was changed by
// hand before, such as a deactivated account, stays.
func (s *Sandbox) seed(ctx context.Context) error {
	st, err := s.slack.State(ctx, 0)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	was := map[string]slacktest.Person{}
	for _, p := range st.People {
		was[p.ID] = p
	}
	seed := slacktest.Seed{People: slackPeople(s.opt.Organisation), Channels: channels(s.opt.Organisation)}
	for i, p := range seed.People {
		if old, there := was[p.ID]; there {
			old.Name, old.RealName, old.TZ = p.Name, p.RealName, p.TZ
			seed.People[i] = old
		}
	}
	if err := s.slack.Seed(ctx, seed); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	if err := s.jira.Seed(ctx, site(s.opt.Organisation, s.opt.Lacking)); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.aim()
	return nil
}

func slackPeople(o org.Organisation) []slacktest.Person {
	out := []slacktest.Person{{ID: GuestUser, Name: GuestID, RealName: guestName, IsRestricted: true}}
	for _, p := range o.People {
		if p.Slack.User == "" {
			continue
		}
		zone := p.Zone
		if zone == "" {
			zone = o.Profile.Zone
		}
		out = append(out, slacktest.Person{ID: p.Slack.User, Name: p.ID, RealName: p.Name, TeamID: p.Slack.Team, TZ: zone})
	}
	return out
}

// channels are those of the committees and the audit channel. All people are
// in them, and the guest in those of the committees: rights come from roles and
// seats, never from a channel, and here anybody can try.
func channels(o org.Organisation) []slacktest.Channel {
	var everyone []string
	for _, p := range o.People {
		everyone = union(everyone, []string{p.Slack.User})
	}
	var out []slacktest.Channel
	add := func(id, name string, members []string) {
		taken := slices.ContainsFunc(out, func(c slacktest.Channel) bool { return c.ID == id })
		if id != "" && !taken {
			out = append(out, slacktest.Channel{ID: id, Name: name, Members: members})
		}
	}
	for _, c := range o.Committees {
		add(c.Channel, c.ID, union([]string{GuestUser}, everyone))
	}
	add(o.Slack.AuditChannel, auditName, everyone)
	return out
}

func union(a, b []string) []string {
	for _, x := range b {
		if x != "" && !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}

// site is the Jira project with the issue types and statuses the organisation
// names.
func site(o org.Organisation, l Lacking) jiratest.Seed {
	project := jiratest.Project{Key: o.Jira.Project, Name: o.Profile.Name, Types: union(nil, []string{o.Jira.Types.Run, o.Jira.Types.Step})}
	if project.Key == "" {
		project.Key = "GOV"
	}
	status := func(id, name, fallback, category string) {
		if name == "" {
			name = fallback
		}
		taken := slices.ContainsFunc(project.Statuses, func(st jiratest.Status) bool { return strings.EqualFold(st.Name, name) })
		if !taken {
			project.Statuses = append(project.Statuses, jiratest.Status{ID: id, Name: name, Category: category})
		}
	}
	status("10257", o.Jira.Reopen, "To Do", "new")
	status("10258", "In Progress", "", "indeterminate")
	status("10259", o.Jira.Done, "Done", "done")
	project.Lacks, project.Required, project.Hidden = l.Permissions, l.Required, l.Hidden
	for _, f := range l.Fields {
		project.Fields = append(project.Fields, jiratest.CustomField(f))
	}
	if l.Detour && len(project.Statuses) == 3 {
		todo, doing, done := project.Statuses[0], project.Statuses[1], project.Statuses[2]
		project.Transitions = []jiratest.Transition{
			{ID: "11", Name: doing.Name, From: todo.ID, To: doing.ID},
			{ID: "21", Name: done.Name, From: doing.ID, To: done.ID, Required: []string{"resolution"}},
			{ID: "31", Name: todo.Name, From: done.ID, To: todo.ID},
		}
	}
	seed := jiratest.Seed{Project: project}
	for _, p := range o.People {
		if p.Jira != "" {
			seed.People = append(seed.People, jiratest.Person{AccountID: p.Jira, Name: p.Name, Email: p.ID + "@example.com", HideEmail: l.NoEmails, Active: true})
		}
	}
	return seed
}

// scopes are those of the bot token; nil = all it needs.
func (s *Sandbox) scopes() []string {
	if len(s.opt.Lacking.Scopes) == 0 {
		return nil
	}
	return slices.DeleteFunc(strings.Fields(slacktest.DefaultScopes), func(sc string) bool { return slices.Contains(s.opt.Lacking.Scopes, sc) })
}
