package org

// FieldValidUntil has an instant for each playbook: until when its last
// decision holds.
const FieldValidUntil = "valid_until"

// The fields of each kind of subject (processes.md 0.3): what the file says and
// what runs decide.
var (
	idField         = Field{Name: "id", Type: FieldText}
	nameField       = Field{Name: "name", Type: FieldText}
	validUntilField = Field{Name: FieldValidUntil, Type: FieldInstants, Register: true}
	conditionsField = Field{Name: "conditions", Type: FieldConditions, Register: true}
)

var systemFields = []Field{
	idField,
	nameField,
	{Name: "owner", Type: FieldPerson},
	{Name: "developers", Type: FieldPersons},
	{Name: "purpose", Type: FieldText},
	{Name: "users", Type: FieldTexts},
	{Name: "overseers", Type: FieldPersons},
	{Name: "models", Type: FieldTexts, Of: KindModel},
	{Name: "suppliers", Type: FieldTexts, Of: KindSupplier},
	{Name: "regions", Type: FieldTexts},
	{Name: "personal_data", Type: FieldBool},
	{Name: "autonomy", Type: FieldText},
	{Name: "generative", Type: FieldBool},
	// A system without an assessment counts as the highest tier.
	{Name: "tier", Type: FieldInt, Register: true, Start: int64(1)},
	{Name: "stage", Type: FieldText, Register: true, Start: "idea"},
	{Name: "status", Type: FieldChoice, Register: true, Start: "active", Options: []string{"active", "suspended", "retired"}},
	{Name: "eu_class", Type: FieldChoice, Register: true, Start: "unclassified", Options: []string{
		"prohibited", "high_annex_iii", "high_annex_i", "limited", "minimal", "outside_eu", "unclassified",
	}},
	{Name: "eu_role", Type: FieldChoice, Register: true, Options: []string{"provider", "deployer", "both", "none"}},
	{Name: "registered_at", Type: FieldInstant, Register: true},
	conditionsField,
	{Name: "restrictions", Type: FieldTexts, Register: true},
	{Name: "holds", Type: FieldGroups, Register: true, Has: []Field{
		{Name: "incident", Type: FieldText, Of: KindIncident},
		{Name: "version", Type: FieldText, Maybe: true},
		{Name: "items", Type: FieldTexts},
		{Name: "from", Type: FieldInstant},
		{Name: "lifted_at", Type: FieldInstant, Maybe: true},
	}},
	{Name: "released", Type: FieldGroup, Register: true, Has: []Field{
		{Name: "version", Type: FieldText},
		{Name: "digest", Type: FieldText, Maybe: true},
		{Name: "from", Type: FieldInstant},
		{Name: "until", Type: FieldInstant, Maybe: true},
	}},
	validUntilField,
}

var modelFields = []Field{
	idField,
	nameField,
	{Name: "system", Type: FieldSubject, Of: KindSystem},
	{Name: "developers", Type: FieldPersons},
	{Name: "supplier", Type: FieldSubject, Of: KindSupplier, Maybe: true},
	{Name: "metrics", Type: FieldGroups, Has: []Field{
		{Name: "id", Type: FieldText},
		{Name: "main", Type: FieldBool},
		{Name: "better", Type: FieldChoice, Options: []string{BetterHigher, BetterLower}},
	}},
	{Name: "thresholds", Type: FieldNumbers},
	{Name: "version", Type: FieldText, Register: true},
	{Name: "verdict", Type: FieldText, Register: true},
	{Name: "use_restrictions", Type: FieldTexts, Register: true},
	validUntilField,
}

var supplierFields = []Field{
	idField,
	nameField,
	{Name: "owner", Type: FieldPerson},
	{Name: "systems", Type: FieldSubjects, Of: KindSystem},
	{Name: "contract_end", Type: FieldDate, Maybe: true},
	// A supplier nobody has looked at counts as critical, as a system does.
	{Name: "criticality", Type: FieldChoice, Register: true, Start: "critical", Options: []string{"critical", "standard", "low"}},
	{Name: "tier", Type: FieldInt, Register: true, Rank: "criticality"},
	{Name: "rating", Type: FieldText, Register: true},
	conditionsField,
	{Name: "status", Type: FieldText, Register: true, Start: "active"},
	validUntilField,
}

var incidentFields = []Field{
	{Name: "id", Type: FieldText},
	{Name: "system", Type: FieldSubject, Of: KindSystem, Register: true},
	{Name: "model", Type: FieldSubject, Of: KindModel, Register: true},
	{Name: "lead", Type: FieldPerson, Register: true},
	{Name: "aware_at", Type: FieldInstant, Register: true},
	{Name: "severity", Type: FieldInt, Register: true},
	{Name: "flags", Type: FieldTexts, Register: true},
	{Name: "cause", Type: FieldText, Register: true},
	{Name: "clocks", Type: FieldTexts, Register: true},
	{Name: "state", Type: FieldChoice, Register: true, Start: "open", Options: []string{"open", "closed"}},
	{Name: "parent", Type: FieldText, Register: true},
}

