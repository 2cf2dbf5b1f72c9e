package org_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// house is a small organisation: boss, with deputies dan and dot, falls back
// to chief (cid, deputy cam), and that to top (tom).
func house(change func(*org.Organisation)) org.Organisation {
	o := org.Organisation{
		Roles: []org.Role{
			{ID: "boss", Title: "Boss", Holder: "ben", Deputies: []string{"dan", "dot"}, Fallback: "chief"},
			{ID: "chief", Title: "Chief", Holder: "cid", Deputies: []string{"cam"}, Fallback: "top"},
			{ID: "top", Title: "Top", Holder: "tom"},
			{ID: "alone", Title: "Alone"},
		},
		Committees: []org.Committee{{ID: "board", Title: "Board", Members: []string{"tom", "cid"}, Alternates: []string{"dan"}}},
		Systems:    []org.System{{ID: "robot", Name: "Robot", Owner: "ben", Developers: []string{"dan", "ben"}}},
	}
	for _, id := range []string{"ben", "dan", "dot", "cid", "cam", "tom"} {
		o.People = append(o.People, org.Person{ID: id, Name: strings.ToUpper(id), Slack: org.SlackUser{Team: "T1", User: "U" + id}, Jira: "j" + id})
	}
	if change != nil {
		change(&o)
	}
	return o
}

func vacate(roles ...string) func(*org.Organisation) {
	return func(o *org.Organisation) {
		for i := range o.Roles {
			if slices.Contains(roles, o.Roles[i].ID) {
				o.Roles[i].Holder = ""
			}
		}
	}
}

func TestRoleSeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, role, excluded string
		change               func(*org.Organisation)
		escalated            bool
		want                 string // people in order, the excluded with a minus
		vacant               bool
	}{
		{name: "the holder acts alone", role: "boss", want: "ben"},
		{name: "escalated, the deputies act beside", role: "boss", escalated: true, want: "ben dan dot"},
		{name: "an excluded deputy is shown", role: "boss", escalated: true, excluded: "dan", want: "ben -dan dot"},
		{name: "an excluded holder is replaced by the fallback, never by a deputy", role: "boss", excluded: "ben", want: "-ben cid"},
		{name: "nor once escalated", role: "boss", excluded: "ben", escalated: true, want: "-ben cid cam"},
		{name: "the fallback is excluded too", role: "boss", excluded: "ben cid", want: "-ben -cid tom"},
		{name: "everybody is excluded", role: "boss", excluded: "ben cid tom", want: "-ben -cid -tom"},
		{name: "vacant: the deputies", role: "boss", change: vacate("boss"), want: "dan dot", vacant: true},
		{name: "vacant, a deputy excluded", role: "boss", change: vacate("boss"), excluded: "dan", want: "-dan dot", vacant: true},
		{name: "vacant, the deputies excluded: the fallback", role: "boss", change: vacate("boss"), excluded: "dan dot", want: "-dan -dot cid", vacant: true},
		{name: "excluded, and the fallback vacant: its deputy", role: "boss", change: vacate("chief"), excluded: "ben", want: "-ben cam"},
		{
			name: "a holder who is gone leaves the role vacant", role: "boss", want: "dan dot", vacant: true,
			change: func(o *org.Organisation) { o.People = o.People[1:] },
		},
		{name: "vacant without anybody", role: "alone", want: "", vacant: true},
		{name: "no such role", role: "nobody", want: "", vacant: true},
		{
			name: "one person twice on the way", role: "boss", excluded: "ben", want: "-ben tom",
			change: func(o *org.Organisation) { o.Roles[1].Holder = "ben" },
		},
		{
			name: "fallbacks in a circle end", role: "boss", excluded: "ben cid tom", want: "-ben -cid -tom",
			change: func(o *org.Organisation) { o.Roles[2].Fallback = "boss" },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			excluded := func(p string) string {
				if slices.Contains(strings.Fields(c.excluded), p) {
					return "for a reason"
				}
				return ""
			}
			seats, vacant := house(c.change).RoleSeats(c.role, excluded, c.escalated)
			var got []string
			for _, s := range seats {
				if s.Excluded != "" {
					s.Person = "-" + s.Person
				}
				got = append(got, s.Person)
			}
			if s := strings.Join(got, " "); s != c.want || vacant != c.vacant {
				t.Errorf("got %q vacant %v, want %q vacant %v", s, vacant, c.want, c.vacant)
			}
		})
	}
}

