package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// maxListed is how many runs or open asks one answer lists.
	maxListed = 10
	// maxOpenRuns is how many open runs a list looks through.
	maxOpenRuns = 500
)

const sayHelp = "What you can ask for:\n" +
	"• `/aims start PLAYBOOK SUBJECT` starts a run, for example `/aims start impact-assessment cv-screener`\n" +
	"• `/aims start PLAYBOOK SUBJECT exercise` starts a drill: all of it is marked as an exercise, and nothing counts\n" +
	"• `/aims incident SYSTEM WHAT HAPPENED` reports an incident\n" +
	"• `/aims concern SYSTEM WHAT YOU SAW` says that a system could hurt people\n" +
	"• `/aims mine` lists what waits for you\n" +
	"• `/aims status` lists the open runs; `/aims status RUN` says where one stands\n" +
	"• `/aims protected RUN` shows you alone what is kept apart in a run for a role of yours; that you looked is recorded\n" +
	"• `/aims help` shows this text\n" +
	"Decisions are made with the buttons of the messages you get."

// slash answers `/aims ...`. Only start, incident and concern change something.
func (g *Gate) slash(ctx context.Context, d Delivery) Reply {
	at := g.now()
	words := strings.Fields(d.Text)
	if len(words) == 0 || words[0] == "help" {
		return Reply{Say: sayHelp}
	}
	w, err := g.identify(ctx, d, at)
	if err != nil {
		return Reply{Say: sayTryAgain}
	}
	if w.refused != "" { // guard: command-identified
		return g.refuseCommand(ctx, d, w, words[0], w.refused, sayNoCommand, at)
	}
	if why := g.account(ctx, d); why != "" { // guard: command-account
		return g.refuseCommand(ctx, d, w, words[0], why, why, at)
	}
	switch word, rest := words[0], words[1:]; {
	case word == "start" && len(rest) >= 1 && inputs(rest[1:]) != nil: // about the organisation, or a new incident
		return g.start(ctx, w, StartRequest{Playbook: rest[0], Input: inputs(rest[1:])})
	case word == "start" && len(rest) >= 2 && rest[1] == wordExercise && inputs(rest[2:]) != nil:
		return g.start(ctx, w, StartRequest{Playbook: rest[0], Input: inputs(rest[2:]), Exercise: true})
	case word == "start" && len(rest) >= 2 && inputs(rest[2:]) != nil:
		return g.start(ctx, w, StartRequest{Playbook: rest[0], Subject: rest[1], Input: inputs(rest[2:])})
	case word == "start" && len(rest) >= 3 && rest[2] == wordExercise && inputs(rest[3:]) != nil:
		return g.start(ctx, w, StartRequest{Playbook: rest[0], Subject: rest[1], Input: inputs(rest[3:]), Exercise: true})
	case word == "start":
		return Reply{Say: "Name the playbook and the subject: `/aims start PLAYBOOK SUBJECT`, for example `/aims start impact-assessment cv-screener`; then what the playbook asks for, each as NAME=VALUE without spaces. Nothing was started."}
	case word == wordIncident:
		return g.incident(ctx, w, d, rest)
	case word == wordConcern:
		return g.concern(ctx, w, d, rest)
	case word == "status" && len(rest) <= 1:
		return g.status(ctx, w, rest)
	case word == "mine" && len(rest) == 0:
		return g.mine(ctx, w)
	case word == wordProtected && len(rest) == 1 && g.Apart != nil:
		say, err := g.Apart(ctx, rest[0], w.person.ID, port.Digest26(d.DeliveryKey, d.App, d.Team, d.User))
		if err != nil { // not on record, so not shown
			return Reply{Say: sayUnreadable}
		}
		return Reply{Say: say}
	}
	return Reply{Say: "I do not know that command; nothing was done.\n" + sayHelp}
}

// account says why the account behind a command is none that may give one now;
// empty = it may. Nobody judges commands later, as decisions are. Identity fails
// closed.
func (g *Gate) account(ctx context.Context, d Delivery) string {
	acc, err := g.Directory.Account(ctx, d.UserTeam, d.User)
	switch {
	case err != nil:
		return sayUnconfirmed
	case !acc.OK:
		return "Slack says your account may not use this command: " + acc.Reason + ". The AIMS manager can help."
	}
	return ""
}

// refuseCommand records a refused command: no run does it, as for decisions.
func (g *Gate) refuseCommand(ctx context.Context, d Delivery, w who, word, why, say string, at time.Time) Reply {
	const kind = "command.refused"
	header := map[string]string{"door": doorSlack}
	if slices.Contains(commandWords, word) { // what somebody typed is no fact for ever
		header["command"] = word
	}
	err := g.Ledger.Commit(ctx, port.Batch{Records: []port.Record{{
		Key: port.RecordKey(port.Place{}, kind, port.Digest26(d.DeliveryKey, d.App, d.Team, d.User), 0), Kind: kind, At: at, Actor: w.person.ID,
		Header: header, Body: map[string]any{"account": d.UserTeam + "/" + d.User, "why": why},
	}}})
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Say: say}
}

