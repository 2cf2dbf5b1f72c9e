package org

import "slices"

// FieldType is what a field of a subject holds.
type FieldType string

// The types of fields.
const (
	FieldText       FieldType = "text"
	FieldBool       FieldType = "bool"
	FieldInt        FieldType = "int"
	FieldNumber     FieldType = "number"
	FieldInstant    FieldType = "instant"
	FieldPerson     FieldType = "person"
	FieldChoice     FieldType = "choice"
	FieldTexts      FieldType = "texts"      // a list
	FieldPersons    FieldType = "persons"    // a list
	FieldConditions FieldType = "conditions" // a list of {text, owner, due}, as approvals give them
	FieldInstants   FieldType = "instants"   // instants by name
)

// Field is one field of a subject of a kind.
type Field struct {
	Name    string
	Type    FieldType
	Options []string // of a choice
	// Register says that runs decide it; else it is the organisation file's.
	Register bool
	// Start is the value before any run has written one; nil = there is none.
	Start any
}

// List tells whether the field holds a list, which is empty at first.
func (f Field) List() bool {
	return f.Type == FieldTexts || f.Type == FieldPersons || f.Type == FieldConditions
}

// KindSystem is the kind of AI systems.
const KindSystem = "system"

// FieldValidUntil has an instant for each playbook: until when its last
// decision holds.
const FieldValidUntil = "valid_until"

// systemFields are the fields of a system (DESIGN 1, "register"): what the file
// says and what runs decide.
var systemFields = []Field{
	{Name: "id", Type: FieldText},
	{Name: "name", Type: FieldText},
	{Name: "owner", Type: FieldPerson},
	{Name: "developers", Type: FieldPersons},
	{Name: "purpose", Type: FieldText},
	{Name: "users", Type: FieldTexts},
	{Name: "overseers", Type: FieldPersons},
	{Name: "models", Type: FieldTexts},
	{Name: "suppliers", Type: FieldTexts},
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
	{Name: "conditions", Type: FieldConditions, Register: true},
	{Name: "restrictions", Type: FieldTexts, Register: true},
	{Name: FieldValidUntil, Type: FieldInstants, Register: true},
}

// Fields are the fields of a kind of subject, in the order people know; none
// for a kind that has no place yet.
func Fields(kind string) []Field {
	if kind == KindSystem {
		return systemFields
	}
	return nil
}

// FieldOf is the field of that name of a kind of subject.
func FieldOf(kind, name string) (Field, bool) {
	fields := Fields(kind)
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}
