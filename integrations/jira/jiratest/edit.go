package jiratest

import (
	"slices"
	"strings"
)

// edited logs what differs from before and announces it. Nothing changed:
// nothing is logged, as in Jira.
func (w *writing) edited(i *issue, before issue, as string) error {
	var items []changeItem
	event := "issue_updated"
	if i.Assignee != before.Assignee {
		items = append(items, change("assignee", before.Assignee, w.s.nameOf(before.Assignee), i.Assignee, w.s.nameOf(i.Assignee)))
		event = "issue_assigned"
	}
	if i.Status != before.Status {
		p := w.s.project()
		items = append(items, change("status", before.Status, p.status(before.Status).Name, i.Status, p.status(i.Status).Name))
		event = "issue_generic"
	}
	if i.Resolution != before.Resolution {
		items = append(items, change("resolution", "", before.Resolution, "", i.Resolution))
	}
	if i.Summary != before.Summary {
		items = append(items, change("summary", "", before.Summary, "", i.Summary))
	}
	if i.Description != before.Description {
		items = append(items, change("description", "", before.Description, "", i.Description))
	}
	if i.Type != before.Type {
		items = append(items, change("issuetype", "", before.Type, "", i.Type))
	}
	if i.Due != before.Due {
		items = append(items, change("duedate", before.Due, before.Due, i.Due, i.Due))
	}
	if !slices.Equal(i.Labels, before.Labels) {
		items = append(items, change("labels", "", strings.Join(before.Labels, " "), "", strings.Join(i.Labels, " ")))
	}
	if len(items) == 0 {
		return nil
	}
	return w.logged(i, as, event, items...)
}

// logged adds one changelog entry and announces it.
func (w *writing) logged(i *issue, as, event string, items ...changeItem) error {
	h := history{ID: w.seq(), Author: as, At: w.now, Items: items}
	i.History = append(i.History, h)
	i.Updated = w.now
	return w.announce(i, as, "jira:issue_updated", event, &h, nil)
}
