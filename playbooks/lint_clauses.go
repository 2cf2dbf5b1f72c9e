package playbooks

import (
	"regexp"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/frameworks"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// clauses are the sources a step can satisfy, with how their clauses are
// written and one that shows it.
var clauses = []struct {
	source, example string
	form            *regexp.Regexp
}{
	{"iso42001", "iso42001:6.1.4", regexp.MustCompile(`^(A\.)?[0-9]+(\.[0-9]+)*$`)},
	{"iso27001", "iso27001:9.3.2", regexp.MustCompile(`^(A\.)?[0-9]+(\.[0-9]+)*$`)},
	{"iso42005", "iso42005:5", regexp.MustCompile(`^(A\.)?[0-9]+(\.[0-9]+)*$`)},
	{"eu-ai-act", "eu-ai-act:73", regexp.MustCompile(`^[0-9]+[a-z]?(\([0-9]+\))?(\([a-z]\))?$`)},
	{"gdpr", "gdpr:33", regexp.MustCompile(`^[0-9]+(\([0-9]+\))?(\([a-z]\))?$`)},
	{"nist-ai-rmf", "nist-ai-rmf:MAP-5.1", regexp.MustCompile(`^(GOVERN|MAP|MEASURE|MANAGE)-[0-9]+(\.[0-9]+)?$`)},
}

var clauseID = regexp.MustCompile(`^([a-z0-9-]+):(.+)$`)

// lintClauses checks the clause ids under satisfies.
func lintClauses(l *linter) {
	l.clauses(l.p.Satisfies)
	for _, at := range l.flow {
		l.clauses(at.step.Satisfies)
	}
}

func (l *linter) clauses(ids []Str) {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id.V] {
			l.ps.Add(id.Pos, "clause", "`%s` is in this list already.", id.V)
		}
		seen[id.V] = true
		l.clause(id)
	}
}

func (l *linter) clause(id Str) {
	m := clauseID.FindStringSubmatch(id.V)
	for _, c := range clauses {
		if m == nil || m[1] != c.source {
			continue
		}
		if !c.form.MatchString(m[2]) {
			example := c.example
			if meant := meantClause(id.V); meant != "" {
				example = meant
			}
			l.ps.Add(id.Pos, "clause", "`%s` is no clause of %s. Write it as %s.", id.V, c.source, example)
			return
		}
		l.listed(id, m[1], m[2])
		return
	}
	l.ps.Add(id.Pos, "clause", "`%s` is no clause.%s Write the source, a colon and the clause, such as iso42001:6.1.4, iso27001:9.3.2, iso42005:5, eu-ai-act:73, gdpr:33 or nist-ai-rmf:MAP-5.1.", id.V, didYouMean(meantClause(id.V)))
}

// listed reports a clause that a framework does not have, as far as all of them
// are known.
func (l *linter) listed(id Str, framework, clause string) {
	f, ok := frameworks.Find(framework)
	if !ok || !f.Complete || f.Has(clause) {
		return
	}
	var ids []string
	for _, c := range f.Clauses {
		ids = append(ids, framework+":"+c.ID)
	}
	l.ps.Add(id.Pos, "clause", "%s has no clause `%s`.%s `aimsbot coverage` lists them.", f.Title, clause, nearClauses(id.V, ids))
}

// maxBeside is how many clauses of a section are named; more are no help.
const maxBeside = 8

// nearClauses names the clauses of the section that the unknown one would be in, or
// the one most like it.
func nearClauses(id string, ids []string) string {
	section := id[:strings.LastIndexAny(id, ".:-")+1]
	var out []string
	for _, other := range ids {
		if rest, ok := strings.CutPrefix(other, section); ok && rest != "" && !strings.ContainsAny(rest, ".-(") {
			out = append(out, other)
		}
	}
	if len(out) > 0 && len(out) <= maxBeside && strings.ContainsAny(section, ".-") {
		return " There are " + strings.Join(out, ", ") + "."
	}
	return source.DidYouMean(id, ids)
}

// spoken are the words by which people know a source.
var spoken = []struct{ word, source string }{
	{"42001", "iso42001"},
	{"27001", "iso27001"},
	{"42005", "iso42005"},
	{"ai act", "eu-ai-act"},
	{"ai-act", "eu-ai-act"},
	{"2024/1689", "eu-ai-act"},
	{"gdpr", "gdpr"},
	{"dsgvo", "gdpr"},
	{"nist", "nist-ai-rmf"},
}

// meantClause is the clause that people mean with a name as they say it, such as
// ISO 42001 6.1.4, GDPR Art. 33 or NIST MAP 5.1; "" where none can be seen.
func meantClause(text string) string {
	lower := strings.ToLower(text)
	for _, s := range spoken {
		if !strings.Contains(lower, s.word) {
			continue
		}
		words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" :,;", r) })
		for i, w := range words {
			if i+1 < len(words) {
				w2 := strings.ToUpper(w) + "-" + words[i+1] // MAP 5.1
				if formOf(s.source).MatchString(w2) {
					return s.source + ":" + w2
				}
			}
			if w = strings.TrimSuffix(w, "."); formOf(s.source).MatchString(w) && !strings.Contains(s.word, w) {
				return s.source + ":" + w
			}
		}
	}
	return ""
}

// formOf is how the clauses of a source are written.
func formOf(source string) *regexp.Regexp {
	for _, c := range clauses {
		if c.source == source {
			return c.form
		}
	}
	return regexp.MustCompile(`^$`)
}
