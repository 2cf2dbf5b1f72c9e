package jira_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// demanding is a site that demands one field of each kind, one of them of epics
// alone.
func demanding(given ...jira.Field) func(*jiratest.Options, *jiratest.Seed, *jira.Options) {
	return func(_ *jiratest.Options, s *jiratest.Seed, o *jira.Options) {
		s.Project.Types = []string{"Epic", "Task"}
		s.Project.Fields = []jiratest.CustomField{
			{ID: "customfield_1", Name: "Unit", Kind: "option", Options: []string{"Governance", "Research"}, Required: true},
			{ID: "customfield_2", Name: "Cost centre", Kind: "number", Required: true},
			{ID: "customfield_3", Name: "Sponsor", Kind: "user", Required: true},
			{ID: "customfield_4", Name: "Areas", Kind: "array of option", Options: []string{"AI", "IT", "HR"}, Required: true},
			{ID: "customfield_5", Name: "Words", Kind: "array of string", Required: true},
			{ID: "customfield_6", Name: "Review", Kind: "date", Required: true},
			{ID: "customfield_7", Name: "Note", Kind: "string", Required: true, Only: []string{"Epic"}},
		}
		o.Fields = func() []jira.Field { return given }
	}
}

var givenFields = []jira.Field{
	{"unit", []string{"Governance"}},
	{"customfield_2", []string{"4711"}},
	{"Sponsor", []string{"5b1val"}},
	{"Areas", []string{"AI", "HR"}},
	{"Words", []string{"aims"}},
	{"Review", []string{"2026-12-31"}},
	{"Note", []string{"By the bot"}},
}

// TestDemandedFields: what a site demands of every new issue is put on it, in the
// form of each kind of field, where its screen has it.
func TestDemandedFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demanding(givenFields...))
	for _, kind := range []string{"Epic", "Task"} {
		if _, err := w.client.CreateIssue(w.ctx(), "aims-"+strings.ToLower(kind), port.Place{Run: "r"}, port.Issue{Type: kind, Summary: "x"}, ""); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		form, err := w.client.Form(w.ctx(), kind, false)
		if err != nil || len(form.Required) > 0 || len(form.Wrong) > 0 || len(form.Filled) < 6 {
			t.Errorf("%s: %+v, %v", kind, form, err)
		}
	}
	bare := newWorld(t, demanding())
	if _, err := bare.client.CreateIssue(bare.ctx(), key, port.Place{Run: "r"}, port.Issue{Type: "Task", Summary: "x"}, ""); err == nil || !strings.Contains(err.Error(), "Cost centre is required") {
		t.Errorf("without them: %v", err)
	}
	form, err := bare.client.Form(bare.ctx(), "Task", true)
	want := []jira.NeededField{
		{ID: "customfield_1", Name: "Unit", Kind: "one of the choices", Choices: []string{"Governance", "Research"}},
		{ID: "customfield_2", Name: "Cost centre", Kind: "a number"},
		{ID: "customfield_3", Name: "Sponsor", Kind: "an account"},
		{ID: "customfield_4", Name: "Areas", Kind: "a list: one of the choices", Choices: []string{"AI", "IT", "HR"}},
		{ID: "customfield_5", Name: "Words", Kind: "a list: a text"},
		{ID: "customfield_6", Name: "Review", Kind: "a date"},
	}
	if diff := cmp.Diff(want, form.Required); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// TestDemandedFieldsWrong: a value that the field cannot hold is refused here,
// naming it, and no call is made.
func TestDemandedFieldsWrong(t *testing.T) {
	t.Parallel()
	for value, says := range map[*jira.Field]string{
		{"Unit", []string{"Govern"}}:              `Unit of organisation.yaml (jira: fields) has no choice "Govern"; it has Governance, Research`,
		{"Unit", []string{"AI", "IT"}}:            "takes one value, but has 2",
		{"Cost centre", []string{"many"}}:         `takes a number, but "many" is none`,
		{"Review", []string{"soon"}}:              `takes a date such as 2026-12-31, but "soon" is none`,
		{"Areas", []string{"AI", "Law"}}:          `has no choice "Law"`,
		{"Not on any screen", []string{"a text"}}: "is required",
	} {
		w := newWorld(t, demanding(*value))
		_, err := w.client.CreateIssue(w.ctx(), key, port.Place{Run: "r"}, port.Issue{Type: "Task", Summary: "x"}, "")
		var o *port.OutsideError
		if !errors.As(err, &o) || !o.Definite || !o.Forever || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", value, err)
		}
	}
}
