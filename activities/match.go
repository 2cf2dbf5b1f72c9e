package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// matchBatch is how many events one look takes, so that a storm of them does
// not hold up what else the programme does.
const matchBatch = 100

// Match looks at the events that nobody has looked at: each begins a run of the
// playbooks that name it, or joins the one that is open. What an event led to is
// kept with it, so that a repetition leads to nothing more.
func (a *Activities) Match(ctx context.Context) error {
	a.matching.Lock()
	defer a.matching.Unlock()
	return a.match(ctx)
}

// matchUnlessBusy is Match, unless somebody is looking: the programme's tick has
// other work, and must not wait.
func (a *Activities) matchUnlessBusy(ctx context.Context) error {
	if !a.matching.TryLock() {
		return nil
	}
	defer a.matching.Unlock()
	return a.match(ctx)
}

func (a *Activities) match(ctx context.Context) error {
	events, err := a.Ledger.WaitingEvents(ctx, matchBatch)
	if err != nil {
		return fmt.Errorf("look for events: %w", err)
	}
	for _, e := range events {
		o, err := a.Ledger.SnapshotAt(ctx, a.Now())
		if err != nil {
			return fmt.Errorf("read the organisation: %w", err)
		}
		if err := a.matchEvent(ctx, o, e); err != nil {
			return fmt.Errorf("event %d, %s: %w", e.ID, e.Name, err)
		}
	}
	return a.tellNotices(ctx)
}

// matchEvent looks at one event with every playbook, and settles it.
func (a *Activities) matchEvent(ctx context.Context, o org.Organisation, e port.Event) error {
	done := port.Batch{Settled: []int64{e.ID}}
	if e.Subject == "" {
		a.notPlaced(o, e, &done)
	} else if err := a.begin(ctx, o, e); err != nil {
		return err
	}
	if err := a.Ledger.Commit(ctx, done); err != nil {
		return fmt.Errorf("settle it: %w", err)
	}
	return nil
}

// begin begins the runs of an event.
func (a *Activities) begin(ctx context.Context, o org.Organisation, e port.Event) error {
	led, err := a.Ledger.EventRuns(ctx, e.ID)
	if err != nil {
		return err
	}
	before := map[string]port.EventRun{}
	for _, r := range led {
		before[r.Playbook] = r
	}
	for _, name := range a.Library.Names() {
		def, err := a.Library.Definition(name)
		if err != nil {
			a.Logger.Error("a playbook cannot be used, so no event begins it", "playbook", name, "error", err)
			continue
		}
		if r, known := before[name]; known {
			if err := a.again(ctx, e, r); err != nil {
				return err
			}
			continue
		}
		if err := a.beginOne(ctx, &match{a: a, o: o, e: e, def: def}); err != nil {
			return err
		}
	}
	return nil
}

// again finishes what a crash left of a join.
func (a *Activities) again(ctx context.Context, e port.Event, r port.EventRun) error {
	if r.How != port.EventJoined {
		return nil
	}
	return a.hintEvent(ctx, e, r.Run)
}

// beginOne begins a run of one playbook by an event, by the first of its starts
// whose condition holds.
func (a *Activities) beginOne(ctx context.Context, m *match) error {
	s := m.def.Playbook.Starts
	if s == nil {
		return nil
	}
	for i := range s.Events {
		start := &s.Events[i]
		if start.Event.V != m.e.Name {
			continue
		}
		matched, err := m.try(ctx, start)
		var failed *failedStart
		if errors.As(err, &failed) {
			return a.notBegun(ctx, m, failed.why)
		}
		if matched || err != nil {
			return err
		}
	}
	return nil
}

// match is one event looked at with one playbook.
type match struct {
	a      *Activities
	o      org.Organisation
	e      port.Event
	def    playbooks.Definition
	begins *playbooks.Begins
	// subject is what the run is about.
	subject string
}

// failedStart is a run that should begin and cannot, with the reason for people.
type failedStart struct{ why string }

func (f *failedStart) Error() string { return f.why }

