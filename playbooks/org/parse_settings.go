package org

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

func (r *reader) profile(n *source.Node) {
	n = r.withoutRegister("organisation", "the organisation", n)
	m := n.Map(&r.problems, "the organisation", "name", "zone", "calendar", "units", "nis2")
	if !m.OK() {
		return
	}
	m.Require("name", "zone")
	r.org.Profile = Profile{
		Name:     r.name(m, "name"),
		Zone:     r.zone(m.Text("zone")),
		Calendar: r.calendar(m.Node("calendar")),
		Units:    r.words(m, "units"),
		NIS2:     m.Bool("nis2"),
	}
}

// calendar reads the working calendar; what it leaves out is a week from
// Monday to Friday, nine to five, without holidays.
func (r *reader) calendar(n *source.Node) Calendar {
	m := n.Map(&r.problems, "a calendar", "weekdays", "hours", "holidays", "extra")
	c := Calendar{Weekdays: defaultWeekdays(), Hours: defaultHours}
	if m.Has("weekdays") {
		c.Weekdays = nil
		for _, s := range r.texts(m, "weekdays") {
			if !slices.Contains(weekdayNames(), s.V) {
				r.add(s.Pos, "calendar", "`%s` is no weekday.%s Choose of mon, tue, wed, thu, fri, sat, sun.", s.V, source.DidYouMean(s.V, weekdayNames()))
				continue
			}
			c.Weekdays = append(c.Weekdays, s.V)
		}
		if len(m.List("weekdays")) == 0 {
			r.add(m.KeyPos("weekdays"), "calendar", "A calendar without any working day can never be met. Name some of mon, tue, wed, thu, fri, sat, sun.")
		}
	}
	if s := m.Text("hours"); !s.Empty() {
		c.Hours = s.V
		if _, _, err := parseHours(s.V); err != nil {
			r.add(s.Pos, "calendar", "%s.", upper(err))
		}
	}
	if s := m.Text("holidays"); !s.Empty() {
		c.Holidays = s.V
		if _, ok := holidaysOf(s.V); !ok {
			r.add(s.Pos, "calendar", "No holidays are known for `%s`. Choose one of %s, or leave it out and list the days under `extra`.", s.V, joined(Countries()))
		}
	}
	for _, s := range r.texts(m, "extra") {
		c.Extra = append(c.Extra, s.V)
		if _, err := parseDay(s.V); err != nil {
			r.add(s.Pos, "calendar", "%s.", upper(err))
		}
	}
	return c
}

func (r *reader) slack(n *source.Node) {
	m := n.Map(&r.problems, "the section slack", "audit_channel")
	r.org.Slack.AuditChannel = r.outside(m, "audit_channel", slackChannel, "the Slack channel id, such as C0AUDIT")
}

func (r *reader) jira(n *source.Node) {
	m := n.Map(&r.problems, "the section jira", "project", "types", "done", "reopen", "fields")
	m.Require("project", "types", "done", "reopen")
	r.org.Jira = Jira{
		Project: r.outside(m, "project", jiraProject, "the key of the Jira project, such as GOV"),
		Done:    r.name(m, "done"),
		Reopen:  r.name(m, "reopen"),
	}
	if r.org.Jira.Done != "" && r.org.Jira.Done == r.org.Jira.Reopen {
		r.add(m.Text("reopen").Pos, "jira", "`done` and `reopen` name the same status: a finished issue could not be opened again. Name two.")
	}
	t := m.Node("types").Map(&r.problems, "the group `types`", "run", "step")
	t.Require("run", "step")
	r.org.Jira.Types = JiraTypes{Run: r.name(t, "run"), Step: r.name(t, "step")}
	for _, e := range m.Pairs("fields") {
		r.org.Jira.Fields = append(r.org.Jira.Fields, r.jiraField(e))
	}
}

// filledByUs are the fields of an issue that every step gives its own value.
var filledByUs = []string{"project", "issuetype", "summary", "labels", "description", "assignee", "duedate", "parent", "reporter"}

// jiraField reads a field that the site demands: a plain value, or a list of them.
func (r *reader) jiraField(e source.Entry) JiraField {
	f := JiraField{Field: e.Key.V}
	if slices.Contains(filledByUs, strings.ToLower(f.Field)) {
		r.add(e.Key.Pos, "jira", "The field `%s` is filled in anew for each issue. Leave it out: `fields` is for what the site demands beyond that.", f.Field)
	}
	values := []*source.Node{e.Value}
	if e.Value != nil && e.Value.Kind == source.Sequence {
		values = e.Value.Items
	}
	for _, v := range values {
		text := v.Str()
		if text.Empty() {
			pos := e.Key.Pos
			if v != nil {
				pos = v.Pos
			}
			r.add(pos, "jira", "The field `%s` takes a text, a number, or a list of them, such as [Governance].", f.Field)
			continue
		}
		f.Values = append(f.Values, text.V)
	}
	return f
}
