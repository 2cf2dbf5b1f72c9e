package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// How long a command waits for the bot.
const (
	answerBudget = 60 * time.Second
	exportBudget = 10 * time.Minute // a large run's pack is read, hashed and written
)

// reader is what commands that change nothing ask.
type reader interface {
	Runs(ctx context.Context, state string) ([]port.RunRow, error)
	Run(ctx context.Context, id string) (port.RunRow, error)
	Records(ctx context.Context, run string) ([]port.StoredRecord, error)
	Effects(ctx context.Context, run string) ([]port.Effect, error)
	Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error)
	Export(ctx context.Context, run, path string) (web.ExportReply, error)
}

// running finds the running bot; starting and cancelling need it.
func (g *globals) running() (*web.Client, error) {
	c, err := web.Dial(g.socket())
	if errors.Is(err, web.ErrNotRunning) {
		return nil, fmt.Errorf("%w. Start it with `aimsbot serve`, or name its data folder with --data", err)
	}
	return c, err
}

// onRun has the running bot do something with a run that is named by its id or
// the beginning of it.
func (g *globals) onRun(name string, do func(context.Context, *web.Client, port.RunRow) error) error {
	bot, err := g.running()
	if err != nil {
		return err
	}
	defer bot.Close()
	ctx, cancel := context.WithTimeout(context.Background(), answerBudget)
	defer cancel()
	row, err := runNamed(ctx, bot, name)
	if err != nil {
		return err
	}
	return do(ctx, bot, row)
}

// readRun reads something of a run that is named by its id or the beginning of
// it, within budget. signing wants the key with which evidence is signed.
func (g *globals) readRun(name string, budget time.Duration, signing bool, do func(context.Context, reading, port.RunRow) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), budget)
	defer cancel()
	d, err := g.read(ctx, signing)
	if err != nil {
		return err
	}
	defer d.close()
	row, err := runNamed(ctx, d, name)
	if err != nil {
		return err
	}
	return do(ctx, d, row)
}

// reading is whom a reading command asks. Close it after use.
type reading struct {
	reader
	stopped bool // read from the ledger: nobody answers on the socket
	direct  bool // it is in PostgreSQL, so a bot may run on another machine
	close   func()
}

// read asks the running bot, or the ledger itself when there is none. signing
// wants the key with which evidence is signed.
func (g *globals) read(ctx context.Context, signing bool) (reading, error) {
	c, err := web.Dial(g.socket())
	if err == nil {
		return reading{reader: c, close: c.Close}, nil
	}
	if !errors.Is(err, web.ErrNotRunning) {
		return reading{}, err
	}
	opts, err := g.ledgerPlace()
	if err != nil {
		return reading{}, err
	}
	if signing {
		if opts.Key, err = ledgerKey(filepath.Join(g.Data, "ledger.key"), os.Getenv("AIMSBOT_LEDGER_KEY"), false); err != nil {
			return reading{}, wrongUsage("evidence must be signed: %w", err)
		}
	}
	l, err := ledger.OpenReadOnly(ctx, opts)
	if err != nil {
		return reading{}, fmt.Errorf("read the ledger: %w", err)
	}
	return reading{reader: archive{l}, stopped: true, direct: opts.URL != "", close: func() { _ = l.Close() }}, nil
}

// ledgerPlace is where the ledger is when no bot answers.
func (g *globals) ledgerPlace() (ledger.Options, error) {
	u, err := readDatabase()
	if err != nil {
		return ledger.Options{}, wrongUsage("%w", err)
	}
	if u != "" {
		return ledger.Options{URL: u}, nil
	}
	path := filepath.Join(g.Data, "ledger.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ledger.Options{}, wrongUsage("there is no ledger %s: name the data folder of the installation with --data, set DATABASE_URL if it is in PostgreSQL, or start the bot with `aimsbot serve`", path)
	}
	return ledger.Options{Path: path}, nil
}

// archive reads the ledger of a bot that is not running.
type archive struct{ l *ledger.Ledger }

func (a archive) Runs(ctx context.Context, state string) ([]port.RunRow, error) {
	return a.l.Runs(ctx, state, math.MaxInt32)
}

func (a archive) Run(ctx context.Context, id string) (port.RunRow, error) {
	return runWithIssues(ctx, a.l, id)
}

// runWithIssues reads a run; its view gets the keys of issues made since it was
// written.
func runWithIssues(ctx context.Context, l *ledger.Ledger, id string) (port.RunRow, error) {
	row, err := l.Run(ctx, id)
	if err != nil {
		return row, err
	}
	effects, err := l.EffectsOf(ctx, id)
	if err != nil {
		return row, err
	}
	for i := range row.View.Steps {
		s := &row.View.Steps[i]
		for _, e := range effects {
			if e.Purpose == "issue" && e.Step == s.Step && e.Item == s.Item && e.Outcome.Issue != "" {
				s.Issue = e.Outcome.Issue
			}
		}
	}
	return row, nil
}

func (a archive) Records(ctx context.Context, run string) ([]port.StoredRecord, error) {
	return a.l.RecordsOf(ctx, run)
}

func (a archive) Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error) {
	return a.l.Subject(ctx, kind, id)
}

func (a archive) Effects(ctx context.Context, run string) ([]port.Effect, error) {
	return a.l.EffectsOf(ctx, run)
}

func (a archive) Export(ctx context.Context, run, path string) (web.ExportReply, error) {
	m, err := a.l.Export(ctx, run, path)
	if err != nil {
		return web.ExportReply{}, err
	}
	key, err := a.l.VerifierKey()
	if err != nil {
		return web.ExportReply{}, err
	}
	return web.ExportReply{Path: path, Records: m.Records, Key: key}, nil
}

// runNamed finds a run by its id or the beginning of it.
func runNamed(ctx context.Context, d reader, name string) (port.RunRow, error) {
	id := strings.ToUpper(strings.TrimSpace(name))
	if id == "" {
		return port.RunRow{}, wrongUsage("the run is empty: give its id or the beginning of it; `aimsbot runs` lists them")
	}
	row, err := d.Run(ctx, id)
	if err == nil || web.ClassOf(err) != web.Usage {
		return row, err
	}
	rows, err := d.Runs(ctx, "")
	if err != nil {
		return row, err
	}
	var found []string
	for _, r := range rows {
		if strings.HasPrefix(r.ID, id) {
			found = append(found, r.ID)
		}
	}
	switch len(found) {
	case 0:
		return row, wrongUsage("no run begins with %s; `aimsbot runs` lists them", id)
	case 1:
		return d.Run(ctx, found[0])
	}
	return row, wrongUsage("%d runs begin with %s: %s. Give more of the id", len(found), id, some(found))
}

// some names the first few of a list.
func some(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
