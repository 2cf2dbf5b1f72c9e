package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// askAlso is the key of a change that adds questions to a form or a task.
const askAlso = "ask_also"

// changeStep writes keys into a step. What the step does (`form`, `task`) is
// changed key by key, and each of those keys as a whole.
func (x *extender) changeStep(step *source.Node, change source.Entry) {
	kind := kindOf(step)
	for _, e := range change.Value.Pairs(x.ps) {
		old, has := step.Entry(e.Key.V)
		switch {
		case e.Key.V == "id":
			x.ps.Add(e.Key.Pos, "extends", "A step keeps its id, because others name it. To have another step, place one and remove this one.")
		case e.Key.V == askAlso:
			x.askAlso(step, kind, e)
		case has && e.Key.V == kind && holdsSteps(old.Value):
			x.ps.Add(e.Key.Pos, "extends", "The steps in `%s` are changed by their own ids. Write those under `change`, or use `place` and `remove`.", change.Key.V)
		case has && e.Key.V == kind && old.Value.Kind == source.Mapping && e.Value.Kind == source.Mapping:
			merged := *old.Value
			for _, inner := range e.Value.Entries {
				merged.Set(inner)
			}
			step.Set(source.Entry{Key: old.Key, Value: &merged})
		case slices.Contains(kindKeys, e.Key.V) && e.Key.V != kind:
			x.ps.Add(e.Key.Pos, "extends", "`%s` is %s, and a change cannot make it %s. Place a step with the id `%s` instead: it takes the place of this one.", change.Key.V, article(kind), article(e.Key.V), change.Key.V)
		default:
			step.Set(e)
		}
	}
}

// askAlso adds questions at the end of those that the step asks; one of a name
// that is there takes the place of that one.
func (x *extender) askAlso(step *source.Node, kind string, e source.Entry) {
	if kind != string(KindForm) && kind != string(KindTask) {
		x.ps.Add(e.Key.Pos, "extends", "`%s` adds questions to a form or a task, but this step is %s.", askAlso, article(kind))
		return
	}
	more := e.Value.List(x.ps)
	what := *step.Get(kind)
	old, ok := what.Entry("questions")
	if !ok || old.Value.Kind != source.Sequence {
		named := *e.Value
		named.Name = "`questions`"
		old = source.Entry{Key: e.Key, Value: &named}
		old.Key.V, old.Value.Items = "questions", nil
	}
	list := *old.Value
	list.Items = slices.Clone(list.Items)
	for _, q := range more {
		id := q.Get("id").Str()
		same := func(o *source.Node) bool { return !id.Empty() && o.Get("id").Str().V == id.V }
		if i := slices.IndexFunc(list.Items, same); i >= 0 {
			list.Items[i] = q
		} else {
			list.Items = append(list.Items, q)
		}
	}
	what.Set(source.Entry{Key: old.Key, Value: &list})
	step.Set(source.Entry{Key: Str{V: kind, Pos: what.Pos}, Value: &what})
}

// article is a word with its a or an.
func article(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// kindOf is the key that says what a step does.
func kindOf(step *source.Node) string {
	for _, e := range step.Entries {
		if slices.Contains(kindKeys, e.Key.V) {
			return e.Key.V
		}
	}
	return "step"
}

// holdsSteps tells whether what the step does is a list of steps.
func holdsSteps(n *source.Node) bool { return n.Kind == source.Sequence }
