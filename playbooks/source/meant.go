package source

// meant are words that people write for a word of the language: what it is
// called elsewhere, or in German. All are in small letters, with `_` for `-`.
var meant = map[string][]string{
	"assignee": {"assign"}, "responsible": {"assign", "owner"}, "zuständig": {"assign", "owner"}, "verantwortlich": {"assign", "owner"},
	"approver": {"need"}, "approvers": {"need"}, "reviewers": {"need"}, "decision": {"approval"}, "genehmigung": {"approval"}, "freigabe": {"approval"}, "entscheidung": {"approval"},
	"evidence_for": {"about"}, "about_what": {"about"},
	"deadline": {"due"}, "due_date": {"due"}, "frist": {"due"}, "fällig": {"due"}, "faellig": {"due"}, "bis": {"due", "until"},
	"if": {"when"}, "condition": {"when"}, "only_if": {"when"}, "wenn": {"when"}, "bedingung": {"when"}, "sonst": {"else"}, "otherwise": {"else"}, "default": {"else", "prefill"},
	"description": {"purpose", "help", "text"}, "zweck": {"purpose"}, "ziel": {"purpose"}, "beschreibung": {"purpose", "help", "text"},
	"name": {"title", "playbook", "id"}, "label": {"text", "title"}, "titel": {"title"}, "überschrift": {"title"}, "frage": {"text", "questions"},
	"fragen": {"questions"}, "fields": {"questions"}, "schritte": {"steps"}, "ablauf": {"steps"}, "stages": {"steps"}, "gegenstand": {"subject"}, "thema": {"subject"},
	"survey": {"form"}, "questionnaire": {"form"}, "formular": {"form"}, "fragebogen": {"form"}, "todo": {"task"}, "action": {"task"}, "aufgabe": {"task"},
	"message": {"notify", "text"}, "inform": {"notify"}, "nachricht": {"notify", "text"}, "meldung": {"notify"}, "parallel": {"group"}, "gruppe": {"group"}, "ende": {"end"},
	"reminder": {"remind"}, "reminders": {"remind"}, "erinnerung": {"remind"}, "escalation": {"escalate"}, "eskalation": {"escalate"},
	"choices": {"options"}, "values": {"options"}, "optionen": {"options"}, "auswahl": {"options"}, "typ": {"type"}, "required": {"optional"}, "mandatory": {"optional"}, "pflicht": {"optional"},
	"hilfe": {"help"}, "hint": {"help"}, "rolle": {"role"}, "gremium": {"committee"}, "ausschuss": {"committee"}, "board": {"committee"}, "stimmen": {"votes"}, "quorum": {"votes"},
	"nachweis": {"evidence"}, "proof": {"evidence"}, "recipient": {"to"}, "an": {"to"}, "who": {"ask", "assign", "to"}, "wer": {"ask", "assign", "to"},
	"clauses": {"satisfies"}, "controls": {"satisfies"}, "standards": {"satisfies"}, "results": {"outcomes"}, "ergebnisse": {"outcomes"}, "goto": {"back"}, "timer": {"clock", "wait"},
	"dropdown": {"choice"}, "select": {"choice"}, "radio": {"choice"}, "checkbox": {"yesno", "choices"}, "multiselect": {"choices"}, "boolean": {"yesno"}, "bool": {"yesno"}, "ja_nein": {"yesno"},
	"string": {"text"}, "textarea": {"long"}, "integer": {"int"}, "zahl": {"int", "number"}, "datum": {"date"}, "url": {"link"}, "user": {"person"}, "upload": {"file"}, "country": {"countries"}, "table": {"rows"},
}

// meantBy is the choice that word is another word for; "" for none.
func meantBy(word string, choices []string) string {
	for _, w := range meant[word] {
		if known(w, choices) {
			return w
		}
	}
	return ""
}
