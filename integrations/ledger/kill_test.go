package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// victimPath names the environment variable that turns the test binary into
// the victim of the kill test: the path or the URL of its ledger.
const victimPath = "AIMSBOT_LEDGER_VICTIM"

// at are the options of a ledger at a path or a URL.
func at(place string) Options {
	if strings.HasPrefix(place, "postgres") {
		return Options{URL: DatabaseURL(place), Key: testKey(1)}
	}
	return Options{Path: place, Key: testKey(1)}
}

// victim writes from several goroutines until it is killed, and prints each
// decision id once its row is said to be durable.
func victim(path string) {
	ctx := context.Background()
	l, err := Open(ctx, at(path))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var out sync.Mutex
	for g := range 4 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), g, n)
				if err := act(ctx, l, id); err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(id)
				out.Unlock()
			}
		}()
	}
	select {}
}

// act keeps a click, judges it and settles an effect, as a run would.
func act(ctx context.Context, l *Ledger, id string) error {
	row, _, err := l.Put(ctx, port.InboxRow{DecisionID: id, DeliveryKey: id, Kind: port.InboxClick, Run: "run", ReceivedAt: noon})
	if err != nil {
		return err
	}
	rec := record("run", "decision.accepted", id)
	rec.Body = map[string]any{"reason": id}
	err = l.Commit(ctx, port.Batch{
		Verdicts: []port.Verdict{{Row: row.ID, DecisionID: id, Verdict: port.VerdictAccepted, At: noon}},
		Records:  []port.Record{rec}, Effects: []port.Effect{effect("run", "aims-"+id)},
	})
	if err != nil {
		return err
	}
	e, err := l.Claim(ctx, "aims-"+id, noon, noon.Add(time.Second))
	if err != nil {
		return err
	}
	e.State = port.EffectDone
	done := record("run", "effect.done", id)
	return l.Settle(ctx, e, &done)
}

func TestKilledBetweenWrites(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		killedBetweenWrites(t, filepath.Join(t.TempDir(), "ledger.db"), 1)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		killedBetweenWrites(t, string(freshDatabase(t)), 3)
	})
}

// killedBetweenWrites kills so many processes that write at the same time,
// again and again.
func killedBetweenWrites(t *testing.T, place string, processes int) {
	t.Helper()
	kills := 6
	if testing.Short() {
		kills = 2
	}
	var acks sync.Mutex
	acknowledged := map[string]bool{}
	size := int64(0)
	for range kills {
		var all sync.WaitGroup
		for range processes {
			all.Go(func() {
				ids := killed(t, place)
				acks.Lock()
				defer acks.Unlock()
				for _, id := range ids {
					acknowledged[id] = true
				}
			})
		}
		all.Wait()
		l := got[*Ledger](t)(Open(t.Context(), at(place)))
		head, err := l.Check(t.Context())
		must(t, err)
		if head.Size < size {
			t.Errorf("the ledger shrank from %d to %d records", size, head.Size)
		}
		size = head.Size
		checkActs(t, l, acknowledged)
		must(t, l.Close())
	}
	if len(acknowledged) == 0 {
		t.Fatal("the victim never wrote")
	}
	t.Logf("%d kills, %d writes acknowledged, %d records", kills*processes, len(acknowledged), size)
}

// killed runs a victim, kills it at a random moment and returns what it had
// said was durable.
func killed(t *testing.T, place string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimPath+"="+place)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	var ids []string
	writes := 1 + rand.IntN(40)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "error") {
			t.Error(lines.Text())
			break
		}
		ids = append(ids, lines.Text())
		if len(ids) == writes {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond) // into the middle of a write
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	return ids
}

// checkActs finds each acknowledged act whole: its row judged, its two records
// there, its effect done.
func checkActs(t *testing.T, l *Ledger, acknowledged map[string]bool) {
	t.Helper()
	whole := map[string]int{}
	for _, r := range got[[]port.InboxRow](t)(l.RowsAfter(t.Context(), "run", 0, 1<<30)) {
		if r.Verdict != nil {
			whole[r.DecisionID]++
		}
	}
	for _, r := range got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run")) {
		for _, f := range r.Body {
			var reason string
			if f.Name == "reason" && json.Unmarshal(f.Value, &reason) == nil {
				whole[reason]++
			}
		}
	}
	for _, e := range got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run")) {
		if e.State == port.EffectDone {
			whole[strings.TrimPrefix(e.Key, "aims-")]++
		}
	}
	for id := range acknowledged {
		if whole[id] != 3 {
			t.Errorf("act %s was acknowledged and is not whole: %d of 3", id, whole[id])
		}
	}
}
