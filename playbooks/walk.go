package playbooks

// All returns every step in the order of the file, a group before its entries.
func (p *Playbook) All() []*Step { return flatten(p.Steps) }

func flatten(steps []*Step) []*Step {
	var out []*Step
	for _, s := range steps {
		out = append(out, s)
		out = append(out, flatten(s.Group)...)
	}
	return out
}

// Step returns the step of that id, inside groups too; nil when there is none.
func (p *Playbook) Step(id string) *Step {
	for _, s := range p.All() {
		if s.ID.V == id {
			return s
		}
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
