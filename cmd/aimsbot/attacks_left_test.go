package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// trace is all that an attack could leave.
type trace struct {
	rows     map[string]int // run -> rows in the inbox
	records  map[string]int // kind -> how many, in all runs; effects left out
	messages map[string]string
	issues   map[string]string
	runs     map[string]string // id -> state and outcome
	private  []string
	strange  int64
	calls    int // those that the case bounds
	box      sandbox.State
}

// maxKept is more rows than the whole table leaves in one run.
const maxKept = 5000

func (s *scene) look() trace {
	s.t.Helper()
	ctx, l := s.t.Context(), s.demo.app.ledger
	out := trace{
		rows: map[string]int{}, records: map[string]int{}, messages: map[string]string{}, issues: map[string]string{}, runs: map[string]string{},
		strange: s.strangeHits.Load(), box: s.sandbox(),
	}
	runs, err := l.Runs(ctx, "", runsListed)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range runs {
		out.runs[r.ID] = r.State + " " + r.Outcome
		rows, err := l.RowsAfter(ctx, r.ID, 0, maxKept)
		if err != nil {
			s.t.Fatal(err)
		}
		out.rows[r.ID] = len(rows)
		s.count(out.records, r.ID)
	}
	s.count(out.records, "") // what no run has recorded
	for _, m := range out.box.Messages {
		switch {
		case m.Deleted:
		case m.Ephemeral:
			out.private = append(out.private, m.To+": "+m.Text)
		default:
			out.messages[m.Channel+"/"+m.TS] = m.Text + string(m.Blocks)
		}
	}
	for _, i := range out.box.Issues {
		i.Updated = time.Time{} // the rest says what has changed
		b, err := json.Marshal(i)
		if err != nil {
			s.t.Fatal(err)
		}
		out.issues[i.Key] = string(b)
	}
	return out
}

