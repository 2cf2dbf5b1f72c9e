package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// stage is a bot beside its sandbox, and the people of the large run, who do
// again what was not acknowledged.
type stage struct {
	*world
	dir string // the bot's data
	run string
	// playbook is what the run plays; empty = the impact assessment.
	playbook string
	// slow says that calls hang, and with them what a press waits for: it may be
	// acknowledged too late, and is pressed again.
	slow bool
	// pressed counts what each person sent off, acked what was acknowledged,
	// heard the answers that are known to be accepted.
	pressed, acked, heard map[string]int
}

func newStage(w *world, dir string) *stage {
	return &stage{world: w, dir: dir, pressed: map[string]int{}, acked: map[string]int{}, heard: map[string]int{}}
}

// desk asks the bot what only it knows; a dead one is asked again later.
func (s *stage) desk(ask func(c *web.Client) error) bool {
	c, err := web.Dial(filepath.Join(s.dir, "aimsbot.sock"))
	if err != nil {
		return false
	}
	defer c.Close()
	return ask(c) == nil
}

// play is the large run: the form, two tasks, the officer and a majority of
// the committee. Everybody waits until the bot has done what it had to do, so
// that each run makes the same calls in the same places.
func (s *stage) play() {
	s.t.Helper()
	s.before()
	s.approve("ethan", "ethan")
	s.majority()
}

// playChanges is the large run with a round of changes, which the officer asks
// for.
func (s *stage) playChanges() {
	s.t.Helper()
	s.before()
	s.fillIn("ethan", "changes", map[string]any{"reason": "Say who is affected in a year"})
	s.fillIn("olive", "answer", map[string]any{"purpose": "Ranks applications for recruiters", "people": 300000, "harms": []string{"bias", "safety", "privacy"}})
	s.approve("ethan", "ethan")
	s.majority()
}

// before is what comes before the decision.
func (s *stage) before() {
	s.t.Helper()
	s.begin()
	s.fillIn("olive", "answer", largeAnswers)
	s.finish("Test CV screener for bias", "bias_test", "eli")
	s.finish("Test CV screener for unsafe output", "safety_test", "val")
}

// majority is the committee's decision and the end.
func (s *stage) majority() {
	s.t.Helper()
	for _, member := range []string{"cora", "cleo", "cyra"} {
		s.approve(member, committee)
	}
	s.over()
}

// over waits for the end of the run.
func (s *stage) over() {
	s.t.Helper()
	s.until("the end of the run", func() bool {
		var row port.RunRow
		return s.desk(func(c *web.Client) (err error) { row, err = c.Run(s.t.Context(), s.run); return err }) && row.State == port.RunClosed
	})
	s.settled("the end")
}

// begin starts the run; who hears nothing asks again and gets the same run.
func (s *stage) begin() {
	s.t.Helper()
	playbook := cmp.Or(s.playbook, "impact-assessment")
	s.until("the run to start", func() bool {
		return s.desk(func(c *web.Client) error {
			reply, err := c.Start(s.t.Context(), web.StartRequest{Playbook: playbook, Subject: "cv-screener", By: "max"})
			s.run = reply.Run
			return err
		})
	})
}

// fillIn opens a window and sends it off, again until that is counted.
func (s *stage) fillIn(user, action string, values map[string]any) {
	s.t.Helper()
	s.insist(user, user, action, func(m message) bool {
		view := s.openView(user)
		if view == "" {
			s.try("/_control/click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": action})
			view = s.openView(user)
		}
		return view != "" && s.send(user, action, "/_control/submit", map[string]any{"user": user, "view_id": view, "values": s.values(view, values)})
	})
}

// finish puts evidence on the issue of a task and moves it to Done.
func (s *stage) finish(summary, step, as string) {
	s.t.Helper()
	s.do(summary, as)
	s.until("the end of step "+step, func() bool {
		return slices.ContainsFunc(s.headers(), func(h ledger.Header) bool { return h.Kind == "step.closed" && h.Step == step })
	})
	s.settled(step)
}

// approve presses Approve, again until that is counted.
func (s *stage) approve(user, to string) {
	s.t.Helper()
	s.insist(user, to, "approve", func(m message) bool {
		return s.send(user, "approve", "/_control/click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": "approve"})
	})
}

