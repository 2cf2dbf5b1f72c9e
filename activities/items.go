package activities

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// fieldItems is where the result of an each keeps its list, as it was when the
// each began in this round.
const fieldItems = "items"

// item is one entry of an each: key is what its steps are known by.
type item struct {
	key   string
	entry any
}

// at is the entry a session is busy with; each is nil for none.
type at struct {
	item
	each *playbooks.Step
}

// within has the session see an entry of an each, when the step is one of its
// steps; what it answers ends that.
func (s *session) within(step, key string) func() {
	was := s.at
	s.at = at{}
	if each := s.def.Playbook.EachOf(step); key != "" && each != nil {
		for _, it := range append(s.items(each), item{key: key}) {
			if it.key == key {
				s.at = at{item: it, each: each}
				break
			}
		}
	}
	return func() { s.at = was }
}

// itemOf is the key under which a step is found from where the session is: that
// of the present entry, or "" for a step outside of the each.
func (s *session) itemOf(step string) string {
	if s.at.each == nil || s.def.Playbook.EachOf(step) != s.at.each {
		return ""
	}
	return s.at.key
}

// named puts an entry under its name, beside the entry of the each.
func (s *session) named(scope playbooks.Scope, name string, entry any) playbooks.Scope {
	all := map[string]any{name: entry}
	for k, v := range scope.Entry {
		if k != name {
			all[k] = v
		}
	}
	scope.Entry = all
	return scope
}

// items are the entries of an each that was begun, as they were then.
func (s *session) items(each *playbooks.Step) []item {
	d := s.state.FindDone(each.ID.V, "")
	if d == nil {
		return nil
	}
	list, _ := d.Fields[fieldItems].([]any)
	out := make([]item, 0, len(list))
	for _, v := range list {
		m, _ := v.(map[string]any)
		key, _ := m["key"].(string)
		out = append(out, item{key: key, entry: m["entry"]})
	}
	return out
}

