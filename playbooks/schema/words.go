package schema

import "maps"

// about says in plain words what a group of keys is, and each key in it. Editors
// show it beside the key.
var about = func() map[string]string {
	out := maps.Clone(playbookWords)
	maps.Copy(out, organisationWords)
	maps.Copy(out, scenarioWords)
	return out
}()

var playbookWords = map[string]string{
	"playbook":           "One governance process: who is asked what, who does which work, who decides, by when, and what happens otherwise.",
	"playbook.playbook":  "The name: small letters, digits and hyphens, such as impact-assessment. The file has the same.",
	"playbook.title":     "What people call the process.",
	"playbook.purpose":   "Why there is the process, in a sentence or two.",
	"playbook.subject":   "What a run is about, such as system.",
	"playbook.satisfies": "The clauses the process covers, such as iso42001:6.1.4. `aimsbot coverage` lists them.",
	"playbook.outcomes":  "The words a run may end with, and which of them count as done.",
	"playbook.input":     "What is given when a run is started, by name; read as run.input.<name>.",
	"playbook.data":      "Fixed lists of the playbook, by name; read as data.<name>.",
	"playbook.starts":    "Who may start a run besides the programme. Without it: the owner, the AI Ethics Officer and the AIMS manager.",
	"playbook.abstract":  "true says that the playbook is only there to be extended: it is never run.",
	"playbook.extends":   "The name of the playbook this one builds on.",
	"playbook.place":     "Steps put before or after a step of the playbook it builds on.",
	"playbook.change":    "What is different in steps of the playbook it builds on, by the id of the step.",
	"playbook.remove":    "Steps taken out of the playbook it builds on.",
	"playbook.steps":     "What happens, in this order.",

	"outcome": "A word a run may end with.", "outcome.counts": "true says that the work is done with it, so that the next occurrence is counted from here.",
	"starts": "Who may start a run.", "starts.by": "Ids of roles, anyone, ${system.owner} or ${system.developers}.",
	"place": "Steps put beside one that is there.", "place.after": "The step after which they come.", "place.before": "The step before which they come.", "place.steps": "The steps.",
	"change": "What is different in a step. Keys that are not written stay as they are.", "change.ask_also": "Questions asked besides those that are there.",

	"step":           "One step. It has an id and does exactly one thing: form, task, approval and so on.",
	"step.id":        "The id: small letters, digits and _, such as bias_test. Its values are read as steps.<id>.",
	"step.title":     "What people call the step.",
	"step.when":      "The condition under which the step is taken, such as steps.scope.risk == \"high\". Without it, always.",
	"step.due":       "By when: a length of time such as 5 working days, a table of them, or counted from a date.",
	"step.remind":    "When people are reminded: a share of the time such as 50%, due, or every 2 working days.",
	"step.escalate":  "Whom to tell when it is late.",
	"step.satisfies": "The clauses this step covers, such as iso42001:6.1.4.",
	"step.form":      "Asks somebody questions in Slack.",
	"step.task":      "Gives somebody work, as an issue in Jira.",
	"step.approval":  "Lets named roles, people or committees decide.",
	"step.notify":    "Tells somebody something and waits for nobody.",
	"step.set":       "Works out values, by name: a value, or a table of which the first row that matches counts.",
	"step.group":     "Steps side by side.",
	"step.steps":     "A block of steps, one after another, under the `when` of this step.",
	"step.back":      "Goes back to an earlier step.",
	"step.end":       "Ends the run.",
	"step.wait":      "Waits for a moment or a condition, and for nobody.",
	"step.clock":     "Starts a legal deadline that runs beside the steps.",
	"step.register":  "Writes down what was decided about the subject, for all runs.",
	"sequence":       "Steps one after another, beside the other entries of the group.", "sequence.steps": "The steps.",

	"ladder": "One rung of an escalation.", "ladder.after": "How long after it was due, such as 2 working days.", "ladder.to": "The id of a role, or deputy.",
	"due": "By when, counted from a date.", "due.at": "The moment itself, such as steps.plan.start.", "due.before": "The moment before which it is due.", "due.after": "The moment after which it is due.",
	"due.by": "How long before or after, such as 5 working days.", "due.rule": "The id of a rule that gives the length of time.", "due.from": "The moment from which the rule counts.",
	"due.clock": "The id of a clock, or any for the one that is due first.", "due.part": "The share of the clock's time, such as 75%.",
	"row": "One row of a table; the first whose condition holds counts.", "row.when": "The condition.", "row.value": "The value.", "row.else": "The value of the last row, for when no other matches.",
	"all": "All rows that match, as a list.", "all.all": "The rows.",
	"any_of": "Any one of several.", "any_of.any_of": "Ids of roles, committees or people.",

	"form":     "Questions that somebody answers in Slack.",
	"form.ask": "Who answers: the id of a role, a committee or a person, or ${system.owner}.", "form.title": "The line people see first.", "form.questions": "The questions.",
	"form.opinion": "true says that the answer is recorded and no vote.", "form.again": "true says that the answers may be changed until the run ends.",
	"form.each": "A list: all questions are asked once for each entry, such as data.groups.", "form.as": "What an entry is called in the texts of the form.",
	"task":        "Work that somebody does, as an issue in Jira.",
	"task.assign": "Who does it: the id of a role or a person, or ${system.owner}.", "task.title": "What is to be done.", "task.checklist": "What belongs to it, line by line.",
	"task.evidence": "required: a link or an attachment must be there before it counts as done.", "task.questions": "What is asked when the issue is closed.", "task.wait": "false lets the run go on, and end, while the task is open.",

	"approval":            "A decision.",
	"approval.about":      "The steps that are shown to those who decide. The decision is bound to what was shown.",
	"approval.need":       "Who must approve. Every line must be met, each by another person.",
	"approval.pattern":    "A named set of lines of rules.yaml, or a table that chooses one.",
	"approval.never":      "Who must not decide, besides the owner, the developers, who asked and who wrote.",
	"approval.changes":    "The step to which 'ask for changes' goes back.",
	"approval.choose":     "What whoever approves chooses as well, by name. All must choose the same.",
	"approval.raise":      "Which choices ask more people.",
	"approval.not_before": "What must hold before anybody can approve.",
	"approval.on_reject":  "What a rejection leads to: {back: STEP}, or steps. Without it the run ends as rejected.",
	"on_reject":           "Where the run goes back to when it is rejected.", "on_reject.back": "The id of an earlier step.",
	"need": "One line: who must approve.", "need.role": "The id of a role.", "need.person": "The id of a person, or ${...}.", "need.committee": "The id of a committee.",
	"need.any_of": "Any one of these is enough.", "need.votes": "How many of the committee must approve, in the place of its rule.", "need.when": "The condition under which the line is needed.",
	"need_entry": "One of several who may approve.",
	"raise":      "A choice that asks more people.", "raise.when": "The condition, such as choice.report == \"no\".", "raise.to": "A named set of lines of rules.yaml.",
	"gate": "What must hold before anybody can approve.", "gate.check": "The condition.", "gate.say": "What people read while it does not hold.",

	"question":    "One question.",
	"question.id": "The id: small letters, digits and _. The answer is read as steps.<step>.<id>.", "question.text": "What is asked.", "question.type": "What kind of answer it takes.",
	"question.options": "What there is to choose from: an id and what people read.", "question.optional": "true says that it need not be answered.", "question.help": "A line below the question.",
	"question.prefill": "What stands there before anybody has answered.", "question.min": "The smallest number, or the fewest rows.", "question.max": "The largest number, or the most rows.",
	"question.pattern": "How the answer is written, as a pattern such as [A-Z]{2}-[0-9]+. Explain it under help.", "question.when": "The condition under which it is asked.",
	"question.check": "What must hold of the answer.", "question.never": "Who may not be named.", "question.columns": "What is asked in each row.",
	"column": "One column of rows.", "choose": "What whoever approves chooses.", "input": "What is given when a run is started.",
	"answer_check": "What must hold of an answer.", "answer_check.when": "The condition, such as answers.start >= now.", "answer_check.say": "What people read when it does not hold.",

	"notify": "A message.", "notify.to": "Who gets it: the id of a role, a committee or a person.", "notify.text": "What it says.", "notify.about": "Steps that are shown with it.",
	"back": "Where the run goes back to.", "back.to": "The id of an earlier step.", "back.when": "The condition under which it goes back.", "back.say": "Why, for those who are asked again.",
	"back.at_most": "How often at most.", "back.then": "What is done instead when it has gone back that often.",
	"end": "How the run ends.", "end.outcome": "The word it ends with.", "end.when": "The condition under which it ends.",
	"wait": "What the run waits for.", "wait.until": "A date, a date with time, or a condition.",
	"clock": "A legal deadline.", "clock.rule": "The id of the rule that gives the length of time.", "clock.from": "The moment from which it counts.", "clock.owner": "Whose it is, then who else is warned.",
	"clock.warn": "Shares of the time at which they are warned, such as 75%.", "clock.stop": "The steps that stop it when they are done.", "clock.stand_down": "The condition under which there is nothing to be done.",
	"clock.shadow": "When the deadline is somebody else's and runs for show.",
	"shadow":       "When the deadline is somebody else's.", "shadow.when": "The condition.", "shadow.until": "The step that proves that they have taken it over.", "shadow.at_most": "How long to wait for that: a rule, or a length of time.",
	"register": "What was decided about the subject.", "register.on": "Whose facts are written, such as ${system.id}. Without it, those of the subject.", "register.set": "Facts, by name, such as {tier: 2}.",
	"register.add": "Entries added to lists, by name.", "register.valid": "For how long it holds.", "valid": "For how long a decision holds.", "valid.for": "The id of a rule.",
}