// insist answers a message, again until that is counted: when it was not
// acknowledged, and when the person is told that it was not taken.
func (s *stage) insist(user, to, action string, answer func(m message) bool) {
	s.t.Helper()
	for !s.counted(user) {
		refused := s.answers(user, "refused")
		m, ok := s.button(user, to, action)
		if !ok {
			break
		}
		if !answer(m) {
			continue
		}
		s.until("a verdict on the answer of "+user, func() bool { return s.counted(user) || s.answers(user, "refused") > refused })
	}
	s.heard[user]++
	s.settled("the answer of " + user)
}

// button waits for a message with a button, or until the person's answer is
// counted and there is no need of it.
func (s *stage) button(user, to, action string) (m message, ok bool) {
	s.t.Helper()
	s.until("a button "+action+" for "+user, func() bool {
		if s.counted(user) {
			return true
		}
		for _, m = range s.state().Messages {
			mine := m.Channel == to || strings.EqualFold(m.To, "U0"+to)
			if mine && !m.Ephemeral && strings.Contains(string(m.Blocks), `"action_id":"`+action+`"`) {
				ok = true
				return true
			}
		}
		return false
	})
	return m, ok
}

// openView is the window a person has open, if any.
func (s *stage) openView(user string) string {
	id := ""
	for _, v := range s.state().Views {
		if strings.EqualFold(v.User, "U0"+user) {
			id = v.ID
		}
	}
	return id
}

// send sends something off for a person and tells whether it was acknowledged.
func (s *stage) send(user, action, path string, what map[string]any) bool {
	s.t.Helper()
	s.pressed[user+" "+action]++
	if !s.try(path, what) {
		return false
	}
	s.acked[user+" "+action]++
	return true
}

// try does something as a person and tells whether the bot acknowledged it. A
// dead bot, or a button that has just gone, is no failure.
func (s *stage) try(path string, what map[string]any) bool {
	s.t.Helper()
	body, err := json.Marshal(what)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Post(s.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var a struct {
		ack
		Warning string `json:"warning"`
	}
	err = json.NewDecoder(res.Body).Decode(&a)
	if ok := err == nil && res.StatusCode == http.StatusOK && a.Status == http.StatusOK && a.Warning == "" && len(a.Body) == 0; ok {
		return true
	}
	time.Sleep(50 * time.Millisecond) // as a person, who does not press a thousand times a second
	return false
}

// headers are the headers of the run's records; none while the bot is dead.
func (s *stage) headers() []ledger.Header {
	var out []ledger.Header
	s.desk(func(c *web.Client) error {
		list, err := c.Records(s.t.Context(), s.run)
		for _, r := range list {
			var h ledger.Header
			if err := json.Unmarshal(r.Header, &h); err != nil {
				s.t.Error(err)
			}
			out = append(out, h)
		}
		return err
	})
	return out
}

// counted tells whether an answer of the person was accepted, one more than
// are known.
func (s *stage) counted(user string) bool { return s.answers(user, "accepted") > s.heard[user] }

// answers is how many answers of the person have this verdict.
func (s *stage) answers(user, verdict string) int {
	n := 0
	s.desk(func(c *web.Client) error {
		list, err := c.Records(s.t.Context(), s.run)
		for _, r := range list {
			var h ledger.Header
			if err := json.Unmarshal(r.Header, &h); err != nil {
				s.t.Error(err)
			}
			if h.Kind == "decision."+verdict && strings.HasPrefix(strings.ToLower(nameIn(r)), user+" ") {
				n++
			}
		}
		return err
	})
	return n
}

// nameIn is the name of the person a record is about; people of the sample
// organisation have ids that are their first names.
func nameIn(r port.StoredRecord) string {
	for _, f := range r.Body {
		var name string
		if f.Name == "name" && json.Unmarshal(f.Value, &name) == nil {
			return name
		}
	}
	return ""
}

// settled waits until nothing is left to be done outside.
func (s *stage) settled(after string) {
	s.t.Helper()
	s.until("all effects of "+after, func() bool {
		var all []port.Effect
		return s.desk(func(c *web.Client) (err error) { all, err = c.Effects(s.t.Context(), s.run); return err }) &&
			!slices.ContainsFunc(all, func(e port.Effect) bool { return e.State == port.EffectIntent || e.State == port.EffectUnknown })
	})
}
