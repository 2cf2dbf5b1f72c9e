package slack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// interaction is what is read of a click or a submitted modal. Names, the
// message shown and response addresses are left alone: they prove nothing.
type interaction struct {
	Type      string `json:"type"`
	App       string `json:"api_app_id"`
	Team      id     `json:"team"`
	User      user   `json:"user"`
	Channel   id     `json:"channel"`
	Container struct {
		Type    string `json:"type"`
		Channel string `json:"channel_id"`
		TS      string `json:"message_ts"`
		View    string `json:"view_id"`
	} `json:"container"`
	Trigger string   `json:"trigger_id"`
	Actions []action `json:"actions"`
	View    view     `json:"view"`
}

type id struct {
	ID string `json:"id"`
}

type user struct {
	ID   string `json:"id"`
	Team string `json:"team_id"`
}

type action struct {
	Type  string `json:"type"`
	ID    string `json:"action_id"`
	Value string `json:"value"`
	TS    string `json:"action_ts"`
}

type view struct {
	ID        string `json:"id"`
	Callback  string `json:"callback_id"`
	Metadata  string `json:"private_metadata"`
	Hash      string `json:"hash"`
	App       string `json:"app_id"`
	Installed string `json:"app_installed_team_id"`
	State     struct {
		Values map[string]map[string]answer `json:"values"`
	} `json:"state"`
}

// answer is the state of one input, of whatever type.
type answer struct {
	Value    *string  `json:"value"`
	Option   *option  `json:"selected_option"`
	Options  []option `json:"selected_options"`
	Date     *string  `json:"selected_date"`
	DateTime *int64   `json:"selected_date_time"`
	User     *string  `json:"selected_user"`
	Users    []string `json:"selected_users"`
}

type option struct {
	Value string `json:"value"`
}

// decode reads one delivery. Its Kind is empty where it asks nothing of us.
func decode(kind string, payload []byte) (intake.Delivery, error) {
	switch kind {
	case kindInteraction:
		d, ok, err := decodeInteraction(payload)
		if !ok {
			d.Kind = ""
		}
		return d, err
	case kindCommand:
		return decodeCommand(payload)
	}
	return decodeEvent(payload)
}

// decodeInteraction reads the payload of a click or a submitted modal. ok is
// false for kinds that ask nothing of us: they are acknowledged.
func decodeInteraction(payload []byte) (d intake.Delivery, ok bool, err error) {
	var p interaction
	if err := json.Unmarshal(payload, &p); err != nil {
		return d, false, fmt.Errorf("read an interaction: %w", bare(err))
	}
	d = intake.Delivery{Team: p.Team.ID, UserTeam: p.User.Team, App: p.App, User: p.User.ID, TriggerID: p.Trigger}
	switch p.Type {
	case "block_actions":
		return click(d, p)
	case "view_submission":
		return submission(d, p), true, nil
	}
	return d, false, nil
}

func click(d intake.Delivery, p interaction) (intake.Delivery, bool, error) {
	if len(p.Actions) > 0 && p.Container.Type == "view" {
		return turn(d, p)
	}
	if len(p.Actions) == 0 || p.Actions[0].Type != "button" || p.Container.Type != "message" { // guard: slack-buttons-only
		return d, false, nil
	}
	a := p.Actions[0]
	d.Kind, d.Action, d.Value = port.InboxClick, a.ID, a.Value
	d.Channel, d.TS = p.Channel.ID, p.Container.TS
	// The two must say the same place.
	if p.Container.Channel != p.Channel.ID { // guard: slack-one-place
		d.Channel = ""
	}
	if a.TS != "" {
		d.DeliveryKey = key("click", d.Team, d.User, p.Channel.ID, d.TS, a.ID, a.TS)
	}
	return d, true, nil
}

