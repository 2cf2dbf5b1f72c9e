package playbooks

import (
	"regexp"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// evidenceWords are what `evidence` of a task may say.
var evidenceWords = []string{"required", "optional"}

const badEvidence = "`evidence` is required or optional, not `%s`. Leave it out if none is wanted."

// evidence reads whether a task needs evidence. Whoever answers it with yes or
// no is told the words, and not that yes is no text.
func (r *reader) evidence(n *source.Node) Str {
	if n == nil || n.Kind != source.Scalar || n.Quoted() {
		return n.Text(&r.ps)
	}
	if s := n.Str(); source.YesNo(s.V) {
		r.ps.Add(s.Pos, "evidence", badEvidence, s.V)
		return Str{}
	}
	return n.Text(&r.ps)
}

// lintWords checks the few fixed words of the steps.
func lintWords(l *linter) {
	for _, at := range l.flow {
		if t := at.step.Task; t != nil && !t.Evidence.Empty() && !has(evidenceWords, t.Evidence.V) {
			l.ps.Add(t.Evidence.Pos, "evidence", badEvidence, t.Evidence.V)
		}
	}
}

// lostPlaceholder finds a value that is meant to be put into a text, in the way
// of another program.
var (
	lostPlaceholder = regexp.MustCompile(`\$?\{\{?\s*` + valueName + `\s*\}\}?|\$\(\s*` + valueName + `\s*\)|\$` + valueName + `|<` + valueName + `>`)
	valueInText     = regexp.MustCompile(valueName)
)

const valueName = `(?:system|steps|run|subject|before|organisation)\.[a-z_]+(?:\.[a-z_]+)*`

// placeholder reports a value in a text that would be shown as it is written.
func (l *linter) placeholder(s Str) {
	for _, m := range lostPlaceholder.FindAllStringIndex(s.V, -1) {
		found := s.V[m[0]:m[1]]
		if strings.HasPrefix(found, "${") && !strings.HasPrefix(found, "${{") {
			continue
		}
		l.ps.Add(posIn(s, m[0]), "text", "People would read `%s` as it stands here. To put the value in, write ${%s}.", found, valueInText.FindString(found))
	}
}

// asID is a text as an id, with sep between its words; example where nothing
// of it could be in an id.
func asID(text string, sep rune, example string) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r > 0x7f:
			return -1
		}
		return sep
	}, text)
	words := strings.FieldsFunc(id, func(r rune) bool { return r == sep })
	id = strings.TrimLeft(strings.Join(words, string(sep)), "0123456789"+string(sep))
	if id == "" || id == text || len(id) > maxID {
		return example
	}
	return id
}
