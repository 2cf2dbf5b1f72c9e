package playbooks

// answersOf is the shape of what is answered in a step. An answer that is just
// being given may be missing where the question may.
func answersOf(s *Step) *shape {
	return objectOf("the answers of step "+s.ID.V, answers(s, s.Questions())...)
}

// answers is what `answers` means at this place; nil for nothing. What belongs
// to a question is looked at once that question is answered.
func (x *exprCheck) answers() *shape {
	if !x.site.ofAnswer() {
		return nil
	}
	return answersOf(x.site.place.step)
}

// Answers makes what a person just answered ready for expressions: the Answers
// of a Scope.
func (e *Evaluator) Answers(s *Step, clean map[string]any) map[string]any {
	return answersOf(s).coerceObject(clean)
}

// CheckAnswer looks at the check of a question with the answers in the scope.
// It answers what is said when it does not hold, else "".
func (e *Evaluator) CheckAnswer(q Question, s Scope) (string, error) {
	if q.Check == nil {
		return "", nil
	}
	holds, err := e.Holds(q.Check.When, s)
	if err != nil || holds {
		return "", err
	}
	return e.Text(q.Check.Say.V, s)
}
