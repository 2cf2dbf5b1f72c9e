package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// noMessages asks the workspace for its people and channels alone.
const noMessages = math.MaxInt64

// user finds a Slack account: by person id of the organisation, by handle or
// by Slack user id. Unless force, it must be there.
func (s *Sandbox) user(ctx context.Context, field, name string, force bool) (string, error) {
	if err := need(field, name); err != nil {
		return "", err
	}
	if p, ok := s.opt.Organisation.Person(name); ok && p.Slack.User != "" {
		return p.Slack.User, nil
	}
	st, err := s.slack.State(ctx, noMessages)
	if err != nil {
		return "", fmt.Errorf("sandbox: %w", err)
	}
	var choices []string
	for _, p := range st.People {
		if p.ID == name || p.Name == name {
			return p.ID, nil
		}
		choices = append(choices, p.Name)
	}
	if force {
		return name, nil
	}
	return "", missing("%s is %s: no such person; choose one of %s, or a Slack user id", field, short(name), strings.Join(choices, ", "))
}

// account finds a Jira account: by person id, or as it stands.
func (s *Sandbox) account(field, name string) (string, error) {
	if err := need(field, name); err != nil {
		return "", err
	}
	if p, ok := s.opt.Organisation.Person(name); ok {
		if p.Jira == "" {
			return "", missing("%s is %s: this person has no Jira account", field, short(name))
		}
		return p.Jira, nil
	}
	var choices []string
	for _, p := range s.jira.People() {
		if p.AccountID == name {
			return name, nil
		}
	}
	for _, p := range s.opt.Organisation.People {
		if p.Jira != "" {
			choices = append(choices, p.ID)
		}
	}
	return "", missing("%s is %s: no such person; choose one of %s, or a Jira account id", field, short(name), strings.Join(choices, ", "))
}

// channel finds a conversation: by id, by name with or without #, or by the
// person whose direct message it is. Empty stays empty.
func (s *Sandbox) channel(ctx context.Context, name string, force bool) (string, error) {
	if name == "" {
		return "", nil
	}
	st, err := s.slack.State(ctx, noMessages)
	if err != nil {
		return "", fmt.Errorf("sandbox: %w", err)
	}
	person, _ := s.opt.Organisation.Person(name)
	var choices []string
	for _, c := range st.Channels {
		plain := strings.TrimPrefix(name, "#")
		if c.ID == name || c.Name != "" && c.Name == plain || c.IM != "" && (c.IM == name || c.IM == person.Slack.User) {
			return c.ID, nil
		}
		if c.Name != "" {
			choices = append(choices, "#"+c.Name)
		}
	}
	if force {
		return name, nil
	}
	return "", missing("channel is %s: no such channel; choose one of %s, or the id of a direct message", short(name), strings.Join(choices, ", "))
}

// actionsOf lists the elements of blocks that can be acted on, for an error
// that names the choices.
func actionsOf(blocks json.RawMessage) []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if id, ok := v["action_id"].(string); ok {
				out = append(out, id)
			}
			for _, k := range []string{"elements", "accessory", "element"} {
				walk(v[k])
			}
		}
	}
	var v any
	if json.Unmarshal(blocks, &v) == nil {
		walk(v)
	}
	return out
}

// surface finds what a click is made on and says what is wrong with it: no
// such message or view, or one that this person does not see.
func (s *Sandbox) surface(ctx context.Context, c slacktest.Click) (json.RawMessage, error) {
	st, err := s.slack.State(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	for _, v := range st.Views {
		if v.ID == c.ViewID {
			var body struct {
				Blocks json.RawMessage `json:"blocks"`
			}
			err := json.Unmarshal(v.Body, &body)
			return body.Blocks, err
		}
	}
	if c.ViewID != "" {
		return nil, missing("view_id is %s: no such view is open", short(c.ViewID))
	}
	for _, m := range st.Messages {
		if m.Channel == c.Channel && m.TS == c.TS && !m.Deleted {
			return m.Blocks, nil
		}
	}
	return nil, missing("channel and ts are %s and %s: there is no such message", short(c.Channel), short(c.TS))
}
