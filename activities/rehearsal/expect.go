package rehearsal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
)

// expect holds what has come of all before against what was expected.
func (p *play) expect(e *scenario.Expect) error {
	r := p.main()
	outcome := r.state.Outcome
	if outcome == "" {
		outcome = "open"
	}
	if !e.Outcome.Empty() && e.Outcome.V != outcome {
		p.fail(e.Outcome.Pos, "the run should have ended as `%s`, but it is `%s`. %s", e.Outcome, outcome, stands(r))
	}
	if e.Round > 0 && e.Round != r.state.Round {
		p.fail(e.Pos, "this should be round %d, but it is round %d", e.Round, r.state.Round)
	}
	p.list(e.Steps, "the steps taken", standing(r, port.StepDone), true)
	p.list(e.Skipped, "the steps skipped", standing(r, port.StepSkipped), false)
	p.list(e.Missed, "the deadlines missed", r.missed, false)
	var open []string
	for _, o := range r.state.Open {
		open = append(open, playbooks.StepRef(o.Step, o.Item))
	}
	p.list(e.Open, "what is open", open, false)
	p.list(e.Held, "what waits for a hold", r.state.HeldUp(), false)
	p.list(e.Started, "the playbooks started", p.startedBy(r), true)
	for _, a := range e.Asked {
		if got := r.asked[a.Name.V]; !same(a.Items, got) {
			p.fail(a.Name.Pos, "%s should have been put to %s, but it was put to %s", a.Name, and(a.Items), and(got))
		}
	}
	for _, d := range e.Due {
		if got := p.local(r.due[d.Name.V]); got != d.Items[0] {
			p.fail(d.Name.Pos, "%s should be due %s, but it is due %s", d.Name, d.Items[0], got)
		}
	}
	for _, v := range e.Values {
		p.value(r, v)
	}
	for _, t := range e.Told {
		p.told(t)
	}
	return p.records(r, e.Records)
}

// standing are the steps in a state, in the order they came to it.
func standing(r *run, state string) []string {
	var out []string
	for _, d := range r.state.Done {
		began := state == port.StepDone && d.State == port.StepEntered && d.Kind == string(playbooks.KindEach)
		if d.State == state || began {
			out = with(out, playbooks.StepRef(d.Step, d.Item))
		}
	}
	return out
}

// startedBy are the playbooks of the runs that steps of a run have started.
func (p *play) startedBy(r *run) (out []string) {
	for _, child := range p.runs {
		if child.Parent == r.ID {
			out = append(out, child.Playbook)
		}
	}
	return out
}

// list compares a list of steps as a whole.
func (p *play) list(want *scenario.List, what string, got []string, ordered bool) {
	if want == nil || slices.Equal(want.Items, got) || (!ordered && same(want.Items, got)) {
		return
	}
	p.fail(want.Pos, "%s should be: %s; found: %s", what, and(want.Items), and(got))
}

func same(a, b []string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func and(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// local is an instant as the organisation's clocks show it.
func (p *play) local(t time.Time) string {
	zone, err := time.LoadLocation(p.now.Profile.Zone)
	switch {
	case t.IsZero():
		return "never"
	case err != nil:
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

func (p *play) value(r *run, v scenario.Value) {
	step, field, _ := playbooks.ReadValueRef(v.Name.V)
	fields := r.result(step)
	if fields == nil {
		p.fail(v.Name.Pos, "%s has no result. %s", step, stands(r))
		return
	}
	got, ok := fields[field]
	if !ok {
		p.fail(v.Name.Pos, "%s should be %s, but %s left no such value", v.Name, plain(v.Want), step)
		return
	}
	if _, apart := port.ApartRef(got); apart {
		got = keptApart
	}
	if !reflect.DeepEqual(through(got), through(v.Want)) {
		p.fail(v.Name.Pos, "%s should be %s, but it is %s", v.Name, plain(v.Want), plain(got))
	}
}

// keptApart is what a scenario expects of a protected answer: what it is, nobody
// reads there either.
const keptApart = "kept apart"

// result is what a step left; of a clock, how it stands.
func (r *run) result(step string) map[string]any {
	if c := r.state.FindClock(step); c != nil {
		return map[string]any{"state": c.State, "due": c.Due.UTC().Format(time.RFC3339)}
	}
	if d := r.state.FindDone(playbooks.ReadStepRef(step)); d != nil && d.State == port.StepDone {
		return d.Fields
	}
	return nil
}

// through is a value as JSON brings it back, so that numbers compare.
func through(v any) (out any) {
	b, err := json.Marshal(v)
	if err != nil || json.Unmarshal(b, &out) != nil {
		return v
	}
	return out
}

func plain(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// told looks for texts in what somebody was sent.
func (p *play) told(t scenario.Named) {
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	var said []string
	for _, m := range p.out.messages {
		if m.to.Person == t.Name.V || (m.to.Channel != "" && p.committee(m.to.Channel) == t.Name.V) {
			said = append(said, m.said...)
		}
	}
	for _, m := range p.out.privates {
		if m.Person == t.Name.V {
			said = append(said, m.Text)
		}
	}
	for _, want := range t.Items {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
			last := "nothing"
			if len(said) > 0 {
				last = strings.Join(strings.SplitN(said[len(said)-1], "\n", 3)[:2], ": ")
			}
			p.fail(t.Name.Pos, "%s was never told `%s`. Last told: %s", t.Name, want, last)
		}
	}
}

func (p *play) records(r *run, want []scenario.Value) error {
	if len(want) == 0 {
		return nil
	}
	all, err := p.stage.Ledger.RecordsOf(p.ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	got := map[string]int{}
	for _, rec := range all {
		var h struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(rec.Header, &h); err != nil {
			return fmt.Errorf("read a record: %w", err)
		}
		got[h.Kind]++
	}
	for _, w := range want {
		if n := got[w.Name.V]; n != w.Want {
			p.fail(w.Name.Pos, "there should be %v records `%s`, but there are %d. Kinds: %s", w.Want, w.Name, n, kinds(got))
		}
	}
	return nil
}

func kinds(got map[string]int) string {
	var out []string
	for k := range got {
		out = append(out, k)
	}
	slices.Sort(out)
	return and(out)
}
