package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of what a person tries to do in the workspace.
var (
	// ErrNotThere: the person cannot see the message, view, button or channel.
	ErrNotThere = errors.New("not there")
	// ErrValue: the value is not one the client would send.
	ErrValue = errors.New("not a value the client would send")
)

// Seed makes people, channels and groups, or brings those that are there to
// what is given. Repeating it changes nothing.
func (s *Server) Seed(ctx context.Context, seed Seed) error {
	return s.transact(ctx, func(t *tx) error {
		for _, p := range seed.People {
			if err := putNew(t, "slack_people", p.ID, p); err != nil {
				return err
			}
		}
		for _, c := range seed.Channels {
			if err := putNew(t, "slack_channels", c.ID, c); err != nil {
				return err
			}
		}
		for _, g := range seed.Groups {
			if err := putNew(t, "slack_groups", g.ID, g); err != nil {
				return err
			}
		}
		return nil
	})
}

// putNew stores a body unless it is there already, word for word.
func putNew(t *tx, table, id string, v any) error {
	if id == "" {
		return fmt.Errorf("slacktest: %s: no id", table)
	}
	old, ok, err := one[json.RawMessage](t, "SELECT body FROM "+table+" WHERE id=?", id)
	if err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("slacktest: %w", err)
	}
	if ok && string(old) == string(b) {
		return nil
	}
	return t.put(table, id, v)
}

// SetPerson makes an account or replaces it.
func (s *Server) SetPerson(ctx context.Context, p Person) error {
	return s.transact(ctx, func(t *tx) error { return putNew(t, "slack_people", p.ID, p) })
}

// PatchPerson changes the fields of an account that the JSON object names.
func (s *Server) PatchPerson(ctx context.Context, id string, patch json.RawMessage) (p Person, err error) {
	err = s.transact(ctx, func(t *tx) error {
		var ok bool
		if p, ok, err = t.person(id); err != nil || !ok {
			return errors.Join(err, fmt.Errorf("slacktest: person %q: %w", id, ErrNotThere))
		}
		if err := json.Unmarshal(patch, &p); err != nil {
			return fmt.Errorf("slacktest: person: %w", err)
		}
		p.ID = id
		return t.put("slack_people", id, p)
	})
	return p, err
}

// SetChannel makes a channel or replaces it.
func (s *Server) SetChannel(ctx context.Context, c Channel) error {
	return s.transact(ctx, func(t *tx) error { return putNew(t, "slack_channels", c.ID, c) })
}

// SetGroup makes a user group or replaces it.
func (s *Server) SetGroup(ctx context.Context, g Group) error {
	return s.transact(ctx, func(t *tx) error { return putNew(t, "slack_groups", g.ID, g) })
}

// Reset empties the workspace, people and channels included, and forgets the
// calls. Time stamps and the sequence number go on rising.
func (s *Server) Reset(ctx context.Context) error {
	err := s.transact(ctx, func(t *tx) error {
		for _, table := range strings.Fields(tables) {
			if err := t.exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		_, err := t.next()
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.refused, s.violations, s.limits, s.triggers = nil, nil, 0, map[string]*bucket{}, map[string]*trigger{}
	return err
}

// State returns the workspace: all of it, or what changed after since.
func (s *Server) State(ctx context.Context, since int64) (st State, err error) {
	err = s.look(ctx, func(t *tx) error {
		if st.Seq, err = t.meta("seq"); err != nil {
			return err
		}
		if st.People, err = rows[Person](t, "SELECT body FROM slack_people ORDER BY id"); err != nil {
			return err
		}
		if st.Channels, err = rows[Channel](t, "SELECT body FROM slack_channels ORDER BY id"); err != nil {
			return err
		}
		if st.Groups, err = rows[Group](t, "SELECT body FROM slack_groups ORDER BY id"); err != nil {
			return err
		}
		if st.Messages, err = rows[Message](t, "SELECT body FROM slack_messages WHERE seq>? ORDER BY ts", since); err != nil {
			return err
		}
		// Closed views matter only to who has seen them open.
		st.Views, err = rows[View](t, "SELECT body FROM slack_views WHERE seq>? AND (closed=0 OR ?>0) ORDER BY seq", since, since)
		return err
	})
	return st, err
}

// Say posts a message as a person, who must be in the channel. The app is
// told only by an Event.
func (s *Server) Say(ctx context.Context, user, channel, words, thread string) (m Message, err error) {
	err = s.transact(ctx, func(t *tx) error {
		c, err := t.seen(user, channel)
		if err == nil {
			m, err = t.post(c, content{text: words}, user, thread)
		}
		return err
	})
	return m, err
}

// seen finds a channel the person is in; empty = the direct message with the
// app.
func (t *tx) seen(user, channel string) (Channel, error) {
	p, ok, err := t.person(user)
	if err != nil {
		return Channel{}, err
	}
	if !ok || p.Deleted {
		return Channel{}, fmt.Errorf("slacktest: person %q: %w", user, ErrNotThere)
	}
	if channel == "" {
		return t.directChannel(p)
	}
	c, ok, err := t.channel(channel)
	if err == nil && (!ok || !c.has(user)) {
		err = fmt.Errorf("slacktest: channel %q for %q: %w", channel, user, ErrNotThere)
	}
	return c, err
}

// visible tells whether a person sees a message.
func visible(m Message, c Channel, user string) bool {
	return !m.Deleted && c.has(user) && (!m.Ephemeral || m.To == user)
}

// patched applies a merge patch given as JSON; an empty one changes nothing.
func patched(payload map[string]any, patch json.RawMessage) (map[string]any, error) {
	if len(patch) == 0 {
		return payload, nil
	}
	p, err := decodeObject(patch)
	if err != nil {
		return nil, fmt.Errorf("slacktest: patch: %w", err)
	}
	return merge(payload, p), nil
}

// userJSON is the acting person as payloads name them, and their workspace.
func (s *Server) userJSON(p Person) (user, team map[string]any) {
	id, domain := s.opt.TeamID, s.opt.TeamDomain
	if p.TeamID != "" && p.TeamID != id && !slices.Contains(p.EnterpriseTeams, id) {
		id, domain = p.TeamID, "elsewhere"
	}
	return map[string]any{"id": p.ID, "username": p.Name, "name": p.Name, "team_id": id},
		map[string]any{"id": id, "domain": domain}
}
