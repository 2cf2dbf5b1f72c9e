package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxBytes is the largest file that is read. People write these files; the
// limit keeps a mistaken one (an export, a log) from being worked through.
const MaxBytes = 1 << 20

// maxDepth is how deep values may nest; the language itself needs about 12.
const maxDepth = 64

// Parse reads one YAML document strictly. It returns every problem found; the
// Node is nil when the text cannot be read at all, and else complete enough to
// be read on, so that later problems are shown in the same pass.
//
// Refused are: empty values, tags, anchors, aliases and merge keys, a second
// document, keys written twice, keys that are no text, text YAML would cut or
// take for something else, and lines that would be dropped.
func Parse(file string, b []byte) (*Node, Problems) {
	p := &parser{file: file}
	if p.tooLarge(b, MaxBytes, maxSigns) {
		return nil, p.problems
	}
	p.lines = strings.Split(string(b), "\n")
	switch {
	case !utf8.Valid(b):
		p.badCharacter(b, "This character is not UTF-8. Save the file as UTF-8.", func(r rune, size int) bool { return r == utf8.RuneError && size == 1 })
		return nil, p.problems
	case bytes.ContainsFunc(bytes.ReplaceAll(b, []byte("\r\n"), nil), control):
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		p.badCharacter(b, "A control character, which is not to be seen, stands here. Delete it, or type the line anew.", func(r rune, _ int) bool { return control(r) })
		return nil, p.problems
	}
	if p.oddSpaces(); len(p.problems) > 0 {
		return nil, p.problems
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || (err == nil && emptyDocument(&doc)) {
		p.add(1, 1, ruleYAML, "This file is empty.")
		return nil, p.problems
	}
	if err != nil {
		p.syntax(err)
		return nil, p.problems
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		p.syntax(err)
		return nil, p.problems
	default:
		p.add(max(second.Line, 1), max(second.Column, 1), "second-document", "A second document begins here. Put it in a file of its own and remove the line `---`.")
	}
	n := p.node(doc.Content[0], "the file", 0)
	p.problems.Sort()
	return n, p.problems
}

func emptyDocument(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || (doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].ShortTag() == "!!null")
}

type parser struct {
	file     string
	lines    []string
	problems Problems
}

func (p *parser) pos(line, col int) Pos { return Pos{File: p.file, Line: line, Col: col} }

func (p *parser) add(line, col int, rule, format string, args ...any) {
	p.problems.Add(p.pos(line, col), rule, format, args...)
}

