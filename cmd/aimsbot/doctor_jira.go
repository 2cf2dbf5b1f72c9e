package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func (d *doctor) lookAtJira() {
	if d.config == nil {
		d.skip("Jira", "the config folder, which names the project, cannot be read")
		return
	}
	c, site, in := d.signInToJira()
	if !in {
		return
	}
	if t, err := c.Clock(d.ctx); err == nil {
		d.lookAtClock("Jira's clock", t)
	}
	d.lookAtForms(c, site)
	d.lookAtJiraPeople(c)
}

// signInToJira looks at the account, the project, and what the account may do
// there. in: the project can be looked at further.
func (d *doctor) signInToJira() (c *jira.Client, site jira.Site, in bool) {
	s, project := d.settings, d.config.organisation.Jira.Project
	c, err := jira.New(jira.Options{
		URL: s.JiraURL, Email: s.JiraEmail, Token: s.JiraToken, PAT: s.JiraPAT, Project: project, Fields: func() []jira.Field { return jiraFields(d.config.organisation) }, Limits: s.Limits, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.skip("Jira", err.Error())
		return nil, site, false
	}
	err = d.patiently(func(ctx context.Context) (err error) { site, err = c.Check(ctx); return err })
	switch {
	case site.Account == "":
		d.failed("Jira sign-in", err, "Set JIRA_URL to the site's address, JIRA_EMAIL to the account's e-mail, and JIRA_TOKEN to an API token of that account; for a Data Center set JIRA_PAT to a personal access token instead of both.")
		d.skip("Jira project", "the bot cannot sign in")
		return nil, site, false
	case errors.Is(err, port.ErrNotFound):
		d.ok("Jira sign-in", "works as %s", site.Name)
		d.wrong("Jira project", fmt.Sprintf("%s is not there, or %s may not see it", project, site.Name), "Write the key of the project into organisation.yaml (jira: project), and give the account access to it.")
		return nil, site, false
	case err != nil:
		d.failed("Jira project", err, mendLater)
		return nil, site, false
	}
	d.ok("Jira sign-in", "works as %s", site.Name)
	d.ok("Jira project", "%s is %s", project, site.Project)
	if len(site.Missing) > 0 {
		d.wrong("Jira permissions", fmt.Sprintf("%s lacks %s in %s", site.Name, strings.Join(site.Missing, ", "), project), "Give the account these permissions in the project's permission scheme.")
	} else {
		d.ok("Jira permissions", "all there")
	}
	return c, site, true
}

// lookAtForms holds the create screens and workflows of both issue types
// against what the bot fills in and where it moves issues.
func (d *doctor) lookAtForms(c *jira.Client, site jira.Site) {
	types := d.config.organisation.Jira.Types
	var filled []string
	for _, t := range []struct {
		name  string
		under bool
	}{{types.Run, false}, {types.Step, true}} {
		name := "Jira issue type " + t.name
		var form jira.TypeForm
		err := d.patiently(func(ctx context.Context) (err error) { form, err = c.Form(ctx, t.name, t.under); return err })
		var faults, mends []string
		fault := func(found, mend string) { faults, mends = append(faults, found), append(mends, mend) }
		switch {
		case errors.Is(err, port.ErrNotFound):
			d.wrong(name, "the project has none; it has "+strings.Join(site.Types, ", "), "Add it to the project, or name another type in organisation.yaml (jira: types).")
			continue
		case err != nil:
			d.failed(name, err, mendLater)
			continue
		}
		if len(form.Required) > 0 {
			found, mend := demands(form.Required)
			fault(found, mend)
		}
		filled = append(filled, form.Filled...)
		if len(form.Wrong) > 0 {
			fault("the field "+strings.Join(form.Wrong, "; the field "), "Correct these values in organisation.yaml (jira: fields).")
		}
		if len(form.Absent) > 0 {
			fault("the create screen lacks "+strings.Join(form.Absent, ", "), "Put these fields on the type's create screen.")
		}
		if !form.Done || !form.ToDo {
			fault("its workflow has no status of the category To Do, or none of Done", "Give its workflow a status of each.")
		}
		if len(faults) > 0 {
			d.wrong(name, strings.Join(faults, "; "), strings.Join(mends, " "))
			continue
		}
		d.ok(name, "can be made, finished and reopened")
	}
	d.lookForFields(filled)
}

// demands says which fields are demanded, and what to write for them.
func demands(needed []jira.NeededField) (found, mend string) {
	var names, lines []string
	for _, f := range needed {
		what := f.Kind
		if len(f.Choices) > 0 {
			what += " " + strings.Join(f.Choices, ", ")
		}
		names = append(names, f.Name+" ("+what+")")
		lines = append(lines, f.ID+": ...")
	}
	return "a new issue must have " + strings.Join(names, ", ") + ", which nobody fills in",
		"Write into organisation.yaml, under jira: fields: {" + strings.Join(lines, ", ") + "}; or make these fields optional for the type, or give them a default."
}

// lookForFields tells of fields that no issue type has.
func (d *doctor) lookForFields(filled []string) {
	var absent []string
	for _, f := range d.config.organisation.Jira.Fields {
		if !slices.Contains(filled, f.Field) {
			absent = append(absent, f.Field)
		}
	}
	switch {
	case len(absent) > 0:
		d.wrong("Jira fields", strings.Join(absent, ", ")+" of organisation.yaml is on the create screen of neither issue type", "Correct the id or the name under jira: fields, put the field on the screen, or remove the line.")
	case len(filled) > 0:
		d.ok("Jira fields", "those of organisation.yaml are there")
	}
}

// jiraFields are the fields that the organisation puts on new issues.
func jiraFields(o org.Organisation) []jira.Field {
	var out []jira.Field
	for _, f := range o.Jira.Fields {
		out = append(out, jira.Field{Name: f.Field, Values: f.Values})
	}
	return out
}

// lookAtJiraPeople asks for each person whether they can be given an issue.
func (d *doctor) lookAtJiraPeople(c *jira.Client) {
	const name = "Jira people"
	good, without := 0, 0
	people := d.config.organisation.People
	for _, p := range people {
		if p.Jira == "" {
			without++
			continue
		}
		var may bool
		err := d.patiently(func(ctx context.Context) (err error) { may, err = c.Assignable(ctx, p.Jira); return err })
		switch {
		case err != nil:
			d.failed(name, fmt.Errorf("%s: %w", p.ID, err), mendLater)
			return
		case !may:
			d.wrong(name, p.ID+": the account "+p.Jira+" is not active, or may not be given issues of the project", "Correct jira of "+p.ID+" in organisation.yaml, or give the account access to the project.")
		default:
			good++
		}
	}
	if good+without == len(people) {
		d.ok(name, "%d can be given issues, %d have no account", good, without)
	}
}

// lookAtWebhooks tells whether Jira's webhooks reach the bot; l is nil where
// there is no ledger yet.
func (d *doctor) lookAtWebhooks(l *ledger.Ledger) {
	const name = "Jira webhook"
	if d.settings.JiraWebhookSecret == "" {
		d.ok(name, "not used: JIRA_WEBHOOK_SECRET is not set, and Jira is asked every %s", span(d.settings.Poll))
		return
	}
	var last time.Time
	var err error
	if l != nil {
		last, err = l.LastWebhook(d.ctx)
	}
	switch {
	case err != nil:
		d.wrong(name, err.Error(), "Restore the ledger from a backup; it is damaged.")
	case last.IsZero():
		d.add(name, checkSkipped, fmt.Sprintf("none has come yet; Jira is asked every %s all the same", span(d.settings.Poll)), "In Jira, under System > WebHooks, send issue and comment events of the project to https://HOST/jira/webhook, with the secret of JIRA_WEBHOOK_SECRET.")
	default:
		d.ok(name, "the last one came %s", moment(last))
	}
}

// span says a length of time as people do.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return counted(int(d/time.Minute), "minute")
	}
	return counted(int(d/time.Second), "second")
}
