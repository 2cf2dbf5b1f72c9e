package source

import "strings"

// Over lays a mapping over another: its keys win, and mappings under the same key
// are laid over each other in turn. Neither is changed.
func (n *Node) Over(below *Node) *Node {
	if n == nil {
		return below
	}
	if below == nil || n.Kind != Mapping || below.Kind != Mapping {
		return n
	}
	out := *below
	out.Entries = append([]Entry(nil), below.Entries...)
	for _, e := range n.Entries {
		placed := false
		for i, b := range out.Entries {
			if b.Key.V == e.Key.V {
				out.Entries[i].Value, placed = e.Value.Over(b.Value), true
			}
		}
		if !placed {
			out.Entries = append(out.Entries, e)
		}
	}
	return &out
}

// YAML writes the value in one line.
func (n *Node) YAML() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *Node) write(b *strings.Builder) {
	switch n.Kind {
	case Mapping:
		b.WriteByte('{')
		for i, e := range n.Entries {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(e.Key.V) + ": ")
			e.Value.write(b)
		}
		b.WriteByte('}')
	case Sequence:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.write(b)
		}
		b.WriteByte(']')
	default:
		if n.quoted || n.tag == "!!str" {
			b.WriteString(quote(n.text))
			return
		}
		b.WriteString(n.text)
	}
}

func quote(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`)
	return `"` + r.Replace(s) + `"`
}
