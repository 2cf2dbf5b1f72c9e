package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module    = "github.com/aimsbot/aimsbot/"
	canonical = "github.com/cyberphone/json-canonicalization"
	sqlite    = "modernc.org/sqlite"
)

// outside is what reaches beyond the process, or is a clock or a die that a
// replay would not repeat. An entry covers what is below it.
var (
	outside = []string{"os", "net", "syscall", "io/ioutil", "database/sql", "plugin", "unsafe"}
	chance  = []string{"math/rand", "crypto/rand"}
)

// importRule is one row of the table of who may import whom. Own packages and
// vendors that are not listed are refused.
type importRule struct {
	pkg    string
	own    string   // packages of this module, exactly these
	vendor string   // modules or folders of others, with all below
	never  []string // of the standard library
	why    string
}

// importRules has one row for every package but cmd/aimsbot, which wires all.
var importRules = []importRule{
	{
		"playbooks/source", "", "go.yaml.in/yaml/v3", outside,
		"YAML is read in one place, once, with positions; a pure package can be fuzzed and shows the same everywhere",
	},
	{
		"playbooks/org", "playbooks/source", "github.com/robfig/cron/v3 github.com/rickar/cal/v2 " + canonical, outside,
		"who may act and when something is due follows from files and instants alone",
	},
	{"playbooks/frameworks", "playbooks/source", "", outside, "what a clause is called follows from embedded lists alone"},
	{
		"playbooks", "playbooks/source playbooks/org playbooks/frameworks", "cel.dev/cel-go golang.org/x/text/language " + canonical, outside,
		"the language knows neither the engine nor a vendor, so a playbook means the same in lint, test and run",
	},
	{"playbooks/corpustest", "", "", []string{"net"}, "fuzz tests of every package start from its archives"},
	{"playbooks/graph", "playbooks", "", outside, "a drawing follows from the playbook alone"},
	{"playbooks/scenario", "playbooks playbooks/org playbooks/source", "", outside, "what a scenario says is read without anything being run"},
	{"playbooks/library", "", "", outside, "the shipped playbooks are embedded bytes"},
	{
		"activities/port", "playbooks playbooks/org", "", outside,
		"both sides of an interface read this: whatever it imported they all would",
	},
	{
		"activities/intake", "playbooks playbooks/org activities/port", "github.com/oklog/ulid/v2", outside,
		"one gate for every transport: it knows none of them, and takes clicks while Temporal is down",
	},
	{
		"workflows/approval", "playbooks activities/port", "", slices.Concat(outside, chance),
		"the rules of a decision are a function, proven over all small worlds",
	},
	{
		"workflows", "playbooks activities activities/port", "go.temporal.io/sdk/workflow go.temporal.io/sdk/temporal",
		slices.Concat(outside, chance, []string{"log", "sync"}),
		"a replay must do the same again: time, chance and the outside come in as results of activities",
	},
	{
		"activities", "playbooks playbooks/org activities/port workflows/approval",
		"go.temporal.io/sdk/activity go.temporal.io/sdk/temporal github.com/oklog/ulid/v2 " + canonical, outside,
		"once, retry and give up are decided here for every vendor alike; vendor code arrives in fields that cmd sets",
	},
	{
		"playbooks/schema", "playbooks playbooks/org playbooks/source playbooks/scenario", "", outside,
		"a schema follows from the types that files are read into, and from nothing else",
	},
	{
		"activities/rehearsal", "playbooks playbooks/org playbooks/source playbooks/scenario activities activities/port", "", outside,
		"a scenario is played by what runs play, on a ledger that cmd gives it",
	},
	{
		"integrations/temporal", "playbooks activities activities/port workflows",
		"go.temporal.io google.golang.org/grpc google.golang.org/protobuf " + sqlite, nil,
		"the engine can be dialled or embedded without the rest noticing",
	},
	{"integrations/temporal/temporaltest", "integrations/temporal", "go.uber.org/goleak", nil, "only tests need it"},
	{
		"integrations/slack", "playbooks activities/port activities/intake",
		"github.com/slack-go/slack github.com/gorilla/websocket golang.org/x/time/rate", nil,
		"adapters never import each other or the engine: each can be read, tested and replaced alone",
	},
	{
		"integrations/jira", "playbooks activities/port activities/intake",
		"github.com/andygrunwald/go-jira golang.org/x/time/rate", nil,
		"as integrations/slack",
	},
	{
		"integrations/ledger", "playbooks playbooks/org activities/port",
		"github.com/pressly/goose/v3 github.com/jackc/pgx/v5 golang.org/x/mod/sumdb " + sqlite + " " + canonical, nil,
		"as integrations/slack; a pack is verified without Temporal, Slack or Jira",
	},
	{
		"integrations/redis", "activities/port",
		"github.com/redis/go-redis/v9 github.com/go-redis/redis_rate/v10", nil,
		"what replicas share and may lose; adapters get it from cmd as a limiter",
	},
	{
		"integrations/sources", "playbooks/org activities/port", "", nil,
		"as integrations/slack; it reads what others say and never writes",
	},
	{
		"integrations/web", "playbooks activities/port activities/intake", "", nil,
		"as integrations/slack; handlers of the others are mounted by cmd",
	},
	{
		"integrations/metrics", "activities/port",
		"go.opentelemetry.io/otel github.com/prometheus go.temporal.io/sdk/client go.temporal.io/sdk/contrib/opentelemetry", nil,
		"whoever is counted sees an interface of port: what counts, and in which format it is shown, can be replaced alone",
	},
	{
		"integrations/slack/slacktest", "", "github.com/gorilla/websocket golang.org/x/time/rate", nil,
		"a fake that shares code with what it tests agrees with its mistakes",
	},
	{"integrations/jira/jiratest", "", "golang.org/x/time/rate", nil, "as integrations/slack/slacktest"},
	{
		"integrations/sandbox", "integrations/slack/slacktest integrations/jira/jiratest playbooks/org", sqlite, nil,
		"the fakes' only importer, so that no part of them is in serve's way; the organisation says who lives in them",
	},
}

