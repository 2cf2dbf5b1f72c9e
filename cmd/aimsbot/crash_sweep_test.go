//go:build crash

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// botsAtOnce is how many cases run side by side; each is two processes, and
	// most of its time is waiting for what the killed bot had claimed.
	botsAtOnce = 2
	// shortSample is the every n-th case that -short takes.
	shortSample = 12
	// never is the number of a call that no run makes.
	never = 1 << 30
)

// The places of the ledger where a bot may be killed, each before and after
// its commit.
var failpoints = []string{"inbox.before", "inbox.after", "records.before", "records.after", "outcome.before", "outcome.after"}

// kill is one case of the sweep: a call that hangs, or a failpoint.
type kill struct {
	kind string // hang_before, hang_after or the name of a failpoint
	nth  int
}

func (k kill) hangs() bool { return strings.HasPrefix(k.kind, "hang_") }

// TestKillSweep kills the bot with SIGKILL once in each run of the large way:
// while call k outside hangs before the fake has seen it, and after the fake
// has committed it, for every call k of an undisturbed run; and before and after
// every commit of the inbox, the records and the outcomes. What the run leaves
// must be what the undisturbed one left.
//
// Every call from the start of the run on counts, reading ones too. Those that
// sign the bot in are made before it and are not part of the run.
//
// AIMSBOT_SAMPLE=n takes every n-th case.
func TestKillSweep(t *testing.T) {
	config, err := filepath.Abs("../../playbooks/library/demo")
	if err != nil {
		t.Fatal(err)
	}
	sweep(t, crashWay{config: config, playbook: "impact-assessment", outcome: "approved", play: (*stage).play}, 1)
}

// eachSample is the every n-th case that TestKillEach takes: what differs from
// TestKillSweep is the state that a run of many entries has, and not the calls.
const eachSample = 4

// TestKillEach is TestKillSweep in a run that does steps for every entry of a
// list: what one entry has done must not be done again, nor another one's be lost.
func TestKillEach(t *testing.T) {
	sweep(t, crashWay{config: ownConfig(t, actionPlan), playbook: "action-plan", outcome: "completed", play: (*stage).playActions}, eachSample)
}

// sweep kills the bot in every every-th place of a run.
func sweep(t *testing.T, way crashWay, every int) {
	t.Helper()
	calls, points, want := undisturbed(t, way)
	var all []kill
	for _, kind := range []string{"hang_before", "hang_after"} {
		for k := 1; k <= calls; k++ {
			all = append(all, kill{kind, k})
		}
	}
	commits := 0
	for _, name := range failpoints {
		commits += points[name]
		for n := 1; n <= points[name]; n++ {
			all = append(all, kill{name, n})
		}
	}
	cases := sampled(t, all, every)
	var kills atomic.Int64
	free := make(chan struct{}, botsAtOnce)
	began := time.Now()
	t.Run("kill", func(t *testing.T) {
		for _, k := range cases {
			t.Run(fmt.Sprintf("%s-%d", k.kind, k.nth), func(t *testing.T) {
				t.Parallel()
				free <- struct{}{}
				defer func() { <-free }()
				kills.Add(int64(disturbed(t, way, k, want)))
			})
		}
	})
	t.Logf("| kills | cases | calls | failpoints | messages | issues | records | seconds |")
	t.Logf("| %d | %d of %d | %d | %d | %d | %d | %d | %.0f |", kills.Load(), len(cases), len(all), calls, commits,
		len(want.messages), len(want.issues), want.total, time.Since(began).Seconds())
	if n := int(kills.Load()); n < len(cases) {
		t.Errorf("%d kills, want %d", n, len(cases))
	}
	if least := 2*calls + 2*len(failpoints); calls == 0 || len(all) < least {
		t.Errorf("%d cases for %d calls and the passes %v, want at least %d", len(all), calls, points, least)
	}
}

