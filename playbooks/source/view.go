package source

import (
	"regexp"
	"strconv"
	"strings"
)

// Map is a mapping read with a fixed set of keys. What its methods find wrong
// goes to the Problems it was made with. Absent keys give zero values.
type Map struct {
	Pos   Pos
	what  string
	ps    *Problems
	byKey map[string]*Node
	keys  map[string]Pos
	meant map[string]bool // keys without a usable value, or that an unknown one seems to mean
	ok    bool
}

// Map reads a mapping that may have only the keys given; what names it in
// messages ("a task"). It is never nil; OK tells whether there was a mapping.
func (n *Node) Map(ps *Problems, what string, keys ...string) *Map {
	m := &Map{what: what, ps: ps, byKey: map[string]*Node{}, keys: map[string]Pos{}, meant: map[string]bool{}}
	if n == nil {
		return m
	}
	m.Pos = n.Pos
	if n.Kind != Mapping {
		ps.Add(n.Pos, "type", "%s is a group of keys (%s), but this is %s.", upper(what), list(keys), n.shape())
		return m
	}
	m.ok = true
	for _, key := range n.blank {
		m.meant[key] = true
	}
	for _, e := range n.Entries {
		if !known(e.Key.V, keys) {
			m.meant[Near(e.Key.V, keys)] = true
			ps.Add(e.Key.Pos, "unknown-key", "%s has no key `%s`.%s It may have: %s.", upper(what), e.Key.V, DidYouMean(e.Key.V, keys), list(keys))
			continue
		}
		m.byKey[e.Key.V] = e.Value
		m.keys[e.Key.V] = e.Key.Pos
	}
	return m
}

// OK tells whether the node was a mapping.
func (m *Map) OK() bool { return m.ok }

// Has tells whether the key is there.
func (m *Map) Has(key string) bool { return m.byKey[key] != nil }

// Node returns the value of a key; nil when it is absent.
func (m *Map) Node(key string) *Node { return m.byKey[key] }

// Meant tells whether what is wrong with an absent key was reported already: it
// has no usable value, or an unknown key seems to mean it.
func (m *Map) Meant(key string) bool { return m.meant[key] }

// KeyPos returns where the key stands; where the mapping begins when absent.
func (m *Map) KeyPos(key string) Pos {
	if p, ok := m.keys[key]; ok {
		return p
	}
	return m.Pos
}

// Require reports the keys that are missing, in the order given, unless
// Meant.
func (m *Map) Require(keys ...string) {
	if !m.ok {
		return
	}
	for _, k := range keys {
		if !m.Has(k) && !m.meant[k] {
			m.ps.Add(m.Pos, "required", "%s needs `%s`, and it is missing.%s", upper(m.what), k, suchAs(m.what, k))
		}
	}
}

// Text reads a key as Node.Text does.
func (m *Map) Text(key string) Str { return m.byKey[key].Text(m.ps) }

// Texts reads a key as Node.Texts does.
func (m *Map) Texts(key string) []Str { return m.byKey[key].Texts(m.ps) }

// List reads a key as Node.List does.
func (m *Map) List(key string) []*Node { return m.byKey[key].List(m.ps) }

// Pairs reads a key as Node.Pairs does.
func (m *Map) Pairs(key string) []Entry { return m.byKey[key].Pairs(m.ps) }

// Bool reads a key as Node.Bool does.
func (m *Map) Bool(key string) bool { return m.byKey[key].Bool(m.ps) }

// Int reads a key as Node.Int does; 0 when absent.
func (m *Map) Int(key string) int {
	v, _ := m.byKey[key].Int(m.ps)
	return int(v)
}

// Number reads a key as Node.Number does; nil when absent or no number.
func (m *Map) Number(key string) *float64 {
	v, ok := m.byKey[key].Number(m.ps)
	if !ok {
		return nil
	}
	return &v
}

// Text reads a text, without the space around it. A number, true or false must
// be in quotes to be a text; a date need not be.
func (n *Node) Text(ps *Problems) Str {
	switch {
	case n == nil:
		return Str{}
	case n.Kind != Scalar:
		ps.Add(n.Pos, "type", "%s is a text, but this is %s.", upper(n.Name), n.shape())
		return Str{}
	case n.quoted && strings.TrimSpace(n.text) == "":
		ps.Add(n.Pos, "empty", "%s is an empty text. Write something between the quotes, or remove `%s`.", upper(n.Name), strings.Trim(n.Name, "`"))
		return Str{}
	case !n.quoted && n.looksTyped() && n.Name == "`when`" && n.meaning() == "true or false":
		ps.Add(n.Pos, "type", "`when` is a condition, such as steps.scope.people > 100, but this is only `%s`. Remove it if there is no condition.", n.text)
		return Str{}
	case !n.quoted && n.looksTyped():
		ps.Add(n.Pos, "type", "%s is a text, but YAML reads `%s` without quotes as %s. Write '%s'.", upper(n.Name), n.text, n.meaning(), n.text)
		return Str{}
	}
	return trim(n.Str())
}

