package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// schema knows the shape of every root an expression may begin with.
type schema struct {
	roots   []field
	kind    string            // of the subject, under whose name it is read
	objects map[string]*shape // by name, for CEL's type provider
	rules   *Rules            // may be nil
}

// newSchema builds the shapes of a playbook. The values of set steps stay
// unknown until their expressions have been compiled, in the order of the file.
func newSchema(p *Playbook) *schema {
	var results []field
	for _, st := range flow(p) {
		if s := resultShape(st.step); s != nil {
			results = append(results, field{name: st.step.ID.V, shape: s, maybe: st.maySkip() || !st.step.WaitedFor()})
		}
	}
	subject := subjectShape(p.About())
	roots := []field{
		{name: "steps", shape: objectOf("the steps", results...)},
		{name: "run", shape: objectOf("the run",
			field{name: "id", shape: textShape},
			field{name: "by", shape: personShape},
			field{name: "exercise", shape: boolShape, filled: true},
			field{name: "started_at", shape: datetimeShape},
			field{name: "playbook", shape: textShape},
			field{name: "input", shape: inputShape(p)},
			field{name: "clocks", shape: clocksShape(), filled: true},
		)},
		{name: "subject", shape: subject},
		{name: "before", shape: subject},
		{name: "organisation", shape: subjectShape(org.KindOrganisation)},
		{name: "now", shape: datetimeShape},
		{name: "answers", shape: anyShape},
		{name: "choice", shape: anyShape},
	}
	if len(p.Data) > 0 {
		roots = append(roots, field{name: "data", shape: dataShape(p.Data)})
	}
	roots = append(roots, entryRoots(p, roots)...)
	roots = append(roots, itemRoot(p, roots)...)
	if kind := p.About(); kind != org.KindOrganisation {
		roots = slices.Insert(roots, 3, field{name: kind, shape: subject})
	}
	sc := &schema{roots: roots, kind: p.About(), objects: map[string]*shape{}}
	for _, r := range roots {
		sc.register(r.shape)
	}
	return sc
}

func (sc *schema) register(s *shape) {
	if s.kind == shapeObject {
		sc.objects[s.name] = s
	}
	for _, f := range s.fields {
		sc.register(f.shape)
	}
	if s.elem != nil {
		sc.register(s.elem)
	}
}

func (sc *schema) root(name string) *shape {
	for _, r := range sc.roots {
		if r.name == name {
			return r.shape
		}
	}
	return nil
}

// rootNames are those known everywhere.
func (sc *schema) rootNames() []string {
	names := make([]string, 0, len(sc.roots))
	for _, r := range sc.roots {
		if r.name != "answers" && r.name != "choice" && r.name != itemName {
			names = append(names, r.name)
		}
	}
	return names
}

// resultShape is what a step leaves behind; nil for a group, which leaves
// nothing of its own.
func resultShape(s *Step) *shape {
	name := "the results of step " + s.ID.V
	switch s.Kind {
	case KindForm:
		if s.Form != nil && !s.Form.Each.Empty() {
			return rowsShape(name, s)
		}
		if s.Form != nil {
			return objectOf(name, append(answers(s, s.Form.Questions), byAt()...)...)
		}
	case KindTask:
		if s.Task != nil {
			fields := append(answers(s, s.Task.Questions), byAt()...)
			fields = append(fields, field{name: "evidence", shape: listOf(textShape), filled: true}, field{name: "issue", shape: textShape})
			return objectOf(name, fields...)
		}
	case KindApproval:
		return approvalShape(name, s)
	case KindNotify:
		return objectOf(name, field{name: "at", shape: datetimeShape}, field{name: "digest", shape: textShape})
	case KindClock:
		return clockShape(name)
	case KindWait:
		return objectOf(name, field{name: "at", shape: datetimeShape})
	case KindEach:
		return eachShape(name, s)
	case KindBack:
		return objectOf(name, field{name: "count", shape: intShape})
	case KindStart:
		fields := []field{{name: "at", shape: datetimeShape}, {name: "run", shape: textShape, maybe: true}}
		if s.Start != nil && s.Start.Wait { // without one that goes round in a circle
			fields = append(fields, field{name: "outcome", shape: textShape, maybe: true})
		}
		return objectOf(name, fields...)
	case KindCollect:
		return collectShape(name, s)
	case KindRegister:
		fields := []field{{name: "at", shape: datetimeShape}}
		if s.Register != nil && !s.Register.Create.Empty() {
			fields = append(fields, field{name: "id", shape: subjectText(s.Register.Create.V)})
		}
		return objectOf(name, fields...)
	case KindSet:
		fields := make([]field, 0, len(s.Set))
		for _, v := range s.Set {
			fields = append(fields, field{name: v.Name.V, shape: anyShape})
		}
		return objectOf(name, fields...)
	}
	return nil
}

