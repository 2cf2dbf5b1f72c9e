package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// schedule computes the times a cron expression names as readings of a wall
// clock, written as if in UTC. robfig/cron would follow the clock of a zone
// itself, and so run twice in the night clocks go back and not at all in the
// night they go forward.
type schedule struct {
	text string
	spec *cron.SpecSchedule
}

// next is the first reading after t, zero when there is none in ten years.
// The library follows the zone of the time it is given, UTC here, and looks
// five years ahead; 29 February can be eight away.
func (s schedule) next(t time.Time) time.Time {
	for range 2 {
		if n := s.spec.Next(t); !n.IsZero() {
			return n
		}
		t = time.Date(t.Year()+5, time.January, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
	}
	return time.Time{}
}

func (s schedule) instant(t time.Time, loc *time.Location) time.Time {
	return instant(wall{year: t.Year(), month: t.Month(), day: t.Day(), hour: t.Hour(), min: t.Minute()}, loc)
}

func (s schedule) never() error {
	return fmt.Errorf("`%s` names a day that never comes. Check the day of the month and the month", s.text)
}

// cronError is what is wrong with an expression, and at which character.
type cronError struct {
	offset int
	text   string
}

func (e *cronError) Error() string { return e.text }

func checkCron(s source.Str, problems *source.Problems) {
	if _, err := parseCron(s.V); err != nil {
		pos := s.Pos
		pos.Col += err.offset
		problems.Add(pos, "cron", "%s.", err)
	}
}

const cronForm = "Write five fields: minute, hour, day of month, month, weekday, such as '0 9 1 * *' for 09:00 on the first of each month"

// parseCron reads a cron expression, and refuses what the library and people
// read differently.
func parseCron(text string) (schedule, *cronError) {
	fields, err := cronFields(text)
	if err != nil {
		return schedule{}, err
	}
	for i, f := range fields {
		if err := f.check(i); err != nil {
			return schedule{}, err
		}
	}
	if len(fields) == 5 {
		if err := checkDays(fields[dayField], fields[monthField], fields[weekdayField]); err != nil {
			return schedule{}, err
		}
	}
	parsed, cause := cron.ParseStandard(text)
	spec, ok := parsed.(*cron.SpecSchedule)
	if cause != nil || !ok {
		return schedule{}, &cronError{0, fmt.Sprintf("`%s` is no cron expression (%v). %s", text, cause, cronForm)}
	}
	s := schedule{text: text, spec: spec}
	if s.next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return schedule{}, &cronError{0, s.never().Error()}
	}
	return s, nil
}

// cronField is one field and where it begins.
type cronField struct {
	text   string
	offset int
}

// The fields in their order.
const (
	dayField     = 2
	monthField   = 3
	weekdayField = 4
)

// cronFields splits an expression; a descriptor such as @daily has none.
func cronFields(text string) ([]cronField, *cronError) {
	switch {
	case strings.HasPrefix(text, "@every"):
		return nil, &cronError{0, "`@every` counts from the moment the program starts, so a restart would move the date. " + cronForm}
	case strings.HasPrefix(text, "@"):
		named := []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
		if !slices.Contains(named, text) {
			return nil, &cronError{0, fmt.Sprintf("`%s` is not known.%s %s, or one of %s", text, source.DidYouMean(text, named), cronForm, joined(named))}
		}
		return nil, nil
	case strings.Contains(text, "TZ="):
		return nil, &cronError{0, "A cron expression here has no time zone of its own: times are those of the organisation's zone. Remove `TZ=`"}
	case strings.ContainsAny(text, "\n\t\r"):
		return nil, &cronError{0, "A cron expression is one line with single spaces. " + cronForm}
	}
	var fields []cronField
	offset := 0
	for _, part := range strings.Split(text, " ") {
		if part != "" {
			fields = append(fields, cronField{part, offset})
		}
		offset += len([]rune(part)) + 1
	}
	switch {
	case len(fields) == 6:
		return nil, &cronError{0, "Six fields are read differently by different programs (seconds first, or years last). " + cronForm}
	case len(fields) != 5:
		return nil, &cronError{0, fmt.Sprintf("This has %d fields. %s", len(fields), cronForm)}
	}
	return fields, nil
}

// check refuses signs of other cron dialects and steps that do not come out
// even; i is the field's place.
func (f cronField) check(i int) *cronError {
	fail := func(format string, args ...any) *cronError {
		return &cronError{f.offset, fmt.Sprintf(format, args...)}
	}
	if strings.Contains(f.text, "?") {
		return fail("`?` is read differently by different programs. Write `*` for any day")
	}
	if i == dayField || i == weekdayField {
		if f.quartz(i) {
			return fail("`%s` uses L, W or #, which only some programs know. Name days by number, and for the last day of a month take the first of the next", f.text)
		}
		if i == weekdayField && slices.Contains(f.words(), "7") {
			return fail("Weekdays go from 0 (Sunday) to 6 (Saturday), and 7 is Sunday only for some programs. Write 0 or sun")
		}
	}
	if n, ok := f.step(); ok && !even(i, n) {
		return fail("`%s` begins anew with each %s and so does not come every %d. List the values instead, such as 1,3,5", f.text, cycle(i), n)
	}
	return nil
}

// words are the numbers and names of the field, its steps left out.
func (f cronField) words() []string {
	var words []string
	for _, part := range strings.Split(f.text, ",") {
		span, _, _ := strings.Cut(part, "/")
		words = append(words, strings.Split(span, "-")...)
	}
	return words
}

// quartz finds L, W and # without tripping over jul and wed.
func (f cronField) quartz(i int) bool {
	return slices.ContainsFunc(f.words(), func(w string) bool {
		w = strings.ToUpper(w)
		if i == dayField {
			return strings.ContainsAny(w, "LW#")
		}
		return strings.HasSuffix(w, "L") || strings.Contains(w, "#")
	})
}

// step is the n of */n.
func (f cronField) step() (int, bool) {
	rest, ok := strings.CutPrefix(f.text, "*/")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(rest)
	return n, err == nil && n > 1
}

// even tells whether every n-th value comes at even distances across the end
// of the cycle. Months are of different length, so days never do.
func even(i, n int) bool {
	length := [...]int{60, 24, 0, 12, 7}[i]
	return length > 0 && length%n == 0
}

func cycle(i int) string { return [...]string{"hour", "day", "month", "year", "week"}[i] }

// checkDays refuses day of month and weekday together, and a single day that
// some of the months lack.
func checkDays(day, month, weekday cronField) *cronError {
	if day.text != "*" && weekday.text != "*" {
		return &cronError{day.offset, "Day of month and weekday are both set: some programs run on either, some only when both fit. Set one and write `*` for the other"}
	}
	n, err := strconv.Atoi(day.text)
	if err != nil || n < 29 || n > 31 {
		return nil
	}
	if months, err := cron.ParseStandard("0 0 1 " + month.text + " *"); err == nil {
		spec, ok := months.(*cron.SpecSchedule)
		for m := time.January; ok && m <= time.December; m++ {
			// 2001 is an ordinary year: 29 February counts as missing.
			exists := time.Date(2001, m, n, 0, 0, 0, 0, time.UTC).Month() == m
			if spec.Month&(1<<uint(m)) != 0 && !exists {
				return &cronError{day.offset, fmt.Sprintf("Day %d is missing in %s, and would be passed over in silence. Take a day up to 28, or name months that have it", n, m)}
			}
		}
	}
	return nil
}
