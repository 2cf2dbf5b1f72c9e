//go:build crash

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// stage is a sandbox and a bot in two processes, and the people of the large
// run, who do again what was not acknowledged.
type stage struct {
	*world
	bot *bot
	run string
	// pressed counts what each person sent off, acked what was acknowledged.
	pressed, acked map[string]int
}

// newStage starts both processes. The variable is for the bot's first one only.
func newStage(t *testing.T, failpoint string) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims") // short: the socket's path has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listen := fixedAddress(t)
	s := &stage{world: &world{t: t, base: startSandbox(t, dir, listen)}, pressed: map[string]int{}, acked: map[string]int{}}
	s.bot = startBot(t, dir, listen, s.base, failpoint)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the bot said:\n%s", s.bot.stderr.String())
		}
	})
	return s
}

// desk asks the bot what only it knows; a dead one is asked again later.
func (s *stage) desk(ask func(c *web.Client) error) bool {
	c, err := web.Dial(filepath.Join(s.bot.data, "aimsbot.sock"))
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
	s.begin()
	s.fillIn("olive", largeAnswers)
	s.finish("Test CV screener for bias", "bias_test", "eli")
	s.finish("Test CV screener for unsafe output", "safety_test", "val")
	s.approve("ethan", "ethan")
	for _, member := range []string{"cora", "cleo", "cyra"} {
		s.approve(member, committee)
	}
	s.until("the end of the run", func() bool {
		var row port.RunRow
		return s.desk(func(c *web.Client) (err error) { row, err = c.Run(s.t.Context(), s.run); return err }) && row.State == port.RunClosed
	})
	s.settled("the end")
}

// begin starts the run; who hears nothing asks again and gets the same run.
func (s *stage) begin() {
	s.t.Helper()
	s.until("the run to start", func() bool {
		return s.desk(func(c *web.Client) error {
			reply, err := c.Start(s.t.Context(), web.StartRequest{Playbook: "impact-assessment", Subject: "cv-screener", By: "max"})
			s.run = reply.Run
			return err
		})
	})
}

// fillIn opens the form and sends it off, again until that is acknowledged or
// counted.
func (s *stage) fillIn(user string, values map[string]any) {
	s.t.Helper()
	for acked := false; !acked; {
		m, ok := s.button(user, user, "answer")
		if !ok {
			break
		}
		view := s.openView(user)
		if view == "" {
			s.try("/_control/click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": "answer"})
			view = s.openView(user)
		}
		if view != "" {
			acked = s.send(user, "answer", "/_control/submit", map[string]any{"user": user, "view_id": view, "values": s.values(view, values)})
		}
	}
	s.until("the answers of "+user, func() bool { return s.counted(user) })
	s.settled("the form")
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

// approve presses Approve, again until that is acknowledged or counted.
func (s *stage) approve(user, to string) {
	s.t.Helper()
	for acked := false; !acked; {
		m, ok := s.button(user, to, "approve")
		if !ok {
			break
		}
		acked = s.send(user, "approve", "/_control/click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": "approve"})
	}
	s.until("the decision of "+user, func() bool { return s.counted(user) })
	s.settled("the decision of " + user)
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

// counted tells whether an answer of the person was accepted.
func (s *stage) counted(user string) bool {
	found := false
	s.desk(func(c *web.Client) error {
		list, err := c.Records(s.t.Context(), s.run)
		for _, r := range list {
			var h ledger.Header
			if err := json.Unmarshal(r.Header, &h); err != nil {
				s.t.Error(err)
			}
			found = found || h.Kind == "decision.accepted" && strings.HasPrefix(strings.ToLower(nameIn(r)), user+" ")
		}
		return err
	})
	return found
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
