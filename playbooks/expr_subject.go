package playbooks

import "github.com/aimsbot/aimsbot/playbooks/org"

// SubjectOf is what expressions read of a subject: what the file says, over it
// what runs have decided. A field that names another subject is that subject.
func SubjectOf(o org.Organisation, s org.Subject) map[string]any {
	m := map[string]any{}
	for _, f := range org.Fields(s.Kind) {
		if v, ok := subjectValue(o, f, s.Values[f.Name]); ok {
			m[f.Name] = v
		}
	}
	return m
}

// OrganisationOf is what expressions read of the organisation.
func OrganisationOf(o org.Organisation) map[string]any {
	s, _ := o.Subject(org.KindOrganisation, org.OrganisationID)
	return SubjectOf(o, s)
}

// subjectValue is a value as expressions read it; false = there is none.
func subjectValue(o org.Organisation, f org.Field, v any) (any, bool) {
	whole := func(v any) any {
		id, _ := v.(string)
		s, _ := o.Subject(f.Of, id)
		return SubjectOf(o, s)
	}
	switch {
	case f.Type == org.FieldSubject && v != nil && v != "":
		return whole(v), true
	case f.Type == org.FieldSubject:
		return nil, false
	case f.Type == org.FieldSubjects:
		var out []any
		ids, _ := v.([]any)
		for _, id := range ids {
			out = append(out, whole(id))
		}
		return out, true
	case v != nil:
		return v, true
	case f.Absent():
		return nil, false
	}
	return nothing(f), true
}

// nothing is the value of a field that the file leaves out.
func nothing(f org.Field) any {
	switch {
	case f.List():
		return []any{}
	case f.ByName():
		return map[string]any{}
	case f.Type == org.FieldBool:
		return false
	}
	return ""
}

// subjectShape is the shape of a subject of a kind, by its table of fields.
func subjectShape(kind string) *shape {
	out := objectOf(withArticle(kind), fieldShapes(kind, org.Fields(kind))...)
	out.ref = kind
	return out
}

func fieldShapes(kind string, of []org.Field) []field {
	var fields []field
	for _, f := range of {
		fields = append(fields, field{name: f.Name, shape: fieldShape(kind, f), filled: f.List() || f.ByName(), maybe: f.Absent()})
	}
	return fields
}

// withArticle is a kind of subject as it is said.
func withArticle(kind string) string {
	switch kind {
	case org.KindIncident:
		return "an " + kind
	case org.KindOrganisation:
		return "the " + kind
	}
	return "a " + kind
}

// fieldShape is the shape of one field of a subject.
func fieldShape(kind string, f org.Field) *shape {
	switch f.Type {
	case org.FieldText:
		switch {
		case f.Of != "":
			return subjectText(f.Of)
		case f.Name == "id" && kind != "":
			return subjectText(kind)
		}
		return textShape
	case org.FieldBool:
		return boolShape
	case org.FieldInt:
		return intShape
	case org.FieldNumber:
		return numberShape
	case org.FieldInstant:
		return datetimeShape
	case org.FieldDate:
		return dateShape
	case org.FieldPerson:
		return personShape
	case org.FieldChoice:
		return choiceOf(kind+"."+f.Name, f.Options...)
	case org.FieldTexts:
		if f.Of != "" {
			return listOf(subjectText(f.Of))
		}
		return listOf(textShape)
	case org.FieldPersons:
		return listOf(personShape)
	case org.FieldConditions:
		return listOf(conditionShape())
	case org.FieldInstants:
		return mapOf(datetimeShape)
	case org.FieldNumbers:
		return mapOf(numberShape)
	case org.FieldSubject:
		return subjectShape(f.Of)
	case org.FieldSubjects:
		return listOf(subjectShape(f.Of))
	case org.FieldGroup:
		return groupShape(kind, f)
	case org.FieldGroups:
		return listOf(groupShape(kind, f))
	}
	return anyShape
}

// groupShape is the shape of values that stand together under a field.
func groupShape(kind string, f org.Field) *shape {
	// With a blank, as all objects: CEL would take the field itself for the type.
	name := "the values of " + kind + "." + f.Name
	if f.Type == org.FieldGroups {
		name = "an entry of " + kind + "." + f.Name
	}
	return objectOf(name, fieldShapes("", f.Has)...)
}

func listAny(in []string) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}