// sampled takes every n-th case, by AIMSBOT_SAMPLE or -short.
func sampled(t *testing.T, all []kill, n int) []kill {
	t.Helper()
	if testing.Short() {
		n = shortSample
	}
	if v := os.Getenv("AIMSBOT_SAMPLE"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 {
			t.Fatalf("AIMSBOT_SAMPLE is %q; write a whole number from 1", v)
		}
	}
	var out []kill
	for i := 0; i < len(all); i += n {
		out = append(out, all[i])
	}
	return out
}

// undisturbed plays the run without a kill and says how many calls it made,
// how often each failpoint was passed, and what it left.
func undisturbed(t *testing.T, way crashWay) (calls int, points map[string]int, want left) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "points")
	s := newCrashStage(t, way, "AIMSBOT_FAILPOINT_LOG="+log)
	s.fault("delay", never)
	way.play(s.stage)
	calls, _ = s.faults()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	points = map[string]int{}
	for _, name := range strings.Fields(string(b)) {
		points[name]++
	}
	want = s.look()
	if want.outcome != "closed "+way.outcome {
		t.Errorf("the run ended %s", want.outcome)
	}
	s.export()
	s.bot.stop()
	s.audit()
	if n := s.unheard(); n > 0 {
		t.Errorf("%d presses were not acknowledged", n)
	}
	return calls, points, want
}

// disturbed plays the run with one kill, holds what it left against what was
// to be left, and returns the number of kills.
func disturbed(t *testing.T, way crashWay, k kill, want left) int {
	t.Helper()
	failpoint := "AIMSBOT_FAILPOINT="
	if !k.hangs() {
		failpoint += k.kind + ":" + strconv.Itoa(k.nth)
	}
	s := newCrashStage(t, way, failpoint)
	if k.hangs() {
		s.fault(k.kind, k.nth)
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() { defer close(done); s.killHanging(stop) }()
		defer func() { close(stop); <-done }()
	}
	way.play(s.stage)
	got := s.look()
	s.same(got, want)
	if again := s.unheard(); len(got.private) > again {
		t.Errorf("%d private answers, %d presses that were not acknowledged: %v", len(got.private), again, got.private)
	}
	s.export()
	s.bot.stop()
	s.audit()
	n := s.bot.killed()
	if n != 1 {
		t.Errorf("the bot was killed %d times, want once", n)
	}
	return n
}

// fault makes the nth call from now on misbehave, once the bot is signed in.
func (s *crashStage) fault(kind string, nth int) {
	s.t.Helper()
	s.until("the bot to be ready", func() bool {
		res, err := http.Get("http://" + s.bot.listen + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	s.post("/_control/faults", map[string]any{"kind": kind, "nth": nth, "length": "10m"}, nil)
}

// faults says how many calls the fault has counted, and how many hang.
func (s *crashStage) faults() (seen, hanging int) {
	res, err := http.Get(s.base + "/_control/faults")
	if err != nil {
		s.t.Error(err)
		return 0, 0
	}
	defer res.Body.Close()
	var f struct {
		Faults []struct {
			Seen int `json:"seen"`
		} `json:"faults"`
		Hanging []struct{} `json:"hanging"`
	}
	if err := json.NewDecoder(res.Body).Decode(&f); err != nil || len(f.Faults) != 1 {
		s.t.Errorf("read the faults: %v %+v", err, f)
		return 0, 0
	}
	return f.Faults[0].Seen, len(f.Hanging)
}

// killHanging kills the bot as soon as a call hangs, once.
func (s *crashStage) killHanging(stop <-chan struct{}) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if _, n := s.faults(); n > 0 {
			s.bot.kill()
			return
		}
	}
}

// playActions is the run of actionPlan, one action after the other, so that each
// run makes the same calls in the same places.
func (s *stage) playActions() {
	s.t.Helper()
	s.begin()
	s.fillIn("olive", "answer", plannedRows())
	for done, i := range []int{1, 0, 2} {
		s.do("Do: "+planned[i].what, planned[i].by)
		s.until("the action to settle", func() bool {
			told := 0
			for _, h := range s.headers() {
				if h.Kind == "step.notified" && h.Step == "tell" {
					told++
				}
			}
			return told > done
		})
		s.settled(planned[i].what)
	}
	s.over()
}
