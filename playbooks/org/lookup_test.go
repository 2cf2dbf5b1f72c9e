package org_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TestLeads: who stands above whom, over several people, and where a file leads in
// a circle.
func TestLeads(t *testing.T) {
	t.Parallel()
	o := org.Organisation{People: []org.Person{
		{ID: "dev", Manager: "olive"},
		{ID: "olive", Manager: "tess"},
		{ID: "tess"},
		{ID: "val"},
		{ID: "a", Manager: "b"},
		{ID: "b", Manager: "a"},
	}}
	for _, c := range []struct {
		person, other string
		want          bool
	}{
		{"olive", "dev", true},
		{"tess", "dev", true},
		{"dev", "olive", false},
		{"dev", "dev", false},
		{"val", "dev", false},
		{"", "val", false},
		{"b", "a", true},
		{"val", "a", false},
		{"tess", "nobody", false},
	} {
		if got := o.Leads(c.person, c.other); got != c.want {
			t.Errorf("%q leads %q: %v", c.person, c.other, got)
		}
	}
}
