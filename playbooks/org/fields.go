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
	FieldDate       FieldType = "date"
	FieldPerson     FieldType = "person"
	FieldChoice     FieldType = "choice"
	FieldTexts      FieldType = "texts"      // a list
	FieldPersons    FieldType = "persons"    // a list
	FieldConditions FieldType = "conditions" // a list of {text, owner, due}, as approvals give them
	FieldInstants   FieldType = "instants"   // instants by name
	FieldNumbers    FieldType = "numbers"    // numbers by name
	FieldSubject    FieldType = "subject"    // kept as the id, read as the whole subject of the kind Of
	FieldSubjects   FieldType = "subjects"   // a list of them
	FieldGroup      FieldType = "group"      // values of the names in Has
	FieldGroups     FieldType = "groups"     // a list of them
)

// Field is one field of a subject of a kind.
type Field struct {
	Name    string
	Type    FieldType
	Options []string // of a choice
	Of      string   // kind of the subjects that this names
	Has     []Field  // what a group holds
	// Register says that runs decide it; else it is the organisation file's.
	Register bool
	// Maybe says that it may have no value at all.
	Maybe bool
	// Start is the value before any run has written one; nil = there is none.
	Start any
	// Rank says of which other field this is the rank among its options, from 1
	// on; such a field is never written itself.
	Rank string
}

// List tells whether the field holds a list, which is empty at first.
func (f Field) List() bool {
	switch f.Type {
	case FieldTexts, FieldPersons, FieldConditions, FieldSubjects, FieldGroups:
		return true
	}
	return false
}

// ByName tells whether the field holds values by name, of which there are none
// at first.
func (f Field) ByName() bool { return f.Type == FieldInstants || f.Type == FieldNumbers }

// Absent tells whether the field may have no value.
func (f Field) Absent() bool {
	if f.List() || f.ByName() || f.Rank != "" {
		return false
	}
	return f.Maybe || f.Register && f.Start == nil
}

// The kinds of subjects.
const (
	KindSystem       = "system"
	KindModel        = "model"
	KindSupplier     = "supplier"
	KindIncident     = "incident"
	KindPerson       = "person"
	KindRole         = "role"
	KindRisk         = "risk"
	KindFinding      = "finding"
	KindOrganisation = "organisation"
)

// OrganisationID is the id of the one subject of kind organisation.
const OrganisationID = "organisation"

// Kind is one kind of subject: where it stands and what is known of it.
type Kind struct {
	Name    string
	Section string // of the organisation file; "" = it lives in the register alone
	Prefix  string // of the ids that runs give; "" = no run makes one
	Fields  []Field
}

// kinds are all kinds of subjects (processes.md 0.3), in the order people know.
var kinds = []Kind{
	{Name: KindSystem, Section: "systems", Prefix: "sys", Fields: systemFields},
	{Name: KindModel, Section: "models", Fields: modelFields},
	{Name: KindSupplier, Section: "suppliers", Fields: supplierFields},
	{Name: KindIncident, Prefix: "inc", Fields: incidentFields},
	{Name: KindPerson, Section: "people", Fields: personFields},
	{Name: KindRole, Section: "roles", Fields: roleFields},
	{Name: KindRisk, Prefix: "risk", Fields: riskFields},
	{Name: KindFinding, Prefix: "find", Fields: findingFields},
	{Name: KindOrganisation, Section: "organisation", Fields: organisationFields},
}

// Kinds are the names of all kinds of subjects.
func Kinds() []string { return ids(kinds, func(k Kind) string { return k.Name }) }

// KindOf is what is known of a kind of subject.
func KindOf(name string) (Kind, bool) {
	return find(kinds, func(k Kind) bool { return k.Name == name })
}

// RegisterOnly tells whether subjects of a kind live in the register alone: a
// run about one may begin with an id only.
func RegisterOnly(kind string) bool {
	k, known := KindOf(kind)
	return known && k.Section == ""
}

// Fields are the fields of a kind of subject, in the order people know.
func Fields(kind string) []Field {
	k, _ := KindOf(kind)
	return k.Fields
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
