package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
)

type whyCmd struct {
	RunID  string `arg:"" name:"run" help:"Id of the run, or the beginning of it."`
	Reveal bool   `help:"Also say what a restricted run is about."`
}

// whyJSON is why a run stands where it stands, as programs get it.
type whyJSON struct {
	Run     string         `json:"run"`
	State   string         `json:"state"` // open | closed
	Outcome string         `json:"outcome"`
	Running bool           `json:"running"` // whether the bot is
	Waiting []port.Waiting `json:"waiting"`
	Refused []refusal      `json:"refused"`
	Effects []pending      `json:"effects"`

	row    port.RunRow
	direct bool // whether a bot may run on another machine
}

// refusal is something a person did that did not count.
type refusal struct {
	At      time.Time `json:"at"`
	Person  string    `json:"person"` // empty when nobody could be found, or erased
	Step    string    `json:"step,omitempty"`
	Verdict string    `json:"verdict"` // refused | late | superseded
	Reason  string    `json:"reason"`
}

// pending is a change outside that is not done.
type pending struct {
	What      string    `json:"what"`
	Step      string    `json:"step,omitempty"`
	State     string    `json:"state"` // intent | unknown | failed
	Attempts  int       `json:"attempts"`
	LastError string    `json:"last_error,omitempty"`
	Next      time.Time `json:"next,omitzero"`
}

func (c *whyCmd) Run(s *streams, g *globals) error {
	return g.readRun(c.RunID, answerBudget, false, func(ctx context.Context, d reading, row port.RunRow) error {
		hidden := row.Restricted() && !c.Reveal
		if hidden {
			row = row.Veiled()
		}
		w := whyJSON{
			Run: row.ID, State: openOrClosed(row), Outcome: row.Outcome, Running: !d.stopped,
			Waiting: append([]port.Waiting{}, row.View.Waiting...), row: row, direct: d.direct,
		}
		records, err := d.Records(ctx, row.ID)
		if err != nil {
			return err
		}
		effects, err := d.Effects(ctx, row.ID)
		if err != nil {
			return err
		}
		if hidden {
			records, effects = nil, nil
		}
		w.Effects = pendingOf(effects)
		if w.Refused, err = refusalsOf(records); err != nil {
			return err
		}
		if g.JSON {
			return printJSON(s.out, w)
		}
		for _, sentence := range w.sentences() {
			say(s.out, "%s", sentence)
		}
		return nil
	})
}

// refusalsOf finds what people did that did not count.
func refusalsOf(records []port.StoredRecord) ([]refusal, error) {
	out := []refusal{}
	for _, r := range records {
		var h ledger.Header
		if err := json.Unmarshal(r.Header, &h); err != nil {
			return nil, fmt.Errorf("read record %d: %w", r.Index, err)
		}
		verdict, ok := strings.CutPrefix(h.Kind, "decision.")
		switch {
		case !ok:
		case verdict == port.VerdictRefused, verdict == port.VerdictLate, verdict == port.VerdictSuperseded:
			out = append(out, refusal{At: h.At, Step: h.Step, Verdict: verdict, Person: bodyText(r, "name"), Reason: bodyText(r, "why")})
		}
	}
	return out, nil
}

// bodyText is a text of a record's body; empty when it is absent or erased.
func bodyText(r port.StoredRecord, name string) string {
	for _, f := range r.Body {
		var text string
		if f.Name == name && !f.Erased && json.Unmarshal(f.Value, &text) == nil {
			return text
		}
	}
	return ""
}

// pendingOf lists the changes outside that are not done. A private answer that
// did not arrive is no loss: it was best effort.
func pendingOf(effects []port.Effect) []pending {
	out := []pending{}
	for _, e := range effects {
		switch e.State {
		case port.EffectIntent, port.EffectUnknown:
		case port.EffectFailed:
			if e.Kind == port.EffectPrivate {
				continue
			}
		default:
			continue
		}
		p := pending{What: effectWords(e), Step: e.Step, State: e.State, Attempts: e.Attempts, LastError: e.LastError}
		if e.State != port.EffectFailed {
			p.Next = e.NotBefore
		}
		out = append(out, p)
	}
	return out
}
