package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Click is a person acting on an element of a message, modal or home tab.
type Click struct {
	User     string `json:"user"`
	Channel  string `json:"channel,omitempty"`
	TS       string `json:"ts,omitempty"`
	ViewID   string `json:"view_id,omitempty"` // instead of Channel and TS
	BlockID  string `json:"block_id,omitempty"`
	ActionID string `json:"action_id"`
	// Value is the button's, and may be left out; of a menu or picker it is
	// what was chosen, several separated by commas.
	Value string `json:"value,omitempty"`
	// Values is what else is filled in on the same surface, as
	// view.state.values.
	Values json.RawMessage `json:"values,omitempty"`
	// Force leaves out the client's checks, and Patch is a merge patch on the
	// payload: for attacks.
	Force bool            `json:"force,omitempty"`
	Patch json.RawMessage `json:"patch,omitempty"`
}

// Click sends the block_actions payload of the element and waits for the
// acknowledgement. Without Force the person must see the element and the
// value must be one it has; else ErrNotThere or ErrValue.
func (s *Server) Click(ctx context.Context, c Click) (Ack, error) {
	var payload map[string]any
	err := s.transact(ctx, func(t *tx) (err error) {
		payload, err = t.clickPayload(c)
		return err
	})
	if err != nil {
		return Ack{}, err
	}
	if payload, err = patched(payload, c.Patch); err != nil {
		return Ack{}, err
	}
	ack := s.deliver(ctx, delivery{kind: interactiveKind, payload: payload})
	if len(ack.Body) > 0 {
		s.refuse("block_actions", "the acknowledgement of an action is empty; Slack shows nothing of this one")
	}
	return ack, nil
}

func (t *tx) clickPayload(c Click) (map[string]any, error) {
	p, ok, err := t.person(c.User)
	if err != nil {
		return nil, err
	}
	if (!ok || p.Deleted) && !c.Force {
		return nil, fmt.Errorf("slacktest: person %q: %w", c.User, ErrNotThere)
	}
	p.ID = c.User
	user, team := t.s.userJSON(p)
	payload := map[string]any{
		"type": "block_actions", "api_app_id": t.s.opt.AppID, "team": team, "user": user, "enterprise": nil,
		"is_enterprise_install": false, "trigger_id": t.s.newTrigger(c.User, c.ViewID),
	}
	blocks, err := t.surface(c, payload)
	if err != nil {
		return nil, err
	}
	action, err := t.action(c, blocks)
	if err != nil {
		return nil, err
	}
	if action["action_ts"], err = t.stamp(); err != nil {
		return nil, err
	}
	payload["actions"] = []any{action}
	return payload, nil
}

// surface adds where the click was made, and returns the blocks there.
func (t *tx) surface(c Click, payload map[string]any) ([]any, error) {
	if c.ViewID != "" {
		return t.viewSurface(c, payload)
	}
	ch, _, err := t.channel(c.Channel)
	if err != nil {
		return nil, err
	}
	m, ok, err := t.message(c.Channel, c.TS)
	if err != nil {
		return nil, err
	}
	if (!ok || !visible(m, ch, c.User)) && !c.Force {
		return nil, fmt.Errorf("slacktest: message %s in %q for %q: %w", c.TS, c.Channel, c.User, ErrNotThere)
	}
	payload["channel"] = map[string]any{"id": c.Channel, "name": nameOf(ch)}
	container := map[string]any{
		"type": "message", "message_ts": c.TS, "channel_id": c.Channel, "is_ephemeral": m.Ephemeral, "is_app_unfurl": false,
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload["container"] = container
	payload["response_url"] = "https://hooks.slack.com/actions/" + t.s.opt.TeamID + "/1/" + newID("")
	if ok && !m.Ephemeral {
		payload["message"] = t.s.messageJSON(m, false)
	}
	values := json.RawMessage("{}")
	if len(c.Values) > 0 {
		values = c.Values
	}
	payload["state"] = map[string]any{"values": values}
	return decodeBlocks(m.Blocks)
}

func (t *tx) viewSurface(c Click, payload map[string]any) ([]any, error) {
	v, ok, err := t.view(c.ViewID)
	if err != nil {
		return nil, err
	}
	if (!ok || v.Closed || v.User != c.User) && !c.Force {
		return nil, fmt.Errorf("slacktest: view %q for %q: %w", c.ViewID, c.User, ErrNotThere)
	}
	body := map[string]any{}
	if ok {
		if v.State, err = t.fillIn(v, c.Values, true); err != nil && !c.Force {
			return nil, err
		}
		if err := t.putView(v); err != nil {
			return nil, err
		}
		if body, err = decodeObject(v.Body); err != nil {
			return nil, err
		}
	}
	payload["container"] = map[string]any{"type": "view", "view_id": c.ViewID}
	payload["view"] = t.s.viewJSON(v)
	return list(body, "blocks"), nil
}

// nameOf is the name payloads give a conversation.
func nameOf(c Channel) string {
	if c.IM != "" {
		return "directmessage"
	}
	return c.Name
}

func decodeBlocks(raw json.RawMessage) ([]any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v, err := decodeAny(raw)
	blocks, _ := v.([]any)
	return blocks, err
}

// action finds the element and makes the action it sends.
func (t *tx) action(c Click, blocks []any) (map[string]any, error) {
	var err error
	for _, b := range blocks {
		block, _ := b.(map[string]any)
		if c.BlockID != "" && c.BlockID != text(block, "block_id") {
			continue
		}
		for _, e := range interactive(block) {
			if text(e, "action_id") != c.ActionID || !shown(block, e, c.User) {
				continue
			}
			action := map[string]any{"type": e["type"], "action_id": c.ActionID, "block_id": block["block_id"]}
			if err = choose(action, e, c.Value, c.Force); err == nil {
				return action, nil
			}
		}
	}
	if c.Force {
		return map[string]any{
			"type": "button", "action_id": c.ActionID, "block_id": c.BlockID, "value": c.Value,
			"text": map[string]any{"type": plain, "text": c.ActionID},
		}, nil
	}
	if err == nil {
		err = ErrNotThere
	}
	return nil, fmt.Errorf("slacktest: element %q: %w", c.ActionID, err)
}

// shown tells whether a person can act on an element: inputs send nothing
// unless asked to, and buttons may be for some people only.
func shown(block, e map[string]any, user string) bool {
	if text(block, "type") == "input" && block["dispatch_action"] != true {
		return false
	}
	only, limited := e["visible_to_user_ids"].([]any)
	return !limited || slices.Contains(only, any(user))
}

// choose puts into the action what the person pressed or chose.
func choose(action, e map[string]any, value string, force bool) error {
	for _, k := range []string{"text", "style", "confirm", "url", "placeholder"} {
		if v, there := e[k]; there {
			action[k] = v
		}
	}
	kind := text(e, "type")
	if strings.HasSuffix(kind, "button") {
		own := text(e, "value")
		if value == "" && !force {
			value = own
		}
		if value != own && !force {
			return ErrValue
		}
		if value != "" {
			action["value"] = value
		}
		return nil
	}
	if kind == "feedback_buttons" {
		for _, k := range []string{"positive_button", "negative_button"} {
			if b := object(e, k); value == text(b, "value") {
				action["value"], action["text"] = value, b["text"]
				return nil
			}
		}
		return ErrValue
	}
	state, problem := chosen(e, fromText(kind, value))
	if problem != "" && !force {
		return errors.Join(ErrValue, errors.New(problem))
	}
	for k, v := range state {
		action[k] = v
	}
	return nil
}
