package ledger

import (
	"context"
	"fmt"
	"math"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Subject is what the newest organisation version and the register say of a
// subject, with all that runs wrote about it; ErrNotFound where neither knows it.
func (l *Ledger) Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error) {
	o, err := l.snapshot(ctx, l.db, instant(math.MaxInt64))
	if err != nil {
		return port.SubjectFacts{}, fmt.Errorf("read the organisation: %w", err)
	}
	s, known := o.Subject(kind, id)
	if !known {
		return port.SubjectFacts{}, fmt.Errorf("%s %s: %w", kind, id, port.ErrNotFound)
	}
	history, err := collect(ctx, l.db, scanFact, "SELECT "+factColumns+" FROM register WHERE kind = $1 AND subject = $2 ORDER BY seq", kind, id)
	if err != nil {
		return port.SubjectFacts{}, fmt.Errorf("read what runs wrote about %s %s: %w", kind, id, err)
	}
	out := port.SubjectFacts{Kind: kind, ID: id, Name: s.Name, Provisional: s.Provisional, Values: map[string]any{}, History: history}
	for _, f := range org.Fields(kind) { // no account of a person
		if v, ok := s.Values[f.Name]; ok {
			out.Values[f.Name] = v
		}
	}
	return out, nil
}
