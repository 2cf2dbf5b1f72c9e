package playbooks

import (
	"maps"
	"strings"
	"time"
)

// MaxAnswer is how many characters a text answer may have: what one text input
// of a Slack modal holds (max_length of plain_text_input,
// https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element).
const MaxAnswer = 3000

// CheckAnswers checks and normalises what a person answered, by question id.
// With any problem it returns no answers, and a short sentence for the person
// per question id (in rows that of CellID); else the answers, without those left open:
//
//	text long link choice yesnounsure person   string, trimmed
//	yesno                                      bool
//	choices countries                          []string in the order of the options
//	persons                                    []string in the order given
//	int, number                                int64, float64
//	date                                       string, 2006-01-02
//	rows                                       []any of map[string]any, by column id
//	datetime                                   string, RFC 3339 in UTC
//
// Numbers may come as text, a datetime as Unix seconds, as RFC 3339 or as local
// time of the zone (2006-01-02T15:04). Whether a person id exists is not judged
// here.
func CheckAnswers(qs []Question, raw map[string]any, zone string, now time.Time) (clean map[string]any, problems map[string]string) {
	c := checker{now: now, zone: time.UTC}
	if loc, err := time.LoadLocation(zone); err == nil {
		c.zone = loc
	}
	clean, problems = c.all(qs, raw, "")
	asked := map[string]bool{}
	for _, q := range qs {
		asked[q.ID.V] = true
	}
	for id := range raw {
		if !asked[id] {
			problems[id] = "There is no such question. Please open the form again."
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return clean, nil
}

// all checks the answers to some questions; prefix begins the ids of problems.
func (c checker) all(qs []Question, raw map[string]any, prefix string) (clean map[string]any, problems map[string]string) {
	clean, problems = map[string]any{}, map[string]string{}
	for _, q := range qs {
		v := tidy(raw[q.ID.V])
		if q.Type.V == TypeRows {
			got, wrong := c.rows(q, v, prefix)
			maps.Copy(problems, wrong)
			if got != nil && len(wrong) == 0 {
				clean[q.ID.V] = got
			}
			continue
		}
		switch {
		case v != nil:
			got, problem := c.answer(q, v)
			if problem != "" {
				problems[prefix+q.ID.V] = problem
				continue
			}
			clean[q.ID.V] = got
		case !q.Optional:
			problems[prefix+q.ID.V] = "Please answer this question."
		}
	}
	return clean, problems
}

// tidy trims a text and makes every way of saying nothing nil. Control
// characters are dropped: databases and Slack refuse them.
func tidy(v any) any {
	switch v := v.(type) {
	case string:
		s := strings.Map(func(r rune) rune {
			if (r < ' ' && r != '\n' && r != '\t') || r == 0x7f {
				return -1
			}
			return r
		}, strings.ToValidUTF8(strings.ReplaceAll(v, "\r\n", "\n"), ""))
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
		return nil
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return tidy(list)
	case []any:
		var list []any
		for _, item := range v {
			if item = tidy(item); item != nil {
				list = append(list, item)
			}
		}
		if list == nil {
			return nil
		}
		return list
	}
	return v
}
