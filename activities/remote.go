package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// kindFetched is the kind of the record that says what a source outside answered
// for one list.
const kindFetched = "facts.fetched"

// fetchFor is how long a source outside is asked again before its facts count as
// not available; ours: a restart takes minutes, and people wait behind it.
const fetchFor = 15 * time.Minute

// fetchPause is the first pause between two tries where the source names none; it
// doubles up to fetchLongest.
const (
	fetchPause   = 2 * time.Second
	fetchLongest = time.Minute
)

// Fetch reads what the open steps collect from outside and keeps it for Advance.
// A source that does not answer is asked again until fetchFor has passed; then it
// is recorded that its facts are not available. While something is left it fails
// with the pause until the next try.
func (a *Activities) Fetch(ctx context.Context, r Request) error {
	s, err := a.open(ctx, r)
	if err != nil {
		return err
	}
	var pause time.Duration
	for _, o := range s.state.Open {
		if o.Kind != string(playbooks.KindCollect) {
			continue
		}
		step := s.def.Playbook.Step(o.Step)
		back := s.within(o.Step, o.Item)
		for _, c := range step.Collect {
			wait, err := s.fetch(step, c, o.OpenedAt)
			if err != nil {
				back()
				return err
			}
			pause = max(pause, wait)
		}
		back()
	}
	if len(s.batch.Records) > 0 {
		if err := a.Ledger.Commit(ctx, s.batch); err != nil {
			return fmt.Errorf("write what was found outside: %w", err)
		}
	}
	if pause > 0 {
		return temporal.NewApplicationErrorWithOptions("a source outside is asked again", "Pending", temporal.ApplicationErrorOptions{NextRetryDelay: pause})
	}
	return nil
}

// fetch asks for one list, unless that is done; pause is how long until it is
// asked for again.
func (s *session) fetch(step *playbooks.Step, c playbooks.Collected, since time.Time) (pause time.Duration, err error) {
	if !c.Outside() {
		return 0, nil
	}
	before, err := s.factsOf(s.place(step), kindFetched, c.Name.V)
	if err != nil || before != nil {
		return 0, err
	}
	got := port.Collection{Items: []map[string]any{}, At: s.a.Now().UTC()}
	var failed *port.RemoteError
	got.Items, got.Source, err = s.ask(c)
	switch {
	case errors.As(err, &failed) && failed.Again && s.a.Now().Sub(since) < fetchFor:
		s.a.Logger.Warn("a source outside does not answer", "run", s.state.Run.ID, "step", step.ID.V, "facts", c.Name.V, "reason", failed.Reason)
		return min(max(failed.After, s.fetchPause()), fetchFor), nil
	case err != nil:
		got.Items, got.Missing = []map[string]any{}, "not available: "+err.Error()
		s.a.Logger.Error("facts from outside are not available", "run", s.state.Run.ID, "step", step.ID.V, "facts", c.Name.V, "reason", err.Error())
	}
	place := s.place(step)
	e, err := factsEvidence(port.FactsDocument{Schema: port.FactsSchema, Run: place.Run, Step: place.Step, Round: place.Round, Facts: map[string]port.Collection{c.Name.V: got}})
	if err != nil {
		return 0, err
	}
	s.addDocument(e)
	s.record(place, kindFetched, c.Name.V, 0, port.Record{
		At: got.At, Header: map[string]string{"digest": e.digest},
		Body: map[string]any{"name": c.Name.V, "count": len(got.Items), "source": got.Source, "missing": got.Missing},
	})
	return 0, nil
}

// fetchPause is the pause after this try.
func (s *session) fetchPause() time.Duration {
	pause := fetchPause
	for range activity.GetInfo(s.ctx).Attempt - 1 {
		if pause *= 2; pause >= fetchLongest {
			return fetchLongest
		}
	}
	return pause
}

