package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/redis"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/integrations/web"
)

func (d *doctor) lookAtSettings() {
	var wrong []string
	d.settings, wrong = inspectSettings()
	for _, w := range wrong {
		d.wrong("settings", w, "Set it right in the environment of `aimsbot serve`; the doctor reads the same.")
	}
	if len(wrong) == 0 {
		d.ok("settings", "complete")
	}
}

func (d *doctor) lookAtConfig(dir string) {
	mend := "Run `aimsbot lint " + dir + "`: it shows every place and what to write instead."
	c, ps, err := loadConfig(dir)
	switch {
	case err != nil:
		d.wrong("config folder", err.Error(), "Name the folder that holds organisation.yaml with --config.")
	case len(ps) > 0:
		d.wrong("config folder", fmt.Sprintf("%s, the first one: %s", counted(len(ps), "problem"), ps[0]), mend)
	default:
		d.config = c
		d.ok("config folder", "%d people, %s, %s", len(c.organisation.People), counted(len(c.organisation.Systems), "system"), counted(len(c.playbooks), "playbook"))
	}
}

// runs tells whether a bot answers in the data folder.
func (g *globals) botRuns() bool {
	c, err := web.Dial(g.socket())
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func (d *doctor) lookAtData(g *globals) {
	const name = "data folder"
	info, err := os.Stat(g.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok(name, "%s is not there yet; `aimsbot serve` makes it", g.Data)
		return
	case err != nil || !info.IsDir():
		d.wrong(name, fmt.Sprintf("%s is no folder that can be read", g.Data), "Name another one with --data.")
		return
	}
	if err := syscall.Access(g.Data, accessWrite); err != nil {
		d.wrong(name, fmt.Sprintf("nothing can be written to %s: %v", g.Data, err), "Let the user who runs the bot own the folder.")
		return
	}
	if !d.lookAtSecrets(g.Data) {
		return
	}
	if g.botRuns() {
		d.ok(name, "a bot runs in %s", g.Data)
		return
	}
	lock, err := openData(g.Data)
	if err != nil {
		d.wrong(name, err.Error(), "If that is no aimsbot that answers, end the process that holds the file lock there.")
		return
	}
	_ = lock.Close()
	d.ok(name, "%s can be used; no bot runs in it", g.Data)
}

// accessWrite asks whether one may write (access(2), W_OK).
const accessWrite = 2

// lookAtSecrets holds the files with keys to their owner alone.
func (d *doctor) lookAtSecrets(dir string) bool {
	good := true
	for _, f := range []string{"ledger.key", "payload.key", "temporal.token"} {
		info, err := os.Stat(filepath.Join(dir, f))
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			good = false
			d.wrong("key files", fmt.Sprintf("others may read %s (%s)", f, info.Mode().Perm()), "chmod 600 "+filepath.Join(dir, f))
		}
	}
	return good
}

func (d *doctor) lookAtDatabase(g *globals) {
	const name = "ledger"
	if d.settings.Database == "" && os.Getenv(settingDatabase) != "" {
		d.skip(name, settingDatabase+" is wrong")
		return
	}
	opts := ledger.Options{Path: filepath.Join(g.Data, "ledger.db"), URL: d.settings.Database}
	if _, err := os.Stat(opts.Path); opts.URL == "" && errors.Is(err, fs.ErrNotExist) {
		d.ok(name, "not there yet; `aimsbot serve` makes it")
		d.lookAtWebhooks(nil)
		return
	}
	l, err := ledger.OpenReadOnly(d.ctx, opts)
	if err != nil {
		var newer *ledger.NewerError
		var older *ledger.OlderError
		switch {
		case errors.As(err, &newer):
			d.wrong(name, err.Error(), "Run the aimsbot that wrote it, or a newer one.")
		case errors.As(err, &older):
			d.ok(name, "an older version wrote it; `aimsbot serve` upgrades it")
		case opts.URL != "":
			d.add(name, checkDown, err.Error(), "See that the database server runs, that DATABASE_URL names it, and that its user may sign in.")
		default:
			d.wrong(name, err.Error(), "Restore the data folder from a backup; the file is no ledger, or is damaged.")
		}
		return
	}
	defer func() { _ = l.Close() }()
	head, err := l.Head(d.ctx)
	if err != nil {
		d.wrong(name, err.Error(), "Restore it from a backup; it is damaged.")
		return
	}
	d.ok(name, "%s of installation %s", counted(int(head.Size), "record"), l.Installation())
	d.lookAtWebhooks(l)
}