// turn reads a button pressed in a window, with what stands in the window.
func turn(d intake.Delivery, p interaction) (intake.Delivery, bool, error) {
	a := p.Actions[0]
	if a.Type != "button" || p.Container.View != p.View.ID { // the two must say the same window
		return d, false, nil
	}
	d = fromWindow(d, p)
	d.Kind, d.Action, d.Target = port.InboxClick, a.ID, a.Value
	if p.View.ID != "" && a.TS != "" {
		d.DeliveryKey = key("turn", p.Team.ID, p.User.ID, p.View.ID, a.ID, a.TS)
	}
	return d, true, nil
}

func submission(d intake.Delivery, p interaction) intake.Delivery {
	d = fromWindow(d, p)
	d.Kind, d.Action = port.InboxSubmit, p.View.Callback
	if p.View.ID != "" { // guard: slack-window-id
		d.DeliveryKey = key("submit", p.Team.ID, p.User.ID, p.View.ID, p.View.Hash) // guard: slack-window-of-sender
	}
	return d
}

// fromWindow reads which window a delivery comes from, and what stands in it.
func fromWindow(d intake.Delivery, p interaction) intake.Delivery {
	d.ViewID = p.View.ID
	value, number, _ := strings.Cut(p.View.Metadata, " ")
	d.Value = value
	d.Page, _ = strconv.Atoi(number)                          // a number that is none is the first page
	if p.View.Installed != "" && p.View.Installed != d.Team { // guard: slack-window-installed-here
		d.Team = "" // installed elsewhere than the person's workspace says: nobody's
	}
	if p.View.App != "" && p.View.App != d.App { // guard: slack-window-of-our-app
		d.App = ""
	}
	d.Values = map[string]any{}
	for block, elements := range p.View.State.Values {
		for _, e := range elements {
			if v := e.read(); v != nil {
				d.Values[block] = v
			}
		}
	}
	return d
}

// read is the value of an input: a text, a list of texts, or Unix seconds; nil
// where nothing was given.
func (a answer) read() any {
	switch {
	case a.Value != nil:
		return *a.Value
	case a.Option != nil:
		return a.Option.Value
	case a.Date != nil:
		return *a.Date
	case a.DateTime != nil:
		return *a.DateTime
	case a.User != nil:
		return *a.User
	case len(a.Users) > 0:
		return a.Users
	case len(a.Options) > 0:
		out := make([]string, 0, len(a.Options))
		for _, o := range a.Options {
			out = append(out, o.Value)
		}
		return out
	}
	return nil
}

// decodeCommand reads a slash command as Socket Mode carries it.
func decodeCommand(payload []byte) (intake.Delivery, error) {
	var p struct {
		Team    string `json:"team_id"`
		Channel string `json:"channel_id"`
		User    string `json:"user_id"`
		App     string `json:"api_app_id"`
		Command string `json:"command"`
		Text    string `json:"text"`
		Trigger string `json:"trigger_id"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return intake.Delivery{}, fmt.Errorf("read a command: %w", bare(err))
	}
	d := intake.Delivery{
		// A command carries one workspace only: where the person typed it.
		Kind: port.InboxCommand, Team: p.Team, UserTeam: p.Team, App: p.App, User: p.User, Channel: p.Channel,
		Command: p.Command, Text: p.Text, TriggerID: p.Trigger,
	}
	if p.Trigger != "" {
		d.DeliveryKey = key("command", p.Trigger)
	}
	return d, nil
}

// decodeEvent reads where an event comes from. We act on none: each only has to
// be of our app and workspace.
func decodeEvent(payload []byte) (intake.Delivery, error) {
	var p struct {
		ID   string `json:"event_id"`
		Team string `json:"team_id"`
		App  string `json:"api_app_id"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return intake.Delivery{}, fmt.Errorf("read an event: %w", bare(err))
	}
	d := intake.Delivery{Kind: port.KindEvent, Team: p.Team, App: p.App}
	if p.ID != "" {
		d.DeliveryKey = key("event", p.ID)
	}
	return d, nil
}

// key joins what makes a delivery the same one again.
func key(parts ...string) string { return "slack/" + strings.Join(parts, "/") }
