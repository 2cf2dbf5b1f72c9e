package org

import (
	"strconv"
	"strings"
)

// counts are the numbers that people write as words in a length of time.
var counts = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
	"ein": 1, "eine": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12, "vierzehn": 14, "dreißig": 30,
}

// units are other words for a unit, with how many of it they are. They are
// looked for in this order, because working days are days too.
var units = []struct {
	words string // in small letters, singular, between spaces
	unit  Unit
	times int
}{
	{" working workday business weekday wd werktag werktage arbeitstag arbeitstage ", UnitWorkingDays, 1},
	{" week w wk woche wochen ", UnitWorkingDays, 5},
	{" hour h hr stunde stunden std ", UnitHours, 1},
	{" month mon monat monate ", UnitMonths, 1},
	{" quarter quartal quartale ", UnitMonths, 3},
	{" year y yr jahr jahre ", UnitMonths, 12},
	{" day d tag tage tagen calendar ", UnitDays, 1},
}

// meantSpan is the length of time that people most likely mean with other words;
// "" where none can be seen.
func meantSpan(text string) string {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	words := strings.FieldsFunc(strings.ToLower(text[:digits]+" "+text[digits:]), func(r rune) bool { return strings.ContainsRune(" -\u00a0", r) })
	if len(words) == 1 {
		words = append([]string{"1"}, words...) // every week
	}
	if len(words) < 2 {
		return ""
	}
	n, ok := wholeNumber(words[0])
	if !ok {
		n = counts[words[0]]
	}
	for _, u := range units {
		for _, w := range words[1:] {
			if n > 0 && (strings.Contains(u.words, " "+w+" ") || strings.Contains(u.words, " "+strings.TrimRight(w, "s.")+" ")) && n*u.times <= maxSpan(u.unit) {
				return Span{N: n * u.times, Unit: u.unit}.String()
			}
		}
	}
	return ""
}

// dateNotSpan says how a day of the calendar is written where a length of time
// belongs.
func dateNotSpan(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '-' || r == '/' })
	if len(parts) != 3 {
		return ""
	}
	for _, p := range parts {
		if _, err := strconv.Atoi(p); err != nil {
			return ""
		}
	}
	return `a fixed day is written {at: 'timestamp("2026-12-31T00:00:00Z")'}`
}

// spanChoices says what to write in the place of what is no length of time.
func spanChoices(text string) string {
	if day := dateNotSpan(text); day != "" {
		return "write a whole number and hours, days, working days or months, such as 5 working days; " + day
	}
	if s := meantSpan(text); s != "" {
		return "write " + s + ", or another whole number of hours, days, working days or months"
	}
	return "write a whole number and hours, days, working days or months, such as 5 working days"
}
