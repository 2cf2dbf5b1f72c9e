// Package org reads the organisation file and the programme, and answers
// questions about them at an instant: who holds a role, when five working days
// end, what is due. It is pure: it opens no file and no connection.
package org

import "github.com/aimsbot/aimsbot/playbooks/source"

// Organisation is one version of organisation.yaml. Lists keep the order of
// the file; lookups are by id.
type Organisation struct {
	Profile    Profile     `json:"organisation"`
	People     []Person    `json:"people"`
	Roles      []Role      `json:"roles"`
	Committees []Committee `json:"committees"`
	Systems    []System    `json:"systems"`
	Models     []Model     `json:"models,omitempty"`
	Suppliers  []Supplier  `json:"suppliers,omitempty"`
	Sources    []Source    `json:"sources,omitempty"`
	Slack      Slack       `json:"slack"`
	Jira       Jira        `json:"jira"`
	// Digest is "sha256:" + hex over the RFC 8785 JSON of all the fields above.
	Digest string `json:"digest,omitempty"`
	// Register is what runs decided until the instant of the snapshot; it is no
	// part of a version.
	Register Register `json:"-"`
}

// Profile is the organisation itself.
type Profile struct {
	Name     string   `json:"name"`
	Zone     string   `json:"zone"` // IANA time zone
	Calendar Calendar `json:"calendar"`
	Units    []string `json:"units,omitempty"`
	NIS2     bool     `json:"nis2,omitempty"` // an essential or important entity of Directive (EU) 2022/2555
}

// Calendar says which days and hours people work.
type Calendar struct {
	Weekdays []string `json:"weekdays"`           // mon tue wed thu fri sat sun
	Hours    string   `json:"hours"`              // "09:00-17:00"
	Holidays string   `json:"holidays,omitempty"` // country of rickar/cal/v2, such as "de"; empty = none
	Extra    []string `json:"extra,omitempty"`    // further days off, YYYY-MM-DD
}

// Person is one human, bound by immutable ids.
type Person struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Zone    string    `json:"zone,omitempty"` // empty = the organisation's
	Slack   SlackUser `json:"slack"`
	Jira    string    `json:"jira,omitempty"` // account id
	OIDC    OIDC      `json:"oidc,omitzero"`
	Manager string    `json:"manager,omitempty"`
	Unit    string    `json:"unit,omitempty"`
}

// SlackUser is a Slack account by its immutable ids.
type SlackUser struct {
	Team string `json:"team"`
	User string `json:"user"`
}

// OIDC is a sign-in account by its immutable ids.
type OIDC struct {
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// Role is a named oversight role. An empty Holder means vacant.
type Role struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Holder   string   `json:"holder,omitempty"`
	Deputies []string `json:"deputies,omitempty"`
	Fallback string   `json:"fallback,omitempty"` // role id that decides when the holder is excluded
	// ReportsTo is the role or person that the holder answers to.
	ReportsTo string `json:"reports_to,omitempty"`
}

// Committee is a deciding body with a quorum rule.
type Committee struct {
	ID            string   `json:"id"`
	Title         string   `json:"title"`
	Chair         string   `json:"chair,omitempty"`
	DeputyChair   string   `json:"deputy_chair,omitempty"`
	Members       []string `json:"members"`
	Alternates    []string `json:"alternates,omitempty"`
	Channel       string   `json:"channel"` // Slack channel id
	Rule          string   `json:"rule"`    // majority | all | a whole number
	QuorumMin     int      `json:"quorum_min,omitempty"`
	ChairRequired bool     `json:"chair_required,omitempty"`
}

// System is one AI system of the inventory.
type System struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Owner      string   `json:"owner"`
	Developers []string `json:"developers,omitempty"`
	Purpose    string   `json:"purpose,omitempty"`
	Users      []string `json:"users,omitempty"`
	Overseers  []string `json:"overseers,omitempty"`
	Models     []string `json:"models,omitempty"`
	Suppliers  []string `json:"suppliers,omitempty"`
	Regions    []string `json:"regions,omitempty"`
	// PersonalData, Autonomy and Generative are plain facts of the file.
	PersonalData bool   `json:"personal_data,omitempty"`
	Autonomy     string `json:"autonomy,omitempty"`
	Generative   bool   `json:"generative,omitempty"`
}

// Model is one model that a system of the inventory uses.
type Model struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	System     string             `json:"system"`
	Developers []string           `json:"developers,omitempty"`
	Supplier   string             `json:"supplier,omitempty"`
	Metrics    []Metric           `json:"metrics,omitempty"`
	Thresholds map[string]float64 `json:"thresholds,omitempty"` // by metric
}

// Metric is one number that a model is judged by.
type Metric struct {
	ID     string `json:"id"`
	Main   bool   `json:"main"`
	Better string `json:"better"`
}

// Which way a metric is better.
const (
	BetterHigher = "higher"
	BetterLower  = "lower"
)

// Supplier is who delivers a model, data or a service for systems.
type Supplier struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Owner       string   `json:"owner"` // the person who answers for the contract
	Systems     []string `json:"systems,omitempty"`
	ContractEnd string   `json:"contract_end,omitempty"` // YYYY-MM-DD
}

// Slack maps the organisation to its workspace.
type Slack struct {
	AuditChannel string `json:"audit_channel,omitempty"`
}

// Jira maps runs and steps to a project.
type Jira struct {
	Project string    `json:"project"`
	Types   JiraTypes `json:"types"`
	Done    string    `json:"done"`   // status to move to when a step is finished
	Reopen  string    `json:"reopen"` // status to move back to
	// Fields are put on every new issue whose screen has them, because the site
	// demands them.
	Fields []JiraField `json:"fields,omitempty"`
}

// JiraField is one field of the site with what is put into it.
type JiraField struct {
	Field  string   `json:"field"` // id, such as customfield_10042, or name
	Values []string `json:"values"`
}

// JiraTypes names the issue types.
type JiraTypes struct {
	Run  string `json:"run"`
	Step string `json:"step"`
}

// Programme is one version of programme.yaml.
type Programme struct {
	Entries []Entry `json:"entries"`
}

// Entry runs one playbook for the subjects its expression selects.
type Entry struct {
	Playbook string `json:"playbook"`
	For      string `json:"for,omitempty"` // CEL over one subject; empty = all
	Cron     string `json:"cron,omitempty"`
	// Every is a length of time or the id of a rule that gives one by tier; it
	// takes the place of Cron.
	Every string `json:"every,omitempty"`
	First string `json:"first,omitempty"` // the day by which the first run is due, YYYY-MM-DD
	// Cadence is what Every means; set by those who know the rules.
	Cadence  Cadence `json:"-"`
	Exercise bool    `json:"exercise,omitempty"` // a drill
	Line     int     `json:"line,omitempty"`
	// Where the playbook's name and the expression stand, for problems found
	// by those who know the playbooks.
	PlaybookPos source.Pos `json:"-"`
	ForPos      source.Pos `json:"-"`
	EveryPos    source.Pos `json:"-"`
}
