package source

import "strings"

// Refused tells whether entries of a mapping are missing here because they were
// reported already.
func (n *Node) Refused() bool { return n != nil && (n.Kind != Mapping || len(n.blank) > 0) }

// trueOrFalse says which of the two words people mean.
func (n *Node) trueOrFalse() string {
	switch strings.ToLower(n.text) {
	case "yes", "ja", "y", "on", "true", "1":
		return "Write true" + n.unquote() + "."
	case "no", "nein", "n", "off", "false", "0":
		return "Write false" + n.unquote() + "."
	}
	return "Write true or false."
}

// asPairs shows how a list of words is written as keys with their values.
func (n *Node) asPairs() string {
	if n.Kind != Sequence {
		return ""
	}
	const each = " Write each entry as a key, a colon and its value, without a dash."
	if n.Name != "`options`" {
		return each
	}
	var pairs []string
	for _, item := range n.Items {
		if item.Kind != Scalar || item.text == "" {
			return each
		}
		pairs = append(pairs, key(item.text)+": "+upper(item.text))
	}
	return " Write {" + cut(strings.Join(pairs, ", ")) + "}."
}

// key is a text as an id.
func key(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, s), "_")
}

// YesNo tells whether a text is one of the words that people, and some readers of
// YAML, take for true and false.
func YesNo(s string) bool { return oldBool.MatchString(s) || s == "ja" || s == "nein" }

func (n *Node) unquote() string {
	if n.quoted {
		return ", without quotes"
	}
	return ""
}
