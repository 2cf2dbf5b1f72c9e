package sandbox_test

import (
	"testing"
)

func TestClickIsAcknowledgedByTheApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := make(chan map[string]any, 1)
	w.app(func(e map[string]any) any {
		got <- e["payload"].(map[string]any)
		return nil
	})
	ts := w.post("C0RAIC")
	ack := w.must("POST", "click", map[string]any{"user": "cora", "channel": "C0RAIC", "ts": ts, "action_id": "approve"})
	if ack["status"] != 200.0 || ack["warning"] != nil {
		t.Error(ack)
	}
	p := <-got
	if user := p["user"].(map[string]any)["id"]; user != "U0CORA" {
		t.Error(user)
	}
	if value := p["actions"].([]any)[0].(map[string]any)["value"]; value != "v1.token" {
		t.Error(value)
	}
}
