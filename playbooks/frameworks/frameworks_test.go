package frameworks_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/frameworks"
)

// TestAll: the shipped lists can be read, and those that say so are complete.
func TestAll(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, f := range frameworks.All() {
		count[f.ID] = len(f.Clauses)
	}
	controls := 0
	iso, _ := frameworks.Find("iso42001")
	for _, c := range iso.Clauses {
		if frameworks.Within(c.ID, "A") {
			controls++
		}
	}
	// ISO/IEC 42001 has 38 controls in Annex A, NIST AI 100-1 has 72 subcategories.
	if controls != 38 || count["nist-ai-rmf"] != 72 || len(count) != 6 {
		t.Errorf("%d controls; %v", controls, count)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clause, of string
		want       bool
	}{
		{"9.3.2", "9.3", true}, {"9.3", "9.3", true}, {"9.31", "9.3", false}, {"73(4)", "73", true}, {"9.3", "9.3.2", false}, {"A.5.2", "A", true},
	} {
		if got := frameworks.Within(c.clause, c.of); got != c.want {
			t.Errorf("%s within %s: %v", c.clause, c.of, got)
		}
	}
}

// TestParseProblems: a list with mistakes is refused with their places.
func TestParseProblems(t *testing.T) {
	t.Parallel()
	_, ps := frameworks.Parse("x.yaml", []byte("framework: x\ntitle: X\ncomplete: maybe\nclauses:\n  - {id: '1', title: One}\n  - {id: '1', name: Two}\n"))
	if len(ps) != 4 { // edition, complete, unknown key, twice; title is meant by name
		t.Errorf("%d problems:\n%v", len(ps), ps)
	}
}
