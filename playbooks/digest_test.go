package playbooks_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestDefinitionKeepsItsDigest(t *testing.T) {
	t.Parallel()
	src := []byte(`playbook: digest
title: Signs & <tags>, "quotes" and ümläute
subject: system
steps:
  - id: one
    set:
      text: 'a  b'
      whole: 9007199254740991
      number: 0.10
      three: 3.0
      yes_: true
  - id: two
    task: {assign: aims-manager, title: ' Trimmed '}
    due: [{when: steps.one.yes_, value: 5 days}, {else: 1 working day}]
`)
	p, problems := playbooks.Parse("digest.yaml", src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	rules := json.RawMessage(`{"b": 1.50, "a": [1e2, "x"]}`)
	d, err := playbooks.NewDefinition(p, src, rules, org.Calendar{Weekdays: []string{"mon"}, Hours: "09:00-17:00"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back playbooks.Definition
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if err := back.Verify(); err != nil {
		t.Errorf("after a round trip: %v", err)
	}
	again, err := playbooks.NewDefinition(back.Playbook, []byte(back.Source), json.RawMessage(`{"a":[100,"x"],"b":1.5}`), back.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest != d.Digest {
		t.Errorf("the same content has digests %s and %s", d.Digest, again.Digest)
	}
	for name, change := range map[string]func(*playbooks.Definition){
		"source":   func(d *playbooks.Definition) { d.Source += " " },
		"playbook": func(d *playbooks.Definition) { d.Playbook.Title.V = "Other" },
		"rules":    func(d *playbooks.Definition) { d.Rules = json.RawMessage(`{}`) },
		"calendar": func(d *playbooks.Definition) { d.Calendar.Hours = "08:00-17:00" },
		"schema":   func(d *playbooks.Definition) { d.Schema++ },
	} {
		var changed playbooks.Definition
		if err := json.Unmarshal(b, &changed); err != nil {
			t.Fatal(err)
		}
		if change(&changed); changed.Verify() == nil {
			t.Errorf("changing %s keeps the digest", name)
		}
	}
}

// The digest of the shipped playbook in a known calendar: it may change with
// the file, never with the code.
func TestDigestIsStable(t *testing.T) {
	t.Parallel()
	p, src := example(t)
	d, err := playbooks.NewDefinition(p, src, nil, org.Calendar{Weekdays: []string{"mon", "fri"}, Hours: "09:00-17:00", Holidays: "de"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/impact-assessment.digest", d.Digest+"\n")
}

func TestDefinitionHasALimit(t *testing.T) {
	t.Parallel()
	p, src := example(t)
	var noise strings.Builder // hashes do not compress to less than half their hex
	for sum := sha256.Sum256(nil); noise.Len() < 3*playbooks.MaxDefinition; sum = sha256.Sum256(sum[:]) {
		noise.WriteString(hex.EncodeToString(sum[:]))
	}
	if _, err := playbooks.NewDefinition(p, []byte(noise.String()), nil, org.Calendar{}); err == nil || !strings.Contains(err.Error(), "limit is 256 KiB") {
		t.Errorf("err = %v", err)
	}
	if _, err := playbooks.NewDefinition(p, src, json.RawMessage(`{`), org.Calendar{}); err == nil {
		t.Error("rules that are no JSON are taken")
	}
}
