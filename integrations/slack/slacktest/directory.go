package slacktest

import (
	"context"
	"slices"
	"strings"
	"time"
)

func (s *Server) usersInfo(ctx context.Context, q *request) (a answer, err error) {
	err = s.look(ctx, func(t *tx) error {
		p, err := t.anyPerson(q.str("user"))
		a = answer{"user": s.personJSON(p)}
		return err
	})
	return a, err
}

// anyPerson finds an account; the app's own is one.
func (t *tx) anyPerson(id string) (Person, error) {
	p, ok, err := t.person(id)
	if err == nil && !ok {
		if id == t.s.opt.BotUser {
			return Person{ID: id, Name: "aimsbot", IsBot: true}, nil
		}
		err = fail("user_not_found")
	}
	return p, err
}

func (s *Server) lookupByEmail(ctx context.Context, q *request) (a answer, err error) {
	err = s.look(ctx, func(t *tx) error {
		all, err := rows[Person](t, "SELECT body FROM slack_people ORDER BY id")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p Person) bool {
			return p.Email != "" && !p.Deleted && strings.EqualFold(p.Email, q.str("email"))
		})
		if i < 0 {
			return fail("users_not_found")
		}
		a = answer{"user": s.personJSON(all[i])}
		return nil
	})
	return a, err
}

func (s *Server) personJSON(p Person) map[string]any {
	team := p.TeamID
	if team == "" {
		team = s.opt.TeamID
	}
	profile := map[string]any{"real_name": p.RealName, "display_name": p.Name, "team": team}
	if s.scopes["users:read.email"] {
		profile["email"] = p.Email
	}
	m := map[string]any{
		"id": p.ID, "team_id": team, "name": p.Name, "real_name": p.RealName, "tz": p.TZ, "tz_offset": zoneOffset(p.TZ, s.opt.Now()),
		"profile": profile, "deleted": p.Deleted, "is_restricted": p.IsRestricted,
		"is_ultra_restricted": p.IsUltraRestricted, "is_stranger": p.IsStranger, "is_bot": p.IsBot, "is_app_user": p.IsAppUser,
		"is_workflow_bot": p.IsWorkflowBot, "is_connector_bot": p.IsConnectorBot, "is_invited_user": p.IsInvitedUser,
		"is_admin": false, "is_owner": false, "updated": s.opt.Now().Unix(),
	}
	if len(p.EnterpriseTeams) > 0 {
		m["enterprise_user"] = map[string]any{"id": "W" + p.ID[1:], "enterprise_id": s.opt.EnterpriseID, "teams": p.EnterpriseTeams}
	}
	return m
}

// zoneOffset is in seconds east of UTC; an unknown zone counts as UTC.
func zoneOffset(name string, at time.Time) int {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return 0
	}
	_, off := at.In(loc).Zone()
	return off
}

func (s *Server) groupsList(ctx context.Context, q *request) (a answer, err error) {
	if s.opt.FreePlan {
		return nil, fail("plan_upgrade_required")
	}
	err = s.look(ctx, func(t *tx) error {
		all, err := rows[Group](t, "SELECT body FROM slack_groups ORDER BY id")
		out := []any{}
		for _, g := range all {
			if g.Disabled && !q.flag("include_disabled") {
				continue
			}
			m := map[string]any{
				"id": g.ID, "team_id": s.opt.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
				"is_external": g.External, "date_delete": deleteDate(g, s.opt.Now()), "user_count": len(g.Users),
			}
			if q.flag("include_users") {
				m["users"] = g.Users
			}
			out = append(out, m)
		}
		a = answer{"usergroups": out}
		return err
	})
	return a, err
}

// deleteDate is 0 for a group that is in use.
func deleteDate(g Group, now time.Time) int64 {
	if g.Disabled {
		return now.Unix()
	}
	return 0
}

func (s *Server) groupUsers(ctx context.Context, q *request) (a answer, err error) {
	if s.opt.FreePlan {
		return nil, fail("plan_upgrade_required")
	}
	err = s.look(ctx, func(t *tx) error {
		g, ok, err := one[Group](t, "SELECT body FROM slack_groups WHERE id=?", q.str("usergroup"))
		if err == nil && (!ok || g.Disabled && !q.flag("include_disabled")) {
			err = fail("no_such_subteam")
		}
		a = answer{"users": append([]string{}, g.Users...)}
		return err
	})
	return a, err
}
