package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
)

type evidenceCmd struct {
	Export exportCmd `cmd:"" help:"Write the evidence of a run as a pack that can be checked without Aimsbot's data."`
	Erase  eraseCmd  `cmd:"" help:"Remove what people said in steps of a closed run. The pack still verifies: it says what was erased, why and for whom."`
	Verify verifyCmd `cmd:"" help:"Check an evidence pack. Needs no data folder and no network."`
}

type exportCmd struct {
	RunID string `name:"run" required:"" placeholder:"RUN" help:"Id of the run, or the beginning of it."`
	Out   string `required:"" placeholder:"PATH" help:"Folder to make, or a file that ends in .zip. Nothing may be there yet."`
}

func (c *exportCmd) Run(s *streams, g *globals) error {
	// The bot may run in another folder than this command.
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return wrongUsage("--out %s: %w", c.Out, err)
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return wrongUsage("--out %s: something is there already; choose another path", c.Out)
	}
	if _, err := os.Stat(filepath.Dir(out)); err != nil {
		return wrongUsage("--out %s: there is no folder %s", c.Out, filepath.Dir(out))
	}
	return g.readRun(c.RunID, exportBudget, true, func(ctx context.Context, d reading, row port.RunRow) error {
		reply, err := d.Export(ctx, row.ID, out)
		if err != nil {
			return err
		}
		if g.JSON {
			return printJSON(s.out, reply)
		}
		say(s.out, "Wrote %s of run %s to %s.", counted(reply.Records, "record"), row.ID, c.Out)
		say(s.out, "Check it with: aimsbot evidence verify %s --key '%s'", c.Out, reply.Key)
		say(s.out, "Hand the key to the auditor on another way than the pack.")
		return nil
	})
}

type verifyCmd struct {
	Path       string `arg:"" help:"The pack: a folder or a .zip file."`
	Key        string `xor:"trust" placeholder:"KEY" help:"Verifier key of the installation, or a file that holds it."`
	Checkpoint string `xor:"trust" placeholder:"FILE" help:"File with a checkpoint of the installation."`
	Self       bool   `xor:"trust" help:"Accept a pack that only agrees with itself."`
}

func (c *verifyCmd) Run(s *streams, g *globals) error {
	opts := ledger.VerifyOptions{Key: c.Key, Self: c.Self}
	if b, err := os.ReadFile(c.Key); c.Key != "" && err == nil {
		opts.Key = strings.TrimSpace(string(b))
	}
	if c.Checkpoint != "" {
		b, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return wrongUsage("--checkpoint: %w", err)
		}
		opts.Checkpoint = string(b)
	}
	report, err := ledger.Verify(c.Path, opts)
	if err != nil {
		return wrongUsage("%w", err)
	}
	if g.JSON {
		err = printJSON(s.out, report)
	} else {
		err = printReport(s, report)
	}
	if err == nil && !report.OK {
		return errFindings
	}
	return err
}

func printReport(s *streams, r ledger.Report) error {
	say(s.out, "%s", r.Verdict)
	for _, f := range r.Findings {
		say(s.out, "  %s", f.String())
	}
	rows := [][]string{
		{"Run", r.Run},
		{"Playbook", r.Playbook},
		{"Definition", r.Definition},
		{"Records", strconv.Itoa(r.Records)},
		{"Decisions", strconv.Itoa(r.Decisions)},
		{"Documents", strconv.Itoa(r.Documents)},
		{"Erased fields", strconv.Itoa(r.Erased)},
		{"Installation", r.Installation},
		{"Ledger", fmt.Sprintf("%s, root %s", counted(int(r.Size), "record"), r.Root)},
		{"Signer", r.Signer},
	}
	if err := table(s.out, rows); err != nil {
		return err
	}
	for _, n := range r.Notes {
		say(s.out, "Note: %s.", n)
	}
	return nil
}
