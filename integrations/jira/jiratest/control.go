package jiratest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Issue is an issue as the control page shows it.
type Issue struct {
	ID          string                     `json:"id"`
	Key         string                     `json:"key"`
	Type        string                     `json:"type"`
	Summary     string                     `json:"summary"`
	Description string                     `json:"description"`
	Status      string                     `json:"status"`
	Category    string                     `json:"category"`
	Resolution  string                     `json:"resolution,omitempty"`
	Assignee    string                     `json:"assignee"` // account id
	Due         string                     `json:"duedate"`
	Labels      []string                   `json:"labels"`
	Parent      string                     `json:"parent"` // key
	Properties  map[string]json.RawMessage `json:"properties"`
	Comments    []Comment                  `json:"comments"`
	Attachments []File                     `json:"attachments"`
	RemoteLinks []Link                     `json:"remotelinks"`
	// Transitions are the ways out of the present status, for a board's buttons.
	Transitions []Transition `json:"transitions"`
	Created     time.Time    `json:"created"`
	Updated     time.Time    `json:"updated"`
}

// Comment is a comment of an issue.
type Comment struct {
	ID         string                     `json:"id"`
	Author     string                     `json:"author"` // account id
	Body       string                     `json:"body"`
	Created    time.Time                  `json:"created"`
	Properties map[string]json.RawMessage `json:"properties,omitempty"`
}

// File is an attachment of an issue. Content is used when one is made.
type File struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	Author  string `json:"author,omitempty"`
	Size    int    `json:"size,omitempty"`
	Content string `json:"content,omitempty"`
}

// Link is a remote link of an issue.
type Link struct {
	ID     string `json:"id,omitempty"`
	Title  string `json:"title"`
	URL    string `json:"url"`
	Author string `json:"author,omitempty"`
}

// State lists all issues, oldest first.
func (s *Server) State(ctx context.Context) ([]Issue, error) {
	all, err := s.issues(ctx, ``)
	if err != nil {
		return nil, fmt.Errorf("jiratest: state: %w", err)
	}
	keys := map[int64]string{}
	for _, i := range all {
		keys[i.ID] = i.Key
	}
	p := s.project()
	out := make([]Issue, 0, len(all))
	for _, i := range all {
		st := p.status(i.Status)
		v := Issue{
			ID: fmt.Sprint(i.ID), Key: i.Key, Type: i.Type, Summary: i.Summary, Description: i.Description,
			Status: st.Name, Category: st.Category, Resolution: i.Resolution, Assignee: i.Assignee, Due: i.Due,
			Labels: append([]string{}, i.Labels...), Parent: keys[i.Parent], Properties: i.Properties,
			Comments: []Comment{}, Attachments: []File{}, RemoteLinks: []Link{}, Transitions: p.from(i.Status),
			Created: i.Created, Updated: i.Updated,
		}
		for _, c := range i.Comments {
			v.Comments = append(v.Comments, Comment{ID: fmt.Sprint(c.ID), Author: c.Author, Body: c.Body, Created: c.Created, Properties: c.Properties})
		}
		for _, a := range i.Attachments {
			v.Attachments = append(v.Attachments, File{ID: fmt.Sprint(a.ID), Name: a.Name, Author: a.Author, Size: a.Size})
		}
		for _, l := range i.Links {
			v.RemoteLinks = append(v.RemoteLinks, Link{ID: fmt.Sprint(l.ID), Title: l.Title, URL: l.URL, Author: l.Author})
		}
		out = append(out, v)
	}
	return out, nil
}

// Project returns the project with its completed workflow.
func (s *Server) Project() Project { return s.project() }

// People returns the accounts in the order they were seeded, the token's own
// first.
func (s *Server) People() []Person {
	st := s.site.Load()
	out := make([]Person, 0, len(st.order))
	for _, id := range st.order {
		out = append(out, st.people[id])
	}
	return out
}

