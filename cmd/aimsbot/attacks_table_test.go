package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	attackDir = "testdata/attacks"
	// minAttacks is how many cases the table has at least.
	minAttacks = 60
)

// attack is one case of the table: what somebody tries, and what comes of it.
// testdata/attacks/README.md says what the words mean.
type attack struct {
	ID    string   `yaml:"id"`
	Says  string   `yaml:"says"`
	After []string `yaml:"after"` // cases on which this one builds
	Over  []string `yaml:"over"`  // http, socket: the doors for Slack; client: the fake Slack itself
	First setting  `yaml:"first"`
	// One of these is what is tried.
	Press   *press      `yaml:"press"`
	Submit  *press      `yaml:"submit"`
	Command *press      `yaml:"command"`
	Raw     *press      `yaml:"raw"`
	Webhook *webhook    `yaml:"webhook"`
	Act     *act        `yaml:"act"`
	Request *request    `yaml:"request"`
	Signal  *engineCall `yaml:"signal"`
	Run     *cmdline    `yaml:"run"`
	File    string      `yaml:"file"`

	Answer  string         `yaml:"answer"`
	Row     string         `yaml:"row"`
	Rows    int            `yaml:"rows"` // 0 = one, unless row is none
	Because string         `yaml:"because"`
	Told    string         `yaml:"told"`
	Records map[string]int `yaml:"records"` // further records than the row's
	Changes []string       `yaml:"changes"` // messages, issues, windows: what may look different after
	Calls   *calls         `yaml:"calls"`
	Shows   string         `yaml:"shows"` // words that an issue or a message has now
}

// setting is what is so while the attack happens.
type setting struct {
	Account map[string]map[string]any `yaml:"account"` // person -> flags of the Slack account
	// Organisation replaces texts of organisation.yaml: was -> is.
	Organisation map[string]string `yaml:"organisation"`
	// Unjudged lets the organisation change after the attack has come in and
	// before it is judged.
	Unjudged bool `yaml:"unjudged"`
	// Press, Submit and Act happen first, and are no part of the attack.
	Press  *press `yaml:"press"`
	Submit *press `yaml:"submit"`
	Act    *act   `yaml:"act"`
	// Directory makes Slack answer users.info with an error.
	Directory bool `yaml:"directory_down"`
}

// press is a delivery from Slack: a button, a modal, a command or a body.
type press struct {
	Ask     string         `yaml:"ask"` // run.step, with @n for the n-th version asked
	On      string         `yaml:"on"`  // whose message: a person or a channel
	As      string         `yaml:"as"`
	Action  string         `yaml:"action"`
	Values  map[string]any `yaml:"values"`
	Text    string         `yaml:"text"`
	Change  map[string]any `yaml:"change"` // path in the payload -> value
	Body    string         `yaml:"body"`   // instead of all that
	Repeat  int            `yaml:"repeat"` // how often Fill stands in place of {{fill}}
	Fill    string         `yaml:"fill"`   // x when left out
	Path    string         `yaml:"path"`
	Method  string         `yaml:"method"`
	Headers [][2]string    `yaml:"headers"`
	Form    string         `yaml:"form"` // added to the form as it stands
	Query   string         `yaml:"query"`
	// How it is signed.
	Unsigned  bool          `yaml:"unsigned"`
	Secret    string        `yaml:"secret"`
	Version   string        `yaml:"version"`
	Ago       time.Duration `yaml:"ago"`
	SignOther bool          `yaml:"sign_other"` // the signature is that of another body
	Times     int           `yaml:"times"`      // how often it is sent
	// Anew gives each of them a time of its own, as a second press has.
	Anew bool `yaml:"anew"`
}

// webhook is a request to the door for Jira.
type webhook struct {
	Issue     string         `yaml:"issue"` // run.step, or a number
	Body      string         `yaml:"body"`
	Change    map[string]any `yaml:"change"`
	Repeat    int            `yaml:"repeat"`
	Fill      string         `yaml:"fill"`
	Unsigned  bool           `yaml:"unsigned"`
	Secret    string         `yaml:"secret"`
	Algorithm string         `yaml:"algorithm"`
	Named     string         `yaml:"named"` // the algorithm's name in the header
	SignOther bool           `yaml:"sign_other"`
	Method    string         `yaml:"method"`
	Times     int            `yaml:"times"`
	// Identifiers gives each repetition another identifier.
	Identifiers bool `yaml:"identifiers"`
	Slow        bool `yaml:"slow"` // the body never ends
	// To is unset for the door of a bot without a secret for webhooks.
	To string `yaml:"to"`
}

// act is something a person does in Jira.
type act struct {
	Issue string         `yaml:"issue"`
	As    string         `yaml:"as"`
	Do    map[string]any `yaml:"do"`
}

// request is any HTTP request to one of the listeners.
type request struct {
	To      string      `yaml:"to"` // bot, demo, desk, codec, temporal
	Method  string      `yaml:"method"`
	Path    string      `yaml:"path"`
	Host    string      `yaml:"host"`
	Headers [][2]string `yaml:"headers"`
	Body    string      `yaml:"body"`
	Slow    bool        `yaml:"slow"`
	Repeat  int         `yaml:"repeat"`
	Fill    string      `yaml:"fill"`
	Times   int         `yaml:"times"`
}

// calls bounds the calls of one kind that the bot makes during a case.
type calls struct {
	Target string `yaml:"target"`
	Path   string `yaml:"path"` // how it ends
	Most   int    `yaml:"most"`
}

// engineCall is a call to the Temporal server.
type engineCall struct {
	Run   string `yaml:"run"`
	Name  string `yaml:"name"`
	Row   string `yaml:"row"`   // the run whose last row is named, or a decision id
	Token string `yaml:"token"` // none, wrong; left out = the bot's own
	Call  string `yaml:"call"`  // signal (left out), terminate, start
}

// cmdline is a call of the program.
type cmdline struct {
	Args    []string          `yaml:"args"`
	Env     map[string]string `yaml:"env"`
	Without []string          `yaml:"without"` // variables that are not set
}

// readAttacks reads the table, strictly.
func readAttacks(t *testing.T) []attack {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(attackDir, "cases-*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var all []attack
	for _, f := range files {
		all = append(all, readStrict[[]attack](t, f)...)
	}
	for i, a := range all {
		if a.ID == "" || a.Says == "" || a.Answer == "" || a.Row == "" {
			t.Errorf("case %d %q: id, says, answer and row are needed", i, a.ID)
		}
		for _, id := range a.After {
			if !slices.ContainsFunc(all[:i], func(b attack) bool { return b.ID == id }) {
				t.Errorf("%s comes after %s, which does not come before it", a.ID, id)
			}
		}
		if slices.ContainsFunc(all[:i], func(b attack) bool { return b.ID == a.ID }) {
			t.Errorf("two cases have the id %s", a.ID)
		}
	}
	if len(all) < minAttacks {
		t.Errorf("%d cases, want at least %d", len(all), minAttacks)
	}
	return all
}

// readStrict reads a YAML file and refuses keys that nobody knows.
func readStrict[T any](t *testing.T, file string) (out T) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}
