package source

import "bytes"

// maxSigns bounds how many values a file can have, by the signs of YAML that a
// value can stand behind. A value takes about 300 bytes when it is read; an
// organisation of five thousand people has about 100,000 signs.
const maxSigns = 150_000

// Limit is how much a file may hold.
type Limit struct {
	Bytes  int
	Values int // by the signs of YAML that a value can stand behind
	Line   int // bytes of a line
}

// maxIndent is how many spaces a line may begin with: maxDepth levels of eight.
const maxIndent = 512

// ParseAtMost is Parse of a file that holds at most so much.
func ParseAtMost(file string, b []byte, most Limit) (*Node, Problems) {
	p := &parser{file: file}
	if p.tooLarge(b, most.Bytes, most.Values) || p.tooLong(b, most.Line) {
		return nil, p.problems
	}
	return Parse(file, b)
}

// tooLong refuses a file with a line that nobody has written: reading it takes
// long, and no editor shows it.
func (p *parser) tooLong(b []byte, most int) bool {
	for n := 1; len(b) > 0; n++ {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		switch {
		case len(line) > most:
			p.add(n, most+1, "size", "This line has %d characters; the limit is %d. Write it on several lines.", len(line), most)
			return true
		case len(line)-len(bytes.TrimLeft(line, " ")) > maxIndent:
			p.add(n, maxIndent+1, "size", "This line begins further right than column %d. Write steps below each other, not inside each other.", maxIndent)
			return true
		}
		b = rest
	}
	return false
}

// tooLarge refuses a file before anything is made of it.
func (p *parser) tooLarge(b []byte, size, most int) bool {
	if len(b) > size {
		p.add(1, 1, "size", "This file has %d KiB; the limit is %d KiB. Split it.", len(b)>>10, size>>10)
		return true
	}
	line, begin, signs := 1, 0, 0
	for i, c := range b {
		switch c {
		case ',', '[', '{', '\n', ':', '-', '?':
			if c == '-' && i > 0 && b[i-1] != ' ' && b[i-1] != '\n' || c == ':' && i+1 < len(b) && b[i+1] != ' ' && b[i+1] != '\n' {
				break // inside a word
			}
			if signs++; signs > most {
				p.add(line, 1+len(bytes.Runes(b[begin:i])), "size", "This file has more than %d values up to here, which is more than is read. Split it.", most)
				return true
			}
		}
		if c == '\n' {
			line, begin = line+1, i+1
		}
	}
	return false
}
