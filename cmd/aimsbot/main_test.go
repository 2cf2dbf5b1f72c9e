package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts call the program by its name.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"aimsbot": main}) }

// TestCommands runs every script in testdata/script. Scripts have two commands
// of their own: `ledger DIR` makes a data folder with a few runs, and
// `bot DIR` answers on its socket until the script ends.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE") != "", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("AIMSBOT_DATA", "")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ledger":   scriptLedger,
			"bot":      scriptBot,
			"exitcode": scriptExitCode,
		},
	})
}