func (d *doctor) lookAtTemporal(g *globals) {
	const name = "Temporal"
	s := d.settings.Temporal
	if s == nil {
		what := "embedded; `aimsbot serve` starts it"
		if g.botRuns() {
			what = "embedded in the bot that runs"
		}
		d.ok(name, "%s", what)
		return
	}
	c, err := s.Reach(d.ctx, temporal.ClientOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.add(name, checkDown, err.Error(), "See that the service runs and that the TEMPORAL_* variables name its address, namespace and key.")
		return
	}
	defer c.Close()
	if err := s.Ping(d.ctx, c); err != nil {
		d.add(name, checkDown, err.Error(), "See that the namespace exists and that the key may use it.")
		return
	}
	d.ok(name, "namespace %s at %s answers", s.Namespace, s.Address)
}

func (d *doctor) lookAtRedis() {
	const name = "Redis"
	if d.settings.Redis == "" && os.Getenv(settingRedis) != "" {
		d.skip(name, settingRedis+" is wrong")
		return
	}
	if d.settings.Redis == "" {
		d.ok(name, "not used")
		return
	}
	l, err := redis.Open(redis.Options{URL: d.settings.Redis, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		defer func() { _ = l.Close() }()
		err = l.Ping(d.ctx)
	}
	if err != nil {
		d.add(name, checkDown, err.Error(), "See that it runs and that REDIS_URL names it. The bot works without it; each replica then keeps call budgets of its own.")
		return
	}
	d.ok(name, "answers")
}

// maxSkew is how far our clock may be from Slack's and Jira's: far below the
// five minutes after which Slack's signed requests count as replayed.
const maxSkew = time.Minute

func (d *doctor) lookAtClock(name string, theirs time.Time) {
	if theirs.IsZero() {
		d.skip(name, "no time was told")
		return
	}
	if skew := time.Since(theirs).Round(time.Second); skew.Abs() > maxSkew {
		word := "ahead"
		if skew < 0 {
			word = "behind"
		}
		d.wrong(name, fmt.Sprintf("ours is %s %s", skew.Abs(), word), "Keep the clock of this machine right with NTP. Signed requests are refused when it is five minutes off.")
		return
	}
	d.ok(name, "ours agrees")
}

// lookAtHook tells whether alerts are taken, and whether something waits for them.
func (d *doctor) lookAtHook() {
	const name = "alert hook"
	var names, own []string
	if d.config != nil {
		names, own = d.config.takesAlerts()
	}
	switch {
	case d.settings.HookToken == "" && len(names) > 0 && len(own) == 0: // shipped ones are there for everybody
		d.skip(name, "not used: AIMSBOT_HOOK_TOKEN is not set, so no alert begins "+strings.Join(names, ", "))
	case d.settings.HookToken == "" && len(names) > 0:
		d.wrong(name, "AIMSBOT_HOOK_TOKEN is not set, and alerts begin "+strings.Join(names, ", "), "Set it to a long random text, and give it to Alertmanager as the bearer token of a webhook to https://HOST"+alertPath+".")
	case d.settings.HookToken == "":
		d.ok(name, "not used: AIMSBOT_HOOK_TOKEN is not set, and no playbook is begun by an alert")
	case len(names) == 0:
		d.ok(name, "takes alerts, and no playbook is begun by one")
	default:
		d.ok(name, "alerts begin %s", strings.Join(names, ", "))
	}
}
