package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// stepLists are the keys under which steps stand, wherever they are.
var stepLists = []string{"steps", "group", "then", "on_reject"}

// change does to the steps of base what the extending playbook says: first it
// changes, then it places, then it removes, so that a new step may stand beside
// one that goes.
func (x *extender) change(base, own *source.Node) {
	for _, e := range own.Get("change").Pairs(x.ps) {
		if step, _, ok := x.step(base, e.Key, "change"); ok {
			x.changeStep(step, e)
		}
	}
	placed := map[string]bool{}
	for _, item := range own.Get("place").List(x.ps) {
		x.place(base, item, placed)
	}
	for _, id := range own.Get("remove").Texts(x.ps) {
		if placed[id.V] {
			x.ps.Add(id.Pos, "extends", "`%s` is placed above and removed here. Keep one of the two: a step that is placed under the name of another takes its place anyway.", id.V)
			continue
		}
		if _, in, ok := x.step(base, id, "remove"); ok {
			x.remove(in, id)
		}
	}
}

// step finds a step of the base by its id, and the list it stands in.
func (x *extender) step(base *source.Node, id Str, what string) (step, in *source.Node, ok bool) {
	var ids []string
	eachStep(base, func(list, s *source.Node) {
		if found := s.Get("id").Str(); !found.Empty() {
			ids = append(ids, found.V)
			if found.V == id.V && step == nil {
				step, in = s, list
			}
		}
	})
	if step == nil {
		x.ps.Add(id.Pos, "extends", "There is no step `%s` to %s.%s The steps of the playbook that is extended: %s.", id.V, what, source.DidYouMean(id.V, ids), strings.Join(ids, ", "))
	}
	return step, in, step != nil
}

// eachStep calls f for every step below n, with the list it stands in, in the
// order of the file.
func eachStep(n *source.Node, f func(list, step *source.Node)) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		if !slices.Contains(stepLists, e.Key.V) || e.Value.Kind != source.Sequence {
			eachStep(e.Value, f)
			continue
		}
		for _, s := range slices.Clone(e.Value.Items) {
			if s.Kind == source.Mapping {
				f(e.Value, s)
			}
			eachStep(s, f)
		}
	}
	for _, item := range n.Items {
		eachStep(item, f)
	}
}

// place puts steps after or before a step.
func (x *extender) place(base, n *source.Node, placed map[string]bool) {
	m := n.Map(x.ps, "an entry of `place`", "after", "before", "steps")
	m.Require("steps")
	if !m.OK() {
		return
	}
	key := "after"
	if m.Has("before") {
		key = "before"
	}
	switch {
	case m.Has("after") && m.Has("before"):
		x.ps.Add(m.KeyPos("before"), "extends", "Steps stand after one step or before one. Keep `after` or `before`.")
		return
	case !m.Has(key):
		if !m.Meant("after") && !m.Meant("before") {
			x.ps.Add(m.Pos, "extends", "Where do these steps stand? Add `after` or `before` with the id of a step.")
		}
		return
	}
	at := m.Text(key)
	if at.Empty() {
		return
	}
	anchor, in, ok := x.step(base, at, "place steps "+key)
	if !ok {
		return
	}
	steps := m.List("steps")
	i := slices.Index(in.Items, anchor)
	if key == "after" {
		i++
	}
	mark := &source.Node{Kind: source.Mapping} // stands where the new ones will, while the old of the same names go
	in.Items = slices.Insert(slices.Clone(in.Items), i, mark)
	for _, s := range steps {
		x.takeOver(base, s)
		each(s, func(id string) { placed[id] = true })
	}
	if !standsIn(base, mark) {
		x.ps.Add(at.Pos, "extends", "`%s` stands in a step that is replaced here. Name a step outside it.", at.V)
		return
	}
	i = slices.Index(in.Items, mark)
	in.Items = slices.Replace(in.Items, i, i+1, steps...)
}

// standsIn tells whether a step is still below n.
func standsIn(n, step *source.Node) bool {
	found := false
	eachStep(n, func(_, s *source.Node) { found = found || s == step })
	return found
}

// each calls f for the id of a step and of every step in it.
func each(step *source.Node, f func(id string)) {
	if id := step.Get("id").Str(); !id.Empty() {
		f(id.V)
	}
	eachStep(step, func(_, s *source.Node) {
		if id := s.Get("id").Str(); !id.Empty() {
			f(id.V)
		}
	})
}

// takeOver removes the steps from base whose names a new step and the steps in
// it have.
func (x *extender) takeOver(base, step *source.Node) {
	each(step, func(id string) {
		eachStep(&source.Node{Kind: source.Mapping, Entries: []source.Entry{{Key: Str{V: "steps"}, Value: base}}}, func(in, s *source.Node) {
			if s.Get("id").Str().V == id {
				in.Items = slices.DeleteFunc(slices.Clone(in.Items), func(x *source.Node) bool { return x == s })
			}
		})
	})
}

func (x *extender) remove(in *source.Node, id Str) {
	in.Items = slices.DeleteFunc(slices.Clone(in.Items), func(s *source.Node) bool { return s.Get("id").Str().V == id.V })
	if len(in.Items) == 0 {
		x.ps.Add(id.Pos, "extends", "Without `%s` the list it stands in is empty (%s). Remove the step around it instead.", id.V, in.Pos)
	}
}
