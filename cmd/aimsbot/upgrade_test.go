package main

import (
	"errors"
	"flag"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

var upgradeFrom = flag.String("upgrade-from", "", "an aimsbot of an earlier release, for the test that changes between the two")

// versions are two releases of the bot on one data folder, one at a time.
type versions struct {
	*benchSite
	config   string
	old, now string // the programs
	process  *exec.Cmd
	said     tail
}

// TestUpgrade: a run that an earlier release began is taken over by this one and
// given back, and leaves what a run leaves that this release plays alone. With the
// same schema the two take turns all the way. With another one the earlier
// release refuses the ledger, and is given the copy that the upgrade has made.
func TestUpgrade(t *testing.T) {
	if *upgradeFrom == "" {
		t.Skip("NOT TRIED: `make upgrade` builds the earlier release and changes between the two (-upgrade-from PROGRAM)")
	}
	old, err := filepath.Abs(*upgradeFrom)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := newVersions(t, "aimsbot", "aimsbot").walk()
	got, checked := newVersions(t, old, "aimsbot").walk()
	checked.same(got, want)
}

func newVersions(t *testing.T, old, now string) *versions {
	t.Helper()
	v := &versions{benchSite: &benchSite{t: t, dir: benchDir(t), address: benchAddress(t)}, config: knownBefore(t, benchConfig(t, 1)), old: old, now: now}
	v.box = v.startBox(v.config)
	t.Cleanup(func() {
		v.stop()
		if t.Failed() {
			t.Logf("the bots said:\n%s", v.said.String())
		}
	})
	return v
}

// walk plays the large run and changes the program between its steps. It begins
// with the old one and ends with the new one.
func (v *versions) walk() (left, *stage) {
	v.t.Helper()
	s := newStage(&world{t: v.t, base: v.box}, filepath.Join(v.dir, "bot"))
	steps := []func(){
		func() { s.begin(); s.fillIn("olive", "answer", largeAnswers) },
		func() { s.finish("Test CV screener for bias", "bias_test", "eli") },
		func() { s.finish("Test CV screener for unsafe output", "safety_test", "val") },
		func() { s.approve("ethan", "ethan") },
		func() { s.approve("cora", committee) },
		func() { s.approve("cleo", committee); s.approve("cyra", committee); s.over() },
	}
	turn := func(program string, step func()) {
		v.start(program)
		step()
		v.stop()
	}
	turn(v.old, steps[0])
	turn(v.now, func() {}) // upgrades the ledger, where the schemas differ
	upgraded := v.copyMade() != ""
	if upgraded {
		v.refuses(v.old)
		v.goBack()
		turn(v.old, steps[1])
		steps = steps[1:]
	}
	for i, step := range steps[1:] {
		program := v.now
		if i%2 == 1 && !upgraded {
			program = v.old
		}
		turn(program, step)
	}
	v.start(v.now)
	l := s.look()
	s.export()
	v.stop()
	s.audit()
	return l, s
}

// start starts a program and waits until it is ready.
func (v *versions) start(program string) {
	v.t.Helper()
	cmd := v.command(program)
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.process = cmd
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + v.address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Since(began) > patience {
			v.t.Fatalf("%s is not ready\n%s", program, v.said.String())
		}
	}
}

func (v *versions) command(program string) *exec.Cmd {
	cmd := exec.Command(program, "serve", "--data", filepath.Join(v.dir, "bot"), "--listen", v.address, "--config", v.config)
	cmd.Env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+sandbox.BotToken, "SLACK_APP_TOKEN="+sandbox.AppToken, "SLACK_API_URL="+v.box+sandbox.SlackPath+"/api/",
		"JIRA_URL="+v.box+sandbox.JiraPath, "JIRA_EMAIL="+sandbox.JiraEmail, "JIRA_TOKEN="+sandbox.JiraToken,
		"JIRA_WEBHOOK_SECRET="+sandbox.WebhookSecret, "AIMSBOT_INDEX_ALLOWANCE="+sandboxAllowance.String(), "AIMSBOT_LIMITS=off",
	)
	cmd.Stderr = &v.said
	return cmd
}

// ledger is the path of the ledger.
func (v *versions) ledger() string { return filepath.Join(v.dir, "bot", "ledger.db") }

// copyMade is the copy of the ledger that an upgrade has made, empty for none.
func (v *versions) copyMade() string {
	v.t.Helper()
	all, err := filepath.Glob(v.ledger() + ".before-schema-*")
	if err != nil || len(all) > 1 {
		v.t.Fatal(err, all)
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// refuses starts a program that must not take the ledger.
func (v *versions) refuses(program string) {
	v.t.Helper()
	out, err := v.command(program).Output()
	if err == nil || !strings.Contains(v.said.String(), "was written by a newer Aimsbot") {
		v.t.Errorf("%s took a newer ledger: %v\n%s%s", program, err, out, v.said.String())
	}
}

// goBack puts the copy in the place of the ledger, as deploy/README.md says.
func (v *versions) goBack() {
	v.t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(v.ledger()+end, v.ledger()+end+".away"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			v.t.Fatal(err)
		}
	}
	b, err := os.ReadFile(v.copyMade())
	if err == nil {
		err = os.WriteFile(v.ledger(), b, 0o600)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// stop ends the program in order.
func (v *versions) stop() {
	if v.process == nil {
		return
	}
	cmd := v.process
	v.process = nil
	_ = cmd.Process.Signal(syscall.SIGTERM)
	hard := time.AfterFunc(stopLimit, func() { _ = cmd.Process.Kill() })
	defer hard.Stop()
	if err := cmd.Wait(); err != nil {
		v.t.Errorf("%s ended with: %v", cmd.Path, err)
	}
}

// stopLimit is how long a process may take to end when asked to: a little more
// than the bot gives itself.
const stopLimit = hardStop + 5*time.Second

// knownBefore takes out of a config folder what the release before has no word for:
// who upgrades has not written it yet.
func knownBefore(t *testing.T, dir string) string {
	t.Helper()
	scenarios, err := filepath.Glob(filepath.Join(dir, "playbooks", "*"+testSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range scenarios {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "organisation.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), "\nmodels:\n")
	_, after, ends := strings.Cut(rest, "\nslack:\n")
	if !found || !ends {
		t.Fatal("the demo's organisation has no models before its Slack workspace")
	}
	if err := os.WriteFile(name, []byte(before+"\nslack:\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
