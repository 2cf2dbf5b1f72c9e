package source

// examples show what a missing key may say, by what it is missing in.
var examples = map[string]string{
	"a playbook.playbook":            "playbook: new-use",
	"a playbook.title":               "title: A new use of AI",
	"a playbook.subject":             "subject: system",
	"a playbook.steps":               "steps: and under it a list, each entry beginning with - id: and a name",
	"a step.id":                      "id: scope",
	"a form.ask":                     "ask: ${system.owner}",
	"a form.questions":               "questions: [{id: purpose, text: Intended purpose, type: text}]",
	"a question.id":                  "id: people",
	"a question.text":                "text: People affected in a year",
	"a question.type":                "type: text",
	"a task.assign":                  "assign: aims-manager",
	"a task.title":                   "title: Test ${system.name} for bias",
	"an approval.need":               "need: [{role: ai-ethics-officer}]",
	"a notify.to":                    "to: aims-manager",
	"a notify.text":                  "text: The use is decided.",
	"a clock.rule":                   "rule: gdpr-33-1",
	"a clock.from":                   "from: steps.triage.aware_at",
	"a clock.owner":                  "owner: [ai-ethics-officer]",
	"a clock.stop":                   "stop: [first_report]",
	"a wait.until":                   "until: steps.plan.start",
	"a rung of the escalation.to":    "to: deputy",
	"a rung of the escalation.after": "after: 2 working days",
	"`end`.outcome":                  "outcome: completed",
	"`back`.to":                      "to: scope",
}

// suchAs shows how to write a missing key; "" where it is plain.
func suchAs(what, key string) string {
	if e := examples[what+"."+key]; e != "" {
		return " Add it, such as " + e + "."
	}
	return ""
}
