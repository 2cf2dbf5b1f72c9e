package ledger

import "strings"

// phrase says in words what a record of a kind is about. A kind without a
// phrase of its own is shown as its words.
func phrase(kind string) string {
	switch kind {
	case "run.started":
		return "The run was started"
	case "run.parked":
		return "The run could not go on by itself"
	case "run.ended":
		return "The run ended"
	case "round.started":
		return "A new round began: steps are asked again"
	case "step.opened":
		return "A step was opened and people were asked"
	case "step.set":
		return "Values were computed"
	case "register.written":
		return "What was decided was written into the register"
	case "facts.fetched":
		return "A source outside was asked for facts"
	case "facts.collected":
		return "Facts were looked up and kept as they were"
	case "step.started":
		return "A step started a run of another playbook"
	case "step.joined":
		return "A step joined a run of another playbook that was open"
	case "start.stopped":
		return "A step started no run, so that nothing goes round in a circle"
	case "run.joined":
		return "A step of another run wanted this run and found it open"
	case "step.closed":
		return "A step was closed"
	case "step.skipped":
		return "A step was skipped: its condition did not hold"
	case "step.empty":
		return "There was nothing to ask about"
	case "step.back_over":
		return "The run had gone back as often as it may"
	case "step.ended_run":
		return "A step ended the run"
	case "hold.placed":
		return "A hold was placed: the steps it names wait for a decision"
	case "hold.lifted":
		return "A hold was lifted"
	case "hold.ended":
		return "The run ended while a hold was still in place"
	case "step.held":
		return "A step waits for a hold to be lifted"
	case "step.kept":
		return "A step kept its result of an earlier round"
	case "step.left":
		return "The run ended without waiting for a task: it stays open in Jira"
	case "step.withdrawn":
		return "A step was withdrawn: it is no longer needed"
	case "step.missed":
		return "A step passed its due date; it stays open"
	case "step.escalated":
		return "A step was escalated"
	case "reminder.sent":
		return "A reminder was sent"
	case "issue.reopened":
		return "An issue was closed too early and reopened"
	case "issue.gone":
		return "An issue is gone from Jira"
	case "issue.made_again":
		return "A deleted issue was made again"
	case "issue.not_made_again":
		return "An issue that is gone was not made again"
	case "evidence.changed":
		return "The evidence on an issue changed"
	case "decision.accepted":
		return "Accepted"
	case "decision.refused":
		return "Refused: it does not count"
	case "decision.late":
		return "Came after the step was closed: it does not count"
	case "decision.superseded":
		return "Was about evidence that had changed since: it does not count"
	case "decision.voided":
		return "Void: the evidence changed, people were asked again"
	case "effect.done":
		return "A message or issue was made or changed"
	case "effect.failed":
		return "A message or issue could not be made or changed"
	case kindErased:
		return "What people said was erased"
	default:
		return words(strings.ReplaceAll(kind, ".", ": "))
	}
}
