package playbooks

import "github.com/aimsbot/aimsbot/playbooks/org"

// SubjectOf is what expressions read of a system: what the file says, over it
// what runs have decided.
func SubjectOf(o org.Organisation, s org.System) map[string]any {
	m := map[string]any{
		"id": s.ID, "name": s.Name, "owner": s.Owner, "purpose": s.Purpose,
		"developers": listAny(s.Developers), "users": listAny(s.Users), "overseers": listAny(s.Overseers),
		"models": listAny(s.Models), "suppliers": listAny(s.Suppliers), "regions": listAny(s.Regions),
		"personal_data": s.PersonalData, "autonomy": s.Autonomy, "generative": s.Generative,
	}
	for _, f := range org.Fields(org.KindSystem) {
		if f.Register && f.Start != nil {
			m[f.Name] = f.Start
		}
	}
	o.Register.Put(m, org.KindSystem, s.ID)
	return m
}

func listAny(in []string) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// subjectShape is the shape of a subject of a kind, by its table of fields.
func subjectShape(kind string) *shape {
	var fields []field
	for _, f := range org.Fields(kind) {
		fields = append(fields, field{
			name: f.Name, shape: fieldShape(kind, f), filled: f.List() || f.Type == org.FieldInstants,
			maybe: f.Register && f.Start == nil && !f.List() && f.Type != org.FieldInstants,
		})
	}
	out := objectOf("a "+kind, fields...)
	out.ref = kind
	return out
}

// fieldShape is the shape of one field of a subject.
func fieldShape(kind string, f org.Field) *shape {
	switch f.Type {
	case org.FieldText:
		if f.Name == "id" {
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
	case org.FieldPerson:
		return personShape
	case org.FieldChoice:
		return choiceOf(kind+"."+f.Name, f.Options...)
	case org.FieldTexts:
		return listOf(textShape)
	case org.FieldPersons:
		return listOf(personShape)
	case org.FieldConditions:
		return listOf(conditionShape())
	case org.FieldInstants:
		return mapOf(datetimeShape)
	}
	return anyShape
}