// control tells which characters are refused: those YAML refuses itself
// (https://yaml.org/spec/1.2.2/ section 5.1), and line breaks other than \n and
// \r\n, which editors count differently.
func control(r rune) bool {
	switch {
	case r == '\t' || r == '\n':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

// badCharacter reports the first character that is bad.
func (p *parser) badCharacter(b []byte, message string, bad func(r rune, size int) bool) {
	line, col := 1, 1
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if bad(r, size) {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
		b = b[size:]
	}
	p.add(line, col, ruleYAML, "%s", message)
}

// node turns a YAML node into ours; nil when it cannot be used.
func (p *parser) node(y *yaml.Node, name string, depth int) *Node {
	pos := p.pos(y.Line, y.Column)
	n := &Node{Pos: pos, Name: name}
	switch {
	case depth > maxDepth:
		p.problems.Add(pos, ruleYAML, "Values are nested more than %d deep here.", maxDepth)
		return nil
	case y.Kind == yaml.AliasNode:
		p.problems.Add(pos, "anchor", "`*%s` would repeat another part of the file, which is not supported. Write the value out; if you mean the text, put it in quotes: '*%s'.", y.Value, y.Value)
		return nil
	case p.refusedTag(y, pos):
		return nil
	case y.Anchor != "":
		p.problems.Add(pos, "anchor", "`&%s` names a part of the file for repeating it, which is not supported. Remove it; if you mean the text, put it in quotes.", y.Anchor)
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Mapping
		p.mapping(n, y, depth)
	case yaml.SequenceNode:
		n.Kind = Sequence
		for _, c := range y.Content {
			if item := p.child(c, "an entry of "+name, pos, depth); item != nil {
				n.Items = append(n.Items, item)
			}
		}
	case yaml.ScalarNode:
		n.Kind = Scalar
		p.scalar(n, y)
	default:
		return nil
	}
	return n
}

// child reads a value and refuses an empty one, which stands at pos.
func (p *parser) child(y *yaml.Node, name string, pos Pos, depth int) *Node {
	if y.Kind == yaml.ScalarNode && y.Style&(yaml.TaggedStyle|quotedStyle) == 0 && y.ShortTag() == "!!null" {
		p.empty(y, name, pos)
		return nil
	}
	return p.node(y, name, depth+1)
}

func (p *parser) empty(y *yaml.Node, name string, pos Pos) {
	if y.Value != "" {
		p.add(y.Line, y.Column, "null", "`%s` means 'nothing' in YAML. Leave %s out, or put the word in quotes.", y.Value, name)
		return
	}
	if strings.HasPrefix(name, "an entry of ") {
		pos = p.pos(y.Line, y.Column)
	}
	hint := ""
	if y.LineComment != "" || y.HeadComment != "" {
		hint = " A # begins a comment: text that begins with # needs quotes."
	}
	p.problems.Add(pos, "null", "%s has no value. Write one, or remove it.%s", upper(name), hint)
}

func (p *parser) mapping(n *Node, y *yaml.Node, depth int) {
	seen := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if p.decimalComma(y, i) {
			continue
		}
		if !p.goodKey(k) {
			n.blank = append(n.blank, k.Value)
			continue
		}
		if first, dup := seen[k.Value]; dup {
			p.add(k.Line, k.Column, "duplicate-key", "`%s` is written twice here; the first is on line %d. Keep one.", k.Value, first)
			continue
		}
		seen[k.Value] = k.Line
		key := Str{V: k.Value, Pos: p.textStart(k)}
		value := p.child(v, "`"+k.Value+"`", p.pos(k.Line, k.Column), depth)
		if value == nil {
			n.blank = append(n.blank, k.Value)
			continue
		}
		n.Entries = append(n.Entries, Entry{Key: key, Value: value})
	}
}

func (p *parser) goodKey(k *yaml.Node) bool {
	pos := p.pos(k.Line, k.Column)
	tag := k.ShortTag()
	switch {
	case k.Kind != yaml.ScalarNode:
		p.problems.Add(pos, "key", "A key is one word, but this is a list, a group of keys or an alias. If you mean a text, put it in quotes.")
	case p.refusedTag(k, pos):
	case k.Style&quotedStyle != 0:
		return true
	case k.Value == "<<":
		p.problems.Add(pos, "anchor", "`<<` would copy keys from another part of the file, which is not supported. Write the keys out.")
	case tag == "!!null":
		p.problems.Add(pos, "key", "A key is missing before this colon; `null`, `~` and nothing are none. If you mean the word, put it in quotes.")
	case tag != "!!str" || (oldBool.MatchString(k.Value) && k.Value != "on"): // `on` is a key of the language, and only YAML 1.1 took it for true
		p.problems.Add(pos, "key", "YAML takes the key `%s` for %s and not for a text. Write it in quotes: '%s'.", k.Value, taken(tag), k.Value)
	default:
		return true
	}
	return false
}

const quotedStyle = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// refusedTag reports a tag: mostly a text or an expression that begins with !.
func (p *parser) refusedTag(y *yaml.Node, pos Pos) bool {
	if y.Style&yaml.TaggedStyle == 0 {
		return false
	}
	text := y.Tag
	if y.Value != "" {
		text += " " + y.Value
	}
	p.problems.Add(pos, "quotes", "Text that begins with ! needs quotes, else YAML drops a part of it. Write '%s'.", strings.ReplaceAll(cut(text), "'", "''"))
	return true
}

func (p *parser) scalar(n *Node, y *yaml.Node) {
	n.text = y.Value
	n.quoted = y.Style&quotedStyle != 0
	n.tag = y.ShortTag()
	n.start = p.textStart(y)
	if n.quoted || n.tag != "!!str" {
		return
	}
	// "Option #3" is cut by YAML at the #; a real comment has a space after it.
	if c := y.LineComment; len(c) > 1 && c[1] != ' ' && c[1] != '#' {
		p.problems.Add(n.Pos, "quotes", "YAML cuts this text before `%s`, because # begins a comment. Put the text in quotes; if it is a comment, write a space after #.", cut(c))
	}
}

// textStart is where a scalar's own text begins.
func (p *parser) textStart(y *yaml.Node) Pos {
	pos := p.pos(y.Line, y.Column)
	switch {
	case y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		pos.Col++
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for l := y.Line; l < len(p.lines); l++ { // lines[l] is line l+1
			if text := strings.TrimLeft(p.lines[l], " "); strings.TrimSpace(text) != "" {
				return p.pos(l+1, len(p.lines[l])-len(text)+1)
			}
		}
	}
	return pos
}
