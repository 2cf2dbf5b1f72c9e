package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestBlockKit plays a run with every kind of message and window, and holds
// each to Block Kit's schema where AIMSBOT_CONTRACTS names its folder.
func TestBlockKit(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("AIMSBOT_CONTRACTS")
	if dir == "" {
		t.Skip("NOT CHECKED: AIMSBOT_CONTRACTS names no folder with blockkit.schema.json, so no message was held to Block Kit's schema")
	}
	block, window := schema(t, dir, "KnownBlock"), schema(t, dir, "ModalView")
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	form := w.message("olive", "answer", "What does CV screener do")
	var windows []json.RawMessage
	open := func(user string, m message, action string) {
		_, view := w.open(user, m, action)
		windows = append(windows, view)
	}
	open("olive", form, "answer")
	w.skip("336h") // reminders and escalations
	w.answer(largeAnswers)
	w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	officer := w.message("ethan", "approve", "CV screener")
	for _, action := range []string{"conditions", "reject", "changes", "evidence"} {
		open("ethan", officer, action)
	}
	ask := w.message(committee, "approve", "CV screener")
	for _, action := range []string{"abstain", "recuse"} {
		open("cody", ask, action)
	}
	w.press("tess", ask, "approve")
	seen := w.state()
	w.fill("ethan", officer, "reject", map[string]any{"reason": "Not enough"})
	w.closed(run)
	w.quiet(run)
	n := 0
	for _, m := range append(seen.Messages, w.state().Messages...) {
		if len(m.Blocks) == 0 || string(m.Blocks) == "null" {
			continue
		}
		var blocks []json.RawMessage
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			n += fits(t, block, b)
		}
	}
	for _, v := range windows {
		n += fits(t, window, asSent(t, v))
	}
	t.Logf("%d blocks and windows held to the schema", n)
}

// asSent takes off what Slack adds to a window it was sent.
func asSent(t *testing.T, view json.RawMessage) json.RawMessage {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(view, &all); err != nil {
		t.Fatal(err)
	}
	sent := map[string]json.RawMessage{}
	for _, k := range []string{"type", "title", "submit", "close", "blocks", "callback_id", "private_metadata"} {
		if v, ok := all[k]; ok && string(v) != "null" {
			sent[k] = v
		}
	}
	b, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fits(t *testing.T, s *jsonschema.Schema, b json.RawMessage) int {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		text := err.Error()
		t.Errorf("%s\n%s", text[:min(len(text), 1500)], b)
	}
	return 1
}

func schema(t *testing.T, dir, name string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "blockkit.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("blockkit.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("blockkit.json#/definitions/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
