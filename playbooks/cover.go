package playbooks

import "fmt"

// Goal is one thing that scenarios of a playbook should have seen happen.
type Goal struct {
	Pos  Pos
	Kind GoalKind
	// Name is the id of the step, or the outcome.
	Name string
	// Holds is which way the condition at Pos should go.
	Holds bool
	// Say tells people what has not been seen.
	Say string
}

// GoalKind says what shows that a goal is reached.
type GoalKind int

// The kinds of goals.
const (
	GoalCondition GoalKind = iota // the condition at Pos went the way of Holds
	GoalStep                      // the step Name was taken
	GoalMissed                    // the deadline of the step Name passed while it was open
	GoalOutcome                   // a run ended with the outcome Name
)

// Goals lists what scenarios should show of a playbook: each condition both
// ways, each row of a table chosen, each event with a condition that holds, each step taken, each outcome, and one
// missed deadline of every step that people are waited for.
func Goals(p *Playbook) []Goal {
	c := goals{}
	if p.Starts != nil {
		for _, e := range p.Starts.Events {
			if !e.Where.Empty() {
				c.list = append(c.list, Goal{Pos: e.Where.Pos, Kind: GoalCondition, Holds: true, Say: fmt.Sprintf("the `where` of the start by %s was never true: %s", e.Event, e.Where)})
			}
		}
	}
	for _, s := range p.All() {
		c.step(s)
	}
	for _, o := range p.Outcomes {
		c.list = append(c.list, Goal{Pos: o.Name.Pos, Kind: GoalOutcome, Name: o.Name.V, Say: fmt.Sprintf("no run ended as `%s`", o.Name)})
	}
	return c.list
}

type goals struct{ list []Goal }

func (c *goals) both(at Str, what string) {
	if at.Empty() {
		return
	}
	for _, holds := range []bool{true, false} {
		c.list = append(c.list, Goal{Pos: at.Pos, Kind: GoalCondition, Holds: holds, Say: fmt.Sprintf("%s was never %t: %s", what, holds, at)})
	}
}

func (c *goals) table(rows []Row, what string) {
	for i, r := range rows {
		c.list = append(c.list, Goal{Pos: r.Pos(), Kind: GoalCondition, Holds: true, Say: fmt.Sprintf("row %d of %s was never chosen", i+1, what)})
	}
}

func (c *goals) step(s *Step) {
	id := s.ID.V
	c.both(s.When, "the `when` of "+id)
	if !s.Holds() || s.Each != nil {
		c.list = append(c.list, Goal{Pos: s.Pos, Kind: GoalStep, Name: id, Say: fmt.Sprintf("%s was never taken", id)})
	}
	if s.WaitsForPeople() && s.WaitedFor() && s.Due != nil || s.Kind == KindClock {
		c.list = append(c.list, Goal{Pos: s.Pos, Kind: GoalMissed, Name: id, Say: fmt.Sprintf("the deadline of %s was never missed", id)})
	}
	if s.Due != nil {
		c.table(s.Due.Table, "the `due` of "+id)
	}
	for _, q := range s.Questions() {
		c.both(q.When, fmt.Sprintf("the `when` of the question %s.%s", id, q.ID))
		if q.Check != nil {
			c.both(q.Check.When, fmt.Sprintf("the `check` of the question %s.%s", id, q.ID))
		}
	}
	for _, v := range s.Set {
		c.table(v.Table, "the table "+id+"."+v.Name.V)
	}
	if s.Register != nil {
		for _, v := range s.Register.values() {
			c.table(v.Table, "the table "+id+"."+v.Name.V)
		}
	}
	if s.Start != nil {
		for _, v := range s.Start.With {
			c.table(v.Table, "the table "+id+"."+v.Name.V)
		}
	}
	for _, f := range s.Collect {
		c.both(f.Where, fmt.Sprintf("the `where` of %s.%s", id, f.Name))
	}
	if s.Clock != nil && s.Clock.Shadow != nil {
		c.both(s.Clock.Shadow.When, "the `shadow` of "+id)
	}
	if a := s.Approval; a != nil {
		c.approval(id, a)
	}
}

func (c *goals) approval(id string, a *Approval) {
	c.needs(id, a.Need)
	if a.Pattern != nil {
		for i, r := range a.Pattern.Table { // Expand puts the lines at the row's value
			c.list = append(c.list, Goal{Pos: r.Value.Pos, Kind: GoalCondition, Holds: true, Say: fmt.Sprintf("row %d of the `pattern` of %s was never chosen", i+1, id)})
		}
	}
	for _, r := range a.Raise {
		c.both(r.When, "the `raise` of "+id)
	}
	for _, g := range a.NotBefore {
		c.both(g.Check, "the `not_before` of "+id)
	}
}

func (c *goals) needs(id string, needs []Need) {
	for _, n := range needs {
		if n.Pattern.Empty() {
			c.both(n.When, "the `when` of a line of "+id)
			c.needs(id, n.AnyOf)
		}
	}
}