// itemKey is what may stand in keys and on the command line as it is; ours, long
// enough for any id.
var itemKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$`)

// keyed gives each entry its key: its id, where it has one that no entry before
// it has, else its number from 1.
func keyed(list []any) []item {
	out := make([]item, 0, len(list))
	taken := func(key string) bool { return slices.ContainsFunc(out, func(i item) bool { return i.key == key }) }
	for n, entry := range list {
		key := ""
		if _, fields := entry.(map[string]any); fields {
			if id := entryID(entry); id != nil {
				if _, whole := id.(map[string]any); !whole {
					key = fmt.Sprint(id)
				}
			}
		}
		if !itemKey.MatchString(key) || taken(key) {
			key = strconv.Itoa(n + 1)
		}
		for taken(key) {
			key += ".2"
		}
		out = append(out, item{key: key, entry: entry})
	}
	return out
}

// beginEach works out the list of an each and keeps it for the round. It answers
// true when the list is empty: there is nothing to do then.
func (s *session) beginEach(step *playbooks.Step) (bool, error) {
	v, err := s.eval.Value(step.Each.In.V, s.scope())
	if err != nil {
		return false, fmt.Errorf("step %s: in: %w", step.ID, err)
	}
	list, ok := v.([]any)
	if !ok {
		return false, fmt.Errorf("step %s: in: `%s` gives no list", step.ID, step.Each.In)
	}
	items := keyed(list)
	kept := make([]any, 0, len(items))
	for _, it := range items {
		kept = append(kept, map[string]any{"key": it.key, "entry": it.entry})
	}
	s.dropItems(step, items)
	state, kind := port.StepEntered, "each.began"
	if len(items) == 0 {
		state, kind = port.StepDone, "step.empty"
	}
	s.finish(step, state, map[string]any{fieldItems: kept})
	s.record(s.place(step), kind, "", s.state.Revision, port.Record{
		Header: map[string]string{"kind": string(step.Kind), "in": step.Each.In.V, "items": strconv.Itoa(len(items))},
		Body:   map[string]any{fieldItems: kept},
	})
	if len(items) > step.Each.Most() {
		s.tellTooMany(step, len(items))
	}
	return len(items) == 0, nil
}

// dropItems withdraws what an earlier round left of entries that are gone.
func (s *session) dropItems(step *playbooks.Step, items []item) {
	why := "Its entry is no longer in the list in round " + strconv.Itoa(s.state.Round) + ". Nothing is left to do here."
	for _, inner := range step.All()[1:] {
		id := inner.ID.V
		gone := func(key string) bool {
			return id != "" && key != "" && !slices.ContainsFunc(items, func(i item) bool { return i.key == key })
		}
		for i := 0; i < len(s.state.Open); {
			if o := s.state.Open[i]; o.Step == id && gone(o.Item) {
				s.withdraw(o, why)
				s.state.Open = slices.Delete(s.state.Open, i, i+1)
				continue
			}
			i++
		}
		for _, list := range []*[]port.StepResult{&s.state.Done, &s.state.Previous} {
			*list = slices.DeleteFunc(*list, func(d port.StepResult) bool {
				if d.Step != id || !gone(d.Item) {
					return false
				}
				s.settleForm(d, why)
				if d.State == port.StepDone {
					s.withdrawIssue(s.issueOf(id, d.Item), why)
				}
				return true
			})
		}
	}
}

// tellTooMany tells the AIMS manager that a list is longer than expected. All of
// it is done.
func (s *session) tellTooMany(step *playbooks.Step, n int) {
	r, _ := s.org.Role(roleAIMSManager)
	r.ID = roleAIMSManager
	to := s.acting(s.org, r)
	for _, a := range to {
		s.intend(port.Effect{Place: s.place(step), Purpose: "over", Addressee: a.ID(), Kind: port.EffectPost}, port.Card{
			To: a, Title: "More than expected: " + s.stepTitle(step.ID.V),
			Lines: []string{
				fmt.Sprintf("%s for %s has %d entries here; at most %d were expected. All of them are done: nothing is left out.", s.def.Playbook.Title, s.subjectName(), n, step.Each.Most()),
				"You are told because " + a.Why + ". If it is a mistake, cancel the run; if not, raise `at_most` in the playbook.",
			},
			Fields: []port.Field{{Label: "System", Value: s.subjectName()}, {Label: "Run", Value: s.state.Run.ID}},
		})
	}
	s.record(s.place(step), "each.over", "", 0, port.Record{
		Header: map[string]string{"items": strconv.Itoa(n), "at_most": strconv.Itoa(step.Each.Most())}, Body: map[string]any{"told": s.askedNames(to)},
	})
}

// walkItems goes through the steps of every entry, the entries side by side.
func (s *session) walkItems(step *playbooks.Step) (bool, error) {
	all := true
	for _, it := range s.items(step) {
		was := s.at
		s.at = at{item: it, each: step}
		finished, err := s.walk(step.Each.Steps, true)
		s.at = was
		if err != nil {
			return false, fmt.Errorf("entry %s of %s: %w", it.key, step.ID, err)
		}
		if s.state.Outcome != "" || s.returned {
			return false, nil
		}
		all = all && finished
	}
	return all, nil
}

// listOf is what expressions read of an each: for every entry what its steps
// left.
func (s *session) listOf(each *playbooks.Step) []any {
	out := []any{}
	for _, it := range s.items(each) {
		row := map[string]any{"item": it.entry}
		for _, inner := range each.All()[1:] {
			if d := s.state.FindDone(inner.ID.V, it.key); d != nil && d.State == port.StepDone {
				row[inner.ID.V] = d.Fields
			}
		}
		out = append(out, row)
	}
	return out
}

// ofItem adds the entry the session is at to how people call something, unless
// it says so already.
func (s *session) ofItem(title string) string {
	if s.at.each == nil || s.at.entry == nil {
		return title
	}
	name := s.entryTitle(s.at.entry)
	if strings.Contains(title, name) {
		return title
	}
	return title + ": " + name
}
