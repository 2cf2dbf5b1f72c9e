package slacktest

import (
	"context"
	"slices"
	"strings"
)

// methodTable lists the methods there are, with scope and calls per minute.
// Where the reference gives no tier for a method the nearest one is taken.
func methodTable() map[string]method {
	return map[string]method{
		"auth.test":             {perMin: TierSpecial, run: (*Server).authTest},
		"bots.info":             {scope: "users:read", perMin: Tier3, run: (*Server).botsInfo},
		"apps.connections.open": {perMin: Tier3, app: true, run: (*Server).connectionsOpen},
		"chat.postMessage":      {scope: "chat:write", perMin: TierPost, run: (*Server).postMessage},
		"chat.update":           {scope: "chat:write", perMin: Tier3, run: (*Server).updateMessage},
		"chat.delete":           {scope: "chat:write", perMin: Tier3, run: (*Server).deleteMessage},
		"chat.postEphemeral":    {scope: "chat:write", perMin: Tier4, run: (*Server).postEphemeral},
		"conversations.open":    {perMin: Tier3, run: (*Server).conversationsOpen},
		"conversations.history": {perMin: Tier3, run: (*Server).history},
		"conversations.replies": {perMin: Tier3, run: (*Server).replies},
		"conversations.info":    {perMin: Tier3, run: (*Server).conversationsInfo},
		"conversations.members": {perMin: Tier4, run: (*Server).members},
		"views.open":            {perMin: Tier4, run: (*Server).viewsOpen},
		"views.push":            {perMin: Tier4, run: (*Server).viewsPush},
		"views.update":          {perMin: Tier4, run: (*Server).viewsUpdate},
		"views.publish":         {perMin: Tier4, run: (*Server).viewsPublish},
		"users.info":            {scope: "users:read", perMin: Tier4, run: (*Server).usersInfo},
		"users.lookupByEmail":   {scope: "users:read.email", perMin: Tier3, run: (*Server).lookupByEmail},
		"usergroups.list":       {scope: "usergroups:read", perMin: Tier2, run: (*Server).groupsList},
		"usergroups.users.list": {scope: "usergroups:read", perMin: Tier2, run: (*Server).groupUsers},
	}
}

func (s *Server) authTest(context.Context, *request) (answer, error) {
	a := answer{
		"url": "https://" + s.opt.TeamDomain + ".slack.com/", "team": s.opt.TeamDomain, "user": "aimsbot",
		"team_id": s.opt.TeamID, "user_id": s.opt.BotUser, "bot_id": s.opt.BotID, "is_enterprise_install": false,
	}
	if s.opt.EnterpriseID != "" {
		a["enterprise_id"] = s.opt.EnterpriseID
	}
	return a, nil
}

// botsInfo tells of the one bot there is.
func (s *Server) botsInfo(_ context.Context, q *request) (answer, error) {
	if id := q.str("bot"); id != s.opt.BotID {
		return nil, fail("bot_not_found")
	}
	return answer{"bot": map[string]any{
		"id": s.opt.BotID, "app_id": s.opt.AppID, "user_id": s.opt.BotUser, "name": "aimsbot", "deleted": false,
	}}, nil
}

// kindOf tells what a conversation is, as the scopes name it.
func kindOf(c Channel) string {
	switch {
	case c.IM != "":
		return "im"
	case strings.HasPrefix(c.ID, "G") && c.Name == "":
		return "mpim"
	case c.Private:
		return "groups"
	}
	return "channels"
}

// need refuses a call whose scope depends on the conversation.
func (s *Server) need(c Channel, suffix string) error {
	if scope := kindOf(c) + ":" + suffix; !s.scopes[scope] {
		return &apiError{code: "missing_scope", needed: scope}
	}
	return nil
}