// testsMay is what tests may import besides what their package may: what is
// made for tests, itself, the sample playbooks, and the real ledger: a fake of it
// would prove nothing about what is kept.
var testsMay = []string{
	"playbooks", "playbooks/org", "playbooks/source", "playbooks/graph", "playbooks/library", "playbooks/corpustest", "activities/port", "activities/intake",
	"integrations/ledger", "integrations/temporal/temporaltest", "integrations/slack/slacktest", "integrations/jira/jiratest",
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Standard                           bool
	Error                              *struct{ Err string }
}

// goList asks the go command, at the top of the module.
func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json"}, args...)...)
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(out); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if l.Error != nil {
			t.Error(l.Error.Err)
		}
		all = append(all, l)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// within tells whether path is one of the entries or below one.
func within(path string, entries []string) bool {
	return slices.ContainsFunc(entries, func(e string) bool { return path == e || strings.HasPrefix(path, e+"/") })
}

// refuses says why the rule forbids an import; empty = allowed.
func (r importRule) refuses(path string) string {
	own, isOwn := strings.CutPrefix(path, module)
	first, _, _ := strings.Cut(path, "/")
	switch {
	case isOwn && !slices.Contains(strings.Fields(r.own), own):
		return "may import of this module only [" + r.own + "]"
	case !isOwn && strings.Contains(first, ".") && !within(path, strings.Fields(r.vendor)):
		return "may import of others only [" + r.vendor + "]"
	case !isOwn && within(path, r.never):
		return "never imports this"
	case path == "testing":
		return "is no test"
	}
	return ""
}

// TestImports holds the direct imports of every package to the table.
func TestImports(t *testing.T) {
	t.Parallel()
	rules := map[string]importRule{}
	for _, r := range importRules {
		rules[r.pkg] = r
	}
	for _, l := range goList(t, "./...") {
		pkg := strings.TrimPrefix(l.ImportPath, module)
		r, ok := rules[pkg]
		delete(rules, pkg)
		switch {
		case pkg == "cmd/aimsbot":
			checkCommand(t, l)
			continue
		case !ok:
			t.Errorf("%s has no row in importRules: add one with its reason", pkg)
			continue
		}
		for _, path := range l.Imports {
			if no := r.refuses(path); no != "" {
				t.Errorf("%s imports %s, but it %s\n\tbecause %s", pkg, path, no, r.why)
			}
		}
		for _, path := range append(l.TestImports, l.XTestImports...) {
			own, isOwn := strings.CutPrefix(path, module)
			if isOwn && own != pkg && !slices.Contains(strings.Fields(r.own), own) && !slices.Contains(testsMay, own) {
				t.Errorf("a test of %s imports %s, which neither it nor a test may\n\tbecause %s", pkg, own, r.why)
			}
		}
	}
	for pkg := range rules {
		t.Errorf("importRules has a row for %s, which does not exist", pkg)
	}
}

// checkCommand: main may import everything but what is made for tests.
func checkCommand(t *testing.T, l listed) {
	t.Helper()
	for _, path := range l.Imports {
		if path == "testing" || strings.HasSuffix(path, "test") && strings.HasPrefix(path, module) {
			t.Errorf("cmd/aimsbot imports %s, but the fakes are reached through integrations/sandbox alone", path)
		}
	}
}

// TestImportsOfWorkflows looks through all that workflow code pulls in: no
// vendor's client and no adapter, however indirectly.
func TestImportsOfWorkflows(t *testing.T) {
	t.Parallel()
	never := []string{
		module + "integrations", module + "cmd", "github.com/slack-go", "github.com/andygrunwald", "github.com/redis",
		"go.temporal.io/server", sqlite, "github.com/jackc",
	}
	seen := 0
	for _, l := range goList(t, "-deps", "./workflows/...") {
		seen++
		if within(l.ImportPath, never) {
			t.Errorf("./workflows/... pulls in %s: find how with `go mod why` and pass it in through activities/port", l.ImportPath)
		}
	}
	if seen < 10 {
		t.Errorf("looked at %d packages only", seen)
	}
}

// TestLayout: the top level is exactly what CONTRIBUTING describes, and no
// folder is named after nothing in particular.
func TestLayout(t *testing.T) {
	t.Parallel()
	want := []string{
		"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "activities", "cmd", "go.mod", "go.sum",
		"integrations", "playbooks", "workflows",
	}
	mayBe := []string{"deploy", "bin", "data", "tmp", "aimsbot"} // the last four are ignored by git
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		name := e.Name()
		ignored := strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".prof")
		if !ignored && !slices.Contains(mayBe, name) {
			have = append(have, name)
		}
	}
	for _, name := range want {
		if !slices.Contains(have, name) {
			t.Errorf("the top level lacks %s", name)
		}
	}
	for _, name := range have {
		if !slices.Contains(want, name) {
			t.Errorf("the top level has %s: it belongs into one of the folders", name)
		}
	}
	for _, l := range goList(t, "./...") {
		for dir := range strings.SplitSeq(strings.TrimPrefix(l.ImportPath, module), "/") {
			if slices.Contains([]string{"internal", "pkg", "utils", "util", "common", "models", "types", "helpers"}, dir) {
				t.Errorf("%s: name the folder after what it does", filepath.FromSlash(l.ImportPath))
			}
		}
	}
}