// try tells whether the start is the one for the event, and begins the run.
func (m *match) try(ctx context.Context, start *playbooks.EventStart) (matched bool, err error) {
	if m.begins, err = m.a.beginsOf(m.def); err != nil {
		return false, &failedStart{err.Error()}
	}
	kind := m.def.Playbook.About()
	m.subject = subjectFor(m.o, m.def.Playbook.Name.V, kind, m.e)
	holds, err := m.begins.Holds(*start, m.scope(m.e))
	if m.subject == "" {
		if err == nil && !holds {
			return false, nil // whatever it is about, it begins nothing here
		}
		return false, &failedStart{fmt.Sprintf("it names no %s that is known here", kind)}
	}
	if err != nil {
		return false, &failedStart{"whether it begins a run could not be told: " + err.Error()}
	}
	if !holds {
		return false, nil
	}
	open, err := m.open(ctx)
	switch {
	case err != nil:
		return false, err
	case open != "":
		return true, m.join(ctx, open)
	}
	counted, enough, err := m.count(ctx, start)
	if err != nil || !enough {
		return true, err
	}
	return true, m.start(ctx, start, counted)
}

// scope is what an event is looked at with.
func (m *match) scope(e port.Event) playbooks.EventScope {
	values := map[string]any{"name": e.Name, "at": e.At}
	if e.By != "" {
		values["by"] = e.By
	}
	for name, v := range e.Values {
		values[name] = v
	}
	return playbooks.EventScope{Event: values, Subject: subjectFacts(m.o, m.def.Playbook.About(), m.subject), Scope: playbooks.Scope{
		Organisation: playbooks.OrganisationOf(m.o), Now: e.At,
		Holds:     func(person, role string) bool { r, ok := m.o.Role(role); return ok && r.Holder == person },
		Chairs:    func(p, c string) bool { com, ok := m.o.Committee(c); return ok && com.Chair == p },
		Deputises: m.o.Deputises, Sits: m.o.Sits, Leads: m.o.Leads,
		WorkingDays: func(t time.Time, n int) (time.Time, error) {
			return m.def.Calendar.WorkingDaysAfter(t, n, m.o.Profile.Zone)
		},
	}}
}

// open is the run of the playbook about the subject that is open; "" = none.
func (m *match) open(ctx context.Context) (string, error) {
	if org.RegisterOnly(m.def.Playbook.About()) && m.e.By == "" {
		// Alerts about one model are one incident; what a person tells of is its own.
		run, err := m.a.Ledger.OpenRunLike(ctx, m.e, m.def.Playbook.Name.V)
		if err != nil || run != "" {
			return run, err
		}
	}
	runs, err := m.a.Ledger.RunsAbout(ctx, m.def.Playbook.Name.V, m.subject, 1)
	if err != nil {
		return "", fmt.Errorf("look for an open run: %w", err)
	}
	if len(runs) > 0 && runs[0].State != port.RunClosed {
		return runs[0].ID, nil
	}
	return "", nil
}

// count tells whether the event came often enough, and which came before it.
func (m *match) count(ctx context.Context, start *playbooks.EventStart) (before []int64, enough bool, err error) {
	if start.Count == 0 {
		return nil, true, nil
	}
	span, err := org.ParseSpan(start.Within.V)
	if err != nil {
		return nil, false, &failedStart{err.Error()}
	}
	like, err := m.a.Ledger.EventsLike(ctx, m.e, m.def.Playbook.Name.V, m.e.At.Add(-longest(span)))
	if err != nil {
		return nil, false, err
	}
	for _, e := range like {
		until, err := m.def.Calendar.End(e.At, span, m.o.Profile.Zone)
		if err != nil {
			return nil, false, &failedStart{err.Error()}
		}
		if e.ID == m.e.ID || until.Before(m.e.At) {
			continue
		}
		if holds, err := m.begins.Holds(*start, m.scope(e)); err == nil && holds {
			before = append(before, e.ID)
		}
	}
	return before, len(before)+1 >= start.Count, nil
}

// longest is more than a length of time can take by the calendar: further back
// nothing has to be looked at.
func longest(s org.Span) time.Duration {
	const day = 24 * time.Hour
	switch n := time.Duration(s.N); s.Unit {
	case org.UnitHours:
		return n*time.Hour + day
	case org.UnitMonths:
		return n*31*day + day
	case org.UnitWorkingDays:
		return n*4*day + 30*day // weekends, and holidays together
	default:
		return n*day + 2*day
	}
}
