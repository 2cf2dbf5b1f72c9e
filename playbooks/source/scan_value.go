package source

import "strings"

// needsQuotes reports a text that YAML takes for something else: what is "that
// begins with ..." or "with ... in it".
func (s *scanner) needsQuotes(line, col int, what, text string) {
	s.report(line, col, "quotes", "Text %s needs quotes here. Write %s.", what, inQuotes(text))
}

// inQuotes shows how a text is written in single quotes. One that was in them
// already, but for an apostrophe not doubled, does not get a second pair.
func inQuotes(text string) string {
	text = strings.TrimSpace(text)
	if inner := strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'"); len(inner) == len(text)-2 && !strings.Contains(inner, "' ") && !strings.Contains(inner, " '") {
		text = inner
	}
	return "'" + strings.ReplaceAll(cut(text), "'", "''") + "'"
}

// named puts a sign into a message.
func named(sign rune) string {
	if sign == '`' {
		return "a backtick"
	}
	return "`" + string(sign) + "`"
}

// value reads what stands behind a key or a dash in block style.
func (s *scanner) value() {
	line, col := s.line, s.col
	rest := string(s.lines[line][col:])
	switch c := s.at(0); {
	case c == '|' || c == '>':
		s.blockText()
	case c == '"' || c == '\'':
		if s.quoted() {
			s.nothingBehind(line, col, "begins with a quotation mark but goes on behind the closing one", rest)
		}
	case c == '[' || c == '{':
		if s.flow() {
			s.nothingBehind(line, col, "begins with a bracket but goes on behind the closing one", rest)
		}
	case c == '@':
		s.report(line, col, "quotes", "Text that begins with `@` needs quotes here. Write %s. To name somebody, write the id of the role or person instead, without @.", inQuotes(rest))
		s.line++
	case strings.ContainsRune("!&*`%", c):
		s.needsQuotes(line, col, "that begins with "+named(c), rest)
		s.line++
	case (c == '?' || c == '-') && (s.at(1) == ' ' || s.at(1) == 0):
		s.needsQuotes(line, col, "that begins with `"+string(c)+" `", rest)
		s.line++
	default:
		if at := colon(s.lines[line], col); at >= 0 {
			s.needsQuotes(line, at, "with `: ` in it", rest)
		} else if at := strings.Index(rest, " #"); at >= 0 && !strings.HasPrefix(rest[at+2:], " ") && rest[at+2:] != "" {
			s.needsQuotes(line, col+len([]rune(rest[:at]))+1, "with ` #` in it", rest)
		}
		s.plain = true
		s.line++
	}
}

// nothingBehind checks that the line ends after a quoted text or a bracket.
func (s *scanner) nothingBehind(line, col int, what, text string) {
	if s.line >= len(s.lines) {
		return
	}
	s.spaces()
	if !s.ended() {
		s.report(line, col, "quotes", "This text %s. Put quotes around all of it: %s.", what, inQuotes(text))
	}
	s.line++
}

// blockText skips a text that was begun with | or >: the lines indented
// further than the group it stands in.
func (s *scanner) blockText() {
	base := -1
	if n := len(s.levels); n > 0 {
		base = s.levels[n-1].col
	}
	for s.line++; s.line < len(s.lines); s.line++ {
		text := string(s.lines[s.line])
		body := strings.TrimLeft(text, " ")
		if strings.TrimSpace(body) != "" && len(text)-len(body) <= base {
			return
		}
	}
}

// quoted reads a text in quotes, over several lines if need be; col is then
// behind the closing one. It reports a text that is never closed.
func (s *scanner) quoted() bool {
	line, col, q := s.line, s.col, s.at(0)
	s.col++
	for s.line < len(s.lines) {
		switch c := s.at(0); {
		case c == 0:
			s.line, s.col = s.line+1, 0
		case c == '\\' && q == '"':
			s.col += 2
		case c == q && q == '\'' && s.at(1) == q:
			s.col += 2
		case c == q:
			s.col++
			return true
		default:
			s.col++
		}
	}
	s.report(line, col, "quotes", "The quotation mark %c is never closed. Close it; to write an apostrophe inside '...', double it.", q)
	return false
}

// bracket is an open [ or { with its place.
type bracket struct {
	sign      rune
	line, col int
	value     bool // behind the colon of an entry
	filled    bool // something stands in the entry
}

