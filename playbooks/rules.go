package playbooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Rules are the numbers and dates that processes use and that change without
// them, and the named sets of deciding lines.
type Rules struct {
	Rows     []Rule    `json:"rules,omitempty"`
	Patterns []Pattern `json:"patterns,omitempty"`
}

// Rule is one number or date, with where it comes from.
type Rule struct {
	ID          Str   `json:"id"`
	What        Str   `json:"what"`
	Unit        Str   `json:"unit"`
	Value       *Lit  `json:"value,omitempty"`
	PerTier     []Lit `json:"per_tier,omitempty"` // tier 1, 2, 3
	AppliesFrom Str   `json:"applies_from"`       // a day, or "at install"
	AppliesTo   Str   `json:"applies_to,omitzero"`
	Source      Str   `json:"source"`
	CheckedOn   Str   `json:"checked_on"` // a day
	Confidence  Str   `json:"confidence"`
	Note        Str   `json:"note,omitzero"`
	Off         bool  `json:"off,omitempty"` // enabled: false
}

// Pattern is a named set of deciding lines.
type Pattern struct {
	Name Str    `json:"name"`
	Need []Need `json:"need"`
}

// The units of rules.
const (
	unitHour        = "hour"
	unitDay         = "day"
	unitCalendarDay = "calendar_day"
	unitWorkingDay  = "working_day"
	unitMonth       = "month"
	unitYear        = "year"
	unitNumber      = "number"
	unitPercent     = "percent"
	unitPerson      = "person"
	unitTier        = "tier"
	unitDate        = "date"
)

// tiers is how many values a rule has that differs by tier (processes.md 0.2).
const tiers = 3

// Row is the rule of that id.
func (r *Rules) Row(id string) (Rule, bool) {
	if r == nil {
		return Rule{}, false
	}
	i := slices.IndexFunc(r.Rows, func(x Rule) bool { return x.ID.V == id })
	if i < 0 {
		return Rule{}, false
	}
	return r.Rows[i], true
}

// Pattern is the pattern of that name.
func (r *Rules) Pattern(name string) (Pattern, bool) {
	if r == nil {
		return Pattern{}, false
	}
	i := slices.IndexFunc(r.Patterns, func(x Pattern) bool { return x.Name.V == name })
	if i < 0 {
		return Pattern{}, false
	}
	return r.Patterns[i], true
}

func (r *Rules) ids() (out []string) {
	for _, row := range r.Rows {
		out = append(out, row.ID.V)
	}
	return out
}

func (r *Rules) patternNames() (out []string) {
	for _, p := range r.Patterns {
		out = append(out, p.Name.V)
	}
	return out
}

// Over puts rules and patterns in the place of those with the same id, and adds
// the others.
func (r *Rules) Over(base *Rules) *Rules {
	out := &Rules{Rows: slices.Clone(base.Rows), Patterns: slices.Clone(base.Patterns)}
	for _, row := range r.Rows {
		if i := slices.IndexFunc(out.Rows, func(x Rule) bool { return x.ID.V == row.ID.V }); i >= 0 {
			out.Rows[i] = row
		} else {
			out.Rows = append(out.Rows, row)
		}
	}
	for _, p := range r.Patterns {
		if i := slices.IndexFunc(out.Patterns, func(x Pattern) bool { return x.Name.V == p.Name.V }); i >= 0 {
			out.Patterns[i] = p
		} else {
			out.Patterns = append(out.Patterns, p)
		}
	}
	return out
}

// value is that of a tier, from 1; a rule that is the same for all takes none.
func (r Rule) value(tier int) (any, error) {
	if r.Value != nil {
		return r.Value.V, nil
	}
	if tier < 1 || tier > len(r.PerTier) {
		return nil, fmt.Errorf("rule %s has values for tier 1 to %d, and this is tier %d", r.ID, len(r.PerTier), tier)
	}
	return r.PerTier[tier-1].V, nil
}

// span is a rule as a length of time; "" when it is none.
func (r Rule) span(tier int) (string, error) {
	v, err := r.value(tier)
	if err != nil {
		return "", err
	}
	n, _ := v.(int64)
	switch r.Unit.V {
	case unitHour:
		return fmt.Sprintf("%d hours", n), nil
	case unitDay, unitCalendarDay:
		return fmt.Sprintf("%d days", n), nil
	case unitWorkingDay:
		return fmt.Sprintf("%d working days", n), nil
	case unitMonth:
		return fmt.Sprintf("%d months", n), nil
	case unitYear:
		return fmt.Sprintf("%d months", 12*n), nil
	}
	return "", fmt.Errorf("rule %s is counted in %s, which is no length of time", r.ID, r.Unit)
}

// shape is what an expression gets from a rule.
func (r Rule) shape() *shape {
	switch r.Unit.V {
	case unitDate:
		return dateShape
	case unitNumber, unitPercent:
		return numberShape
	}
	return intShape
}

// UsedBy are the rules a playbook names, as its Definition pins them; nil for
// none.
func (r *Rules) UsedBy(p *Playbook) (json.RawMessage, error) {
	var used Rules
	for _, id := range ruleIDs(p) {
		row, ok := r.Row(id)
		if !ok {
			return nil, fmt.Errorf("there is no rule %q", id)
		}
		used.Rows = append(used.Rows, row)
	}
	if len(used.Rows) == 0 {
		return nil, nil
	}
	return json.Marshal(used)
}

