package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
)

// Command is a person typing a slash command.
type Command struct {
	User    string          `json:"user"`
	Channel string          `json:"channel,omitempty"` // empty = the direct message with the app
	Command string          `json:"command"`           // "/aims"
	Text    string          `json:"text,omitempty"`
	Patch   json.RawMessage `json:"patch,omitempty"` // merge patch on the payload, for attacks
}

// Command sends the command and shows what the app answers.
func (s *Server) Command(ctx context.Context, c Command) (Ack, error) {
	if !s.scopes["commands"] {
		return Ack{}, fmt.Errorf("slacktest: command %q: %w", c.Command, ErrNotThere)
	}
	var ch Channel
	var payload map[string]any
	err := s.transact(ctx, func(t *tx) (err error) {
		if ch, err = t.seen(c.User, c.Channel); err != nil {
			return err
		}
		p, _, err := t.person(c.User)
		_, team := s.userJSON(p)
		payload = map[string]any{
			"team_id": team["id"], "team_domain": team["domain"], "channel_id": ch.ID, "channel_name": nameOf(ch),
			"user_id": c.User, "user_name": p.Name, "command": c.Command, "text": c.Text, "api_app_id": s.opt.AppID,
			"is_enterprise_install": "false", "trigger_id": s.newTrigger(c.User, ""),
			"response_url": "https://hooks.slack.com/commands/" + s.opt.TeamID + "/1/" + newID(""),
		}
		return err
	})
	if err != nil {
		return Ack{}, err
	}
	if payload, err = patched(payload, c.Patch); err != nil {
		return Ack{}, err
	}
	ack := s.deliver(ctx, delivery{kind: slashCommands, payload: payload, answers: true})
	if ack.Warning != "" || len(ack.Body) == 0 {
		return ack, nil
	}
	return ack, s.show(ctx, c.User, ch, ack.Body)
}

// show posts the answer to a command: to the person, or to the channel if it
// says so. What Slack would not show is a refusal.
func (s *Server) show(ctx context.Context, user string, ch Channel, body json.RawMessage) error {
	q := &request{args: map[string]any{}}
	v, err := decodeAny(body)
	if err != nil {
		return fmt.Errorf("slacktest: answer: %w", err)
	}
	switch v := v.(type) {
	case string:
		q.args["text"] = v
	case map[string]any:
		q.args = v
	}
	out, err := q.content(MaxText)
	if err == nil && !out.hasText && len(out.blocks) == 0 {
		return nil // an object without content shows nothing
	}
	if err != nil {
		s.refuse("slash_commands", err.Error())
		return nil
	}
	return s.transact(ctx, func(t *tx) (err error) {
		if q.str("response_type") == "in_channel" {
			_, err = t.post(ch, out, s.opt.BotUser, "")
		} else {
			_, err = t.whisper(ch, user, out, "")
		}
		return err
	})
}