// ask reads one list outside; source says where.
func (s *session) ask(c playbooks.Collected) (items []map[string]any, source string, err error) {
	if s.a.Remote == nil {
		return nil, "", &port.RemoteError{Reason: "nothing outside is reached from here"}
	}
	kind := c.SourceKind()
	from, there := s.org.SourceFor(c.Source.V, kind)
	if !there {
		return nil, "the organisation file", &port.RemoteError{Reason: "the organisation file names no source of kind " + kind}
	}
	source = from.ID + " (" + from.URL + ")"
	if kind == org.SourceMLflow {
		items, err = s.askMetrics(c, from)
		return items, source, err
	}
	path, err := s.eval.Text(c.Path.V, s.scope())
	if err != nil {
		return nil, source, fmt.Errorf("path: %w", err)
	}
	body, err := s.a.Remote.JSON(s.ctx, from, path)
	if err != nil {
		return nil, source, err //nolint:wrapcheck // says what happened
	}
	items, err = c.Read(s.ctx, body)
	return items, source, err //nolint:wrapcheck // says what does not fit
}

func (s *session) askMetrics(c playbooks.Collected, from org.Source) ([]map[string]any, error) {
	q, err := s.chosenBy(c)
	if err != nil {
		return nil, err
	}
	if q.subject == "" {
		q.subject = s.state.Run.SubjectID
	}
	metrics, err := s.a.Remote.Metrics(s.ctx, from, q.subject, q.since)
	if err != nil {
		return nil, err //nolint:wrapcheck // says what happened
	}
	items := make([]map[string]any, 0, len(metrics))
	for _, m := range metrics {
		at := stamp(m.At)
		items = append(items, map[string]any{
			"id": m.Version + "/" + m.Metric + "/" + at, "model": q.subject, "version": m.Version, "metric": m.Metric, "value": m.Value, "at": at, "run": m.Run,
		})
	}
	return items, nil
}

// awaited opens a step that collects from outside until everything has come; it
// answers what came, by name, once all is there.
func (s *session) awaited(step *playbooks.Step) (came map[string]port.Collection, all bool, err error) {
	came, all = map[string]port.Collection{}, true
	for _, c := range step.Collect {
		if !c.Outside() || s.isGiven(step.ID.V, c.Name.V) {
			continue
		}
		if s.a.Remote == nil {
			came[c.Name.V] = port.Collection{At: s.now.UTC(), Source: "outside", Missing: "not available: nothing outside is reached from here"}
			continue
		}
		doc, err := s.factsOf(s.place(step), kindFetched, c.Name.V)
		if err != nil {
			return nil, false, err
		}
		if doc == nil {
			all = false
			continue
		}
		came[c.Name.V] = doc.Facts[c.Name.V]
	}
	open := s.state.FindOpen(step.ID.V, s.itemOf(step.ID.V))
	switch {
	case all && open != nil:
		item := open.Item
		s.state.Open = slices.DeleteFunc(s.state.Open, func(x port.OpenStep) bool { return x.Step == step.ID.V && x.Item == item })
	case !all && open == nil:
		if _, err := s.openWait(step); err != nil {
			return nil, false, err
		}
		s.record(s.place(step), "step.opened", "", 1, port.Record{Header: map[string]string{"kind": string(step.Kind)}})
	}
	return came, all, nil
}

func (s *session) isGiven(step, name string) bool {
	if s.a.Given == nil {
		return false
	}
	_, ok := s.a.Given(step, name)
	return ok
}

// factsOf is what an earlier try has found and recorded; nil = nothing.
func (s *session) factsOf(place port.Place, kind, name string) (*port.FactsDocument, error) {
	records, err := s.a.Ledger.RecordsOf(s.ctx, place.Run)
	if err != nil {
		return nil, &ledgerError{fmt.Errorf("read the records of the run: %w", err)}
	}
	key := port.RecordKey(place, kind, name, 0)
	i := slices.IndexFunc(records, func(r port.StoredRecord) bool { return r.Key == key })
	if i < 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	var header struct {
		Facts map[string]string `json:"facts"`
	}
	if err := json.Unmarshal(records[i].Header, &header); err != nil {
		return nil, fmt.Errorf("read the record of what was found: %w", err)
	}
	raw, err := s.a.Ledger.Document(s.ctx, header.Facts["digest"])
	if err != nil {
		return nil, &ledgerError{fmt.Errorf("read what was found: %w", err)}
	}
	var doc port.FactsDocument
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	return &doc, nil
}