// Act is what a person does to an issue in the browser. Several fields are
// done in the order they stand here, together or not at all.
type Act struct {
	Key string `json:"key"` // issue key or id
	As  string `json:"as"`  // account id
	// Assignee is an account id, or "none".
	Assignee string `json:"assignee,omitempty"`
	Comment  string `json:"comment,omitempty"`
	Link     *Link  `json:"link,omitempty"`
	Attach   *File  `json:"attach,omitempty"`
	// Transition is the id or name of a transition, or the name or category
	// of the status it leads to.
	Transition string `json:"transition,omitempty"`
	// Clone makes a copy with the labels, as Jira does: without properties.
	Clone  bool `json:"clone,omitempty"`
	Delete bool `json:"delete,omitempty"`
}

// Act does something as a person; the change is logged with that author and
// announced. What Jira would not let them do is an error.
func (s *Server) Act(ctx context.Context, a Act) error {
	p, ok := s.person(a.As)
	if !ok || !p.Active {
		return fmt.Errorf("jiratest: %q is no active account", a.As)
	}
	err := s.write(ctx, func(w *writing) error {
		if a.Delete {
			return w.remove(ctx, a.Key, a.As)
		}
		i, err := w.issue(ctx, a.Key)
		if err != nil {
			return err
		}
		if a.Clone {
			return w.clone(i, a.As)
		}
		return w.act(i, a)
	})
	if err != nil {
		return fmt.Errorf("jiratest: %s: %w", a.Key, err)
	}
	return nil
}

// clone copies an issue as a person does in the browser.
func (w *writing) clone(of *issue, as string) error {
	w.s.count.Issue++
	w.s.count.Number++
	i := &issue{
		ID: w.s.count.Issue, Key: fmt.Sprintf("%s-%d", of.Project, w.s.count.Number), Project: of.Project, Type: of.Type, Summary: "CLONE - " + of.Summary,
		Description: of.Description, Status: w.s.project().first(), Assignee: of.Assignee, Reporter: as, Due: of.Due,
		Labels: slices.Clone(of.Labels), Parent: of.Parent, Created: w.now, Updated: w.now,
	}
	w.issues, w.fresh = append(w.issues, i), append(w.fresh, i)
	return w.announce(i, as, "jira:issue_created", "issue_created", nil, nil)
}

func (w *writing) act(i *issue, a Act) error {
	did := false
	if a.Assignee != "" {
		did = true
		before, to := *i, &a.Assignee
		if a.Assignee == "none" {
			to = nil
		}
		if msg := w.assign(i, to); msg != "" {
			return refuseField("assignee", "%s", msg)
		}
		if err := w.edited(i, before, a.As); err != nil {
			return err
		}
	}
	if a.Comment != "" {
		did = true
		if _, err := w.comment(i, a.As, a.Comment, nil); err != nil {
			return err
		}
	}
	if a.Link != nil {
		did = true
		if _, _, err := w.link(i, a.As, "", a.Link.Title, a.Link.URL); err != nil {
			return err
		}
	}
	if a.Attach != nil {
		did = true
		if a.Attach.Name == "" {
			return errors.New("the attachment needs a name")
		}
		if _, err := w.attach(i, a.As, a.Attach.Name, []byte(a.Attach.Content)); err != nil {
			return err
		}
	}
	if a.Transition != "" {
		return w.walk(i, a)
	}
	if !did {
		return errors.New("nothing to do")
	}
	return nil
}

// walk finds the transition meant and performs it, filling its screen.
func (w *writing) walk(i *issue, a Act) error {
	p := w.s.project()
	for _, t := range p.from(i.Status) {
		to := p.status(t.To)
		if t.ID != a.Transition && to.Category != a.Transition && !strings.EqualFold(t.Name, a.Transition) && !strings.EqualFold(to.Name, a.Transition) {
			continue
		}
		fields := map[string]json.RawMessage{}
		for _, name := range t.Required {
			fields[name] = json.RawMessage(`{"name":"` + resolutions[0] + `"}`)
		}
		return w.move(i, t, fields, a.As)
	}
	return refuse(http.StatusBadRequest, "no transition %q from %s", a.Transition, p.status(i.Status).Name)
}
