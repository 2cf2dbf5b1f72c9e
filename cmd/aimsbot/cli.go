package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// defaultData is the data folder when none is named.
const defaultData = "data"

// globals are the flags of every command.
type globals struct {
	Data string `env:"AIMSBOT_DATA" placeholder:"DIR" help:"The data folder of the installation; ./data when not given."`
	JSON bool   `name:"json" help:"Print JSON for programs."`
}

// socket is where a running bot is found.
func (g *globals) socket() string { return filepath.Join(g.Data, socketFile) }

// socketFile is where in the data folder a running bot answers other commands.
const socketFile = "aimsbot.sock"

// cli is the command line.
type cli struct {
	globals

	Demo     demoCmd     `cmd:"" help:"Run the bot with a fake Slack and Jira and a sample organisation."`
	Serve    serveCmd    `cmd:"" help:"Run the bot."`
	Sandbox  sandboxCmd  `cmd:"" help:"Run only the fake Slack and Jira."`
	Init     initCmd     `cmd:"" help:"Write a small config folder to begin with."`
	Lint     lintCmd     `cmd:"" help:"Check playbooks and config folders; without a path, the shipped playbooks."`
	Test     testCmd     `cmd:"" help:"Play the scenarios of playbooks, and say what they do not show (--cover)."`
	Coverage coverageCmd `cmd:"" help:"List what standards and laws ask for, and which playbooks and steps cover it."`
	Schema   schemaCmd   `cmd:"" help:"Print the JSON Schema of playbooks or other files, for an editor."`
	Start    startCmd    `cmd:"" help:"Start a run of a playbook about a subject."`
	Event    eventCmd    `cmd:"" help:"Say that something happened, which may begin runs."`
	Runs     runsCmd     `cmd:"" help:"List runs, newest first."`
	Show     showCmd     `cmd:"" help:"Show the steps of a run and what it waits for, what is known of a subject (KIND:ID), or draw a playbook (--graph)."`
	Why      whyCmd      `cmd:"" help:"Say why a run stands where it stands."`
	Cancel   cancelCmd   `cmd:"" help:"End a run before its time, with a reason."`
	Evidence evidenceCmd `cmd:"" help:"Export evidence, and check it."`
	Doctor   doctorCmd   `cmd:"" help:"Look at everything the bot needs, and say what is wrong and how to mend it. Changes nothing."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

const about = `Runs an organisation's AI management system: playbooks become tasks in Jira, questions and decisions in Slack, and evidence that can be checked.

Exit codes: 0 good, 1 findings or refused, 2 wrong usage or settings, 3 something outside cannot be reached.`

// run carries out one command line and returns the exit code.
func run(args []string, s *streams) (code int) {
	// A dependency reads the machine's zone; what is due must not hang on it.
	time.Local = time.UTC
	var c cli
	parser, err := kong.New(&c,
		kong.Name("aimsbot"), kong.Description(about), kong.Writers(s.out, s.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		// kong leaves after --help through this; the deferred function below
		// turns it into a return.
		kong.Exit(func(code int) { panic(leave(code)) }),
		kong.Bind(s, &c.globals))
	if err != nil {
		fmt.Fprintln(s.err, "aimsbot:", err)
		return exitUsage
	}
	defer func() {
		if r := recover(); r != nil {
			l, ok := r.(leave)
			if !ok {
				panic(r)
			}
			code = int(l)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(s.err, "aimsbot:", usageText(err))
		return exitUsage
	}
	if c.Data == "" {
		c.Data = defaultData // a variable that is set to nothing says nothing
	}
	return report(s.err, parsed.Run())
}

// leave is the exit code kong wants to end with.
type leave int
