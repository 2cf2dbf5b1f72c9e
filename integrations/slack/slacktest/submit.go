package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Submit is a person sending a modal off.
type Submit struct {
	User   string          `json:"user"`
	ViewID string          `json:"view_id"`
	Values json.RawMessage `json:"values,omitempty"` // as view.state.values; what is left out keeps its preset
	Force  bool            `json:"force,omitempty"`  // leave out the client's checks
	Patch  json.RawMessage `json:"patch,omitempty"`  // merge patch on the payload
}

// Submit sends the view_submission and does to the modal what the app
// answers. What the client would not send is an *InputError.
func (s *Server) Submit(ctx context.Context, sub Submit) (Ack, error) {
	var v View
	var payload map[string]any
	err := s.transact(ctx, func(t *tx) (err error) {
		if v, err = t.openModal(sub.User, sub.ViewID, sub.Force); err != nil {
			return err
		}
		state, err := t.fillIn(v, sub.Values, false)
		if err != nil && !sub.Force {
			return err
		}
		v.State, v.Errors = state, nil
		if sub.Force && len(sub.Values) > 0 {
			v.State = sub.Values
		}
		if payload, err = t.viewPayload("view_submission", sub.User, v); err != nil {
			return err
		}
		return t.putView(v)
	})
	if err != nil {
		return Ack{}, err
	}
	if payload, err = patched(payload, sub.Patch); err != nil {
		return Ack{}, err
	}
	ack := s.deliver(ctx, delivery{kind: interactiveKind, payload: payload, answers: true})
	if ack.Warning != "" {
		return ack, nil
	}
	err = s.transact(ctx, func(t *tx) (err error) {
		ack.Warning, err = t.respond(v.ID, ack.Body)
		return err
	})
	return ack, err
}

// openModal finds the modal on top of a person's stack, if it has a submit
// button.
func (t *tx) openModal(user, id string, force bool) (View, error) {
	v, ok, err := t.view(id)
	if err != nil {
		return v, err
	}
	open, err := t.stack(user)
	if err != nil {
		return v, err
	}
	body, err := decodeObject(v.Body)
	can := err == nil && body["submit"] != nil && len(open) > 0 && open[len(open)-1].ID == id
	if !ok || !can && !force {
		return v, fmt.Errorf("slacktest: modal %q for %q: %w", id, user, ErrNotThere)
	}
	return v, nil
}

func (t *tx) viewPayload(kind, userID string, v View) (map[string]any, error) {
	p, _, err := t.person(userID)
	if err != nil {
		return nil, err
	}
	p.ID = userID
	user, team := t.s.userJSON(p)
	return map[string]any{
		"type": kind, "api_app_id": t.s.opt.AppID, "team": team, "user": user, "enterprise": nil,
		"is_enterprise_install": false, "trigger_id": t.s.newTrigger(userID, v.ID), "response_urls": []any{},
		"view": t.s.viewJSON(v),
	}, nil
}

// generic is what the person sees when the answer to a submission is wrong.
const generic = "We had some trouble connecting. Try again?"

// respond does what the app answered to a submission.
func (t *tx) respond(id string, body json.RawMessage) (warning string, err error) {
	v, ok, err := t.view(id)
	if err != nil || !ok {
		return "", err
	}
	var r struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   map[string]any    `json:"view"`
	}
	if len(body) > 0 && json.Unmarshal(body, &r) != nil {
		t.s.refuse("view_submission", "the answer is not an object")
		return generic, nil
	}
	reason := ""
	switch r.Action {
	case "":
		v.Closed = true
		err = t.putView(v)
	case "clear":
		err = t.closeStack(v.User)
	case "errors":
		if reason = t.badErrors(v, r.Errors); reason == "" {
			v.Errors = r.Errors
			err = t.putView(v)
		}
	case "update", "push":
		if reason, err = t.answered(v, r.Action, body); err != nil {
			return "", err
		}
	default:
		reason = "unknown response_action: " + r.Action
	}
	if reason == "" {
		return "", err
	}
	t.s.refuse("view_submission", reason)
	return generic, err
}

// badErrors tells what is wrong with errors: each must name an input block.
func (t *tx) badErrors(v View, errs map[string]string) string {
	body, err := decodeObject(v.Body)
	if err != nil || len(errs) == 0 {
		return "response_action errors without errors"
	}
	for id := range errs {
		ok := slices.ContainsFunc(list(body, "blocks"), func(b any) bool {
			block, _ := b.(map[string]any)
			return text(block, "type") == "input" && text(block, "block_id") == id
		})
		if !ok {
			return "errors name " + id + ", which is not an input block"
		}
	}
	return ""
}

// answered shows the view of an answer, in place of the modal or above it.
func (t *tx) answered(v View, action string, body json.RawMessage) (reason string, err error) {
	r, err := decodeObject(body)
	if err != nil {
		return err.Error(), nil
	}
	next := object(r, "view")
	if next == nil {
		return "response_action " + action + " without a view", nil
	}
	if err := checkView(next, "modal"); err != nil {
		return err.Error(), nil
	}
	if action == "update" {
		_, err = t.fill(v, next)
	} else {
		_, err = t.push(v.User, v, next)
	}
	var api *apiError
	if errors.As(err, &api) {
		return api.Error(), nil
	}
	return "", err
}

// CloseView is a person closing a modal without sending it: the top one, or
// with Clear all of them.
type CloseView struct {
	User   string `json:"user"`
	ViewID string `json:"view_id"`
	Clear  bool   `json:"clear,omitempty"`
}

// CloseModal closes a modal and tells the app if it asked for that.
func (s *Server) CloseModal(ctx context.Context, c CloseView) (Ack, error) {
	var payload map[string]any
	err := s.transact(ctx, func(t *tx) error {
		v, ok, err := t.view(c.ViewID)
		if err != nil {
			return err
		}
		if !ok || v.Closed || v.User != c.User || v.Type != "modal" {
			return fmt.Errorf("slacktest: modal %q for %q: %w", c.ViewID, c.User, ErrNotThere)
		}
		body, err := decodeObject(v.Body)
		if err != nil {
			return err
		}
		if body["notify_on_close"] == true {
			if payload, err = t.viewPayload("view_closed", c.User, v); err != nil {
				return err
			}
			payload["is_cleared"] = c.Clear
			delete(payload, "trigger_id")
		}
		if c.Clear || body["clear_on_close"] == true {
			return t.closeStack(c.User)
		}
		v.Closed = true
		return t.putView(v)
	})
	if err != nil || payload == nil {
		return Ack{}, err
	}
	return s.deliver(ctx, delivery{kind: interactiveKind, payload: payload}), nil
}