// inputShape is what a run is started with.
func inputShape(p *Playbook) *shape {
	if len(p.Input) == 0 {
		return mapOf(anyShape) // runs of before were started with anything; lint refuses to read it
	}
	fields := make([]field, 0, len(p.Input))
	for _, q := range p.Input {
		fields = append(fields, field{name: q.ID.V, shape: questionShape(&Step{ID: Str{V: "run.input"}}, q), maybe: q.Optional})
	}
	return objectOf("what the run is started with", fields...)
}

func byAt() []field {
	return []field{{name: "by", shape: personShape}, {name: "at", shape: datetimeShape}}
}

func approvalShape(name string, s *Step) *shape {
	conditions := listOf(conditionShape())
	return chosenShape(s, objectOf(name,
		field{name: "outcome", shape: choiceOf("the outcome of an approval", "approved", "approved_with_conditions", "rejected", "void")},
		field{name: "conditions", shape: conditions, filled: true},
		field{name: "decisions", filled: true, shape: listOf(objectOf("a decision",
			field{name: "id", shape: textShape},
			field{name: "person", shape: personShape},
			field{name: "choice", shape: choiceOf("the choice of a decision", "approve", "approve_with_conditions", "reject", "request_changes", "abstain", "recuse")},
			field{name: "reason", shape: textShape, maybe: true},
			field{name: "conditions", shape: conditions, filled: true},
			field{name: "digest", shape: textShape, maybe: true},
			field{name: "at", shape: datetimeShape},
		))},
		field{name: "rounds", shape: intShape},
	))
}

func conditionShape() *shape {
	return objectOf("a condition",
		field{name: "text", shape: textShape},
		field{name: "owner", shape: personShape},
		field{name: "due", shape: dateShape},
	)
}

func answers(s *Step, questions []Question) []field {
	fields := make([]field, 0, len(questions)+4)
	for _, q := range questions {
		fields = append(fields, field{name: q.ID.V, shape: questionShape(s, q), maybe: q.Optional || !q.When.Empty(), apart: len(q.Protected) > 0})
	}
	return fields
}

func questionShape(s *Step, q Question) *shape {
	what := "question " + s.ID.V + "." + q.ID.V
	options := make([]string, 0, len(q.Options))
	for _, o := range q.Options {
		options = append(options, o.ID.V)
	}
	if len(q.Protected) > 0 {
		return anyShape // what stands in its place
	}
	switch q.Type.V {
	case TypeText, TypeLong, TypeLink:
		return textShape
	case TypeModel:
		return subjectText(org.KindModel)
	case TypeSupplier:
		return subjectText(org.KindSupplier)
	case TypeSystem:
		return subjectText(org.KindSystem)
	case TypeSystems:
		return listOf(subjectText(org.KindSystem))
	case TypeCountries:
		return listOf(textShape)
	case TypeYesNo:
		return boolShape
	case TypeYesNoUnsure:
		return choiceOf(what, "yes", "no", "unsure")
	case TypeChoice:
		return choiceOf(what, options...)
	case TypeChoices:
		return listOf(choiceOf(what, options...))
	case TypeInt:
		return intShape
	case TypeNumber:
		return numberShape
	case TypeDate:
		return dateShape
	case TypeDatetime:
		return datetimeShape
	case TypePerson:
		return personShape
	case TypePersons:
		return listOf(personShape)
	case TypeRows:
		return listOf(columnsShape(s, q))
	}
	return anyShape
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
