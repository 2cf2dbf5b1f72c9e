package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// left is what a run leaves, without ids and times: each list in order, so
// that two runs can be compared.
type left struct {
	outcome                   string
	messages, issues, records []string
	private                   []string // answers to one person, which are best effort
	total                     int      // records, those too that are not compared
}

// What differs between two runs that did the same. Evidence digests cover the
// instants of the answers.
var passing = []struct {
	of  *regexp.Regexp
	put string
}{
	{regexp.MustCompile(`\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b`), "<id>"},
	{regexp.MustCompile(`\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d`), "<time>"},
	{regexp.MustCompile(`\bGOV-\d+\b`), "<issue>"},
	{regexp.MustCompile(`\bEvidence [0-9a-f]{12}\b`), "Evidence <digest>"},
	{regexp.MustCompile(`"block_id":"[^"]*",?`), ""},
}

func lasting(text string) string {
	for _, p := range passing {
		text = p.of.ReplaceAllString(text, p.put)
	}
	return text
}

// look collects what the run left, and holds what must be true of any run.
func (s *stage) look() left {
	s.t.Helper()
	var l left
	var row port.RunRow
	if !s.desk(func(c *web.Client) (err error) { row, err = c.Run(s.t.Context(), s.run); return err }) {
		s.t.Fatal("the bot does not answer")
	}
	l.outcome = row.State + " " + row.Outcome
	st := s.state()
	for _, m := range st.Messages {
		if m.Ephemeral {
			l.private = append(l.private, m.Text)
			continue
		}
		l.messages = append(l.messages, lasting(fmt.Sprintf("%s thread=%v %s %s", m.Channel, m.ThreadTS != "", m.Text, m.Blocks)))
	}
	for _, i := range st.Issues {
		line := fmt.Sprintf("%s %q %s for %s under %v", i.Type, i.Summary, i.Category, i.Assignee, i.Parent != "")
		for _, c := range i.Comments {
			line += " | " + c.Body
		}
		l.issues = append(l.issues, lasting(line))
	}
	headers := s.headers()
	l.total = len(headers)
	for _, h := range headers {
		if line := lineOf(h); line != "" {
			l.records = append(l.records, line)
		}
	}
	for _, list := range [][]string{l.messages, l.issues, l.records} {
		slices.Sort(list)
	}
	for _, r := range st.Refused {
		if s.slow && r.Call == "socket" && strings.HasPrefix(r.Reason, lateAck) {
			continue // counted as not acknowledged
		}
		s.t.Errorf("%s refused %s: %s", r.Target, r.Call, r.Reason)
	}
	return l
}

// same holds what a run left against what was to be left.
func (s *stage) same(got, want left) {
	s.t.Helper()
	if got.outcome != want.outcome {
		s.t.Errorf("the run ended %s, want %s", got.outcome, want.outcome)
	}
	for _, d := range []string{
		difference("messages", got.messages, want.messages),
		difference("issues", got.issues, want.issues),
		difference("records", got.records, want.records),
	} {
		if d != "" {
			s.t.Error(d)
		}
	}
}

// lateAck is how the fake Slack calls an acknowledgement after its 3 seconds.
const lateAck = "acknowledgement too late"

// lineOf is a record without ids and times. Decisions are held against the
// inbox instead; edits may be overtaken by newer ones, so their end counts: the
// messages.
func lineOf(h ledger.Header) string {
	facts := h.Facts
	if strings.HasPrefix(h.Kind, "decision.") || facts["effect"] == port.EffectEdit || facts["effect"] == port.EffectPrivate {
		return ""
	}
	line := fmt.Sprintf("%s %s %d", h.Kind, h.Step, h.Round)
	for _, f := range []string{"effect", "purpose", "kind", "outcome", "version", "counts", "rounds", "door", "playbook"} {
		if facts[f] != "" {
			line += " " + f + "=" + facts[f]
		}
	}
	return line
}

// unheard is how many presses were not acknowledged.
func (s *stage) unheard() int {
	n := 0
	for who, times := range s.pressed {
		n += times - s.acked[who]
	}
	return n
}

// export has the bot write the evidence of the run and checks it.
func (s *stage) export() {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "pack")
	var out web.ExportReply
	if !s.desk(func(c *web.Client) (err error) { out, err = c.Export(s.t.Context(), s.run, path); return err }) {
		s.t.Error("the evidence could not be exported")
		return
	}
	if r, err := ledger.Verify(path, ledger.VerifyOptions{Key: out.Key}); err != nil || !r.OK {
		s.t.Errorf("the evidence does not verify: %v %+v", err, r)
	}
}

// audit reads the ledger of the stopped bot: its tree must be whole, and each
// acknowledged press one row, judged once.
func (s *stage) audit() {
	s.t.Helper()
	l, err := ledger.OpenReadOnly(s.t.Context(), ledger.Options{Path: filepath.Join(s.dir, "ledger.db")})
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Check(s.t.Context()); err != nil {
		s.t.Errorf("the ledger does not verify: %v", err)
	}
	rows, err := l.RowsAfter(s.t.Context(), s.run, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	kept, accepted, total := map[string]int{}, map[string]int{}, 0
	for _, r := range rows {
		if r.Verdict == nil {
			s.t.Errorf("%s %s of %s was kept and never judged", r.Kind, r.Action, r.Person)
			continue
		}
		if r.Kind != port.InboxClick && r.Kind != port.InboxSubmit {
			continue
		}
		who := r.Person + " " + r.Action
		total++
		kept[who]++
		if r.Verdict.Verdict == port.VerdictAccepted {
			accepted[who]++
		}
	}
	for who, pressed := range s.pressed {
		if kept[who] < s.acked[who] || kept[who] > pressed || accepted[who] == 0 {
			s.t.Errorf("%s: pressed %d times, acknowledged %d, kept %d, accepted %d", who, pressed, s.acked[who], kept[who], accepted[who])
		}
	}
	s.oneRecordEach(l, total)
}

// oneRecordEach holds the records of decisions against the rows of the inbox.
func (s *stage) oneRecordEach(l *ledger.Ledger, rows int) {
	s.t.Helper()
	list, err := l.RecordsOf(s.t.Context(), s.run)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, r := range list {
		var h ledger.Header
		if err := json.Unmarshal(r.Header, &h); err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(h.Kind, "decision.") {
			n++
		}
	}
	if n != rows {
		s.t.Errorf("%d records of decisions for %d clicks kept", n, rows)
	}
}

// difference says what one list has more than the other.
func difference(what string, got, want []string) string {
	count := map[string]int{}
	for _, g := range got {
		count[g]++
	}
	for _, w := range want {
		count[w]--
	}
	var out []string
	for line, n := range count {
		if n > 0 {
			out = append(out, fmt.Sprintf("  %d too many: %s", n, line))
		} else if n < 0 {
			out = append(out, fmt.Sprintf("  %d missing: %s", -n, line))
		}
	}
	if len(out) == 0 {
		return ""
	}
	slices.Sort(out)
	return what + "\n" + strings.Join(out, "\n")
}
