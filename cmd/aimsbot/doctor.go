package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

type doctorCmd struct {
	Config string `default:"." help:"Config folder with organisation.yaml, programme.yaml and playbooks/."`
}

// The states of a check.
const (
	checkOK      = "ok"
	checkWrong   = "wrong"
	checkDown    = "unreachable" // nobody answered
	checkSkipped = "not checked"
)

// check is one thing that was looked at, as programs get it.
type check struct {
	Check string `json:"check"`
	State string `json:"state"`
	Found string `json:"found"`
	Mend  string `json:"mend,omitempty"` // what to do about it
}

// doctorBudget bounds the whole look. Slack lets us ask about a hundred people a
// minute.
const doctorBudget = 30 * time.Minute

// doctor collects what it looks at. It changes nothing outside.
type doctor struct {
	ctx      context.Context
	settings settings
	config   *config // nil when it cannot be read
	checks   []check
}

// Run looks at everything the bot needs and prints what it finds.
func (c *doctorCmd) Run(s *streams, g *globals) error {
	ctx, cancel := context.WithTimeout(context.Background(), doctorBudget)
	defer cancel()
	d := &doctor{ctx: ctx}
	d.lookAtSettings()
	d.lookAtConfig(c.Config)
	d.lookAtData(g)
	d.lookAtDatabase(g)
	d.lookAtTemporal(g)
	d.lookAtRedis()
	d.lookAtSlack()
	d.lookAtJira()
	d.lookAtTokens()
	d.lookAtHook()
	if err := d.print(s, g); err != nil {
		return err
	}
	return d.verdict()
}

func (d *doctor) add(name, state, found, mend string) {
	d.checks = append(d.checks, check{Check: name, State: state, Found: tame(found), Mend: mend})
}

func (d *doctor) ok(name, format string, args ...any) {
	d.add(name, checkOK, fmt.Sprintf(format, args...), "")
}

func (d *doctor) wrong(name, found, mend string) { d.add(name, checkWrong, found, mend) }

// skip says that something was not looked at, and why.
func (d *doctor) skip(name, why string) { d.add(name, checkSkipped, why, "") }

// What to do about what was not refused, but did not work.
const (
	mendReach = "See that the address is right and can be reached from this machine."
	mendScope = "Add the missing scopes first."
	mendLater = "Ask again later."
)

// failed tells an error of something outside: whether it refused us, for which
// mend helps, or did not answer.
func (d *doctor) failed(name string, err error, mend string) {
	switch codeOf(err) {
	case "not_sent", "unreachable", "timeout", "cancelled":
		d.add(name, checkDown, err.Error(), mendReach)
	case "missing_scope":
		d.add(name, checkWrong, err.Error(), mendScope)
	case "401", "403", "404", "410", "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type":
		d.add(name, checkWrong, err.Error(), mend)
	default:
		d.add(name, checkDown, err.Error(), mendLater)
	}
}

// codeOf is what Slack, Jira or the way there said.
func codeOf(err error) string {
	var o *port.OutsideError
	if errors.As(err, &o) {
		return o.Code
	}
	return ""
}

// patiently repeats a call that a limit holds back.
func (d *doctor) patiently(do func(ctx context.Context) error) error {
	for {
		err := do(d.ctx)
		var o *port.OutsideError
		if !errors.As(err, &o) || !o.Definite || o.Retry <= 0 {
			return err
		}
		select {
		case <-d.ctx.Done():
			return err
		case <-time.After(o.Retry):
		}
	}
}

func (d *doctor) count(state string) (n int) {
	for _, c := range d.checks {
		if c.State == state {
			n++
		}
	}
	return n
}

// verdict is the error that sets the exit code: nothing is wrong, something is,
// or something could not be reached.
func (d *doctor) verdict() error {
	switch {
	case d.count(checkDown) > 0:
		return errUnreached
	case d.count(checkWrong) > 0:
		return errFindings
	}
	return nil
}

func (d *doctor) print(s *streams, g *globals) error {
	if g.JSON {
		return printJSON(s.out, map[string]any{
			"checks": d.checks, "ok": d.count(checkOK), "wrong": d.count(checkWrong),
			"unreachable": d.count(checkDown), "not_checked": d.count(checkSkipped),
		})
	}
	for _, c := range d.checks {
		word := c.State
		if word != checkOK && word != checkSkipped {
			word = map[string]string{checkWrong: "WRONG", checkDown: "NO ANSWER"}[word]
		}
		say(s.out, "%-11s  %s: %s", word, c.Check, c.Found)
		if c.Mend != "" {
			say(s.out, "%-11s  %s", "", "-> "+c.Mend)
		}
	}
	say(s.out, "%s: %d ok, %d wrong, %d without an answer, %d not checked.", counted(len(d.checks), "check"),
		d.count(checkOK), d.count(checkWrong), d.count(checkDown), d.count(checkSkipped))
	return nil
}
