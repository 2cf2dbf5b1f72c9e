package activities

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// statusResolved is the status of an alert that is over.
const statusResolved = "resolved"

// Alerted keeps alerts as events, each once: a monitoring system repeats what
// fires, and sends it once more when it is over. Nil means that all are durable.
func (a *Activities) Alerted(ctx context.Context, alerts []port.Alert) error {
	now := a.Now().UTC()
	o, err := a.Ledger.SnapshotAt(ctx, now)
	if err != nil {
		return fmt.Errorf("read the organisation: %w", err)
	}
	for _, al := range alerts {
		e, fresh, err := a.Ledger.PutEvent(ctx, alertEvent(o, al, now))
		if err != nil {
			return fmt.Errorf("keep an alert: %w", err)
		}
		if fresh || al.Status != statusResolved {
			continue
		}
		const kind = "event.resolved"
		err = a.Ledger.Commit(ctx, port.Batch{Records: []port.Record{{
			Key: port.RecordKey(port.Place{}, kind, e.Key, 0), Kind: kind, At: now, Subject: e.Subject,
			Header: map[string]string{"event": e.Name, "number": fmt.Sprint(e.ID)}, Body: map[string]any{"ended_at": stamp(al.EndsAt)},
		}}})
		if err != nil {
			return fmt.Errorf("keep the end of an alert: %w", err)
		}
	}
	return nil
}

// alertEvent is the event of an alert. What it is about stands in its labels
// `system` and `model`; its numbers in labels or annotations of their names.
func alertEvent(o org.Organisation, al port.Alert, now time.Time) port.Event {
	e := port.Event{
		Key: "alert:" + port.Digest26(fingerprint(al), al.StartsAt.UTC().Format(time.RFC3339Nano)), Name: playbooks.AlertReceived, At: now, Door: port.EventDoorHook, Values: map[string]any{},
	}
	kind, _ := playbooks.EventOf(e.Name)
	for _, f := range kind.Fields {
		text := short(firstText(al.Annotations[f.Name], al.Labels[f.Name]))
		if text == "" {
			continue
		}
		switch f.Type {
		case org.FieldText:
			e.Values[f.Name] = text
		case org.FieldNumber:
			n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
			if err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
				e.Values[f.Name] = n
			}
		}
	}
	e.Values["alert"], e.Values["status"], e.Values["began_at"] = short(al.Labels["alertname"]), al.Status, stamp(al.StartsAt)
	if al.Link != "" {
		e.Values["link"] = short(al.Link)
	}
	model, isModel := o.Subject(org.KindModel, al.Labels[org.KindModel])
	sys, ok := systemNamed(o, al.Labels[org.KindSystem])
	if !ok {
		sys, ok = systemOfModel(o, al.Labels[org.KindModel])
	}
	if of, there := o.SystemOf(model); isModel && there && !ok {
		sys, ok = o.System(of.ID)
	}
	switch {
	case isModel:
		e.Kind, e.Subject = org.KindModel, model.ID
	case ok:
		e.Kind, e.Subject = org.KindSystem, sys.ID
	}
	if ok {
		e.Values[org.KindSystem] = sys.ID
	}
	return e
}

// fingerprint is what the monitoring system knows an alert by: that of its
// labels, where it does not say one.
func fingerprint(al port.Alert) string {
	if al.Fingerprint != "" {
		return al.Fingerprint
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(al.Labels)) {
		fields = append(fields, name, al.Labels[name])
	}
	return port.Digest26(fields...)
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}

// short cuts a text to what an answer may have, so that a run can be started with it.
func short(s string) string {
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) <= playbooks.MaxAnswer {
		return string(r)
	}
	return string(r[:playbooks.MaxAnswer-1]) + "…"
}