// flow reads a list or a group of keys in brackets; col is then behind the
// closing one. It reports brackets that are never closed.
func (s *scanner) flow() bool {
	var open []bracket
	found := len(s.p.problems)
	for s.line < len(s.lines) {
		s.spaces()
		var top *bracket
		if len(open) > 0 {
			top = &open[len(open)-1]
		}
		switch c := s.at(0); {
		case c == 0, c == '#' && (s.col == 0 || s.lines[s.line][s.col-1] == ' '):
			s.line, s.col = s.line+1, 0
		case c == '[' || c == '{':
			if top != nil {
				top.filled = true
			}
			open = append(open, bracket{sign: c, line: s.line, col: s.col})
			s.col++
		case c == ']' || c == '}':
			if (c == ']') != (top.sign == '[') {
				s.report(s.line, s.col, ruleYAML, "%c closes %c of line %d, which it does not fit.", c, top.sign, top.line+1)
			}
			s.col++
			if open = open[:len(open)-1]; len(open) == 0 {
				return true
			}
		case c == ',':
			if !top.filled {
				s.report(s.line, s.col, "null", "Nothing stands before this comma. Write a value, or remove the comma.")
			}
			top.value, top.filled = false, false
			s.col++
		case c == ':':
			top.value = true
			s.col++
		default:
			top.filled = true
			if !s.flowText(top) {
				return false
			}
		}
	}
	s.p.problems = s.p.problems[:found] // what came below was read as if it stood in the bracket
	closing := open[0].sign + 2         // of [ and { in Unicode
	s.report(open[0].line, open[0].col, ruleYAML, "The bracket %c is never closed. Write %c where it ends.", open[0].sign, closing)
	return false
}

// flowText reads one text inside brackets.
func (s *scanner) flowText(top *bracket) bool {
	line, col := s.line, s.col
	if c := s.at(0); c == '"' || c == '\'' {
		if !s.quoted() {
			return false
		}
		s.spaces()
		if c := s.at(0); s.line < len(s.lines) && c != 0 && !strings.ContainsRune(",]}:#", c) {
			s.report(line, col, "quotes", "This text begins with a quotation mark but goes on behind the closing one. Put quotes around all of it: %s.", inQuotes(s.flowRest(line, col)))
			s.col = max(s.col, col+len([]rune(s.flowRest(line, col))))
			if s.line != line {
				s.line, s.col = s.line+1, 0
			}
		}
		return true
	}
	if sign, at := s.flowSign(top.value); sign != "" {
		s.needsQuotes(line, at, sign, s.flowRest(line, col))
		s.col = col + len([]rune(s.flowRest(line, col)))
		return true
	}
	return true
}

// flowSign reads an unquoted text inside brackets up to its end, or up to a
// sign that it may not hold.
func (s *scanner) flowSign(value bool) (sign string, at int) {
	if c := s.at(0); strings.ContainsRune("!&*@`%|>?", c) {
		return "that begins with " + named(c), s.col
	}
	for ; s.at(0) != 0; s.col++ {
		switch c := s.at(0); {
		case c == '?' || c == '[' || c == '{':
			return "with " + named(c) + " in it", s.col
		case c == ',' || c == ']' || c == '}':
			return "", 0
		case c == ':' && (s.at(1) == ' ' || s.at(1) == 0):
			if !value {
				return "", 0
			}
			return "with `: ` in it", s.col
		case c == '#' && s.col > 0 && s.lines[s.line][s.col-1] == ' ':
			if s.at(1) == ' ' || s.at(1) == 0 {
				return "", 0
			}
			return "with ` #` in it", s.col
		}
	}
	return "", 0
}

// flowRest is the text from col up to the comma or bracket that ends it in the
// author's mind: brackets and quotes inside it are taken as pairs.
func (s *scanner) flowRest(line, col int) string {
	var open []rune
	r := s.lines[line][col:]
	for i, c := range r {
		n := len(open)
		switch {
		case n > 0 && c == open[n-1]:
			open = open[:n-1]
		case n > 0 && (open[n-1] == '"' || open[n-1] == '\''):
		case c == '"' || (c == '\'' && (i == 0 || r[i-1] == ' ')):
			open = append(open, c)
		case c == '[':
			open = append(open, ']')
		case c == '{':
			open = append(open, '}')
		case c == '(':
			open = append(open, ')')
		case n == 0 && (c == ',' || c == ']' || c == '}'):
			return string(r[:i])
		}
	}
	if len(open) > 0 { // no pairs after all: up to the first comma or bracket
		if i := strings.IndexAny(string(r), ",]}"); i > 0 {
			return string(r)[:i]
		}
	}
	return string(r)
}
