package slacktest

import "encoding/json"

// Person is a Slack account. The zero flags are an ordinary member.
type Person struct {
	ID                string   `json:"id"`   // U...
	Name              string   `json:"name"` // the handle
	RealName          string   `json:"real_name,omitempty"`
	Email             string   `json:"email,omitempty"`
	TeamID            string   `json:"team_id,omitempty"` // empty = the home workspace
	TZ                string   `json:"tz,omitempty"`
	Deleted           bool     `json:"deleted,omitempty"`
	IsRestricted      bool     `json:"is_restricted,omitempty"`
	IsUltraRestricted bool     `json:"is_ultra_restricted,omitempty"`
	IsStranger        bool     `json:"is_stranger,omitempty"`
	IsBot             bool     `json:"is_bot,omitempty"`
	IsAppUser         bool     `json:"is_app_user,omitempty"`
	IsWorkflowBot     bool     `json:"is_workflow_bot,omitempty"`
	IsConnectorBot    bool     `json:"is_connector_bot,omitempty"`
	IsInvitedUser     bool     `json:"is_invited_user,omitempty"`
	EnterpriseTeams   []string `json:"enterprise_teams,omitempty"` // Enterprise Grid: the workspaces of the person
}

// Channel is a conversation. The app is a member unless BotAbsent is set.
type Channel struct {
	ID        string   `json:"id"` // C..., D... for a direct message
	Name      string   `json:"name,omitempty"`
	Members   []string `json:"members"`
	Private   bool     `json:"private,omitempty"`
	Archived  bool     `json:"archived,omitempty"`
	BotAbsent bool     `json:"bot_absent,omitempty"`
	IM        string   `json:"im,omitempty"` // direct message: the person at the other end
}

func (c Channel) has(user string) bool {
	for _, m := range c.Members {
		if m == user {
			return true
		}
	}
	return c.IM == user && user != ""
}

// Group is a user group (@handle).
type Group struct {
	ID       string   `json:"id"` // S...
	Handle   string   `json:"handle"`
	Name     string   `json:"name,omitempty"`
	Users    []string `json:"users"`
	Disabled bool     `json:"disabled,omitempty"`
	External bool     `json:"external,omitempty"`
}

// Seed is what a workspace starts with.
type Seed struct {
	People   []Person  `json:"people"`
	Channels []Channel `json:"channels"`
	Groups   []Group   `json:"groups,omitempty"`
}

// Message is one message as a person sees it.
type Message struct {
	Channel   string          `json:"channel"`
	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts,omitempty"`
	To        string          `json:"to"`   // Slack user id of a direct or ephemeral message, else the channel's name
	User      string          `json:"user"` // the author
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Ephemeral bool            `json:"ephemeral,omitempty"` // only To sees it
	Deleted   bool            `json:"deleted,omitempty"`
	Edited    string          `json:"edited,omitempty"` // ts of the last edit
	Seq       int64           `json:"seq"`
}

// View is a modal or home tab a person has before them.
type View struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Type     string `json:"type"` // modal | home
	Root     string `json:"root_view_id,omitempty"`
	Previous string `json:"previous_view_id,omitempty"`
	External string `json:"external_id,omitempty"`
	Hash     string `json:"hash"`
	// Body is the view as the app sent it, with the ids Slack adds.
	Body json.RawMessage `json:"view"`
	// State is what the person has filled in so far, as view.state.values.
	State json.RawMessage `json:"state,omitempty"`
	// Errors are the texts the app answered to the last submission, by block_id.
	Errors map[string]string `json:"errors,omitempty"`
	Closed bool              `json:"closed,omitempty"`
	Seq    int64             `json:"seq"`
}

// State is the workspace as of Seq. With since = 0 it is everything there is;
// else it holds the messages and views changed after since.
type State struct {
	Seq      int64     `json:"seq"`
	People   []Person  `json:"people"`
	Channels []Channel `json:"channels"`
	Groups   []Group   `json:"groups,omitempty"`
	Messages []Message `json:"messages"`
	Views    []View    `json:"views"`
}

// Ack is what the app answered to a delivery.
type Ack struct {
	// Status is the HTTP status; on a socket 200 for an acknowledgement. 0
	// means that none came.
	Status int             `json:"status"`
	Ms     int64           `json:"ms"` // milliseconds until it came
	Body   json.RawMessage `json:"body,omitempty"`
	// Warning is what the person sees beside the button when something is
	// wrong; empty when all went well.
	Warning string `json:"warning,omitempty"`
	// Connection is the number of the socket that brought the delivery, counted
	// from 1 in the order of opening; 0 over HTTP.
	Connection int `json:"connection,omitempty"`

	final bool   // X-Slack-No-Retry: the app wants no repeat
	why   string // over HTTP: how a repeat names the failure
}

// Call is one call of the Web API.
type Call struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`            // HTTP status
	Error  string `json:"error,omitempty"`   // Slack's error code
	Reason string `json:"refused,omitempty"` // why it was refused, in full
}

// Refusal is something the app did that Slack would not have accepted.
type Refusal struct {
	Call   string `json:"call"`
	Reason string `json:"reason"`
}
