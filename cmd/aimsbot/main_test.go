package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aimsbot/aimsbot/integrations/temporal/temporaltest"
)

// TestMain lets scripts call the program by its name.
func TestMain(m *testing.M) { testscript.Main(leakless{m}, map[string]func(){"aimsbot": main}) }

// leakless fails a run of tests that leaves goroutines behind: every test stops
// the programs it started.
type leakless struct{ *testing.M }

// Run returns the exit code.
func (l leakless) Run() int {
	code := l.M.Run()
	if code != 0 {
		return code
	}
	http.DefaultClient.CloseIdleConnections()
	if err := temporaltest.Leaked(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestCommands runs every script in testdata/script. Scripts have two commands
// of their own: `ledger DIR` makes a data folder with a few runs,
// `bot DIR` answers on its socket until the script ends, `site` brings up a
// sandbox, and `refuses` holds a start to what it must say.
func TestCommands(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != "", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("AIMSBOT_DATA", "")
			e.Setenv("PLAYBOOKS", filepath.Join(here, "..", "..", "playbooks"))
			if server := os.Getenv(testPostgres); server != "" {
				e.Setenv("DATABASE", string(databaseFor(e, server)))
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "postgres":
				return os.Getenv(testPostgres) != "", nil
			case "root":
				return os.Geteuid() == 0, nil // whom no file mode keeps out
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ledger":   scriptLedger,
			"bot":      scriptBot,
			"exitcode": scriptExitCode,
			"site":     scriptSite,
			"refuses":  scriptRefuses,
			"config":   scriptConfig,
			"swap":     scriptSwap,
			"sqlite":   scriptSQLite,
			"scramble": scriptScramble,
			"lock":     scriptLock,

			"temporalschema": scriptTemporalSchema,
		},
	})
}
