package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// act is one thing a person does to an issue.
type act struct {
	Key        string          `json:"key"`
	As         string          `json:"as"` // person id, or Jira account id
	Transition string          `json:"transition"`
	Assignee   string          `json:"assignee"` // person id, account id or none
	Comment    string          `json:"comment"`
	Link       json.RawMessage `json:"link"`   // an address, or {url, title}
	Attach     *jiratest.File  `json:"attach"` // {name, content}
	Delete     bool            `json:"delete"`
}

func (s *Sandbox) issue(r *http.Request) (any, error) {
	var a act
	if err := read(r, &a); err != nil {
		return nil, err
	}
	if err := need("key", a.Key); err != nil {
		return nil, err
	}
	as, err := s.account("as", a.As)
	if err != nil {
		return nil, err
	}
	do := jiratest.Act{Key: a.Key, As: as, Transition: a.Transition, Comment: a.Comment, Attach: a.Attach, Delete: a.Delete}
	if a.Assignee != "" && a.Assignee != "none" {
		if a.Assignee, err = s.account("assignee", a.Assignee); err != nil {
			return nil, err
		}
	}
	do.Assignee = a.Assignee
	if do.Link, err = link(a.Link); err != nil {
		return nil, err
	}
	if do.Assignee == "" && do.Link == nil && a.Transition == "" && a.Comment == "" && a.Attach == nil && !a.Delete {
		return nil, wrong("nothing to do: give one of transition, assignee, comment, link, attach, delete")
	}
	before, err := s.find(r, a.Key)
	if err != nil {
		return nil, err
	}
	s.aim()
	if err := s.jira.Act(r.Context(), do); err != nil {
		text := strings.TrimPrefix(err.Error(), "jiratest: ")
		if a.Transition != "" {
			text += "; from here one can go to " + ways(before)
		}
		return nil, &problem{status: http.StatusUnprocessableEntity, text: text}
	}
	if a.Delete {
		return done, nil
	}
	return s.find(r, a.Key)
}

// link reads an address, or an object with url and title.
func link(raw json.RawMessage) (*jiratest.Link, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var l jiratest.Link
	if json.Unmarshal(raw, &l.URL) != nil {
		if err := strict(raw, &l); err != nil {
			return nil, err
		}
	}
	if l.URL == "" {
		return nil, wrong("link: an address, or {\"url\": ..., \"title\": ...}")
	}
	if l.Title == "" {
		l.Title = l.URL
	}
	return &l, nil
}

func ways(i jiratest.Issue) string {
	var out []string
	for _, t := range i.Transitions {
		out = append(out, t.Name)
	}
	if len(out) == 0 {
		return "nowhere"
	}
	return strings.Join(out, ", ")
}

// find returns an issue as it is now.
func (s *Sandbox) find(r *http.Request, key string) (jiratest.Issue, error) {
	all, err := s.jira.State(r.Context())
	if err != nil {
		return jiratest.Issue{}, fmt.Errorf("sandbox: %w", err)
	}
	var keys []string
	for _, i := range all {
		if strings.EqualFold(i.Key, key) || i.ID == key {
			return i, nil
		}
		keys = append(keys, i.Key)
	}
	if len(keys) == 0 {
		return jiratest.Issue{}, missing("key is %s: there is no issue yet", short(key))
	}
	return jiratest.Issue{}, missing("key is %s: no such issue; there are %s", short(key), strings.Join(keys, ", "))
}
