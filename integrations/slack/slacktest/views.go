package slacktest

import (
	"context"
	"encoding/json"
)

func (s *Server) viewsOpen(ctx context.Context, q *request) (answer, error) {
	return s.showView(ctx, q, func(t *tx, tr trigger) (View, error) {
		// A new first modal takes the place of what was open.
		return View{}, t.closeStack(tr.user)
	})
}

func (s *Server) viewsPush(ctx context.Context, q *request) (answer, error) {
	return s.showView(ctx, q, func(t *tx, tr trigger) (View, error) {
		below, ok, err := t.view(tr.view)
		if err == nil && (!ok || below.Closed || below.Type != "modal") {
			err = fail("invalid_trigger_id")
		}
		return below, err
	})
}

// showView opens a modal on top of what under returns, the zero view being
// the ground.
func (s *Server) showView(ctx context.Context, q *request, under func(*tx, trigger) (View, error)) (a answer, err error) {
	if q.str("trigger_id") == "" {
		return nil, fail("invalid_arguments")
	}
	body, err := q.view("modal")
	if err != nil {
		return nil, err
	}
	tr, err := s.exchange(q.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	err = s.transact(ctx, func(t *tx) error {
		below, err := under(t, tr)
		if err != nil {
			return err
		}
		v, err := t.push(tr.user, below, body)
		a = answer{"view": s.viewJSON(v)}
		return err
	})
	return a, err
}

// push stores a new modal above another of the same person.
func (t *tx) push(user string, below View, body map[string]any) (View, error) {
	v := View{ID: newID("V"), User: user, Type: "modal", Root: below.Root, Previous: below.ID}
	if below.ID == "" {
		v.Root = v.ID
	} else {
		open, err := t.stack(user)
		if err != nil {
			return v, err
		}
		if len(open) >= MaxViewStack {
			return v, fail("push_limit_reached")
		}
	}
	return t.fill(v, body)
}

// fill gives a view its content and a new hash, and stores it.
func (t *tx) fill(v View, body map[string]any) (View, error) {
	if ext := text(body, "external_id"); ext != "" && ext != v.External {
		all, err := rows[View](t, "SELECT body FROM slack_views WHERE closed=0")
		if err != nil {
			return v, err
		}
		for _, o := range all {
			if o.External == ext && o.ID != v.ID {
				return v, fail("duplicate_external_id")
			}
		}
		v.External = ext
	}
	ts, err := t.stamp()
	if err != nil {
		return v, err
	}
	v.Hash = ts + "." + newID("")[:8]
	v.Body, v.Errors = encode(body), nil
	return v, t.putView(v)
}

// stack returns the open modals of a person, lowest first.
func (t *tx) stack(user string) ([]View, error) {
	all, err := rows[View](t, "SELECT body FROM slack_views WHERE user=? AND closed=0 ORDER BY seq", user)
	if err != nil {
		return nil, err
	}
	var out []View
	below := ""
	for range all {
		for _, v := range all {
			if v.Type == "modal" && v.Previous == below {
				out, below = append(out, v), v.ID
				break
			}
		}
	}
	return out, nil
}

func (t *tx) closeStack(user string) error {
	open, err := t.stack(user)
	for _, v := range open {
		v.Closed = true
		if err := t.putView(v); err != nil {
			return err
		}
	}
	return err
}

// findView finds an open view by id or external id.
func (t *tx) findView(id, external string) (View, error) {
	v, ok, err := t.view(id)
	if err == nil && !ok && external != "" {
		var all []View
		all, err = rows[View](t, "SELECT body FROM slack_views WHERE closed=0")
		for _, o := range all {
			if o.External == external {
				v, ok = o, true
			}
		}
	}
	if err == nil && (!ok || v.Closed) {
		err = fail("not_found")
	}
	return v, err
}

func (s *Server) viewsUpdate(ctx context.Context, q *request) (a answer, err error) {
	if q.str("view_id") == "" && q.str("external_id") == "" {
		return nil, fail("invalid_arguments")
	}
	err = s.transact(ctx, func(t *tx) error {
		v, err := t.findView(q.str("view_id"), q.str("external_id"))
		if err != nil {
			return err
		}
		body, err := q.view(v.Type)
		if err != nil {
			return err
		}
		if h := q.str("hash"); h != "" && h != v.Hash {
			return fail("hash_conflict")
		}
		v, err = t.fill(v, body)
		a = answer{"view": s.viewJSON(v)}
		return err
	})
	return a, err
}

func (s *Server) viewsPublish(ctx context.Context, q *request) (a answer, err error) {
	body, err := q.view("home")
	if err != nil {
		return nil, err
	}
	err = s.transact(ctx, func(t *tx) error {
		if _, ok, err := t.person(q.str("user_id")); err != nil || !ok {
			return orFail(err, "user_not_found")
		}
		v, ok, err := one[View](t, "SELECT body FROM slack_views WHERE id=?", "VHOME"+q.str("user_id"))
		if err != nil {
			return err
		}
		if !ok {
			v = View{ID: "VHOME" + q.str("user_id"), User: q.str("user_id"), Type: "home"}
			v.Root = v.ID
		}
		if h := q.str("hash"); h != "" && h != v.Hash {
			return fail("hash_conflict")
		}
		v, err = t.fill(v, body)
		a = answer{"view": s.viewJSON(v)}
		return err
	})
	return a, err
}

func orFail(err error, code string) error {
	if err != nil {
		return err
	}
	return fail(code)
}

// viewJSON is a view as Slack gives it in answers and payloads.
func (s *Server) viewJSON(v View) map[string]any {
	out, err := decodeObject(v.Body)
	if err != nil {
		out = map[string]any{}
	}
	for _, k := range []string{"private_metadata", "callback_id", "external_id"} {
		if out[k] == nil {
			out[k] = ""
		}
	}
	var previous any
	if v.Previous != "" {
		previous = v.Previous
	}
	state := v.State
	if len(state) == 0 {
		state = json.RawMessage("{}")
	}
	for k, x := range map[string]any{
		"id": v.ID, "team_id": s.opt.TeamID, "hash": v.Hash, "root_view_id": v.Root, "previous_view_id": previous,
		"app_id": s.opt.AppID, "bot_id": s.opt.BotID, "app_installed_team_id": s.opt.TeamID,
		"state": map[string]any{"values": state},
	} {
		out[k] = x
	}
	return out
}