// conversation finds a channel the app may read: it must be a member, and of
// a private one it is not even told.
func (t *tx) conversation(id, suffix string) (Channel, error) {
	c, ok, err := t.channel(id)
	if err != nil {
		return c, err
	}
	if !ok || (c.Private && c.BotAbsent) {
		return c, fail("channel_not_found")
	}
	if err := t.s.need(c, suffix); err != nil {
		return c, err
	}
	if c.BotAbsent && suffix == "history" {
		return c, fail("not_in_channel")
	}
	return c, nil
}

// directChannel finds or makes the direct message channel with a person.
func (t *tx) directChannel(p Person) (Channel, error) {
	id := "D" + strings.TrimLeft(p.ID, "UW")
	c, ok, err := t.channel(id)
	if err != nil || ok {
		return c, err
	}
	c = Channel{ID: id, Members: []string{p.ID}, IM: p.ID}
	return c, t.put("slack_channels", id, c)
}

func (s *Server) conversationsOpen(ctx context.Context, q *request) (a answer, err error) {
	err = s.transact(ctx, func(t *tx) error {
		c, err := t.open(q)
		if err != nil {
			return err
		}
		body := map[string]any{"id": c.ID}
		if q.flag("return_im") {
			body = s.channelJSON(c)
		}
		a = answer{"channel": body}
		return nil
	})
	return a, err
}

func (t *tx) open(q *request) (Channel, error) {
	if id := q.str("channel"); id != "" {
		c, ok, err := t.channel(id)
		if err == nil && (!ok || kindOf(c) != "im" && kindOf(c) != "mpim") {
			err = fail("channel_not_found")
		}
		return c, err
	}
	ids := strings.FieldsFunc(q.str("users"), func(r rune) bool { return r == ',' })
	if len(ids) == 0 {
		return Channel{}, fail("users_list_not_supplied")
	}
	if len(ids) > MaxDMPeople {
		return Channel{}, fail("too_many_users")
	}
	var people []Person
	for _, id := range ids {
		p, ok, err := t.person(id)
		switch {
		case err != nil:
			return Channel{}, err
		case !ok:
			return Channel{}, fail("user_not_found")
		case p.Deleted:
			return Channel{}, fail("user_disabled")
		case p.IsBot:
			return Channel{}, fail("cannot_dm_bot")
		}
		people = append(people, p)
	}
	kind := Channel{IM: ids[0]}
	if len(ids) > 1 {
		slices.Sort(ids)
		kind = Channel{ID: "G" + strings.Join(ids, ""), Members: ids, Private: true}
	}
	if err := t.s.need(kind, "write"); err != nil {
		return Channel{}, err
	}
	if len(ids) == 1 {
		return t.directChannel(people[0])
	}
	return kind, t.put("slack_channels", kind.ID, kind)
}

func (s *Server) conversationsInfo(ctx context.Context, q *request) (a answer, err error) {
	err = s.look(ctx, func(t *tx) error {
		c, err := t.conversation(q.str("channel"), "read")
		a = answer{"channel": s.channelJSON(c)}
		return err
	})
	return a, err
}

func (s *Server) channelJSON(c Channel) map[string]any {
	kind := kindOf(c)
	m := map[string]any{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "context_team_id": s.opt.TeamID,
		"is_channel": kind == "channels", "is_group": kind == "groups", "is_im": kind == "im", "is_mpim": kind == "mpim",
		"is_private": c.Private, "is_archived": c.Archived, "is_member": !c.BotAbsent, "num_members": len(c.Members),
	}
	if c.IM != "" {
		m["user"] = c.IM
	}
	return m
}

func (s *Server) members(ctx context.Context, q *request) (a answer, err error) {
	err = s.look(ctx, func(t *tx) error {
		c, err := t.conversation(q.str("channel"), "read")
		if err != nil {
			return err
		}
		all := slices.Clone(c.Members)
		if !c.BotAbsent {
			all = append(all, s.opt.BotUser)
		}
		page, next, err := paginate(all, q)
		a = answer{"members": page, "response_metadata": map[string]any{"next_cursor": next}}
		return err
	})
	return a, err
}