// ReadRules are the rules of a Definition.
func ReadRules(raw json.RawMessage) (*Rules, error) {
	r := &Rules{}
	if len(raw) == 0 {
		return r, nil
	}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("read the rules of the definition: %w", err)
	}
	return r, nil
}

var ruleKeys = []string{"id", "what", "unit", "value", "per_tier", "applies_from", "applies_to", "source", "checked_on", "confidence", "enabled", "note"}

// ParseRules reads rules.yaml.
func ParseRules(file string, src []byte) (*Rules, Problems) {
	root, problems := source.Parse(file, src)
	r := &reader{ps: problems}
	out := &Rules{}
	if root != nil {
		m := root.Map(&r.ps, "the rules", "rules", "patterns")
		first := map[string]Pos{}
		for _, n := range m.List("rules") {
			row, ok := r.rule(n)
			if !ok {
				continue
			}
			if at, dup := first[row.ID.V]; dup {
				r.ps.Add(row.ID.Pos, "duplicate-id", "The rule `%s` is there already, on line %d. Keep one.", row.ID, at.Line)
				continue
			}
			first[row.ID.V] = row.ID.Pos
			out.Rows = append(out.Rows, row)
		}
		for _, e := range m.Pairs("patterns") {
			p := e.Value.Map(&r.ps, "a pattern", "need")
			p.Require("need")
			out.Patterns = append(out.Patterns, Pattern{Name: e.Key, Need: r.needs(p.Node("need"))})
		}
	}
	r.ps.Sort()
	return out, r.ps
}

func (r *reader) rule(n *source.Node) (Rule, bool) {
	m := n.Map(&r.ps, "a rule", ruleKeys...)
	if !m.OK() {
		return Rule{}, false
	}
	m.Require("id", "what", "unit", "applies_from", "source", "checked_on", "confidence")
	row := Rule{
		ID: m.Text("id"), What: m.Text("what"), Unit: m.Text("unit"), AppliesFrom: m.Text("applies_from"), AppliesTo: m.Text("applies_to"),
		Source: m.Text("source"), CheckedOn: m.Text("checked_on"), Confidence: m.Text("confidence"), Note: m.Text("note"),
		Off: m.Has("enabled") && !m.Bool("enabled"),
	}
	if v := m.Node("value"); v != nil {
		if lit, ok := r.ruleValue(v, row.Unit.V); ok {
			row.Value = &lit
		}
	}
	for _, item := range m.List("per_tier") {
		if lit, ok := r.ruleValue(item, row.Unit.V); ok {
			row.PerTier = append(row.PerTier, lit)
		}
	}
	if from := row.AppliesFrom; !from.Empty() && from.V != atInstall && !isDay(from.V) {
		r.ps.Add(from.Pos, "rule", "`%s` is no day. Write applies_from as 2026-08-02, or as: %s.", from, atInstall)
	}
	for _, day := range []Str{row.AppliesTo, row.CheckedOn} {
		if !day.Empty() && !isDay(day.V) {
			r.ps.Add(day.Pos, "rule", "`%s` is no day. Write it as 2026-08-02.", day)
		}
	}
	switch {
	case !row.ID.Empty() && !kebab.MatchString(row.ID.V):
		r.ps.Add(row.ID.Pos, "id", "`%s` is no id for a rule. Use small letters, digits and hyphens, such as cad-impact.", row.ID)
	case m.Has("value") == m.Has("per_tier"):
		r.ps.Add(m.Pos, "rule", "A rule has either one `value` or `per_tier`, the values of tier 1, 2 and 3.")
	case m.Has("per_tier") && len(m.List("per_tier")) != tiers:
		r.ps.Add(m.KeyPos("per_tier"), "rule", "`per_tier` has %d values, those of tier 1, 2 and 3.", tiers)
	}
	return row, true
}

// atInstall says that a rule applies from the first day of an installation.
const atInstall = "at install"

var ruleUnits = []string{unitHour, unitDay, unitCalendarDay, unitWorkingDay, unitMonth, unitYear, unitNumber, unitPercent, unitPerson, unitTier, unitDate}

// ruleValue reads a value as its unit asks for it.
func (r *reader) ruleValue(n *source.Node, unit string) (Lit, bool) {
	lit := Lit{Pos: n.Str().Pos}
	switch {
	case !has(ruleUnits, unit):
		if unit != "" {
			r.ps.Add(n.Pos, "rule", "There is no unit `%s`.%s The units are: %s.", unit, source.DidYouMean(unit, ruleUnits), strings.Join(ruleUnits, ", "))
		}
		return lit, false
	case unit == unitDate:
		day := n.Text(&r.ps)
		if !isDay(day.V) && !day.Empty() {
			r.ps.Add(day.Pos, "rule", "`%s` is no day. Write it as 2026-08-02.", day)
		}
		lit.V = day.V
		return lit, isDay(day.V)
	case unit == unitNumber || unit == unitPercent:
		v, ok := n.Number(&r.ps)
		lit.V = v
		return lit, ok
	}
	v, ok := n.Int(&r.ps)
	lit.V = v
	return lit, ok
}
