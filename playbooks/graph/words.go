package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
)

// maxText is how many characters of a title or a condition are shown: a node
// stays narrow enough to stand beside others, and the whole text is in the
// playbook.
const maxText = 60

// title is what people call the step, if it has a name beside its id.
func title(s *playbooks.Step) []string {
	if s.Name() == s.ID.V {
		return nil
	}
	return []string{text(playbooks.Str{V: s.Name()})}
}

// does says what the step is, with its id, by which conditions name it.
func does(s *playbooks.Step) string {
	what := string(s.Kind)
	switch {
	case s.Form != nil:
		what = "form for " + who(s.Form.Ask)
		if s.Form.Opinion {
			what = "opinion of " + who(s.Form.Ask)
		}
		if s.Form.Again {
			what += ", whose answers may be changed"
		}
		if !s.Form.Each.Empty() {
			what += ", for each of " + cut(s.Form.Each.V)
		}
	case s.Task != nil:
		what = "task for " + who(s.Task.Assign)
	case s.Approval != nil:
		what = "approval by"
		var names []string
		for _, q := range s.Approval.Choose {
			names = append(names, q.ID.V)
		}
		if len(names) > 0 {
			what = "approval that chooses " + cut(strings.Join(names, ", ")) + ", by"
		}
	case s.Notify != nil:
		what = "message to " + who(s.Notify.To)
	case s.Set != nil:
		var names []string
		for _, v := range s.Set {
			names = append(names, v.Name.V)
		}
		what = "sets " + cut(strings.Join(names, ", "))
	case s.Register != nil:
		what = "writes " + cut(strings.Join(written(s.Register), ", ")) + " into the register"
	case s.Start != nil:
		what = "starts " + s.Start.Playbook.V
		if s.Start.Wait {
			what += " and waits for its end"
		}
	case s.Kind == playbooks.KindCollect:
		what = "collects " + cut(strings.Join(collected(s), ", "))
	case s.Group != nil:
		what = "side by side"
	case s.Each != nil:
		what = "for each of " + cut(s.Each.In.V)
	case s.Clock != nil:
		what = "clock " + s.Clock.Rule.V + " from " + condition(s.Clock.From)
	case s.Wait != nil:
		what = "waits until " + condition(s.Wait.Until)
	case s.Back != nil:
		what = "goes back"
	}
	return s.ID.V + ": " + what
}

// collected are what a step looks up, and where.
func collected(s *playbooks.Step) []string {
	var names []string
	for _, c := range s.Collect {
		names = append(names, c.Name.V+" from "+c.From.V)
	}
	return names
}

// written are the fields that a step writes into the register.
func written(r *playbooks.Register) []string {
	var names []string
	for _, v := range append(slices.Clone(r.Set), r.Add...) {
		names = append(names, v.Name.V)
	}
	if !r.Valid.Empty() {
		names = append(names, "until when it holds")
	}
	return names
}

// who names the people of a step.
func who(p playbooks.People) string {
	if len(p.AnyOf) == 0 {
		return text(p.One)
	}
	var names []string
	for _, s := range p.AnyOf {
		names = append(names, text(s))
	}
	return strings.Join(names, " or ")
}

// needs are the lines of an approval, all of which must be met. Where a table
// chooses a pattern, the patterns stand for their lines.
func needs(a *playbooks.Approval) []string {
	table := a.Pattern != nil && len(a.Pattern.Table) > 0
	var out []string
	for _, n := range a.Need {
		if table && !n.Pattern.Empty() {
			continue
		}
		line := decides(n)
		if len(out) > 0 {
			line = "and " + line
		}
		if !n.When.Empty() {
			line += ", if " + condition(n.When)
		}
		out = append(out, line)
	}
	if table {
		out = append(out, patterns(a.Pattern.Table, len(out) > 0)...)
	}
	return out
}

// patterns are the rows of the table that chooses who decides.
func patterns(rows []playbooks.Row, more bool) []string {
	var out []string
	for _, r := range rows {
		name, _ := r.Value.V.(string)
		line := text(playbooks.Str{V: name})
		switch {
		case r.Else:
			line = "else " + line
		case len(out) > 0:
			line = "or " + line + ", if " + condition(r.When)
		default:
			line += ", if " + condition(r.When)
		}
		if more && len(out) == 0 {
			line = "and " + line
		}
		out = append(out, line)
	}
	return out
}

func decides(n playbooks.Need) string {
	switch {
	case len(n.AnyOf) > 0:
		var names []string
		for _, one := range n.AnyOf {
			names = append(names, decides(one))
		}
		return strings.Join(names, " or ")
	case n.Votes > 0:
		return fmt.Sprintf("%d of %s", n.Votes, n.Committee.V)
	}
	return text(playbooks.Str{V: n.Role.V + n.Person.V + n.Committee.V}) // one of them is there
}

// outcome is how a run ends, and whether the cadence takes it as done.
func outcome(p *playbooks.Playbook, word string) string {
	line := "ends as " + strings.ReplaceAll(word, "_", " ")
	if slices.ContainsFunc(p.Outcomes, func(o playbooks.Outcome) bool { return o.Name.V == word && o.Counts }) {
		line += ", which counts as done"
	}
	return line
}

// ends are the outcomes of a run that comes to the end of its steps: its last
// approval's, and completed where there may have been none.
func (d *drawing) ends() []string {
	approves, always := false, false
	for _, s := range d.p.All() {
		approves = approves || s.Approval != nil
		always = always || (s.Approval != nil && s.When.Empty() && slices.Contains(d.p.Steps, s))
	}
	var out []string
	if approves {
		out = append(out, outcome(d.p, "approved"), outcome(d.p, "approved_with_conditions"))
	}
	if !always {
		out = append(out, outcome(d.p, "completed"))
	}
	return out
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

var inText = regexp.MustCompile(`\$\{([^}]*)\}`)

// text is a text with its expressions in plain sight.
func text(s playbooks.Str) string {
	return cut(inText.ReplaceAllStringFunc(s.V, func(m string) string { return strings.TrimSpace(m[2 : len(m)-1]) }))
}

func condition(s playbooks.Str) string { return cut(s.V) }

// cut makes one line of a text and shortens it.
func cut(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxText {
		return strings.TrimSpace(string(r[:maxText-1])) + "…"
	}
	return s
}
