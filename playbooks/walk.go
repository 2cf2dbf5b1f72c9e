package playbooks

// All returns every step in the order of the file, a group or a block before
// the steps in it.
func (p *Playbook) All() []*Step { return withInner(nil, p.Steps) }

// All returns the step and every step in it.
func (s *Step) All() []*Step { return withInner([]*Step{s}, s.Inner()) }

// withInner appends steps and those in them.
func withInner(out, steps []*Step) []*Step {
	for _, s := range steps {
		out = withInner(append(out, s), s.Inner())
	}
	return out
}

// Step returns the step of that id, inside groups and blocks too; nil when
// there is none.
func (p *Playbook) Step(id string) *Step {
	if id == "" {
		return nil
	}
	return stepIn(p.Steps, id)
}

func stepIn(steps []*Step, id string) *Step {
	for _, s := range steps {
		if s.ID.V == id {
			return s
		}
		if inner := stepIn(s.Inner(), id); inner != nil {
			return inner
		}
	}
	return nil
}

// Holds tells whether the step is there for the steps in it: a group, a block or
// an each. Only an each has a result, the list of what its steps left.
func (s *Step) Holds() bool { return s.Kind == KindGroup || s.Kind == KindSteps || s.Each != nil }

// holder is what people call such a step.
func (s *Step) holder() string {
	switch {
	case s.Kind == KindSteps:
		return "block"
	case s.Each != nil:
		return "each"
	}
	return "group"
}

// Inner returns the steps directly in this one: those of a group or a block,
// what a rejection leads to, what comes when it has gone back often enough. But
// in a group they are a sequence.
func (s *Step) Inner() []*Step {
	switch {
	case s.Kind == KindSteps:
		return s.Steps
	case s.Each != nil:
		return s.Each.Steps
	case s.Approval != nil && s.Approval.OnReject != nil:
		return s.Approval.OnReject.Steps
	case s.Back != nil:
		return s.Back.Then
	}
	return s.Group
}

// WaitedFor tells whether the run stays at the step until it is finished.
func (s *Step) WaitedFor() bool { return s.Task == nil || !s.Task.NoWait }

// guard is the condition without which the step leaves no result. Going back
// leaves how often it did, also where it does not.
func (s *Step) guard() Str {
	if s.Kind == KindBack {
		return Str{}
	}
	return s.When
}

// MayStandDown tells whether the step is a task that may turn out to be needless
// while it is open.
func (s *Step) MayStandDown() bool { return s.Task != nil && !s.Task.StandDown.Empty() }

// SideBySide tells whether the steps in this one run beside each other.
func (s *Step) SideBySide() bool { return s.Kind == KindGroup }

// Results returns the steps that leave results: the step itself or, for a group
// or a block, those anywhere in it.
func (s *Step) Results() []*Step {
	if !s.Holds() {
		return []*Step{s}
	}
	var out []*Step
	for _, inner := range s.Inner() {
		out = append(out, inner.Results()...)
	}
	return out
}

// ShownIn returns what `about` of a decision or a message names: the steps whose
// results are shown with it.
func (s *Step) ShownIn() []Str {
	switch {
	case s.Approval != nil:
		return s.Approval.About
	case s.Notify != nil:
		return s.Notify.About
	}
	return nil
}

// Questions returns what the step asks: those of its form or task.
func (s *Step) Questions() []Question {
	switch {
	case s.Form != nil:
		return s.Form.Questions
	case s.Task != nil:
		return s.Task.Questions
	}
	return nil
}

// Name is what people call the step: its title, that of its form or task, or
// else its id.
func (s *Step) Name() string {
	switch {
	case !s.Title.Empty():
		return s.Title.V
	case s.Form != nil && !s.Form.Title.Empty():
		return s.Form.Title.V
	case s.Task != nil && !s.Task.Title.Empty():
		return s.Task.Title.V
	}
	return s.ID.V
}

// WaitsForPeople tells whether the step stays open until somebody acts.
func (s *Step) WaitsForPeople() bool {
	return s.Kind == KindForm || s.Kind == KindTask || s.Kind == KindApproval
}
