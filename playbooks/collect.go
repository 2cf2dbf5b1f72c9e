package playbooks

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// MaxCollected is how many entries of one list a run keeps; ours: what people can
// look through, and what fits into the state that each step carries along. All
// that were found are in the record's document.
const MaxCollected = 200

// FactList is a list that facts can be collected from.
type FactList struct {
	Name string
	// Kind is the kind of subject that the register keeps; empty = a list of what
	// the runs did, or one from outside.
	Kind string
	// Outside tells that the list is read from a source outside.
	Outside bool
	// At is the field that says when an entry was; empty = at.
	At      string
	filters []string
	entry   *shape
}

// The lists of what runs did.
const (
	ListRuns       = "runs"
	ListDecisions  = "decisions"
	ListConditions = "conditions"
	ListTasks      = "tasks"
	ListGaps       = "gaps"
	ListProgramme  = "programme"
	ListChanges    = "changes"
)

// subjectLists are the lists of subjects, by kind; at is the field that says since
// when there is one, where that is known.
var subjectLists = []struct{ name, kind, at string }{
	{name: "systems", kind: org.KindSystem},
	{name: "models", kind: org.KindModel},
	{name: "suppliers", kind: org.KindSupplier},
	{name: "incidents", kind: org.KindIncident, at: "aware_at"},
	{name: "risks", kind: org.KindRisk},
	{name: "findings", kind: org.KindFinding, at: "opened_at"},
	{name: "people", kind: org.KindPerson},
}

// FactListOf finds a list by name.
func FactListOf(name string) (FactList, bool) {
	for _, l := range factLists() {
		if l.Name == name {
			return l, true
		}
	}
	return FactList{}, false
}

// factLists are all lists there are; made on first use and never changed.
var factLists = sync.OnceValue(makeFactLists)

func makeFactLists() []FactList {
	ofRun := func(what string, more ...field) *shape {
		return objectOf(what, append([]field{
			{name: "id", shape: textShape}, {name: "playbook", shape: textShape}, {name: "subject", shape: textShape},
		}, more...)...)
	}
	text := func(name string) field { return field{name: name, shape: textShape} }
	at := func(name string) field { return field{name: name, shape: datetimeShape} }
	maybe := func(f field) field { f.maybe = true; return f }
	yes := func(name string) field { return field{name: name, shape: boolShape} }
	people := func(name string) field { return field{name: name, shape: listOf(personShape), filled: true} }
	lists := []FactList{
		{Name: ListRuns, filters: []string{"playbook", "subject", "outcome", "open", "since"}, entry: ofRun("a run that is collected",
			text("name"), text("by"), field{name: "state", shape: choiceOf("the state of a run", "starting", "open", "closed")},
			maybe(text("outcome")), yes("open"), at("started_at"), maybe(at("closed_at")), at("at"))},
		{Name: ListDecisions, filters: []string{"playbook", "subject", "outcome", "since"}, entry: ofRun("a decision that is collected",
			text("run"), text("step"), text("title"), field{name: "outcome", shape: choiceOf("the outcome of an approval", "approved", "approved_with_conditions", "rejected", "void")},
			people("by"), field{name: "conditions", shape: intShape}, at("at"))},
		{Name: ListConditions, filters: []string{"playbook", "subject", "since"}, entry: ofRun("a condition that is collected",
			text("run"), text("step"), text("text"), field{name: "owner", shape: personShape}, field{name: "due", shape: dateShape}, yes("passed"), at("at"))},
		{Name: ListTasks, filters: []string{"playbook", "subject", "open", "since"}, entry: ofRun("a task that is collected",
			text("run"), text("step"), text("title"), field{name: "state", shape: choiceOf("the state of a task", "open", "done", "withdrawn", "left")},
			yes("open"), yes("overdue"), people("people"), maybe(at("due")), maybe(text("issue")), maybe(at("opened_at")), maybe(at("done_at")), at("at"))},
		{Name: ListGaps, filters: []string{"playbook", "subject", "since"}, entry: ofRun("a gap that is collected",
			field{name: "state", shape: choiceOf("what was missed", "gap", "late")}, text("reason"), maybe(text("run")), at("due"), at("at"))},
		{Name: ListProgramme, filters: []string{"playbook", "subject"}, entry: ofRun("what comes due", at("due"))},
		{Name: ListChanges, filters: []string{"subject", "since"}, entry: objectOf("a change that is collected",
			text("id"), field{name: "kind", shape: choiceOf("the kind of a change", "organisation", "register")}, text("title"),
			maybe(text("subject")), maybe(text("field")), maybe(text("run")), at("at"))},
	}
	lists = append(lists,
		FactList{Name: ListMetrics, Outside: true, filters: []string{"subject", "since"}, entry: metricShape()},
		FactList{Name: ListJSON, Outside: true, entry: anyShape})
	for _, s := range subjectLists {
		l := FactList{Name: s.name, Kind: s.kind, At: s.at, filters: []string{"subject"}, entry: subjectShape(s.kind)}
		if l.At != "" {
			l.filters = append(l.filters, "since")
		}
		lists = append(lists, l)
	}
	return lists
}

func factListNames() (names []string) {
	for _, l := range factLists() {
		names = append(names, l.Name)
	}
	return names
}

// collectShape is what a step leaves that collects.
func collectShape(name string, s *Step) *shape {
	fields := make([]field, 0, len(s.Collect))
	for _, c := range s.Collect {
		what := s.ID.V + "." + c.Name.V
		fields = append(fields, field{name: c.Name.V, shape: objectOf("what "+what+" found",
			field{name: "items", shape: listOf(c.entryShape()), filled: true},
			field{name: "count", shape: intShape},
			field{name: "at", shape: datetimeShape},
			field{name: "source", shape: textShape},
			field{name: "missing", shape: textShape, maybe: true},
		)})
	}
	return objectOf(name, fields...)
}

// Where tells whether an entry of a list is one that is looked for.
func (e *Evaluator) Where(c Collected, item map[string]any, s Scope) (bool, error) {
	if c.Where.Empty() {
		return true, nil
	}
	if _, known := FactListOf(c.From.V); !known {
		return false, fmt.Errorf("there is no list %q to collect from", c.From)
	}
	s.Item = c.entryShape().coerceObject(item)
	return e.Holds(c.Where, s)
}

// Draw takes n entries of a list, in its order. Which ones follows from the seed
// and the ids alone, so that anybody can draw them again.
func Draw(items []map[string]any, n int, seed int64) []map[string]any {
	type ticket struct {
		lot  [sha256.Size]byte
		item int
	}
	tickets := make([]ticket, len(items))
	for i, item := range items {
		tickets[i] = ticket{sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, uint64(seed)), fmt.Sprint(item["id"])...)), i} //nolint:gosec // any bits will do
	}
	slices.SortFunc(tickets, func(a, b ticket) int { return cmp.Or(slices.Compare(a.lot[:], b.lot[:]), a.item-b.item) })
	tickets = tickets[:min(max(n, 0), len(tickets))]
	slices.SortFunc(tickets, func(a, b ticket) int { return a.item - b.item })
	out := make([]map[string]any, len(tickets))
	for i, t := range tickets {
		out[i] = items[t.item]
	}
	return out
}

// SampleSize is how many of n are drawn where nobody says so: the square root,
// rounded up, at least three and never more than there are.
func SampleSize(n int) int {
	root := 0
	for root*root < n {
		root++
	}
	return min(n, max(3, root))
}
