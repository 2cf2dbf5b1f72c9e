package playbooks_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// What the shipped playbook is told when the organisation changes under it.
func TestLintFollowsTheOrganisation(t *testing.T) {
	t.Parallel()
	vacate := func(o *org.Organisation, ids ...string) {
		for i := range o.Roles {
			for _, id := range ids {
				if o.Roles[i].ID == id {
					o.Roles[i].Holder, o.Roles[i].Deputies = "", nil
				}
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*org.Organisation)
		want   string // of the first problem; "" for none
	}{
		"as it is":                  {func(*org.Organisation) {}, ""},
		"vacant, fallback":          {func(o *org.Organisation) { vacate(o, "ai-ethics-officer") }, ""},
		"vacant throughout":         {func(o *org.Organisation) { vacate(o, "ai-ethics-officer", "chief-risk-officer", "top-management") }, "46:17: Nobody could act as `ai-ethics-officer`"},
		"holder develops, fallback": {func(o *org.Organisation) { o.Systems[0].Developers = []string{"ethan"} }, ""},
		"all of the line develop": {
			func(o *org.Organisation) { o.Systems[0].Developers = []string{"ethan", "max", "ron", "tess"} },
			"46:11: This line can never be met: everybody who could act as `ai-ethics-officer`",
		},
		"not for another system": {func(o *org.Organisation) {
			o.Systems[0].Developers = []string{"ethan", "max", "ron", "tess"}
			o.Systems = append(o.Systems, org.System{ID: "other", Name: "Other", Owner: "dev"})
		}, ""},
		"committee too small": {
			func(o *org.Organisation) { o.Committees[0].Members = []string{"cora", "cleo"} },
			"47:11: `responsible-ai-committee` can never approve this: 3 approvals are needed, but at most 2",
		},
		"alternates fill it": {func(o *org.Organisation) {
			o.Committees[0].Members, o.Committees[0].Alternates = []string{"cora", "cleo"}, []string{"carl"}
		}, ""},
		"no such role": {func(o *org.Organisation) { o.Roles = o.Roles[1:] }, "46:17: The organisation has no role `ai-ethics-officer`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := demo(t)
			c.change(o)
			_, src := example(t)
			_, problems := playbooks.Check("", src, o, nil)
			got := ""
			if len(problems) > 0 {
				got = strings.TrimPrefix(problems[0].String(), ":")
			}
			if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