// sandbox is what people see in Slack and Jira.
func (s *scene) sandbox() sandbox.State {
	s.t.Helper()
	st, err := s.demo.box.State(s.t.Context(), 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// count adds the records of a run by kind.
func (s *scene) count(kinds map[string]int, run string) {
	s.t.Helper()
	for kind, n := range s.records(run) {
		if !strings.HasPrefix(kind, "effect.") && kind != "organisation.version" {
			kinds[kind] += n
		}
	}
}

// called counts the calls that reached a fake.
func (s *scene) called(c calls) (n int) {
	s.t.Helper()
	for _, one := range s.sandbox().Calls {
		if one.Target == c.Target && strings.HasSuffix(one.Path, c.Path) {
			n++
		}
	}
	return n
}

// kept are the rows that came into the inbox since.
func (s *scene) kept(before trace) []port.InboxRow {
	s.t.Helper()
	var out []port.InboxRow
	runs, err := s.demo.app.ledger.Runs(s.t.Context(), "", runsListed)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range runs {
		rows, err := s.demo.app.ledger.RowsAfter(s.t.Context(), r.ID, 0, maxKept)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, rows[before.rows[r.ID]:]...)
	}
	return out
}

// unchanged holds everything that a case must not change, and what it must.
func (s *scene) unchanged(a attack, before trace) {
	s.t.Helper()
	if a.Shows != "" {
		s.until("somewhere to read: "+a.Shows, func() bool {
			now := s.look()
			return strings.Contains(fmt.Sprint(slices.Collect(maps.Values(now.messages)), slices.Collect(maps.Values(now.issues))), a.Shows)
		})
		s.settle()
	}
	if c := a.Calls; c != nil {
		if n := s.called(*c) - before.calls; n > c.Most {
			s.t.Errorf("%d calls of %s, want %d at most", n, c.Path, c.Most)
		}
	}
	want := maps.Clone(before.records)
	if a.kept() > 0 && a.Row != port.VerdictIgnored && a.Row != port.VerdictReread {
		want["decision."+a.Row] += a.kept()
	}
	for kind, n := range a.Records {
		want[kind] += n
	}
	if len(a.Records) > 0 { // what a reading of Jira leaves comes after the verdict
		s.eventually(func() bool { return maps.Equal(s.look().records, want) })
		s.settle()
	}
	now, windows := s.look(), slices.Contains(a.Changes, "windows")
	if !maps.Equal(now.records, want) {
		s.t.Errorf("records: %s", changed(now.records, want))
	}
	if !maps.Equal(now.runs, before.runs) && !slices.Contains(a.Changes, "runs") {
		s.t.Errorf("runs: %s", changed(now.runs, before.runs))
	}
	if !maps.Equal(now.messages, before.messages) && !slices.Contains(a.Changes, "messages") {
		s.t.Errorf("messages: %s", changed(now.messages, before.messages))
	}
	if !maps.Equal(now.issues, before.issues) && !slices.Contains(a.Changes, "issues") {
		s.t.Errorf("issues: %s", changed(now.issues, before.issues))
	}
	if a, b := len(now.box.Views), len(before.box.Views); a != b && !windows {
		s.t.Errorf("%d windows are open, want %d", a, b)
	}
	if now.strange != 0 {
		s.t.Errorf("an address that a delivery named was called %d times", now.strange)
	}
	s.harmless(now.box)
}

// changed says what differs between two maps.
func changed[V comparable](got, want map[string]V) string {
	var out []string
	for k, v := range got {
		if w, ok := want[k]; !ok || w != v {
			out = append(out, fmt.Sprintf("%s is %v, want %v", k, v, w))
		}
	}
	for k, w := range want {
		if _, ok := got[k]; !ok {
			out = append(out, fmt.Sprintf("%s is gone, want %v", k, w))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// What acts when it stands unescaped in a text: in Slack's mrkdwn a mention of
// all or of somebody, or an address behind other words; in Jira's wiki markup a
// mention, a macro, a picture or an address behind other words.
var (
	liveInSlack = regexp.MustCompile(`<!|<#|<@U0(TESS|EVIL)|<javascript:|<(https?|mailto):[^>]*evil`)
	liveInJira  = regexp.MustCompile(`(^|[^\\])(\[~|\{(toc|panel|html|include)|![^ !]*evil|\[[^\]\\]*\|(https?|javascript):)`)
)

// harmless looks through all that people read in Slack and Jira.
func (s *scene) harmless(box sandbox.State) {
	s.t.Helper()
	for _, m := range box.Messages {
		for _, text := range append(s.marked(m.Blocks), m.Text) {
			if live := liveInSlack.FindString(text); live != "" {
				s.t.Errorf("a message to %s holds %q: %s", m.To, live, text)
			}
		}
	}
	for _, v := range box.Views {
		for _, text := range s.marked(v.Body) {
			if live := liveInSlack.FindString(text); live != "" {
				s.t.Errorf("a window holds %q: %s", live, text)
			}
		}
	}
	for _, i := range box.Issues {
		texts := []string{i.Description}
		for _, c := range i.Comments {
			if c.Author == box.App.Jira { // people may write what they like
				texts = append(texts, c.Body)
			}
		}
		for _, text := range texts {
			if live := liveInJira.FindString(text); live != "" {
				s.t.Errorf("%s holds %q: %s", i.Key, live, text)
			}
		}
	}
}

// marked are the texts in blocks that Slack reads as markup.
func (s *scene) marked(blocks json.RawMessage) []string {
	s.t.Helper()
	var v any
	if len(blocks) > 0 && json.Unmarshal(blocks, &v) != nil {
		s.t.Errorf("blocks: %s", blocks)
	}
	return marked(v)
}

func marked(v any) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, marked(e)...)
		}
	case map[string]any:
		if text, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
			out = append(out, text)
		}
		for _, e := range v {
			out = append(out, marked(e)...)
		}
	}
	return out
}
