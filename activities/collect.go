package activities

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// kindCollected is the kind of the record that says what a step found.
const kindCollected = "facts.collected"

const (
	// maxCollectedBytes is how much of one list a run keeps, in bytes of JSON; ours:
	// the state goes through every step, and Temporal takes 2 MiB at a time.
	maxCollectedBytes = 64 << 10
	// maxLooked is how many runs, changes or gaps are looked through; ours: some
	// years of a large programme, read within a second.
	maxLooked = 2_000
)

// collect looks up the facts of a step and tells whether all are there: what is
// outside comes later. Once found they stand: a repeated try takes those of the
// first one, whatever has happened since.
func (s *session) collect(step *playbooks.Step) (bool, error) {
	place := s.place(step)
	came, all, err := s.awaited(step)
	if err != nil || !all {
		return false, err
	}
	doc, err := s.factsOf(place, kindCollected, "")
	if err != nil {
		return false, err
	}
	if doc == nil {
		doc = &port.FactsDocument{Schema: port.FactsSchema, Run: place.Run, Step: place.Step, Round: place.Round, Facts: map[string]port.Collection{}}
		for _, c := range step.Collect {
			if doc.Facts[c.Name.V], err = s.lookUp(step.ID.V, c, came); err != nil {
				return false, fmt.Errorf("step %s: %s: %w", step.ID, c.Name, err)
			}
		}
	}
	e, err := factsEvidence(*doc)
	if err != nil {
		return false, err
	}
	s.addDocument(e)
	fields, found := map[string]any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(doc.Facts)) {
		kept := s.keepShort(step, name, doc.Facts[name])
		fields[name] = factFields(kept)
		found[name] = map[string]any{"count": kept.Count, "kept": len(kept.Items), "at": stamp(kept.At), "source": kept.Source, "missing": kept.Missing}
	}
	s.finish(step, port.StepDone, fields)
	s.record(place, kindCollected, "", 0, port.Record{Header: map[string]string{"digest": e.digest}, Body: map[string]any{"facts": found}})
	return true, nil
}

