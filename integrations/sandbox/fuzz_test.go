package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// resetAfter is how many calls are made before the sandbox is emptied, so that
// a long run does not measure how large it can grow.
const resetAfter = 500

// FuzzControl: whatever a control call says, it is done or refused with a
// reason, in JSON, and never fails.
func FuzzControl(f *testing.F) {
	corpustest.Add(f, "control", func(c corpustest.File) []any { return []any{c.Kind, c.Body} })
	f.Add("click", []byte(`{"who":"cora"}`))
	f.Add("clock", []byte(`{"advance":"-1h"} {}`))
	const base = "http://127.0.0.1:1"
	s, err := sandbox.Open(f.Context(), sandbox.Options{
		Path: filepath.Join(f.TempDir(), "sandbox.db"), BaseURL: func() string { return base }, Organisation: organisation(f), IndexDelay: -1,
		Advance: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() }) // nothing of it is read again
	h, calls := s.Handler(), 0
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		if calls++; calls%resetAfter == 0 {
			control(t, h, base, "reset", nil)
		}
		for _, c := range []string{"click", "submit", "close", "command", "raw", "event", "verify", "disconnect", "issue", "person", "faults", "clock"} {
			if c == name {
				control(t, h, base, name, body)
			}
		}
	})
}

func control(t *testing.T, h http.Handler, base, name string, body []byte) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+sandbox.ControlPath+"/"+name, bytes.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var said struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		t.Fatalf("%s: %v in %s", name, err, w.Body)
	}
	switch {
	case w.Code == http.StatusInternalServerError:
		t.Errorf("%s %s failed: %s", name, body, said.Error)
	case w.Code != http.StatusOK && said.Error == "":
		t.Errorf("%s %s: %d without a reason", name, body, w.Code)
	}
}