// wordExercise behind a start makes it a drill.
const wordExercise = "exercise"

// commandWords are the words that mean something after `/aims`.
var commandWords = []string{"start", wordIncident, wordConcern, "status", "mine", wordProtected}

// wordProtected asks for what is kept apart in a run.
const wordProtected = "protected"

// inputs are the values written as name=value; nil when a word is none.
func inputs(words []string) map[string]string {
	out := map[string]string{}
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return nil
		}
		out[name] = value
	}
	return out
}

// start starts a run. What it says of an exercise says that it is one.
func (g *Gate) start(ctx context.Context, w who, q StartRequest) Reply {
	q.By, q.Door = w.person.ID, doorSlack
	run, err := g.Start(ctx, q)
	what := q.Playbook
	if q.Subject != "" {
		what += " for " + q.Subject
	}
	if q.Exercise {
		what = "EXERCISE: " + what
	}
	var open *port.OpenRunError
	var no *RefusedError
	switch {
	case errors.As(err, &open):
		return Reply{Say: fmt.Sprintf("%s is already running: run %s. `/aims status %s` says where it stands.", what, open.Run, open.Run)}
	case errors.As(err, &no):
		return Reply{Say: no.Text}
	case err != nil:
		return Reply{Say: "It could not be started just now. Please try again in a minute."}
	}
	return Reply{Say: fmt.Sprintf("Started %s: run %s. The people asked first get a message now. `/aims status %s` says where it stands.", what, run, run)}
}

func (g *Gate) status(ctx context.Context, w who, args []string) Reply {
	if len(args) == 1 {
		run, err := g.Ledger.Run(ctx, args[0])
		if errors.Is(err, port.ErrNotFound) {
			return Reply{Say: "There is no run " + args[0] + ". `/aims status` lists the open ones."}
		}
		if err != nil {
			return Reply{Say: sayUnreadable}
		}
		return Reply{Say: g.describe(run, w)}
	}
	runs, err := g.Ledger.Runs(ctx, port.RunOpen, maxOpenRuns)
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	if len(runs) == 0 {
		return Reply{Say: "No run is open."}
	}
	lines := make([]string, 0, len(runs))
	for _, r := range runs {
		lines = append(lines, "• "+named(r, w)+", run "+r.ID)
	}
	return Reply{Say: list("Open runs:", lines)}
}

// mine lists what waits for the person.
func (g *Gate) mine(ctx context.Context, w who) Reply {
	runs, err := g.Ledger.Runs(ctx, port.RunOpen, maxOpenRuns)
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	var lines []string
	for _, r := range runs {
		for _, wait := range r.View.Waiting {
			if slices.Contains(wait.People, w.person.ID) {
				lines = append(lines, "• "+named(r, w)+": "+wait.For+g.due(wait, w))
			}
		}
	}
	if len(lines) == 0 {
		return Reply{Say: "Nothing waits for you."}
	}
	return Reply{Say: list("What waits for you:", lines)}
}

// named is a run as people call it; a restricted one only to those who take part.
func named(r port.RunRow, w who) string {
	if !r.Knows(w.person.ID) {
		return "a restricted run"
	}
	if r.Exercise {
		return "EXERCISE: " + r.Playbook + " for " + r.Subject
	}
	return r.Playbook + " for " + r.Subject
}

// describe says where a run stands.
func (g *Gate) describe(run port.RunRow, w who) string {
	head := named(run, w) + ", run " + run.ID
	if !run.Knows(w.person.ID) {
		return head + ": what it is about and where it stands is told to those who take part."
	}
	if run.State == port.RunClosed {
		return fmt.Sprintf("%s ended on %s: %s.", head, inZone(run.ClosedAt, w.zone()), run.Outcome)
	}
	if len(run.View.Waiting) == 0 {
		return head + " is open and waits for nobody: it is working."
	}
	lines := make([]string, 0, len(run.View.Waiting))
	for _, wait := range run.View.Waiting {
		names := make([]string, 0, len(wait.People))
		for _, id := range wait.People {
			if p, ok := personByID(w.org, id); ok {
				id = p.Name
			}
			names = append(names, id)
		}
		lines = append(lines, fmt.Sprintf("• %s: %s%s", strings.Join(names, ", "), wait.For, g.due(wait, w)))
	}
	return list(head+" waits for:", lines)
}

func (g *Gate) due(wait port.Waiting, w who) string {
	switch {
	case wait.Due.IsZero():
		return ""
	case wait.Due.Before(g.now()):
		return ", overdue since " + inZone(wait.Due, w.zone())
	}
	return ", by " + inZone(wait.Due, w.zone())
}

// list joins at most maxListed lines under a heading and says what is left out.
func list(head string, lines []string) string {
	more := len(lines) - maxListed
	if more > 0 {
		lines = append(slices.Clone(lines[:maxListed]), fmt.Sprintf("and %d more", more))
	}
	return head + "\n" + strings.Join(lines, "\n")
}
