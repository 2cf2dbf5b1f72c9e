package slacktest

import (
	"context"
	"encoding/json"
	"strings"
)

// writable finds the conversation a message goes to: by id, by name, or by
// the person, whose direct message is opened.
func (t *tx) writable(to string) (Channel, error) {
	c, ok, err := t.channel(to)
	if err != nil {
		return c, err
	}
	if !ok {
		if c, ok, err = t.channelFor(to); err != nil {
			return c, err
		}
	}
	if !ok || c.Private && c.BotAbsent {
		return c, fail("channel_not_found")
	}
	if c.Archived {
		return c, fail("is_archived")
	}
	if c.BotAbsent {
		return c, fail("not_in_channel")
	}
	if c.IM == "" {
		return c, nil
	}
	p, ok, err := t.person(c.IM)
	if err == nil && (!ok || p.Deleted) {
		err = fail("channel_not_found")
	}
	return c, err
}

// channelFor finds a channel by name, or the direct message of a person.
func (t *tx) channelFor(to string) (Channel, bool, error) {
	if p, ok, err := t.person(to); err != nil {
		return Channel{}, false, err
	} else if ok && !p.IsBot && !p.Deleted {
		c, err := t.directChannel(p)
		return c, err == nil, err
	}
	all, err := rows[Channel](t, "SELECT body FROM slack_channels ORDER BY id")
	for _, c := range all {
		if c.Name != "" && c.Name == strings.TrimPrefix(to, "#") {
			return c, true, nil
		}
	}
	return Channel{}, false, err
}

func (s *Server) postMessage(ctx context.Context, q *request) (a answer, err error) {
	body, err := q.content(MaxText)
	if err != nil {
		return nil, err
	}
	if !body.hasText && len(body.blocks) == 0 {
		return nil, fail("no_text")
	}
	err = s.transact(ctx, func(t *tx) error {
		c, err := t.writable(q.str("channel"))
		if err != nil {
			return err
		}
		if err := s.allow("chat.postMessage in "+c.ID, PostsPerSecond, PostBurst); err != nil {
			return err
		}
		m, err := t.post(c, body, s.opt.BotUser, q.str("thread_ts"))
		a = answer{"channel": c.ID, "ts": m.TS, "message": s.messageJSON(m, false)}
		return err
	})
	return a, err
}

// post stores a new message. A thread must begin with a message that is there.
func (t *tx) post(c Channel, body content, author, thread string) (Message, error) {
	m := Message{Channel: c.ID, To: toOf(c), User: author, Text: body.text, Blocks: rawBlocks(body), ThreadTS: thread}
	if string(body.metadata) != "{}" {
		m.Metadata = body.metadata
	}
	if thread != "" {
		parent, ok, err := t.message(c.ID, thread)
		if err != nil {
			return m, err
		}
		if !ok || parent.Ephemeral {
			return m, fail("thread_not_found")
		}
		switch {
		case parent.Deleted:
			m.ThreadTS = "" // Slack posts it outside the thread then
		case parent.ThreadTS != "":
			m.ThreadTS = parent.ThreadTS
		}
	}
	var err error
	if m.TS, err = t.stamp(); err != nil {
		return m, err
	}
	return m, t.putMessage(m)
}

func rawBlocks(body content) json.RawMessage {
	if len(body.blocks) == 0 {
		return nil
	}
	return encode(body.blocks)
}

// toOf names whom a conversation reaches.
func toOf(c Channel) string {
	switch {
	case c.IM != "":
		return c.IM
	case c.Name != "":
		return c.Name
	}
	return c.ID
}

func (s *Server) postEphemeral(ctx context.Context, q *request) (a answer, err error) {
	body, err := q.content(MaxText)
	if err != nil {
		return nil, err
	}
	if !body.hasText && len(body.blocks) == 0 {
		return nil, fail("no_text")
	}
	err = s.transact(ctx, func(t *tx) error {
		c, err := t.writable(q.str("channel"))
		if err != nil {
			return err
		}
		user := q.str("user")
		if !c.has(user) {
			return fail("user_not_in_channel")
		}
		m, err := t.whisper(c, user, body, q.str("thread_ts"))
		a = answer{"message_ts": m.TS}
		return err
	})
	return a, err
}

// whisper stores a message that one person sees.
func (t *tx) whisper(c Channel, user string, body content, thread string) (m Message, err error) {
	m = Message{
		Channel: c.ID, To: user, User: t.s.opt.BotUser, Text: body.text, Blocks: rawBlocks(body),
		ThreadTS: thread, Ephemeral: true,
	}
	if m.TS, err = t.stamp(); err != nil {
		return m, err
	}
	return m, t.putMessage(m)
}

// ownMessage finds a message of the app that can still be changed.
func (t *tx) ownMessage(q *request, notOurs string) (Message, Channel, error) {
	c, ok, err := t.channel(q.str("channel"))
	if err != nil {
		return Message{}, c, err
	}
	if !ok || c.Private && c.BotAbsent {
		return Message{}, c, fail("channel_not_found")
	}
	m, ok, err := t.message(c.ID, q.str("ts"))
	switch {
	case err != nil:
		return m, c, err
	case !ok || m.Deleted || m.Ephemeral:
		return m, c, fail("message_not_found")
	case m.User != t.s.opt.BotUser:
		return m, c, fail(notOurs)
	}
	return m, c, nil
}

func (s *Server) updateMessage(ctx context.Context, q *request) (a answer, err error) {
	body, err := q.content(MaxUpdateText)
	if err != nil {
		return nil, err
	}
	if !body.hasText && !body.hasBlocks && body.metadata == nil {
		return nil, fail("no_text")
	}
	err = s.transact(ctx, func(t *tx) error {
		m, c, err := t.ownMessage(q, "cant_update_message")
		if err != nil {
			return err
		}
		if c.Archived {
			return fail("is_inactive")
		}
		// Text without blocks removes the blocks; neither keeps both.
		if body.hasText || body.hasBlocks {
			m.Blocks = rawBlocks(body)
		}
		if body.hasText {
			m.Text = body.text
		}
		if m.Text == "" && len(m.Blocks) == 0 {
			return fail("no_text")
		}
		if body.metadata != nil {
			m.Metadata = body.metadata
		}
		if string(m.Metadata) == "{}" {
			m.Metadata = nil
		}
		if m.Edited, err = t.stamp(); err != nil {
			return err
		}
		a = answer{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.messageJSON(m, false)}
		return t.putMessage(m)
	})
	return a, err
}

func (s *Server) deleteMessage(ctx context.Context, q *request) (a answer, err error) {
	err = s.transact(ctx, func(t *tx) error {
		m, c, err := t.ownMessage(q, "cant_delete_message")
		if err != nil {
			return err
		}
		m.Deleted, m.Text, m.Blocks, m.Metadata = true, "", nil, nil
		a = answer{"channel": c.ID, "ts": m.TS}
		return t.putMessage(m)
	})
	return a, err
}
