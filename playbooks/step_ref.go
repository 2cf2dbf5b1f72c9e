package playbooks

import "strings"

// refOpen and refClose stand around the entry of an each in the name of a step.
const refOpen, refClose = "[", "]"

// StepRef names a step, and an entry of its each, in one text: fix[fairness].
func StepRef(step, item string) string {
	if item == "" {
		return step
	}
	return step + refOpen + item + refClose
}

// ReadStepRef is the step and the entry that a StepRef names.
func ReadStepRef(ref string) (step, item string) {
	step, item, _ = strings.Cut(ref, refOpen)
	return step, strings.TrimSuffix(item, refClose)
}
