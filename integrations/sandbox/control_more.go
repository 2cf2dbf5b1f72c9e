package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func (s *Sandbox) listFaults(*http.Request) (any, error) {
	rules, held := s.faults.status()
	return map[string]any{"faults": rules, "hanging": held, "calls": s.calls.ended()}, nil
}

func (s *Sandbox) addFault(r *http.Request) (any, error) {
	var rule Rule
	if err := read(r, &rule); err != nil {
		return nil, err
	}
	return s.faults.add(rule)
}

// removeFaults takes all faults away, or the one of ?id=, and lets go what
// they hold.
func (s *Sandbox) removeFaults(r *http.Request) (any, error) {
	id, err := number(r, "id")
	if err != nil {
		return nil, err
	}
	return done, s.faults.remove(int(id))
}

// instant is the answer about the clock.
type instant struct {
	Now      time.Time `json:"now"`
	OffsetMs int64     `json:"offset_ms"`
}

func (s *Sandbox) readClock(*http.Request) (any, error) {
	return instant{s.Now(), s.Offset().Milliseconds()}, nil
}

func (s *Sandbox) moveClock(r *http.Request) (any, error) {
	var c struct {
		Advance string `json:"advance"`
	}
	if err := read(r, &c); err != nil {
		return nil, err
	}
	d, err := s.span(c.Advance)
	if err != nil {
		return nil, err
	}
	if s.opt.Advance == nil {
		return nil, &problem{status: http.StatusNotImplemented, text: errNoAdvance.Error()}
	}
	if err := s.advance(r.Context(), d); err != nil {
		return nil, err
	}
	return s.readClock(r)
}

// maxAdvance is the longest step of the clock: two years.
const maxAdvance = 2 * 366 * 24 * time.Hour

const advanceChoices = "write 90m, 72h, 5d, or a span of a playbook such as 3 working days"

// span reads how far to move: a Go duration, days as 5d, or a span as the
// playbooks write it, which ends when it would end for a step opened now.
func (s *Sandbox) span(text string) (time.Duration, error) {
	if text == "" {
		return 0, wrong("advance is needed: %s", advanceChoices)
	}
	d, err := time.ParseDuration(text)
	if days, cut := strings.CutSuffix(text, "d"); cut {
		n, perr := strconv.Atoi(days)
		d, err = time.Duration(min(n, 100_000))*24*time.Hour, perr
	} else if span, perr := org.ParseSpan(text); perr == nil {
		o, now := s.opt.Organisation, s.Now()
		var end time.Time
		end, err = o.Profile.Calendar.End(now, span, o.Profile.Zone)
		d = end.Sub(now) + time.Second
	}
	if err != nil {
		return 0, wrong("advance is %s: %s", short(text), advanceChoices)
	}
	if d <= 0 || d > maxAdvance {
		return 0, wrong("advance is %s: more than nothing and at most two years; time does not go back", short(text))
	}
	return d, nil
}
