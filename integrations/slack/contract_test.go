package slack

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestBlockKitContract holds every card and window of this suite to Block Kit's
// JSON Schema, where AIMSBOT_CONTRACTS names the folder that holds it.
func TestBlockKitContract(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("AIMSBOT_CONTRACTS")
	if dir == "" {
		t.Skip("NOT CHECKED: AIMSBOT_CONTRACTS names no folder with blockkit.schema.json, so no payload was held to Block Kit's schema")
	}
	file := filepath.Join(dir, "blockkit.schema.json")
	block, window := definition(t, file, "KnownBlock"), definition(t, file, "ModalView")
	n := 0
	for name, c := range cards() {
		blocks, _, _ := renderCard(c)
		for i, b := range blocks {
			if err := block.Validate(parsed(t, b)); err != nil {
				t.Errorf("card %s, block %d: %s\n%s", name, i, err, compact(t, b))
			}
			n++
		}
	}
	for name, m := range modals() {
		v, _, err := renderModal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := window.Validate(parsed(t, v)); err != nil {
			t.Errorf("window %s: %s", name, shortened(err.Error()))
		}
		n++
	}
	if err := window.Validate(parsed(t, notice("Said"))); err != nil {
		t.Errorf("notice: %s", err)
	}
	if err := block.Validate(parsed(t, map[string]any{"type": "header", "text": map[string]any{"type": "mrkdwn", "text": "x"}})); err == nil {
		t.Error("the schema takes a header in mrkdwn: it checks nothing")
	}
	t.Logf("%d payloads held to the schema", n+1)
}

func definition(t *testing.T, file, name string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
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

func parsed(t *testing.T, v any) any {
	t.Helper()
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(compact(t, json.RawMessage(compact(t, v)))))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func shortened(s string) string { return s[:min(len(s), 4000)] }
