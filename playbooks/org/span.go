package org

import (
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a span of time is counted in.
type Unit string

// The units of a span.
const (
	UnitHours       Unit = "hours"        // exact, through nights and weekends
	UnitDays        Unit = "days"         // calendar days
	UnitWorkingDays Unit = "working days" // days people work, by the calendar
	UnitMonths      Unit = "months"       // calendar months, clamped to the month's end
)

// maxSpan is the longest span of each unit: ten years. A longer one is a slip
// of the pen, and would make a timer nobody waits for.
func maxSpan(u Unit) int {
	switch u {
	case UnitHours:
		return 87_600
	case UnitDays:
		return 3_650
	case UnitWorkingDays:
		return 2_600
	default:
		return 120
	}
}

// Span is a length of time as the playbooks write it: "5 working days".
type Span struct {
	N    int
	Unit Unit
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	u := string(s.Unit)
	if s.N == 1 {
		u = strings.TrimSuffix(u, "s")
	}
	return strconv.Itoa(s.N) + " " + u
}

// ParseSpan reads "72 hours", "15 days", "5 working days" or "12 months"; the
// singular is read too. The number is at least 1 and the span at most ten
// years.
func ParseSpan(text string) (Span, error) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return Span{}, fmt.Errorf("`%s` is no length of time: %s", text, spanChoices(text))
	}
	u := Unit(strings.Join(words[1:], " "))
	if !strings.HasSuffix(string(u), "s") {
		u += "s"
	}
	switch u {
	case UnitHours, UnitDays, UnitWorkingDays, UnitMonths:
	default:
		return Span{}, fmt.Errorf("`%s` is no length of time: %s", text, spanChoices(text))
	}
	n, ok := wholeNumber(words[0])
	if !ok || n < 1 {
		return Span{}, fmt.Errorf("`%s` is no length of time: %s", text, spanChoices(text))
	}
	if limit := maxSpan(u); n > limit {
		return Span{}, fmt.Errorf("`%s` is longer than ten years: at most %d %s", text, limit, u)
	}
	return Span{N: n, Unit: u}, nil
}

// wholeNumber reads digits alone: no sign, no space.
func wholeNumber(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
