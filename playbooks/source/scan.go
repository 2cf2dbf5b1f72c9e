package source

import "strings"

// scanner looks through a text that YAML could not read, for the faults people
// make: text that needs quotes, brackets and quotes left open, lines that are
// indented wrongly. It reports only what is certainly wrong.
type scanner struct {
	p     *parser
	lines [][]rune
	line  int // from 0
	col   int // from 0

	levels []level // open groups, outermost first
	open   bool    // the line above ended with a key or a dash: its value may follow
	plain  bool    // the line above ended with an unquoted text, which may go on
	lost   bool    // indentation is out of step: say nothing more about it
}

// level is a group of keys ('m') or a list ('s') and its column.
type level struct {
	col  int
	kind rune
}

func newScanner(p *parser) *scanner {
	s := &scanner{p: p}
	for _, l := range p.lines {
		s.lines = append(s.lines, []rune(strings.TrimRight(l, "\r")))
	}
	return s
}

func (s *scanner) report(line, col int, rule, format string, args ...any) {
	s.p.add(line+1, col+1, rule, format, args...)
}

// run goes through the lines; each turn reads at least one.
func (s *scanner) run() {
	for s.line < len(s.lines) {
		text := string(s.lines[s.line])
		body := strings.TrimLeft(text, " ")
		switch {
		case strings.TrimSpace(body) == "", strings.HasPrefix(body, "#"):
			s.line++
		case strings.HasPrefix(body, "\t"):
			s.report(s.line, len(text)-len(body), ruleYAML, "A tab stands here. Indent with spaces: YAML does not take tabs.")
			s.line++
		case text == "---", text == "...", strings.HasPrefix(text, "%"):
			s.line++
		default:
			s.col = len(text) - len(body)
			s.entry()
		}
	}
}

// entry reads a line that begins at col in block style, and what its value
// takes of the lines below.
func (s *scanner) entry() {
	start := s.line
	if s.continues() {
		s.line++
		return
	}
	s.indentation()
	s.open, s.plain = false, false
	for s.dash() {
		s.push('s')
		s.col++
		s.spaces()
		if s.ended() {
			s.open = true
			s.line++
			return
		}
	}
	if s.key() {
		s.spaces()
		if s.ended() {
			s.open = true
			s.line++
			return
		}
	}
	s.value()
	if s.line == start { // a value always ends on a line that is done
		s.line++
	}
}

// continues tells whether the line goes on with the unquoted text above it.
func (s *scanner) continues() bool {
	if !s.plain || len(s.levels) == 0 || s.col <= s.levels[len(s.levels)-1].col {
		return false
	}
	if at := colon(s.lines[s.line], s.col); at >= 0 {
		s.report(s.line, s.col, "indentation", "This line is indented further than the one above, so it would be a part of that text. Begin it in the column of the keys it belongs to.")
	}
	return true
}

// dash tells whether a list's dash stands at col.
func (s *scanner) dash() bool {
	return s.at(0) == '-' && (s.at(1) == ' ' || s.at(1) == 0)
}

// at is the character n after col; 0 behind the end of the line.
func (s *scanner) at(n int) rune {
	if l := s.lines[s.line]; s.col+n < len(l) {
		return l[s.col+n]
	}
	return 0
}

func (s *scanner) spaces() {
	for s.at(0) == ' ' || s.at(0) == '\t' {
		s.col++
	}
}

// ended tells whether nothing but a comment is left on the line.
func (s *scanner) ended() bool { return s.at(0) == 0 || s.at(0) == '#' }

// key reads a key with its colon; col is then behind it.
func (s *scanner) key() bool {
	from := s.col
	if q := s.at(0); q == '"' || q == '\'' {
		line := s.line
		if s.quoted() && s.line == line {
			s.spaces()
			if s.at(0) == ':' && (s.at(1) == ' ' || s.at(1) == 0) {
				s.keyAt(from, s.col)
				return true
			}
		}
		s.line, s.col = line, from
		return false
	}
	if strings.ContainsRune("[{|>", s.at(0)) {
		return false
	}
	if at := colon(s.lines[s.line], s.col); at >= 0 {
		s.keyAt(from, at)
		return true
	}
	return false
}

func (s *scanner) keyAt(from, colon int) {
	s.col = from
	s.push('m')
	s.col = colon + 1
}

// colon finds the `: ` (or a colon at the end) of an unquoted text, -1 for
// none, up to a comment.
func colon(line []rune, from int) int {
	for i := from; i < len(line); i++ {
		switch {
		case line[i] == '#' && i > from && line[i-1] == ' ':
			return -1
		case line[i] == ':' && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t'):
			return i
		}
	}
	return -1
}

func (s *scanner) push(kind rune) {
	if n := len(s.levels); n > 0 && s.levels[n-1] == (level{s.col, kind}) {
		return
	}
	s.levels = append(s.levels, level{s.col, kind})
}

// indentation closes the groups the line does not belong to, and reports a
// line that belongs to none.
func (s *scanner) indentation() {
	fell, near := false, s.nearest()
	for len(s.levels) > 0 && s.levels[len(s.levels)-1].col > s.col {
		s.levels = s.levels[:len(s.levels)-1]
		fell = true
	}
	n := len(s.levels)
	if n == 0 {
		if fell {
			s.misfit("This line begins further left than the first line, so YAML would drop it and all below it. Begin it in the same column.")
		}
		return
	}
	top := s.levels[n-1]
	switch {
	case top.col < s.col && (fell || !s.open):
		s.misfit("This line begins in column %d, which fits no line above it. Keys of one group, and dashes of one list, begin in the same column; the nearest is column %d. Begin the line there.", s.col+1, near+1)
	case top.col == s.col && top.kind == 's' && !s.dash():
		if n > 1 && s.levels[n-2].col == s.col {
			s.levels = s.levels[:n-1] // the list stood in the column of its key
			return
		}
		s.misfit("This line stands in the column of a list's dashes. Indent it by two more spaces if it belongs to the entry above, or begin it with a dash.")
	case top.col == s.col && top.kind == 'm' && s.dash() && !s.open:
		s.misfit("A dash begins a list, but the lines above are keys. Indent it under the key it belongs to.")
	}
}

// nearest is the column of the open group the line most likely belongs to.
func (s *scanner) nearest() int {
	kind, best, found := 'm', 0, false
	if s.dash() {
		kind = 's'
	}
	away := func(col int) int { return max(col-s.col, s.col-col) }
	for _, l := range s.levels {
		if l.kind == kind && (!found || away(l.col) <= away(best)) {
			best, found = l.col, true
		}
	}
	return best
}

func (s *scanner) misfit(format string, args ...any) {
	if !s.lost {
		s.report(s.line, s.col, "indentation", format, args...)
	}
	s.lost = true
}
