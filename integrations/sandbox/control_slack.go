package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

func (s *Sandbox) click(r *http.Request) (any, error) {
	var c slacktest.Click
	if err := read(r, &c); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var err error
	if c.User, err = s.user(ctx, "user", c.User, c.Force); err != nil {
		return nil, err
	}
	if err := need("action_id", c.ActionID); err != nil {
		return nil, err
	}
	if c.ViewID == "" {
		if err := need("channel (or view_id)", c.Channel, "ts (or view_id)", c.TS); err != nil {
			return nil, err
		}
	}
	if c.Channel, err = s.channel(ctx, c.Channel, c.Force); err != nil {
		return nil, err
	}
	if c.Values, err = s.values(ctx, c.Values); err != nil {
		return nil, err
	}
	ack, err := s.slack.Click(ctx, c)
	if errors.Is(err, slacktest.ErrNotThere) || errors.Is(err, slacktest.ErrValue) {
		return nil, s.explain(ctx, c, err)
	}
	return s.acknowledged(ack, err)
}

// explain says which part of a click does not fit.
func (s *Sandbox) explain(ctx context.Context, c slacktest.Click, err error) error {
	blocks, serr := s.surface(ctx, c)
	if serr != nil {
		return serr
	}
	if errors.Is(err, slacktest.ErrValue) {
		return wrong("value is %s: %s does not send this (leave value out for a button's own)", short(c.Value), c.ActionID)
	}
	choices := actionsOf(blocks)
	for _, a := range choices {
		if a == c.ActionID {
			return missing("user: %s does not see this message or element", c.User)
		}
	}
	if len(choices) == 0 {
		return missing("action_id is %s: there is nothing to press here", short(c.ActionID))
	}
	return missing("action_id is %s: choose one of %s", short(c.ActionID), strings.Join(choices, ", "))
}

// acknowledged turns what the fake says into the answer of a control call.
func (s *Sandbox) acknowledged(ack slacktest.Ack, err error) (any, error) {
	var input *slacktest.InputError
	switch {
	case errors.As(err, &input):
		return nil, &problem{status: http.StatusUnprocessableEntity, text: strings.TrimPrefix(input.Error(), "slacktest: "), fields: input.Errors}
	case errors.Is(err, slacktest.ErrNotThere):
		return nil, missing("%s", strings.TrimPrefix(err.Error(), "slacktest: "))
	case errors.Is(err, slacktest.ErrValue):
		return nil, wrong("%s", strings.TrimPrefix(err.Error(), "slacktest: "))
	case err != nil:
		return nil, err
	}
	return ack, nil
}

// values lets person ids of the organisation stand where Slack user ids belong.
func (s *Sandbox) values(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return raw, nil
	}
	var all map[string]map[string]map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, wrong("values: block_id -> action_id -> value, as Slack's view.state.values")
	}
	user := func(v any) any {
		if name, ok := v.(string); ok {
			if id, err := s.user(ctx, "values", name, true); err == nil {
				return id
			}
		}
		return v
	}
	for _, block := range all {
		for _, e := range block {
			if v, there := e["selected_user"]; there {
				e["selected_user"] = user(v)
			}
			if list, ok := e["selected_users"].([]any); ok {
				for i := range list {
					list[i] = user(list[i])
				}
			}
		}
	}
	return json.Marshal(all)
}

func (s *Sandbox) submit(r *http.Request) (any, error) {
	var sub slacktest.Submit
	if err := read(r, &sub); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var err error
	if sub.User, err = s.user(ctx, "user", sub.User, sub.Force); err != nil {
		return nil, err
	}
	if err := need("view_id", sub.ViewID); err != nil {
		return nil, err
	}
	if sub.Values, err = s.values(ctx, sub.Values); err != nil {
		return nil, err
	}
	return s.acknowledged(s.slack.Submit(ctx, sub))
}

func (s *Sandbox) closeView(r *http.Request) (any, error) {
	var c slacktest.CloseView
	if err := read(r, &c); err != nil {
		return nil, err
	}
	var err error
	if c.User, err = s.user(r.Context(), "user", c.User, false); err != nil {
		return nil, err
	}
	if err := need("view_id", c.ViewID); err != nil {
		return nil, err
	}
	return s.acknowledged(s.slack.CloseModal(r.Context(), c))
}

func (s *Sandbox) command(r *http.Request) (any, error) {
	var c slacktest.Command
	if err := read(r, &c); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var err error
	if c.User, err = s.user(ctx, "user", c.User, false); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(c.Command, "/") || strings.ContainsAny(c.Command, " \n") {
		return nil, wrong("command is %s: a word that begins with a slash, such as /aims; the rest goes into text", short(c.Command))
	}
	if c.Channel, err = s.channel(ctx, c.Channel, false); err != nil {
		return nil, err
	}
	return s.acknowledged(s.slack.Command(ctx, c))
}

func (s *Sandbox) event(r *http.Request) (any, error) {
	var e struct {
		Event json.RawMessage `json:"event"` // the inner event
		Outer json.RawMessage `json:"outer"` // merge patch on the outer event
	}
	if err := read(r, &e); err != nil {
		return nil, err
	}
	if !isObject(e.Event) {
		return nil, wrong("event is needed: the inner event, such as {\"type\":\"app_home_opened\"}")
	}
	if len(e.Outer) > 0 && !isObject(e.Outer) {
		return nil, wrong("outer is %s: an object with what to change in the outer event, such as {\"team_id\":\"T0OTHER\"}", short(string(e.Outer)))
	}
	return s.acknowledged(s.slack.Event(r.Context(), e.Event, e.Outer))
}

// isObject tells whether a value is a JSON object.
func isObject(raw json.RawMessage) bool {
	var m map[string]json.RawMessage
	return json.Unmarshal(raw, &m) == nil && m != nil
}

// verifyURL is somebody entering the address for events in Slack's settings.
func (s *Sandbox) verifyURL(r *http.Request) (any, error) {
	if err := read(r, &struct{}{}); err != nil {
		return nil, err
	}
	return s.acknowledged(s.slack.VerifyURL(r.Context()))
}

// disconnect ends the connections of Socket Mode, as Slack does now and then.
func (s *Sandbox) disconnect(r *http.Request) (any, error) {
	var d struct {
		Reason string `json:"reason"`
	}
	if err := read(r, &d); err != nil {
		return nil, err
	}
	switch d.Reason {
	case "", "warning", "refresh_requested", "link_disabled":
		return map[string]int{"connections": s.slack.Disconnect(d.Reason)}, nil
	}
	return nil, wrong("reason is %s: choose warning, refresh_requested, link_disabled, or leave it out to cut the connections", short(d.Reason))
}

func (s *Sandbox) person(r *http.Request) (any, error) {
	var p struct {
		slacktest.Person
	}
	// The patch is the body as it came: what it leaves out stays.
	raw := map[string]json.RawMessage{}
	if err := read(r, &raw); err != nil {
		return nil, err
	}
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	if err := strict(b, &p.Person); err != nil {
		return nil, err
	}
	id, err := s.user(r.Context(), "id", p.ID, false)
	if err != nil {
		return nil, err
	}
	delete(raw, "id")
	if b, err = json.Marshal(raw); err != nil {
		return nil, err
	}
	return s.slack.PatchPerson(r.Context(), id, b)
}
