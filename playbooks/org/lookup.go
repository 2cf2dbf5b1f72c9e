package org

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Anyone is the name that means every person of the organisation.
const Anyone = "anyone"

// The reasons why a name or an account leads to nobody. What they mean for a
// decision is always the same: refused.
var (
	ErrUnknownName    = errors.New("nobody of that name in the organisation")
	ErrVacant         = errors.New("nobody holds the role")
	ErrUnknownAccount = errors.New("no person of the organisation has this account")
	ErrSharedAccount  = errors.New("several people of the organisation have this account")
)

// Person finds a person by id.
func (o Organisation) Person(id string) (Person, bool) {
	return find(o.People, func(p Person) bool { return p.ID == id })
}

// Role finds a role by id.
func (o Organisation) Role(id string) (Role, bool) {
	return find(o.Roles, func(r Role) bool { return r.ID == id })
}

// Leads tells whether other reports to person, at first or at second hand, as far
// as the file says who reports to whom.
func (o Organisation) Leads(person, other string) bool {
	for range o.People { // nobody has more people above them, also where they lead in a circle
		p, _ := o.Person(other)
		switch other = p.Manager; other {
		case "":
			return false
		case person:
			return true
		}
	}
	return false
}

// Committee finds a committee by id.
func (o Organisation) Committee(id string) (Committee, bool) {
	return find(o.Committees, func(c Committee) bool { return c.ID == id })
}

// Sits tells whether a person is a seated member of a committee; alternates sit
// only when they are called.
func (o Organisation) Sits(person, committee string) bool {
	c, ok := o.Committee(committee)
	return ok && slices.Contains(c.Members, person)
}

// Deputises tells whether a person is a deputy of a role, or the deputy chair of a
// committee.
func (o Organisation) Deputises(person, id string) bool {
	if r, ok := o.Role(id); ok && slices.Contains(r.Deputies, person) {
		return true
	}
	c, ok := o.Committee(id)
	return ok && person != "" && c.DeputyChair == person
}

// System finds an AI system by id.
func (o Organisation) System(id string) (System, bool) {
	return find(o.Systems, func(s System) bool { return s.ID == id })
}

// Model finds a model by id.
func (o Organisation) Model(id string) (Model, bool) {
	return find(o.Models, func(m Model) bool { return m.ID == id })
}

// Supplier finds a supplier by id.
func (o Organisation) Supplier(id string) (Supplier, bool) {
	return find(o.Suppliers, func(s Supplier) bool { return s.ID == id })
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return found, false
	}
	return list[i], true
}

// PersonBySlack finds the one person with a Slack account. It fails with
// ErrUnknownAccount or ErrSharedAccount rather than guess.
func (o Organisation) PersonBySlack(team, user string) (Person, error) {
	if team == "" || user == "" {
		return Person{}, ErrUnknownAccount
	}
	return o.only(func(p Person) bool { return p.Slack == SlackUser{Team: team, User: user} })
}

// PersonByJira finds the one person with a Jira account id, with the errors of
// PersonBySlack.
func (o Organisation) PersonByJira(account string) (Person, error) {
	if account == "" {
		return Person{}, ErrUnknownAccount
	}
	return o.only(func(p Person) bool { return p.Jira == account })
}

func (o Organisation) only(is func(Person) bool) (Person, error) {
	var found []Person
	for _, p := range o.People {
		if is(p) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return Person{}, ErrUnknownAccount
	case 1:
		return found[0], nil
	}
	return Person{}, ErrSharedAccount
}

// ZoneOf is the time zone of whoever is asked: a person's own, and the
// organisation's for a committee, a role or anyone.
func (o Organisation) ZoneOf(name string) string {
	if p, ok := o.Person(name); ok && p.Zone != "" {
		return p.Zone
	}
	return o.Profile.Zone
}

// Title is how people call a person, role, committee or system; the name
// itself when there is none.
func (o Organisation) Title(name string) string {
	if p, ok := o.Person(name); ok {
		return p.Name
	}
	if r, ok := o.Role(name); ok {
		return r.Title
	}
	if c, ok := o.Committee(name); ok {
		return c.Title
	}
	if s, ok := o.System(name); ok {
		return s.Name
	}
	if name == Anyone {
		return "everyone"
	}
	return name
}

// Holders are the people a name stands for when work is given out: a person
// id, a role id, a committee id (its members) or anyone. A vacant role stands
// for its deputies, then for the AIMS manager, then for its fallback role. The
// error is ErrUnknownName or ErrVacant.
func (o Organisation) Holders(name string) ([]string, error) {
	if name == Anyone {
		return ids(o.People, func(p Person) string { return p.ID }), nil
	}
	if p, ok := o.Person(name); ok {
		return []string{p.ID}, nil
	}
	if c, ok := o.Committee(name); ok {
		return slices.Clone(c.Members), nil
	}
	r, ok := o.Role(name)
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, ErrUnknownName)
	}
	if people := o.holding(r); len(people) > 0 {
		return people, nil
	}
	if manager, ok := o.Role(AIMSManager); ok {
		if people := o.holding(manager); len(people) > 0 {
			return people, nil
		}
	}
	if people := o.Acting(name, false); len(people) > 0 {
		return people, nil
	}
	return nil, fmt.Errorf("%s: %w", name, ErrVacant)
}

// names are all ids a playbook may ask or assign.
func (o Organisation) names() []string {
	return slices.Concat(
		ids(o.Roles, func(r Role) string { return r.ID }),
		ids(o.Committees, func(c Committee) string { return c.ID }),
		ids(o.People, func(p Person) string { return p.ID }),
		[]string{Anyone},
	)
}

func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}

// CheckName tells a playbook's author whether a name can be asked; the text
// says what is wrong and what may have been meant.
func (o Organisation) CheckName(name string) error {
	if slices.Contains(o.names(), name) {
		return nil
	}
	return fmt.Errorf("`%s` is no role, committee or person of the organisation.%s", name, source.DidYouMean(name, o.names()))
}

// Exclusions are the people who never decide about a subject, each with the
// words why.
func (o Organisation) Exclusions(s Subject) map[string]string {
	why := map[string]string{}
	for _, stake := range o.Stakes(s) {
		duty := "developer"
		if stake.Owner {
			duty = "owner"
		}
		words := duty + " of " + stake.Of
		switch before := why[stake.Person]; {
		case before == "":
			why[stake.Person] = words
		case before == "owner of "+stake.Of:
			why[stake.Person] = "owner and developer of " + stake.Of
		case !strings.Contains(before, words):
			why[stake.Person] = before + ", " + words
		}
	}
	return why
}
