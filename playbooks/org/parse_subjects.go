package org

import (
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

func (r *reader) person(e source.Entry) {
	m := r.subject("people", "a person", e, "name", "zone", "slack", "jira", "oidc", "manager", "unit")
	if m == nil {
		return
	}
	m.Require("name", "slack")
	p := Person{
		ID:      e.Key.V,
		Name:    r.name(m, "name"),
		Zone:    r.zone(m.Text("zone")),
		Jira:    r.outside(m, "jira", jiraAccount, "the Jira account id, such as 5b10ac8d82e05b22cc7d4ef5"),
		Manager: r.ref(m.Text("manager"), "the manager of `"+e.Key.V+"`"),
		Unit:    m.Text("unit").V,
	}
	if len(p.Jira) > maxJiraAccount {
		r.add(m.Text("jira").Pos, "outside-id", "A Jira account id has at most %d characters.", maxJiraAccount)
	}
	if p.Manager == p.ID {
		r.add(m.Text("manager").Pos, "manager", "`%s` cannot be their own manager. Name another person, or leave `manager` out.", p.ID)
	}
	if s := m.Node("slack").Map(&r.problems, "the Slack account", "team", "user"); s.OK() {
		s.Require("team", "user")
		p.Slack.Team = r.outside(s, "team", slackTeam, "the Slack workspace id, such as T0HOME")
		p.Slack.User = r.outside(s, "user", slackUser, "the Slack member id (in the profile, under the three dots), such as U0OLIVE")
		r.account(p.ID, "Slack account", p.Slack.Team+" "+p.Slack.User, s.Text("user"))
	}
	if s := m.Node("oidc").Map(&r.problems, "the sign-in account", "issuer", "subject"); s.OK() {
		s.Require("issuer", "subject")
		p.OIDC = OIDC{Issuer: r.issuer(s.Text("issuer")), Subject: s.Text("subject").V}
		if len(p.OIDC.Subject) > maxSubject {
			r.add(s.Text("subject").Pos, "outside-id", "The subject of a sign-in account has at most %d characters.", maxSubject)
		}
		r.account(p.ID, "sign-in account", p.OIDC.Issuer+" "+p.OIDC.Subject, s.Text("subject"))
	}
	r.account(p.ID, "Jira account", p.Jira, m.Text("jira"))
	r.org.People = append(r.org.People, p)
}

// account refuses an account two people share: nobody could tell who acted.
func (r *reader) account(person, kind, account string, at source.Str) {
	if at.Empty() {
		return
	}
	key := kind + "\x00" + account
	if first, dup := r.seen[key]; dup {
		r.add(at.Pos, "shared-account", "`%s` has the same %s as the person at %s. Every person needs their own account: decisions are told apart by it.", person, kind, first)
		return
	}
	r.seen[key] = at.Pos
}

// issuer checks a sign-in issuer: https, or http on this machine.
func (r *reader) issuer(s source.Str) string {
	if s.Empty() || strings.HasPrefix(s.V, "https://") || loopback(s.V) {
		return s.V
	}
	r.add(s.Pos, "issuer", "The issuer of a sign-in account is an address that begins with https://.")
	return s.V
}

func loopback(address string) bool {
	rest, ok := strings.CutPrefix(address, "http://")
	host, _, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(host, ":")
	return ok && (name == "localhost" || name == "127.0.0.1")
}

func (r *reader) role(e source.Entry) {
	m := r.subject("roles", "a role", e, "title", "holder", "deputies", "fallback", "reports_to")
	if m == nil {
		return
	}
	m.Require("title")
	of := "of `" + e.Key.V + "`"
	r.org.Roles = append(r.org.Roles, Role{
		ID:        e.Key.V,
		Title:     r.name(m, "title"),
		Holder:    r.ref(m.Text("holder"), "the holder "+of),
		Deputies:  r.list(m, "deputies", "a deputy "+of),
		Fallback:  m.Text("fallback").V,
		ReportsTo: m.Text("reports_to").V,
	})
	r.seen["deputies "+e.Key.V] = m.KeyPos("deputies")
	r.seen["reports_to "+e.Key.V] = m.Text("reports_to").Pos
	r.seen["fallback "+e.Key.V] = m.Text("fallback").Pos
}

func (r *reader) committee(e source.Entry) {
	m := r.subject("committees", "a committee", e,
		"title", "chair", "deputy_chair", "members", "alternates", "channel", "rule", "quorum_min", "chair_required")
	if m == nil {
		return
	}
	m.Require("title", "members", "channel", "rule")
	of := "of `" + e.Key.V + "`"
	r.org.Committees = append(r.org.Committees, Committee{
		ID:            e.Key.V,
		Title:         r.name(m, "title"),
		Chair:         r.ref(m.Text("chair"), "the chair "+of),
		DeputyChair:   r.ref(m.Text("deputy_chair"), "the deputy chair "+of),
		Members:       r.list(m, "members", "a member "+of),
		Alternates:    r.list(m, "alternates", "an alternate "+of),
		Channel:       r.outside(m, "channel", slackChannel, "the Slack channel id (in the channel's details), such as C0RAIC"),
		Rule:          r.rule(m.Node("rule")),
		QuorumMin:     m.Int("quorum_min"),
		ChairRequired: m.Bool("chair_required"),
	})
	for _, key := range []string{"chair", "deputy_chair", "members", "alternates", "rule", "quorum_min", "chair_required"} {
		if m.Has(key) {
			r.seen[key+" "+e.Key.V] = m.KeyPos(key)
		}
	}
}

// rule reads how many members must approve.
func (r *reader) rule(n *source.Node) string {
	v, ok := n.Value(&r.problems)
	if !ok {
		return ""
	}
	switch v := v.(type) {
	case int64:
		if v >= 1 {
			return strconv.FormatInt(v, 10)
		}
	case string:
		if v == RuleMajority || v == RuleAll {
			return v
		}
		if k, ok := wholeNumber(v); ok && k >= 1 {
			return strconv.Itoa(k)
		}
	}
	r.add(n.Pos, "rule", "The rule of a committee is `majority`, `all`, or how many members must approve, such as 3.")
	return ""
}

func (r *reader) system(e source.Entry) {
	m := r.subject("systems", "a system", e, "name", "owner", "developers", "purpose", "users", "overseers",
		"models", "suppliers", "regions", "personal_data", "autonomy", "generative")
	if m == nil {
		return
	}
	m.Require("name", "owner")
	of := "of `" + e.Key.V + "`"
	r.org.Systems = append(r.org.Systems, System{
		ID:           e.Key.V,
		Name:         r.name(m, "name"),
		Owner:        r.ref(m.Text("owner"), "the owner "+of),
		Developers:   r.list(m, "developers", "a developer "+of),
		Purpose:      m.Text("purpose").V,
		Users:        r.words(m, "users"),
		Overseers:    r.list(m, "overseers", "an overseer "+of),
		Models:       r.wordList(m, "models", KindModel, "a model "+of),
		Suppliers:    r.wordList(m, "suppliers", KindSupplier, "a supplier "+of),
		Regions:      r.words(m, "regions"),
		PersonalData: m.Bool("personal_data"),
		Autonomy:     m.Text("autonomy").V,
		Generative:   m.Bool("generative"),
	})
}
