package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// configEvery is how often the config folder is looked at. A change counts when
// it was there twice unchanged: whoever writes several files is not done at once.
const configEvery = 5 * time.Second

// followConfig reads the config folder again when a file in it changes, and on
// SIGHUP.
func (a *app) followConfig(ctx context.Context) {
	if err := a.acts.TellRuns(ctx, a.shelf.config().organisation); err != nil && ctx.Err() == nil {
		a.opt.log.Warn("open runs could not be told of the organisation", "error", err)
	}
	if a.opt.folder == "" {
		return
	}
	const job = "follow the config folder"
	a.metrics.Expect(jobOf(job))
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	tick := time.NewTicker(configEvery)
	defer tick.Stop()
	f := follower{inForce: fingerprint(a.opt.folder)}
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-hup:
			forced = true
		case <-tick.C:
		}
		if f.changed(fingerprint(a.opt.folder), forced) {
			f.failed = a.reload(ctx)
			if f.failed != nil && ctx.Err() == nil {
				a.opt.log.Error("the config folder was changed and cannot be used; what was read before stays in force", "folder", a.opt.folder, "error", f.failed)
			}
		}
		a.metrics.Worked(jobOf(job), f.failed)
	}
}

// follower tells a change that is over from one that is still being made.
type follower struct {
	inForce, seen string // fingerprints: last read, and of the last look
	failed        error  // why what is there now cannot be used
}

func (f *follower) changed(now string, forced bool) bool {
	settled := now == f.seen
	f.seen = now
	if !forced && (now == f.inForce || !settled) {
		return false
	}
	f.inForce = now
	return true
}

// fingerprint is that of the texts of a config folder; what cannot be read has
// one too.
func fingerprint(dir string) string {
	h := sha256.New()
	files, err := configFiles(dir)
	if err != nil {
		fmt.Fprint(h, err)
	}
	for _, f := range files {
		fmt.Fprintf(h, "%d %s %d ", len(f.Name), f.Name, len(f.Source))
		h.Write(f.Source)
	}
	return string(h.Sum(nil))
}

// reload reads the config folder again. All of it comes in force, or nothing: the
// error holds every problem with its place.
func (a *app) reload(ctx context.Context) error {
	c, problems, err := loadConfig(a.opt.folder)
	if err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err
	}
	changed, err := a.ledger.PutOrganisation(ctx, c.organisation, a.opt.now())
	if err != nil {
		return fmt.Errorf("keep the organisation file: %w", err)
	}
	a.shelf.put(c)
	a.opt.log.Info("the config folder was read again", "folder", a.opt.folder, "organisation_changed", changed, "playbooks", len(c.playbooks))
	return a.acts.TellRuns(ctx, c.organisation)
}
