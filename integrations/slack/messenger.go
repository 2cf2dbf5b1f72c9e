package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// eventType names our metadata on a message; the key in it is a hash, since
	// everybody in the workspace can read it.
	eventType = "aimsbot_prompt"
	// findMargin is how far before the intent a message is looked for: the two
	// clocks may differ.
	findMargin = time.Minute
	// pageSize is how many messages one page of history holds (at most 999,
	// https://docs.slack.dev/reference/methods/conversations.history).
	pageSize = 200
	// maxPages bounds a search; beyond it the answer is "unknown", never "none".
	maxPages = 20
)

// Post sends a card. A person gets it as a direct message.
func (c *Client) Post(ctx context.Context, key string, card port.Card, user, thread string) (port.Outcome, error) {
	channel, err := c.place(ctx, card, user)
	if err != nil {
		return port.Outcome{}, err
	}
	blocks, text := c.render(key, card)
	options := []slack.MsgOption{
		slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"key": key}}),
	}
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	var at port.Outcome
	err = c.call(ctx, methodPost, channel, func(ctx context.Context) (err error) {
		at.Channel, at.TS, err = c.api.PostMessageContext(ctx, channel, options...)
		return err
	})
	if err != nil {
		return port.Outcome{}, err
	}
	if at.Channel == "" || at.TS == "" {
		return port.Outcome{}, badAnswer(methodPost, "no channel or no ts in the answer")
	}
	return at, nil
}

// Edit replaces the card at a known place. The metadata stays.
func (c *Client) Edit(ctx context.Context, at port.Outcome, card port.Card) error {
	blocks, text := c.render(at.TS, card)
	return c.call(ctx, methodUpdate, at.Channel, func(ctx context.Context) error {
		_, _, _, err := c.api.UpdateMessageContext(ctx, at.Channel, at.TS,
			slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...))
		return err
	})
}

// render turns a card into blocks and logs when it had to be shortened.
func (c *Client) render(key string, card port.Card) ([]slack.Block, string) {
	blocks, text, short := renderCard(card)
	if short {
		c.log.Warn("a message was shortened to Slack's limits", "key", key)
	}
	return blocks, text
}

// Private shows a text to one person in a channel, or in the direct message
// with them where no channel is given.
func (c *Client) Private(ctx context.Context, p port.Private) error {
	channel := p.Channel
	if channel == "" {
		var err error
		if channel, err = c.openDM(ctx, p.User); err != nil {
			return err
		}
	}
	text := escape(cut(p.Text, maxText))
	return c.call(ctx, methodPrivate, channel, func(ctx context.Context) error {
		_, err := c.api.PostEphemeralContext(ctx, channel, p.User, slack.MsgOptionText(text, false))
		return err
	})
}

// Find looks for messages of ours that carry the key, oldest first.
func (c *Client) Find(ctx context.Context, key string, card port.Card, user, thread string, since time.Time) ([]port.Outcome, error) {
	channel, err := c.place(ctx, card, user)
	if err != nil {
		return nil, err
	}
	oldest := stamp(since.Add(-findMargin))
	var found []port.Outcome
	cursor := ""
	for range maxPages {
		var page []slack.Message
		if page, cursor, err = c.page(ctx, channel, thread, oldest, cursor); err != nil {
			return nil, err
		}
		for _, m := range page {
			if m.Metadata.EventType == eventType && m.Metadata.EventPayload["key"] == key {
				found = append(found, port.Outcome{Channel: channel, TS: m.Timestamp})
			}
		}
		if cursor == "" {
			slices.SortFunc(found, func(a, b port.Outcome) int { return compareTS(a.TS, b.TS) })
			return found, nil
		}
	}
	return nil, badAnswer(methodHistory, fmt.Sprintf("more than %d messages to look through", maxPages*pageSize))
}

// page reads one page of a channel, or of a thread in it.
func (c *Client) page(ctx context.Context, channel, thread, oldest, cursor string) (msgs []slack.Message, next string, err error) {
	if thread != "" {
		err = c.call(ctx, methodReplies, channel, func(ctx context.Context) (err error) {
			msgs, _, next, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: thread, Cursor: cursor, Limit: pageSize, Oldest: oldest, Inclusive: true, IncludeAllMetadata: true,
			})
			return err
		})
		return msgs, next, err
	}
	err = c.call(ctx, methodHistory, channel, func(ctx context.Context) error {
		r, err := c.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: channel, Cursor: cursor, Limit: pageSize, Oldest: oldest, Inclusive: true, IncludeAllMetadata: true,
		})
		if err != nil {
			return err
		}
		if !r.Ok {
			return errors.New("history was not given")
		}
		msgs, next = r.Messages, r.ResponseMetaData.NextCursor
		return nil
	})
	return msgs, next, err
}

// Remove deletes a message of ours; already gone is success.
func (c *Client) Remove(ctx context.Context, at port.Outcome) error {
	err := c.call(ctx, methodDelete, at.Channel, func(ctx context.Context) error {
		_, _, err := c.api.DeleteMessageContext(ctx, at.Channel, at.TS)
		return err
	})
	if codeOf(err) == "message_not_found" {
		return nil
	}
	return err
}

// place is the channel a card goes to.
func (c *Client) place(ctx context.Context, card port.Card, user string) (string, error) {
	if card.To.Channel != "" {
		return card.To.Channel, nil
	}
	return c.openDM(ctx, user)
}

// openDM finds the direct-message channel with a person. Slack returns the same
// one every time, so a repeated call changes nothing.
func (c *Client) openDM(ctx context.Context, user string) (string, error) {
	if user == "" {
		return "", &port.OutsideError{Target: target, Call: methodOpen, Code: "no_user", Definite: true, Forever: true}
	}
	c.mu.Lock()
	channel := c.dms[user]
	c.mu.Unlock()
	if channel != "" {
		return channel, nil
	}
	err := c.call(ctx, methodOpen, "", func(ctx context.Context) error {
		ch, _, _, err := c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
		if err == nil && ch != nil {
			channel = ch.ID
		}
		return err
	})
	if err != nil {
		// Opening posts nothing: a lost answer is as good as a refusal.
		var out *port.OutsideError
		if errors.As(err, &out) {
			out.Definite = true
		}
		return "", err
	}
	if channel == "" {
		bad := badAnswer(methodOpen, "no channel in the answer")
		bad.Definite = true
		return "", bad
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.dms) >= maxDMs {
		clear(c.dms)
	}
	c.dms[user] = channel
	return channel, nil
}

func badAnswer(method, what string) *port.OutsideError {
	return &port.OutsideError{Target: target, Call: method, Code: "bad_answer", Err: errors.New(what)}
}

// stamp writes an instant as Slack's message ids do: seconds and microseconds.
func stamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/int(time.Microsecond))
}

// compareTS orders message ids by time.
func compareTS(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil || x == y:
		return 0
	case x < y:
		return -1
	}
	return 1
}
