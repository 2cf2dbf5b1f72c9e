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

// ReadValueRef is the step, with its entry, and the name of the value that a
// text such as fix[a.1].by names.
func ReadValueRef(ref string) (step, value string, ok bool) {
	if at := strings.LastIndex(ref, refClose+"."); at >= 0 {
		return ref[:at+len(refClose)], ref[at+len(refClose)+1:], true
	}
	return strings.Cut(ref, ".")
}