func TestHolders(t *testing.T) {
	t.Parallel()
	manager := func(o *org.Organisation) {
		vacate("boss")(o)
		o.Roles[0].Deputies = nil
		o.Roles = append(o.Roles, org.Role{ID: org.AIMSManager, Title: "AIMS Manager", Holder: "dot"})
	}
	for _, c := range []struct {
		name, of string
		change   func(*org.Organisation)
		want     string
		err      error
	}{
		{"a person", "dan", nil, "dan", nil},
		{"a role", "boss", nil, "ben", nil},
		{"a committee is its members, not its alternates", "board", nil, "tom cid", nil},
		{"anyone", "anyone", nil, "ben dan dot cid cam tom", nil},
		{"a vacant role: deputies", "boss", vacate("boss"), "dan dot", nil},
		{"a vacant role without deputies: the AIMS manager", "boss", manager, "dot", nil},
		{"a vacant role without anybody", "alone", nil, "", org.ErrVacant},
		{"no such name", "bos", nil, "", org.ErrUnknownName},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := house(c.change).Holders(c.of)
			if strings.Join(got, " ") != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestAccountsFailClosed(t *testing.T) {
	t.Parallel()
	shared := house(func(o *org.Organisation) {
		o.People[1].Slack, o.People[1].Jira = o.People[0].Slack, o.People[0].Jira
		o.People[2].Jira = ""
	})
	for _, c := range []struct {
		name string
		find func() (org.Person, error)
		want string
		err  error
	}{
		{"one match", func() (org.Person, error) { return shared.PersonBySlack("T1", "Ucid") }, "cid", nil},
		{"two people share it", func() (org.Person, error) { return shared.PersonBySlack("T1", "Uben") }, "", org.ErrSharedAccount},
		{"same user id in another workspace", func() (org.Person, error) { return shared.PersonBySlack("T2", "Ucid") }, "", org.ErrUnknownAccount},
		{"no workspace", func() (org.Person, error) { return shared.PersonBySlack("", "Ucid") }, "", org.ErrUnknownAccount},
		{"Jira, one match", func() (org.Person, error) { return shared.PersonByJira("jcid") }, "cid", nil},
		{"Jira, shared", func() (org.Person, error) { return shared.PersonByJira("jben") }, "", org.ErrSharedAccount},
		{"an empty account matches nobody, not the one without", func() (org.Person, error) { return shared.PersonByJira("") }, "", org.ErrUnknownAccount},
	} {
		if p, err := c.find(); p.ID != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", c.name, p.ID, err)
		}
	}
}

func TestExclusionsSayWhy(t *testing.T) {
	t.Parallel()
	robot, _ := house(nil).Subject(org.KindSystem, "robot")
	got := house(nil).Exclusions(robot)
	if len(got) != 2 || got["ben"] != "owner and developer of Robot" || got["dan"] != "developer of Robot" {
		t.Errorf("%v", got)
	}
	unknown, known := house(nil).Subject(org.KindSystem, "unknown")
	if got := house(nil).Exclusions(unknown); known || len(got) != 0 {
		t.Errorf("unknown system: %v", got)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	o := house(nil)
	for name, want := range map[string]string{"ben": "BEN", "boss": "Boss", "board": "Board", "robot": "Robot", "anyone": "everyone", "else": "else"} {
		if got := o.Title(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if err := o.CheckName("bosss"); err == nil || !strings.Contains(err.Error(), "Did you mean `boss`?") {
		t.Errorf("%v", err)
	}
	if err := o.CheckName("board"); err != nil {
		t.Error(err)
	}
}
