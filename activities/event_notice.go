package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// The kinds of records of events that began nothing although they should have.
const (
	kindNotPlaced = "event.not_placed"
	kindNotBegun  = "event.not_begun"
)

// notPlaced keeps that an event is about nothing that is known, and tells the
// AIMS manager.
func (a *Activities) notPlaced(o org.Organisation, e port.Event, b *port.Batch) {
	b.Records = append(b.Records, port.Record{
		Key: port.RecordKey(port.Place{}, kindNotPlaced, e.Key, 0), Kind: kindNotPlaced, At: a.Now().UTC(),
		Header: map[string]string{"event": e.Name, "number": fmt.Sprint(e.ID)}, Body: map[string]any{"values": e.Values},
	})
	b.Effects = append(b.Effects, a.notices(o, e, "", port.Card{
		Title: "An alert belongs to nothing here: " + firstOf(e.Values, "alert", e.Name),
		Lines: []string{
			"It was kept, and began nothing, because it names no system and no model of the organisation file.",
			upper(eventText(e.Name, e.Values)) + ".",
			"Put the id of the system into its label `system`, or that of the model into `model`: " + listed(o, org.KindSystem) + ".",
		},
	})...)
}

// notBegun keeps that a run should have begun and could not, and tells the AIMS
// manager.
func (a *Activities) notBegun(ctx context.Context, m *match, why string) error {
	name := m.def.Playbook.Name.V
	b := port.Batch{
		EventRuns: []port.EventRun{{Event: m.e.ID, Playbook: name, How: port.EventFailed, Reason: why, At: a.Now().UTC()}},
		Records: []port.Record{{
			Key: port.RecordKey(port.Place{}, kindNotBegun, m.e.Key+" "+name, 0), Kind: kindNotBegun, At: a.Now().UTC(), Subject: m.e.Subject,
			Header: map[string]string{"event": m.e.Name, "number": fmt.Sprint(m.e.ID), "playbook": name}, Body: map[string]any{"why": why},
		}},
		Effects: a.notices(m.o, m.e, name, port.Card{
			Title: "Not started: " + m.def.Playbook.Title.V,
			Lines: []string{
				fmt.Sprintf("%s should have begun by %s about %s, and could not: %s", m.def.Playbook.Title.V, m.e.Name, m.e.About(), why),
				upper(eventText(m.e.Name, m.e.Values)) + ".",
				"See whether it has to be started by hand.",
			},
		}),
	}
	a.Logger.Error("an event could not begin a run", "event", m.e.Name, "playbook", name, "why", why)
	if err := a.Ledger.Commit(ctx, b); err != nil {
		return fmt.Errorf("keep that it began nothing: %w", err)
	}
	return nil
}

// notices tell the AIMS manager, or else whoever watches the audit channel: once
// a day of one kind, because a storm of alerts must not become one of messages.
func (a *Activities) notices(o org.Organisation, e port.Event, playbook string, c port.Card) []port.Effect {
	var to []port.Addressee
	for _, p := range o.Acting(roleAIMSManager, true) {
		to = append(to, port.Addressee{Person: p, Why: "you are the AIMS manager, or stand in"})
	}
	if len(to) == 0 && o.Slack.AuditChannel != "" {
		to = append(to, port.Addressee{Channel: o.Slack.AuditChannel})
	}
	now := a.Now().UTC()
	day := int(now.Unix() / int64((24 * time.Hour).Seconds()))
	c.Footer = "Of this kind no more is said today; everything is on record."
	out := make([]port.Effect, 0, len(to))
	for _, t := range to {
		c.To = t
		body, err := json.Marshal(c)
		if err != nil { // a card is plain texts
			panic(fmt.Sprintf("card: %v", err))
		}
		purpose := "event:" + port.Digest26(playbook, e.Name, e.Subject, firstOf(e.Values, "alert", ""))
		out = append(out, port.Effect{
			Key:     port.EffectKey(a.Ledger.Installation(), "", port.Place{}, purpose, t.ID(), day),
			Purpose: purpose, Addressee: t.ID(), N: day, Kind: port.EffectPost, Body: body, State: port.EffectIntent, IntendedAt: now,
		})
	}
	a.told.Store(false)
	return out
}

// tellNotices sends the messages that belong to no run.
func (a *Activities) tellNotices(ctx context.Context) error {
	if a.told.Swap(true) {
		return nil
	}
	p, err := a.perform(ctx, "", LocalClaim, a.Now().Add(localBudget))
	if err != nil || p.Pending > 0 {
		a.told.Store(false) // next time
	}
	return err
}

// eventText is what happened, for people.
func eventText(name string, values map[string]any) string {
	parts := []string{}
	if k, known := playbooks.EventOf(name); known {
		parts = append(parts, k.What)
		for _, f := range k.Fields {
			if v, ok := values[f.Name]; ok && v != "" {
				parts = append(parts, fmt.Sprintf("%s %v", strings.ReplaceAll(f.Name, "_", " "), v))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// firstOf is the text of a name, or else another one.
func firstOf(values map[string]any, name, other string) string {
	if s, _ := values[name].(string); s != "" {
		return s
	}
	return other
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
