package playbooks

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxExact is the largest whole number that JSON readers keep exactly
// (RFC 8785 section 3.2.2.3, RFC 7493 section 2.2).
const maxExact = 1<<53 - 1

type checker struct {
	now  time.Time
	zone *time.Location
}

// answer normalises one given value, or says what is wrong with it.
func (c checker) answer(q Question, v any) (any, string) {
	switch q.Type.V {
	case TypeInt:
		return wholeAnswer(q, v)
	case TypeNumber:
		return numberAnswer(q, v)
	case TypeYesNo:
		return yesNoAnswer(v)
	case TypeChoices:
		return choicesAnswer(q, v)
	case TypePersons:
		return personsAnswer(v)
	case TypeCountries:
		return choicesAnswer(Question{Options: Countries()}, v)
	case TypeDatetime:
		return c.datetimeAnswer(v)
	}
	s, ok := v.(string)
	if !ok {
		return nil, "This needs one text. Please answer again."
	}
	switch q.Type.V {
	case TypeText, TypeLong:
		return textAnswer(q, s)
	case TypeYesNoUnsure:
		if !has([]string{"yes", "no", "unsure"}, s) {
			return nil, "Choose yes, no or unsure."
		}
		return s, ""
	case TypeChoice:
		if !slices.ContainsFunc(q.Options, func(o Option) bool { return o.ID.V == s }) {
			return nil, "Choose one of the options shown."
		}
		return s, ""
	case TypeDate:
		return c.dateAnswer(s)
	case TypePerson, TypeSystem, TypeModel, TypeSupplier:
		return s, ""
	case TypeLink:
		return linkAnswer(q, s)
	}
	return nil, "This type of question cannot be answered yet."
}

func textAnswer(q Question, s string) (any, string) {
	if n := utf8.RuneCountInString(s); n > MaxAnswer {
		return nil, fmt.Sprintf("Shorten this to 3,000 characters; it has %d.", n)
	}
	return s, unmatched(q, s)
}

// unmatched says that a text is not of the form asked for; "" when it is.
func unmatched(q Question, s string) string {
	if q.Pattern.Empty() {
		return ""
	}
	re, err := regexp.Compile("^(?:" + q.Pattern.V + ")$")
	if err != nil || re.MatchString(s) { // lint refuses a pattern that is none
		return ""
	}
	if !q.Help.Empty() {
		return "This is not written as asked for: " + q.Help.V
	}
	return "This is not written as asked for: " + q.Pattern.V
}

var digits = regexp.MustCompile(`^[+-]?[0-9]+$`)

func wholeAnswer(q Question, v any) (any, string) {
	wrong := "Write a whole number" + limits(q) + "."
	f, ok := float(v)
	if s, isText := v.(string); isText && !digits.MatchString(s) {
		return nil, wrong
	}
	if !ok || f != math.Trunc(f) || math.Abs(f) > maxExact || outside(q, f) {
		return nil, wrong
	}
	return int64(f), ""
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

func numberAnswer(q Question, v any) (any, string) {
	f, ok := float(v)
	if s, isText := v.(string); isText && !decimal.MatchString(s) {
		ok = false
	}
	if !ok || outside(q, f) {
		return nil, "Write a number such as 2 or 0.5" + limits(q) + "."
	}
	return f, ""
}

// float reads a number however it came; false for none, NaN and infinities.
func float(v any) (float64, bool) {
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case int64:
		f = float64(v)
	case int:
		f = float64(v)
	case json.Number:
		return float(v.String())
	case string:
		var err error
		if f, err = strconv.ParseFloat(v, 64); err != nil {
			return 0, false
		}
	default:
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

func outside(q Question, f float64) bool {
	return (q.Min != nil && f < *q.Min) || (q.Max != nil && f > *q.Max)
}

func limits(q Question) string {
	switch {
	case q.Min != nil && q.Max != nil:
		return fmt.Sprintf(", from %s to %s", plainNumber(*q.Min), plainNumber(*q.Max))
	case q.Min != nil:
		return ", at least " + plainNumber(*q.Min)
	case q.Max != nil:
		return ", at most " + plainNumber(*q.Max)
	}
	return ""
}

func plainNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func yesNoAnswer(v any) (any, string) {
	switch v {
	case true, "yes", "true":
		return true, ""
	case false, "no", "false":
		return false, ""
	}
	return nil, "Choose yes or no."
}

// texts reads a list of texts; one text alone is a list of one.
func texts(v any) ([]string, bool) {
	if s, ok := v.(string); ok {
		return []string{s}, true
	}
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

func choicesAnswer(q Question, v any) (any, string) {
	given, ok := texts(v)
	var out []string
	known := 0
	for _, o := range q.Options {
		for _, g := range given {
			if g == o.ID.V {
				known++
			}
		}
		if has(given, o.ID.V) {
			out = append(out, o.ID.V)
		}
	}
	if !ok || known != len(given) {
		return nil, "Choose from the options shown."
	}
	return out, ""
}

func personsAnswer(v any) (any, string) {
	given, ok := texts(v)
	if !ok {
		return nil, "Choose one or more people."
	}
	var out []string
	for _, g := range given {
		if !has(out, g) {
			out = append(out, g)
		}
	}
	return out, ""
}

// years is how far from now a date may lie: beyond, it is a slip of the pen.
const years = 150

func (c checker) plausible(t time.Time) bool {
	return t.After(c.now.AddDate(-years, 0, 0)) && t.Before(c.now.AddDate(years, 0, 0))
}

func (c checker) dateAnswer(s string) (any, string) {
	t, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil:
		return nil, "Choose a date, or write it as 2026-01-31."
	case !c.plausible(t):
		return nil, "Check the year of this date."
	}
	return s, ""
}

func (c checker) datetimeAnswer(v any) (any, string) {
	t, ok := c.instant(v)
	switch {
	case !ok:
		return nil, "Choose a date and a time, or write them as 2026-01-31T14:30."
	case !c.plausible(t):
		return nil, "Check the year of this date."
	}
	return t.UTC().Format(time.RFC3339), ""
}

func (c checker) instant(v any) (time.Time, bool) {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t, true
		}
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04"} {
			if t, err := time.ParseInLocation(layout, s, c.zone); err == nil {
				return t, true
			}
		}
	}
	f, ok := float(v)
	if !ok || math.Abs(f) > maxExact {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0), true
}

// maxLink is the longest link kept, in bytes; browsers take at least 2,000.
const maxLink = 2000

func linkAnswer(q Question, s string) (any, string) {
	_, rest, ok := strings.Cut(s, "://")
	scheme := strings.ToLower(strings.TrimSuffix(s, "://"+rest))
	host, _, _ := strings.Cut(rest, "/")
	odd := strings.ContainsAny(s, " \t\n<>\"`\\|") || strings.Contains(host, "@")
	switch {
	case !ok, scheme != "http" && scheme != "https", host == "", strings.HasPrefix(host, ":"), odd:
		return nil, "Paste a whole web address that begins with https://."
	case len(s) > maxLink:
		return nil, "This address is too long. Use a shorter link."
	}
	return s, unmatched(q, s)
}
