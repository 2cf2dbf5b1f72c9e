package playbooks

import (
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Startable are the playbooks that steps may start.
type Startable struct {
	// Find returns the playbook of a name, and why it has no runs; empty = it has.
	Find func(name string) (p *Playbook, why string)
	// Names are all that have runs.
	Names []string
	Zone  string
	Now   time.Time
}

// CheckStarted says what is wrong with what the steps of a playbook start.
func CheckStarted(p *Playbook, all Startable) (ps Problems) {
	for _, s := range p.All() {
		if s.Start == nil || s.Start.Playbook.Empty() {
			continue
		}
		child, why := all.Find(s.Start.Playbook.V)
		switch at := s.Start.Playbook; {
		case child == nil:
			ps.Add(at.Pos, "start", "There is no playbook `%s`.%s Playbooks: %s.", at, source.DidYouMean(at.V, all.Names), strings.Join(all.Names, ", "))
			continue
		case why != "":
			ps.Add(at.Pos, "start", "%s Playbooks: %s.", why, strings.Join(all.Names, ", "))
			continue
		}
		startAbout(p, child, s.Start, &ps)
		startWith(child, s.Start, all, &ps)
	}
	return ps
}

// startAbout reports a run of which nobody could tell what it is about.
func startAbout(p, child *Playbook, s *Start, ps *Problems) {
	kind := child.About()
	_, belongs := org.FieldOf(p.About(), kind)
	follows := kind == p.About() || kind == org.KindOrganisation || org.RegisterOnly(kind) || kind == org.KindSystem && belongs
	if !s.Subject.Empty() || follows {
		return
	}
	ps.Add(s.Playbook.Pos, "start", "`%s` is about %s, and this playbook about %s, so nobody can tell which one. Add its id, such as subject: my-%s.", s.Playbook, withArticle(kind), withArticle(p.About()), kind)
}

// startWith reports values that the playbook is not started with, those that fit
// no input, and those that are missing.
func startWith(child *Playbook, s *Start, all Startable, ps *Problems) {
	var names, missing []string
	for _, q := range child.Input {
		names = append(names, q.ID.V)
		given := slices.ContainsFunc(s.With, func(v SetVar) bool { return v.Name.V == q.ID.V })
		if !given && !q.Optional {
			missing = append(missing, "`"+q.ID.V+"`")
		}
	}
	for _, v := range s.With {
		i := slices.Index(names, v.Name.V)
		if i < 0 {
			ps.Add(v.Name.Pos, "start", "`%s` is nothing that %s is started with.%s %s", v.Name, s.Playbook, source.DidYouMean(v.Name.V, names), child.InputUsage())
			continue
		}
		if why := unfit(child.Input[i], v, all); why != "" {
			ps.Add(v.Value.Pos, "start", "`%s` of %s: %s", v.Name, s.Playbook, why)
		}
	}
	if len(missing) > 0 {
		ps.Add(s.Playbook.Pos, "start", "%s needs %s, and it is missing. Add it under `with`. %s", s.Playbook, strings.Join(missing, ", "), child.InputUsage())
	}
}

// unfit says why a value that is written out cannot be given; of an expression
// only the run can tell.
func unfit(q Question, v SetVar, all Startable) string {
	if v.Value == nil {
		return ""
	}
	text := InputText(v.Value.V)
	if parts, err := splitText(text); err != nil || len(parts) != 1 || parts[0].expr {
		return ""
	}
	given := any(text)
	if q.Type.V == TypeChoices {
		given = listAny(strings.Split(text, ","))
	}
	_, problems := CheckAnswers([]Question{q}, map[string]any{q.ID.V: given}, all.Zone, all.Now)
	return problems[q.ID.V]
}

// CheckCircles reports playbooks that start one another for ever: each always
// starts the next.
func CheckCircles(all []*Playbook) (ps Problems) {
	always := map[string][]*Start{}
	for _, p := range all {
		always[p.Name.V] = alwaysStarts(p)
	}
	told := map[string]bool{}
	for _, p := range all {
		way := circle(always, p.Name.V, p.Name.V, map[string]bool{})
		if len(way) == 0 || told[p.Name.V] {
			continue
		}
		names := []string{p.Name.V}
		for _, s := range way {
			told[s.Playbook.V] = true
			names = append(names, s.Playbook.V)
		}
		ps.Add(way[0].Playbook.Pos, "start", "This goes round in a circle: %s. Each always starts the next, so it never ends. Give one of these steps a `when`.", strings.Join(names, " starts "))
	}
	return ps
}

// circle is the way of starts from a playbook back to the first; nil = none. What
// was looked at leads nowhere.
func circle(always map[string][]*Start, first, from string, looked map[string]bool) []*Start {
	for _, s := range always[from] {
		if s.Playbook.V == first {
			return []*Start{s}
		}
		if looked[s.Playbook.V] {
			continue
		}
		looked[s.Playbook.V] = true
		if way := circle(always, first, s.Playbook.V, looked); way != nil {
			return append([]*Start{s}, way...)
		}
	}
	return nil
}

// alwaysStarts are the starts that every run comes to, unless somebody cancels it:
// no condition stands over them, and nothing before them can end the run.
func alwaysStarts(p *Playbook) (out []*Start) {
	for _, s := range p.Steps {
		if s.Kind == KindEnd || s.Kind == KindApproval {
			return out // a rejection ends the run as well
		}
		if s.Start != nil && s.When.Empty() {
			out = append(out, s.Start)
		}
		if s.Kind != KindGroup || !s.When.Empty() {
			continue
		}
		for _, inner := range s.Group {
			if inner.Start != nil && inner.When.Empty() {
				out = append(out, inner.Start)
			}
		}
	}
	return out
}
