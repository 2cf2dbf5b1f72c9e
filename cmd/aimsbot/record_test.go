package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/temporalproto"

	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// record makes the replay corpus anew.
var record = flag.String("record", "", "folder to write the histories of the replay corpus to")

// TestRecordHistories walks every branch of the engine on the demo and keeps
// the histories for the replay test of package workflows.
func TestRecordHistories(t *testing.T) {
	if *record == "" {
		t.Skip("NOT RECORDED: histories are made anew only with -record FOLDER; TestReplay replays the kept ones")
	}
	if err := os.MkdirAll(*record, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, way := range recordedWays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: way.events, Config: ownConfig(t, way.own, way.also)})
			workflowID := way.walk(w)
			writeHistories(t, w, name, workflowID)
		})
	}
}

// ownConfig is the sample organisation's folder with more playbooks, of which
// those without a text are none; "" without one.
func ownConfig(t *testing.T, own ...string) string {
	t.Helper()
	files := library.Demo()
	for i, playbook := range own {
		if playbook != "" {
			files = append(files, library.File{Name: fmt.Sprintf("playbooks/own-%d.yaml", i), Source: []byte(playbook)})
		}
	}
	if len(files) == len(library.Demo()) {
		return ""
	}
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Source, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// writeHistories writes the histories of a workflow, oldest first: more than
// one where it continued as new.
func writeHistories(t *testing.T, w *world, name, workflowID string) {
	t.Helper()
	var chain []*historypb.History
	for run := ""; ; {
		h := historyOf(t, w, workflowID, run)
		chain = append([]*historypb.History{h}, chain...)
		run = h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		if run == "" {
			break
		}
	}
	for i, h := range chain {
		clean(t, w, h)
		b, err := temporalproto.CustomJSONMarshalOptions{
			Indent: " ", Metadata: map[string]any{commonpb.EnablePayloadShorthandMetadataKey: true},
		}.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		file := name
		if len(chain) > 1 {
			file += "-" + strconv.Itoa(i+1)
		}
		t.Logf("%s: %d events, %d bytes", file, len(h.Events), len(b))
		if err := os.WriteFile(filepath.Join(*record, file+".json"), append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func historyOf(t *testing.T, w *world, workflowID, run string) *historypb.History {
	t.Helper()
	h := &historypb.History{}
	it := w.demo.app.client.GetWorkflowHistory(t.Context(), workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		e, err := it.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	return h
}

// clean decrypts what a history holds, so that the corpus can be read and
// compared, and takes the machine's name out of it.
func clean(t *testing.T, w *world, h *historypb.History) {
	t.Helper()
	keys, err := temporal.LoadKeys(w.demo.app.opt.data.path, "")
	if err != nil {
		t.Fatal(err)
	}
	codec, err := temporal.NewCodec(keys)
	if err != nil {
		t.Fatal(err)
	}
	err = proxy.VisitPayloads(context.Background(), h, proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, p []*commonpb.Payload) ([]*commonpb.Payload, error) {
			return codec.Decode(p)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	for _, e := range h.Events {
		if q := e.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue(); host != "" && strings.HasPrefix(q.GetName(), host) {
			q.Name = "sticky"
		}
	}
}