// factsEvidence is what was found as it is kept: canonical, under its digest.
func factsEvidence(doc port.FactsDocument) (*evidence, error) {
	raw, err := json.Marshal(doc)
	if err == nil {
		raw, err = jsoncanonicalizer.Transform(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("step %s: write what it found: %w", doc.Step, err)
	}
	return &evidence{digest: "sha256:" + digest(string(raw)), raw: raw}, nil
}

// keepShort cuts a list to what a run carries along, and says so where people look.
func (s *session) keepShort(step *playbooks.Step, name string, c port.Collection) port.Collection {
	n, size := 0, 0
	for _, item := range c.Items {
		raw, err := json.Marshal(item)
		if size += len(raw); err != nil || n == playbooks.MaxCollected || size > maxCollectedBytes {
			break
		}
		n++
	}
	left := len(c.Items) - n
	if left == 0 {
		return c
	}
	c.Items = c.Items[:n]
	why := fmt.Sprintf("only the first %d are here: %d more are in the document of the record", n, left)
	c.Missing = joinSentence(c.Missing, why)
	s.a.Logger.Error("a list is longer than a run keeps", "run", s.state.Run.ID, "step", step.ID.V, "facts", name, "kept", n, "left_out", left)
	if ch := s.org.Slack.AuditChannel; ch != "" {
		to := port.Addressee{Channel: ch}
		s.intend(port.Effect{Place: s.place(step), Purpose: "collected." + name, Addressee: to.ID(), Kind: port.EffectPost}, port.Card{
			To: to, Title: "Too long: " + s.stepTitle(step.ID.V),
			Lines:  []string{fmt.Sprintf("%s for %s collects %s, and %s. Choose fewer with `since`, `where`, `last` or `sample`.", s.def.Playbook.Title.V, s.subjectName(), words(name), why)},
			Footer: "Run " + s.state.Run.ID,
		})
	}
	return c
}

func joinSentence(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// factFields is a collection as expressions read it.
func factFields(c port.Collection) map[string]any {
	items := make([]any, len(c.Items))
	for i, item := range c.Items {
		items[i] = item
	}
	m := map[string]any{"items": items, "count": c.Count, "at": stamp(c.At), "source": c.Source}
	if c.Missing != "" {
		m["missing"] = c.Missing
	}
	return m
}

// lookUp finds the entries of one list; came are those that were read outside.
func (s *session) lookUp(step string, c playbooks.Collected, came map[string]port.Collection) (port.Collection, error) {
	out := port.Collection{Items: []map[string]any{}, At: s.now.UTC(), Source: "the ledger"}
	q, err := s.chosenBy(c)
	if err != nil {
		return out, err
	}
	var found []map[string]any
	if there, outside := came[c.Name.V]; outside {
		found, out.Missing, out.At, out.Source = there.Items, there.Missing, there.At, there.Source
	} else if found, out.Missing, err = s.givenOr(step, c.Name.V, q); err != nil {
		return out, err
	}
	scope := s.scope()
	for _, item := range found {
		if !c.Outside() && !q.matches(item) { // outside, the source has chosen
			continue
		}
		ok, err := s.eval.Where(c, item, scope)
		if err != nil {
			return out, fmt.Errorf("where: %w", err)
		}
		if ok {
			out.Items = append(out.Items, item)
		}
	}
	out.Count = len(out.Items)
	if c.Last > 0 {
		out.Items = out.Items[:min(c.Last, out.Count)]
	}
	if c.Sample != nil {
		out.Items, err = s.draw(c, out.Items)
	}
	return out, err
}

// givenOr are the entries that are given for a list, else those there are.
func (s *session) givenOr(step, name string, q factQuery) (items []map[string]any, missing string, err error) {
	if s.a.Given != nil {
		if given, ok := s.a.Given(step, name); ok {
			return given, "", nil
		}
	}
	return s.listed(q)
}

// draw takes the sample of a list.
func (s *session) draw(c playbooks.Collected, items []map[string]any) ([]map[string]any, error) {
	n := playbooks.SampleSize(len(items))
	if c.Sample.Size != nil {
		size, err := s.wholeNumber("size", *c.Sample.Size)
		if err != nil {
			return nil, err
		}
		n = int(size)
	}
	seed, err := s.wholeNumber("seed", c.Sample.Seed)
	return playbooks.Draw(items, n, seed), err
}

func (s *session) wholeNumber(key string, l playbooks.Lit) (int64, error) {
	v := l.V
	if text, ok := v.(string); ok {
		var err error
		if v, err = s.eval.Template(text, s.scope()); err != nil {
			return 0, fmt.Errorf("%s: %w", key, err)
		}
	}
	switch n := v.(type) {
	case int64:
		return n, nil
	case float64:
		if n == float64(int64(n)) {
			return int64(n), nil
		}
	}
	return 0, fmt.Errorf("%s: %v is no whole number", key, v)
}

// factQuery is what a list is chosen by, worked out.
type factQuery struct {
	list               playbooks.FactList
	playbooks, outcome []string
	subject            string
	open               *bool
	since              time.Time // zero = always
}

// chosenBy works out what a list is chosen by.
func (s *session) chosenBy(c playbooks.Collected) (factQuery, error) {
	list, known := playbooks.FactListOf(c.From.V)
	if !known {
		return factQuery{}, fmt.Errorf("there is no list %q to collect from", c.From)
	}
	q := factQuery{list: list, open: c.Open}
	var err error
	if q.playbooks, err = s.texts(c.Playbook); err != nil {
		return q, fmt.Errorf("playbook: %w", err)
	}
	if q.outcome, err = s.texts(c.Outcome); err != nil {
		return q, fmt.Errorf("outcome: %w", err)
	}
	if q.subject, err = s.subjectMeant(c.Subject); err != nil {
		return q, fmt.Errorf("subject: %w", err)
	}
	if q.since, err = s.sinceWhen(c.Since); err != nil {
		return q, fmt.Errorf("since: %w", err)
	}
	return q, nil
}

func (s *session) texts(in []playbooks.Str) (out []string, err error) {
	for _, t := range in {
		text, err := s.eval.Text(t.V, s.scope())
		if err != nil {
			return nil, err //nolint:wrapcheck // chosenBy says which key
		}
		out = append(out, text)
	}
	return out, nil
}

// subjectMeant is the id of a subject that is given by itself or by its id.
func (s *session) subjectMeant(t playbooks.Str) (string, error) {
	if t.Empty() {
		return "", nil
	}
	v, err := s.eval.Template(t.V, s.scope())
	if err != nil {
		return "", err //nolint:wrapcheck // chosenBy says which key
	}
	if m, ok := v.(map[string]any); ok {
		v = m["id"]
	}
	id, _ := v.(string)
	if id == "" {
		return "", fmt.Errorf("%s gives no id", t)
	}
	return id, nil
}

// sinceWhen is the instant a list begins at.
func (s *session) sinceWhen(t playbooks.Str) (time.Time, error) {
	if t.Empty() {
		return time.Time{}, nil
	}
	text, err := s.eval.Template(t.V, s.scope())
	if err != nil {
		return time.Time{}, err //nolint:wrapcheck // chosenBy says which key
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, fmt.Sprint(text)); err == nil {
			return at.UTC(), nil
		}
	}
	span, err := org.ParseSpan(fmt.Sprint(text))
	if err != nil {
		return time.Time{}, err //nolint:wrapcheck // chosenBy says which key
	}
	return s.def.Calendar.Before(s.now, span, s.org.Profile.Zone) //nolint:wrapcheck // chosenBy says which key
}

// matches tells whether an entry is one of those chosen. What is still open is
// never too old.
func (q factQuery) matches(item map[string]any) bool {
	text := func(key string) string { t, _ := item[key].(string); return t }
	open, _ := item["open"].(bool)
	switch {
	case len(q.playbooks) > 0 && !slices.Contains(q.playbooks, text("playbook")):
		return false
	case len(q.outcome) > 0 && !slices.Contains(q.outcome, text("outcome")):
		return false
	case q.subject != "" && !slices.Contains([]string{text("subject"), text("system"), text("id")}, q.subject):
		return false
	case q.open != nil && *q.open != open:
		return false
	}
	if q.since.IsZero() || open {
		return true
	}
	at, err := time.Parse(time.RFC3339, text("at"))
	return err != nil || !at.Before(q.since)
}
