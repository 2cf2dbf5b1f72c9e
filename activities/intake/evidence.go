package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// evidence opens the kept evidence document of an ask. It decides nothing and
// leaves no row.
func (g *Gate) evidence(ctx context.Context, ask port.Ask) Reply {
	if ask.Body.Digest == "" {
		return Reply{Say: sayNoEvidence}
	}
	doc, err := g.Ledger.Document(ctx, ask.Body.Digest)
	if errors.Is(err, port.ErrNotFound) {
		return Reply{Say: sayNoEvidence}
	}
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	fields, err := g.readable(ctx, doc)
	if err != nil {
		return Reply{Say: sayUnreadable}
	}
	lines := []string{aboutLine(ask)}
	if over := closed(ask, g.now()); over != "" && ask.State == port.AskSuperseded {
		lines = append(lines, "This evidence is out of date: a newer message shows what changed.")
	}
	lines = append(lines, "A decision on this message is about exactly this document:\n"+ask.Body.Digest)
	return Reply{Modal: &port.Modal{
		Callback: port.ActionEvidence, Token: ask.Token, Title: "Evidence", Lines: lines, Fields: fields,
	}}
}

// readable lists the document step by step, in words: who did what when, and
// each answer as it was shown.
func (g *Gate) readable(ctx context.Context, doc json.RawMessage) ([]port.Field, error) {
	var e port.Evidence
	if err := json.Unmarshal(doc, &e); err != nil {
		return nil, fmt.Errorf("read an evidence document: %w", err)
	}
	o, err := g.Organisation(ctx, g.now())
	if err != nil {
		return nil, fmt.Errorf("read the organisation: %w", err)
	}
	var out []port.Field
	for _, s := range e.Steps {
		value := "worked out from the answers"
		if s.By != "" {
			value = doneBy[s.Kind] + " " + nameOf(o, s.By)
		}
		if !s.At.IsZero() { // what is worked out has no instant of its own
			value += " on " + inZone(s.At, o.Profile.Zone)
		}
		out = append(out, port.Field{Label: s.Title, Value: value})
		for _, f := range s.Fields {
			out = append(out, port.Field{Label: f.Label, Value: cmp.Or(f.Text, "none")})
		}
	}
	if len(e.Joined) > 0 {
		out = append(out, port.Field{Label: "Since the run began", Value: strings.Join(e.Joined, "\n")})
	}
	return append(out, port.Field{Label: "Run", Value: e.Run}, port.Field{Label: "Definition", Value: e.Definition}), nil
}

// doneBy says how a kind of step came to its result.
var doneBy = map[string]string{"form": "answered by", "task": "done by", "approval": "decided by"}

func nameOf(o org.Organisation, person string) string {
	if p, ok := o.Person(person); ok {
		return p.Name
	}
	return person
}
