package source

import "slices"

// Kind is the shape of a Node.
type Kind int

// The shapes.
const (
	Mapping Kind = iota + 1
	Sequence
	Scalar
)

// Node is one value of a document with its place. A nil Node is an absent
// value: its methods return zero values and report nothing.
type Node struct {
	Kind Kind
	Pos  Pos // of the first character, a quote included
	// Name is what messages call it: its key, or "an entry of `key`".
	Name    string
	Entries []Entry // Mapping, in the order written
	Items   []*Node // Sequence

	blank  []string // keys of a mapping whose value is empty or refused
	text   string
	start  Pos // of the text's own first character
	quoted bool
	tag    string // what YAML takes an unquoted scalar for: !!str !!int !!float !!bool !!timestamp
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Key   Str
	Value *Node
}

// Str returns a scalar's text as written, whatever YAML would make of it.
func (n *Node) Str() Str {
	if n == nil || n.Kind != Scalar {
		return Str{}
	}
	return Str{V: n.text, Pos: n.start}
}

// Quoted tells whether the scalar stands in quotes or is a block text.
func (n *Node) Quoted() bool { return n != nil && n.quoted }

// Get returns the value of a key of a mapping; nil when it is absent.
func (n *Node) Get(key string) *Node {
	e, _ := n.Entry(key)
	return e.Value
}

// Entry returns a key of a mapping with its value.
func (n *Node) Entry(key string) (Entry, bool) {
	if n != nil {
		for _, e := range n.Entries {
			if e.Key.V == key {
				return e, true
			}
		}
	}
	return Entry{}, false
}

// Set puts an entry in the place of the one with the same key, or at the end.
// The entries it had are not touched: other copies of the node keep them.
func (n *Node) Set(e Entry) {
	n.Entries = slices.Clone(n.Entries)
	for i := range n.Entries {
		if n.Entries[i].Key.V == e.Key.V {
			n.Entries[i] = e
			return
		}
	}
	n.Entries = append(n.Entries, e)
}

// Without returns a copy of a mapping without some keys.
func (n *Node) Without(keys ...string) *Node {
	out := *n
	out.Entries = nil
	for _, e := range n.Entries {
		if !slices.Contains(keys, e.Key.V) {
			out.Entries = append(out.Entries, e)
		}
	}
	return &out
}

// shape names what was found, for messages.
func (n *Node) shape() string {
	switch {
	case n.Kind == Mapping:
		return "a group of keys"
	case n.Kind == Sequence:
		return "a list"
	case n.quoted || n.tag == "!!str":
		return "the text `" + cut(n.text) + "`"
	case n.tag == "!!bool":
		return "`" + n.text + "`"
	case n.tag == "!!timestamp":
		return "the date `" + n.text + "`"
	}
	return "the number `" + n.text + "`"
}

// cut shortens a text shown in a message.
func cut(s string) string {
	const limit = 40 // characters
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return s
}
