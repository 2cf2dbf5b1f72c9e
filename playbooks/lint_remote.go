package playbooks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// remote checks a list that is read from outside: where from, what of it, and
// who says it when it cannot be read.
func (l *linter) remote(step *Step, c Collected) {
	json := c.From.V == ListJSON
	for _, k := range []struct {
		key string
		at  Pos
		has bool
	}{
		{"path", c.Path.Pos, !c.Path.Empty()},
		{"entries", c.Entries.Pos, !c.Entries.Empty()},
		{"fields", c.Pos, len(c.Fields) > 0},
		{"source", c.Source.Pos, !c.Source.Empty() && !c.Outside()},
	} {
		if k.has && !json {
			l.ps.Add(k.at, "collect", "`%s` says what is read from an address outside, with from: json. Remove it, or read from: json.", k.key)
		}
	}
	if !c.Outside() {
		return
	}
	if json {
		l.remoteJSON(c)
	}
	l.remoteSource(c)
	l.remoteMissing(step, c)
}

// remoteJSON checks what is taken out of an answer.
func (l *linter) remoteJSON(c Collected) {
	for _, k := range []struct {
		key  string
		gone bool
	}{{"source", c.Source.Empty()}, {"path", c.Path.Empty()}, {"fields", len(c.Fields) == 0}} {
		if k.gone {
			l.ps.Add(c.Pos, "required", "`json` is read from outside and needs `%s`, such as {from: json, source: usage, path: '/systems/${system.id}', fields: {calls: {type: int, value: entry.calls}}}.", k.key)
		}
	}
	if p := c.Path.V; p != "" && !strings.HasPrefix(p, "/") {
		l.ps.Add(c.Path.Pos, "collect", "`path` is what follows the address of the source, and begins with /.")
	}
	l.remoteExpr("entries", c.Entries)
	names := map[string]Pos{}
	for _, f := range c.Fields {
		l.id(f.Name, "a value from outside", names)
		l.remoteExpr("value", f.Value)
		if !f.Type.Empty() && !has(remoteTypes, f.Type.V) {
			l.ps.Add(f.Type.Pos, "question-type", "There is no type `%s` for values from outside.%s The types are: %s.", f.Type, source.DidYouMean(f.Type.V, remoteTypes), strings.Join(remoteTypes, ", "))
		}
	}
}

func (l *linter) remoteExpr(key string, expr Str) {
	if expr.Empty() {
		return
	}
	if _, err := remoteProgram(expr.V); err != nil {
		l.ps.Add(expr.Pos, "syntax", "`%s` cannot be read. It begins with `body`, the whole answer, or with `entry`, one entry of it, such as body.rows, entry.name or double(entry.rate).", key)
	}
}

// remoteSource checks that the organisation names the source.
func (l *linter) remoteSource(c Collected) {
	if c.Source.Empty() || l.o == nil {
		return
	}
	var names []string
	for _, s := range l.o.Sources {
		names = append(names, s.ID)
	}
	want := c.SourceKind()
	i := slices.Index(names, c.Source.V)
	if i < 0 {
		l.ps.Add(c.Source.Pos, "unknown-name", "The organisation has no source `%s`.%s Name it in the organisation file, such as sources: {%s: {kind: %s, url: 'https://data.example.com'}}.", c.Source, source.DidYouMean(c.Source.V, names), c.Source, want)
		return
	}
	if got := l.o.Sources[i].Kind; got != want {
		l.ps.Add(c.Source.Pos, "collect", "`%s` is a source of kind %s, and `%s` is read from one of kind %s.", c.Source, got, c.From, want)
	}
}

// remoteMissing demands that somebody is asked for what could not be read.
func (l *linter) remoteMissing(step *Step, c Collected) {
	reads := regexp.MustCompile(`\bsteps\.` + regexp.QuoteMeta(step.ID.V+"."+c.Name.V) + `\.missing\b`)
	passed := false
	for _, pl := range l.flow {
		if pl.step == step {
			passed = true
			continue
		}
		asks := pl.step.Form != nil || pl.step.Task != nil
		guards := []Str{pl.step.When}
		for _, above := range pl.above {
			guards = append(guards, above.When)
		}
		if passed && asks && slices.ContainsFunc(guards, func(w Str) bool { return reads.MatchString(w.V) }) {
			return
		}
	}
	path := "steps." + step.ID.V + "." + c.Name.V
	l.ps.Add(c.From.Pos, "outside-missing", "`%s` is read from outside, which may not answer. Add a form or a task after this step that asks somebody for it, with when: has(%s.missing).", c.Name, path)
}
