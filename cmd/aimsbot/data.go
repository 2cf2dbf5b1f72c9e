package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// dataDir is the folder of one installation.
type dataDir struct {
	path string
	lock *os.File
	// sandboxed: a sandbox was here before this process.
	sandboxed bool
}

func (d dataDir) file(name string) string { return filepath.Join(d.path, name) }

// openData makes the folder where it is missing and takes its lock: one
// process per folder, from the first line on.
func openData(path string) (*dataDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, wrongUsage("--data %s: %w; name a folder that the bot may make and write", path, bareOf(err))
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, wrongUsage("--data %s cannot be written: %w; let the user who runs the bot own the folder, or name another one", path, bareOf(err))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { // guard: one-bot
		_ = f.Close()
		return nil, wrongUsage("another aimsbot uses the data folder %s; stop it, or choose another folder with --data", path)
	}
	d := &dataDir{path: path, lock: f}
	_, err = os.Stat(d.file(sandboxFile))
	d.sandboxed = err == nil
	return d, nil
}

// sandboxFile is where the sandbox keeps its state.
const sandboxFile = "sandbox.db"

// before tells what a ledger is for that does not say so itself. The demo has
// always made its sandbox before its ledger, so without one the ledger is real.
// With one, people of the sandbox's workspace, which no real Slack has, make it
// the demo's; other people may be anybody's.
func (d *dataDir) before(first org.Organisation) ledger.Purpose {
	if !d.sandboxed {
		return ledger.PurposeReal
	}
	for _, p := range first.People {
		if p.Slack.Team != sandbox.TeamID {
			return ledger.PurposeUnknown
		}
	}
	if len(first.People) == 0 {
		return ledger.PurposeUnknown
	}
	return ledger.PurposeDemo
}

// bareOf leaves away the path, which the message has already.
func bareOf(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// worked tells whether a bot has worked here, so that there must be a ledger: a
// new one would begin silently, without the evidence there was. What is looked
// for is made after the ledger.
func (d *dataDir) worked() bool {
	for _, later := range []string{"temporal.schema", "payload.key"} {
		if _, err := os.Stat(d.file(later)); err == nil {
			return true
		}
	}
	return false
}

// Close gives the lock back.
func (d *dataDir) Close() error { return d.lock.Close() }

// ledgerKey is AIMSBOT_LEDGER_KEY, else the key in <data>/ledger.key, which is
// made on first start (mode 0600) when make is set.
func ledgerKey(path, setting string, create bool) (ledger.LedgerKey, error) {
	if setting != "" {
		k, err := ledger.ParseKey(setting)
		if err != nil {
			return k, wrongUsage("AIMSBOT_LEDGER_KEY: %w", err)
		}
		return k, nil
	}
	b, err := os.ReadFile(path)
	if err == nil {
		k, err := ledger.ParseKey(strings.TrimSpace(string(b)))
		if err != nil {
			return k, wrongUsage("%s holds no ledger key (%w): restore it from a backup, or move it away and another key signs from now on", path, err)
		}
		return k, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || !create {
		return ledger.LedgerKey{}, wrongUsage("read the ledger key: %w; restore it from a backup, or let the user who runs the bot own it", err)
	}
	k, err := ledger.NewKey()
	if err != nil {
		return k, err
	}
	return k, writeSecret(path, k.Text()+"\n")
}

// writeSecret writes a file whole or not at all, readable by the owner only.
func writeSecret(path, text string) error {
	tmp, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // guard: file-of-secret
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = tmp.Close() }()
	if _, err := tmp.WriteString(text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