// trim removes the space around a text and moves its place along.
func trim(s Str) Str {
	s.Pos.Col += len(s.V) - len(strings.TrimLeft(s.V, " "))
	s.V = strings.TrimSpace(s.V)
	return s
}

// looksTyped tells whether some YAML reader takes the plain scalar for
// something else than text.
func (n *Node) looksTyped() bool {
	return n.tag == "!!int" || n.tag == "!!float" || n.tag == "!!bool" || oldBool.MatchString(n.text)
}

func (n *Node) meaning() string {
	if n.tag == "!!int" || n.tag == "!!float" {
		return "a number"
	}
	return "true or false"
}

// oldBool are the words YAML 1.1 took for true and false.
var oldBool = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false)$`)

// Texts reads a list of texts. One text alone is refused, so that a list can
// be recognised by its brackets or dashes.
func (n *Node) Texts(ps *Problems) []Str {
	var out []Str
	for _, item := range n.list(ps, true) {
		if s := item.Text(ps); !s.Empty() {
			out = append(out, s)
		}
	}
	return out
}

// List reads a list.
func (n *Node) List(ps *Problems) []*Node { return n.list(ps, false) }

func (n *Node) list(ps *Problems, ofTexts bool) []*Node {
	if n == nil {
		return nil
	}
	if n.Kind != Sequence {
		hint := " Begin each entry of it with a dash and a space."
		if n.Kind == Scalar && ofTexts {
			hint = " Write [" + cut(n.text) + "]."
		}
		ps.Add(n.Pos, "type", "%s is a list, but this is %s.%s", upper(n.Name), n.shape(), hint)
		return nil
	}
	return n.Items
}

// Pairs reads a mapping whose keys the author chooses, in the order written.
func (n *Node) Pairs(ps *Problems) []Entry {
	if n == nil {
		return nil
	}
	if n.Kind != Mapping {
		ps.Add(n.Pos, "type", "%s is a group of keys, each with its value, but this is %s.%s", upper(n.Name), n.shape(), n.asPairs())
		return nil
	}
	return n.Entries
}

// Bool reads true or false.
func (n *Node) Bool(ps *Problems) bool {
	if n == nil {
		return false
	}
	if n.Kind == Scalar && !n.quoted && (n.text == "true" || n.text == "false") {
		return n.text == "true"
	}
	ps.Add(n.Pos, "type", "%s is true or false, but this is %s. %s", upper(n.Name), n.shape(), n.trueOrFalse())
	return false
}

var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	anyNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

// maxExact is the largest whole number that JSON readers keep exactly (RFC 7493
// section 2.2); files are pinned as JSON.
const maxExact = 1<<53 - 1

// Int reads a whole number; false when it is absent or is none.
func (n *Node) Int(ps *Problems) (int64, bool) {
	if n == nil {
		return 0, false
	}
	if n.Kind == Scalar && !n.quoted && wholeNumber.MatchString(n.text) {
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err == nil && v >= -maxExact && v <= maxExact {
			return v, true
		}
		ps.Add(n.Pos, "type", "The number `%s` is too large to be kept exactly. The largest is %d.", n.text, int64(maxExact))
		return 0, false
	}
	ps.Add(n.Pos, "type", "%s is a whole number such as 3, but this is %s. %s", upper(n.Name), n.shape(), n.digits())
	return 0, false
}

// Number reads a number; false when it is absent or is none.
func (n *Node) Number(ps *Problems) (float64, bool) {
	if n == nil {
		return 0, false
	}
	if n.Kind == Scalar && !n.quoted && anyNumber.MatchString(n.text) && !thousands(n.text) {
		if v, err := strconv.ParseFloat(n.text, 64); err == nil {
			return v, true
		}
	}
	ps.Add(n.Pos, "type", "%s is a number such as 3 or 0.5, but this is %s. %s", upper(n.Name), n.shape(), n.digits())
	return 0, false
}

// Value reads what a plain value says: a string, bool, int64 or float64. Words
// such as yes and no, and numbers written in an unusual way, need quotes.
func (n *Node) Value(ps *Problems) (any, bool) {
	switch {
	case n == nil:
		return nil, false
	case n.Kind != Scalar:
		ps.Add(n.Pos, "type", "%s is one plain value (a text, a number, true or false), but this is %s.", upper(n.Name), n.shape())
		return nil, false
	case n.quoted:
		return n.text, true
	case n.text == "true", n.text == "false":
		return n.text == "true", true
	case wholeNumber.MatchString(n.text):
		return n.Int(ps)
	case anyNumber.MatchString(n.text):
		return n.Number(ps)
	case n.looksTyped():
		ps.Add(n.Pos, "type", "`%s` could be read as %s or as a text. Write '%s' if you mean the text.", n.text, n.meaning(), n.text)
		return nil, false
	}
	return n.text, true
}

func known(key string, keys []string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

// list prints the choices of a message.
func list(keys []string) string { return strings.Join(keys, ", ") }

// upper begins a message with a capital, unless it begins with a quoted name.
func upper(s string) string {
	if s == "" {
		return "This"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
