package slack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Prefilled answers come from JSON or from the run: these read them however
// they are typed, and give nothing for what does not fit.

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

func asTexts(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, e := range v {
			out = append(out, asText(e))
		}
		return out
	case string:
		return []string{v}
	}
	return nil
}

func asUsers(v any) []string {
	var out []string
	for _, u := range asTexts(v) {
		if userID.MatchString(u) {
			out = append(out, u)
		}
	}
	return out
}

func yesNo(v any) string {
	switch v {
	case true:
		return "yes"
	case false:
		return "no"
	}
	return asText(v)
}

func asDay(v any) string {
	s := asText(v)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

func asUnix(v any) int64 {
	switch n := v.(type) { // as a window had it before
	case int64:
		return n
	case float64:
		return int64(n)
	}
	t, err := time.Parse(time.RFC3339, fmt.Sprint(v))
	if err != nil {
		return 0
	}
	return t.Unix()
}
