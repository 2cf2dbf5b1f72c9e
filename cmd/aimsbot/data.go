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
)

// dataDir is the folder of one installation.
type dataDir struct {
	path string
	lock *os.File
}

func (d dataDir) file(name string) string { return filepath.Join(d.path, name) }

// openData makes the folder where it is missing and takes its lock: one
// process per folder, from the first line on.
func openData(path string) (*dataDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, wrongUsage("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, wrongUsage("use the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { // guard: one-bot
		_ = f.Close()
		return nil, wrongUsage("another aimsbot uses the data folder %s; stop it, or choose another folder with --data", path)
	}
	return &dataDir{path: path, lock: f}, nil
}

// Close gives the lock back.
func (d *dataDir) Close() error { return d.lock.Close() }

// ledgerKey is AIMSBOT_LEDGER_KEY, else the key in <data>/ledger.key, which is
// made on first start (mode 0600) when make is set.
func ledgerKey(path, setting string, create bool) (ledger.LedgerKey, error) {
	if setting != "" {
		k, err := ledger.ParseKey(setting)
		if err != nil {
			return k, fmt.Errorf("AIMSBOT_LEDGER_KEY: %w", err)
		}
		return k, nil
	}
	b, err := os.ReadFile(path)
	if err == nil {
		k, err := ledger.ParseKey(strings.TrimSpace(string(b)))
		if err != nil {
			return k, fmt.Errorf("%s: %w", path, err)
		}
		return k, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || !create {
		return ledger.LedgerKey{}, fmt.Errorf("read the ledger key: %w", err)
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