// riskScore is how grave a risk is, before or after what is done about it.
var riskScore = []Field{
	{Name: "sev", Type: FieldInt},
	{Name: "lik", Type: FieldInt},
	{Name: "score", Type: FieldInt},
	{Name: "band", Type: FieldChoice, Options: []string{"critical", "high", "medium", "low"}},
}

var riskFields = []Field{
	{Name: "id", Type: FieldText},
	{Name: "title", Type: FieldText, Register: true},
	{Name: "category", Type: FieldText, Register: true},
	{Name: "system", Type: FieldSubject, Of: KindSystem, Register: true},
	{Name: "owner", Type: FieldPerson, Register: true},
	{Name: "inherent", Type: FieldGroup, Register: true, Has: riskScore},
	{Name: "residual", Type: FieldGroup, Register: true, Has: riskScore},
	{Name: "controls", Type: FieldTexts, Register: true},
	{Name: "treatment", Type: FieldText, Register: true},
	{Name: "accepted_until", Type: FieldDate, Register: true},
	{Name: "due", Type: FieldDate, Register: true},
	{Name: "state", Type: FieldText, Register: true, Start: "open"},
}

// findingFields are those of a nonconformity or an observation. It is a subject of
// its own, because two findings about one system are two corrective actions.
var findingFields = []Field{
	{Name: "id", Type: FieldText},
	{Name: "title", Type: FieldText, Register: true},
	{Name: "system", Type: FieldSubject, Of: KindSystem, Register: true},
	{Name: "source", Type: FieldText, Register: true},
	{Name: "requirements", Type: FieldTexts, Register: true},
	{Name: "grade", Type: FieldChoice, Register: true, Options: []string{"observation", "minor", "major"}},
	{Name: "owner", Type: FieldPerson, Register: true},
	{Name: "verifier", Type: FieldPerson, Register: true},
	{Name: "due", Type: FieldDate, Register: true},
	// By when it was found and why it came about, a later one is known as the same again.
	{Name: "opened_at", Type: FieldInstant, Register: true},
	{Name: "cause", Type: FieldText, Register: true},
	{Name: "state", Type: FieldChoice, Register: true, Start: "open", Options: []string{"open", "effective", "ineffective", "withdrawn", "closed"}},
	{Name: "parent", Type: FieldText, Register: true},
}

var roleFields = []Field{
	idField,
	{Name: "title", Type: FieldText},
	{Name: "reports_to", Type: FieldText},
	{Name: "holder", Type: FieldPerson},
	{Name: "deputies", Type: FieldPersons},
	{Name: "appointment", Type: FieldGroup, Register: true, Has: []Field{
		{Name: "person", Type: FieldPerson},
		{Name: "deputies", Type: FieldPersons},
		{Name: "from", Type: FieldInstant},
		{Name: "to", Type: FieldInstant, Maybe: true},
		{Name: "charter", Type: FieldText, Maybe: true},
	}},
	{Name: "vacant_since", Type: FieldInstant, Register: true},
}

var personFields = []Field{
	idField,
	nameField,
	{Name: "manager", Type: FieldPerson},
	{Name: "unit", Type: FieldText},
	{Name: "competent_until", Type: FieldInstants, Register: true},
	{Name: "recusals", Type: FieldTexts, Register: true},
}

var organisationFields = []Field{
	idField,
	nameField,
	{Name: "zone", Type: FieldText},
	{Name: "units", Type: FieldTexts},
	{Name: "nis2", Type: FieldBool},
	{Name: "profile", Type: FieldChoice, Register: true, Start: "full", Options: []string{"full", "small"}},
	{Name: "isms", Type: FieldText, Register: true},
	{Name: "ai_roles", Type: FieldTexts, Register: true},
	{Name: "scope", Type: FieldText, Register: true},
	// How far the last gap assessment found it, in percent, and the rows that it
	// found in place: the next one shows progress and asks less.
	{Name: "coverage", Type: FieldGroup, Register: true, Has: []Field{
		{Name: "clauses", Type: FieldInt},
		{Name: "matrix", Type: FieldInt},
		{Name: "controls", Type: FieldInt},
	}},
	{Name: "in_place", Type: FieldTexts, Register: true},
	{Name: "policy", Type: FieldText, Register: true},
	{Name: "soa", Type: FieldText, Register: true},
	{Name: "rules", Type: FieldText, Register: true},
	validUntilField,
}
