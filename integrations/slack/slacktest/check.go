package slacktest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checker collects everything wrong with a set of blocks, in Slack's words:
// a message and a JSON pointer.
type checker struct {
	surface  string // message | modal | home
	messages []string
	blockIDs map[string]bool
	actions  map[string]bool // action ids of the block being checked
	runes    int             // all texts of all blocks
	markdown int             // all markdown blocks
	focused  bool            // some element has focus_on_load
}

func newChecker(surface string) *checker {
	return &checker{surface: surface, blockIDs: map[string]bool{}}
}

func (c *checker) bad(ptr, format string, args ...any) {
	c.messages = append(c.messages, fmt.Sprintf(format, args...)+" [json-pointer:"+ptr+"]")
}

// obj returns v as an object; anything else is a finding.
func (c *checker) obj(v any, ptr string) (map[string]any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.bad(ptr, "must provide an object")
	}
	return m, ok
}

// keys reports members that are not in the space-separated list.
func (c *checker) keys(m map[string]any, ptr, allowed string) {
	names := strings.Fields(allowed)
	var odd []string
	for k := range m {
		if !slices.Contains(names, k) {
			odd = append(odd, k)
		}
	}
	slices.Sort(odd)
	for _, k := range odd {
		c.bad(ptr+"/"+k, "invalid additional property: %s", k)
	}
}

// str checks a member that is text of lo to hi code points. A missing one is a
// finding if lo > 0.
func (c *checker) str(m map[string]any, k, ptr string, lo, hi int) string {
	v, there := m[k]
	if !there {
		if lo > 0 {
			c.bad(ptr, "missing required field: %s", k)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		c.bad(ptr+"/"+k, "must be a string")
		return ""
	}
	c.length(s, ptr+"/"+k, lo, hi)
	return s
}

func (c *checker) length(s, ptr string, lo, hi int) {
	switch n := utf8.RuneCountInString(s); {
	case n > hi:
		c.bad(ptr, "must be less than %d characters", hi+1)
	case n < lo:
		c.bad(ptr, "must be more than %d characters", lo-1)
	}
}

// flag checks a member that may be true or false.
func (c *checker) flag(m map[string]any, k, ptr string) bool {
	v, there := m[k]
	b, ok := v.(bool)
	if there && !ok {
		c.bad(ptr+"/"+k, "must be a boolean")
	}
	return b
}

// list checks a member that is a list of lo to hi items. A missing one is a
// finding if lo > 0.
func (c *checker) list(m map[string]any, k, ptr string, lo, hi int) []any {
	v, there := m[k]
	if !there {
		if lo > 0 {
			c.bad(ptr, "missing required field: %s", k)
		}
		return nil
	}
	l, ok := v.([]any)
	switch {
	case !ok:
		c.bad(ptr+"/"+k, "must be an array")
	case len(l) > hi:
		c.bad(ptr+"/"+k, "no more than %d items allowed", hi)
	case len(l) < lo:
		c.bad(ptr+"/"+k, "must contain at least %d items", lo)
	}
	return l
}

// The kinds of text objects a place takes.
const (
	plain  = "plain_text"
	either = "plain_text mrkdwn"
)

// text checks a member that is a text object of at most hi code points.
func (c *checker) text(m map[string]any, k, ptr, kinds string, hi int, required bool) {
	v, there := m[k]
	if !there || v == nil {
		if required {
			c.bad(ptr, "missing required field: %s", k)
		}
		return
	}
	c.textObject(v, ptr+"/"+k, kinds, hi)
}

func (c *checker) textObject(v any, ptr, kinds string, hi int) {
	m, ok := c.obj(v, ptr)
	if !ok {
		return
	}
	kind := text(m, "type")
	if !slices.Contains(strings.Fields(kinds), kind) {
		c.bad(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == plain {
		c.keys(m, ptr, "type text emoji")
		c.flag(m, "emoji", ptr)
	} else {
		c.keys(m, ptr, "type text verbatim")
		c.flag(m, "verbatim", ptr)
	}
	c.runes += utf8.RuneCountInString(c.str(m, "text", ptr, 1, min(hi, MaxTextObject)))
}

// url checks a member that is an address.
func (c *checker) url(m map[string]any, k, ptr string, required bool) {
	lo := 0
	if required {
		lo = 1
	}
	s := c.str(m, k, ptr, lo, MaxURL)
	if s == "" {
		return
	}
	if u, err := url.Parse(s); err != nil || u.Scheme == "" || (u.Host == "" && u.Opaque == "") {
		c.bad(ptr+"/"+k, "must be a valid URL")
	}
}

// number checks a member that is a whole number from lo to hi.
func (c *checker) number(m map[string]any, k, ptr string, lo, hi int) {
	v, there := m[k]
	if !there {
		return
	}
	n, err := strconv.Atoi(fmt.Sprint(v))
	if _, isText := v.(string); err != nil || isText {
		c.bad(ptr+"/"+k, "must be an integer")
		return
	}
	if n < lo || n > hi {
		c.bad(ptr+"/"+k, "must be between %d and %d", lo, hi)
	}
}

// focus allows one element of a surface to take the focus.
func (c *checker) focus(m map[string]any, ptr string) {
	if !c.flag(m, "focus_on_load", ptr) {
		return
	}
	if c.focused {
		c.bad(ptr+"/focus_on_load", "only one element can be set to focus_on_load")
	}
	c.focused = true
}

// actionID takes the id of an element; each may be there once in a block.
func (c *checker) actionID(m map[string]any, ptr string) {
	id := c.str(m, "action_id", ptr, 0, MaxActionID)
	if id == "" {
		return
	}
	if c.actions[id] {
		c.bad(ptr+"/action_id", "action_id %q already exists", id)
	}
	c.actions[id] = true
}

// The formats of values, as the client sends them and the app presets them.
var (
	dateFormat  = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
	timeFormat  = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	wholeFormat = regexp.MustCompile(`^-?\d+$`)
	realFormat  = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	unixFormat  = regexp.MustCompile(`^\d{10}$`)
	mailFormat  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// format checks a member that, where it is there, has a format.
func (c *checker) format(m map[string]any, k, ptr string, f *regexp.Regexp) {
	if v, there := m[k]; there && !f.MatchString(fmt.Sprint(v)) {
		c.bad(ptr+"/"+k, "invalid format: %v", v)
	}
}
