package activities

import (
	"slices"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// effectList is the effects of a run shared by the two chains.
type effectList struct {
	mu    sync.Mutex
	all   []port.Effect // in the order intended
	ended bool          // the run is over
	err   error
}

func newEffectList(all []port.Effect) *effectList {
	ended := slices.ContainsFunc(all, func(e port.Effect) bool { return e.Purpose == "move:"+runEnded })
	return &effectList{all: all, ended: ended}
}

// inLine tells whether the effect sets something that later effects set again:
// those of one message or issue happen one after the other, and only the newest
// has to.
func inLine(e port.Effect) bool {
	return e.Kind == port.EffectEdit || e.Kind == port.EffectMove || e.Kind == port.EffectUpdate
}

func (l *effectList) get(i int) port.Effect {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[i]
}

func (l *effectList) put(i int, e port.Effect, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[i] = e
	if err != nil && l.err == nil {
		l.err = err
	}
}

// of returns the effect another one builds on.
func (l *effectList) of(e port.Effect) (port.Effect, bool) {
	if e.Of == "" {
		return port.Effect{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.all {
		if o.Key == e.Of {
			return o, true
		}
	}
	return port.Effect{}, false
}

// ready tells whether what the effect builds on is there, and whether it is its
// turn: an older edit or move still on the wire would undo it.
func (l *effectList) ready(e port.Effect) bool {
	if o, ok := l.of(e); ok && !finished(o) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.all {
		if o.Key == e.Key {
			break
		}
		if sameLine(o, e) && !finished(o) {
			return false
		}
	}
	return true
}

func sameLine(a, b port.Effect) bool { return inLine(a) && a.Kind == b.Kind && a.Of == b.Of }

// needless says why an effect need not happen any more: a newer one follows, or
// what it changes was never made.
func (l *effectList) needless(e port.Effect) string {
	if o, ok := l.of(e); ok && o.State == port.EffectFailed && (inLine(e) || e.Kind == port.EffectComment) {
		return "what it changes was never made"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range slices.Backward(l.all) {
		if o.Key == e.Key {
			break
		}
		if sameLine(o, e) && e.Kind != port.EffectUpdate {
			return "a newer one follows"
		}
	}
	return ""
}

func (l *effectList) performed(now time.Time) Performed {
	var p Performed
	first := true
	for _, e := range l.all {
		if finished(e) {
			continue
		}
		p.Pending++
		// What builds on another effect has its turn after that one.
		if wait := max(0, e.NotBefore.Sub(now)); l.ready(e) && (first || wait < p.NextIn) {
			p.NextIn, first = wait, false
		}
		if e.LastError != "" {
			p.Slow = e.LastError
		}
	}
	return p
}
