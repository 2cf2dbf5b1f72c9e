package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// scanned are the statements that may read a whole table, and why.
var scanned = map[string]string{
	"WHERE $1 = '' OR r.state": "a list of runs for people",
	" from schema_versions":    "a handful of rows",
	" FROM schema_versions":    "a handful of rows",
	"FROM sqlite_master":       "a row for each table and index",
	"FROM organisations ORDER": "the first row of an index",
	"FROM checkpoints ORDER":   "the first row of an index",
	"FROM records r\n\t\tJOIN": "a check reads everything",
	"leaf FROM records ORDER":  "a check reads everything",
	"FROM hashes ORDER BY id":  "a check reads everything",
	"FROM register r WHERE":    "the answer is what is known of every subject",
	"next_inbox FROM head":     "a check reads everything",
	"WHERE state <> $1 AND ex": "asked once, when a step collects gaps",
	"WHERE from_at >= $1 AND ": "asked once, when a step collects changes",
	"kind = $1 AND n > 0":      "asked only when an issue is gone",
}

// TestNoScans: no statement of the ledger reads a table that grows from end to
// end. Such a statement is quick in every other test and slow after a year.
func TestNoScans(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	for _, of := range []func(*testing.T, *Ledger){
		testInbox, testVerdicts, testAsks, testDrafts, testApart, testAskOfIssue, testMessageOf, testClaims, testSettle, testEffectOrder, testRemakes, testIssuesInUse, testRuns,
		testOccurrences, testPast, testLists, testView, testDocuments, testOrganisations, testRegister, testEvents, testRecords, testErase, testPayloadKeys, testFigures,
	} {
		l := openSQLite(t, Options{})
		of(t, l)
		for _, db := range []*sql.DB{l.db.DB, l.writer.db} {
			// Reading connections are several; the ones now idle hold what was asked.
			for range db.Stats().Idle {
				conn := got[*sql.Conn](t)(db.Conn(t.Context()))
				t.Cleanup(func() { _ = conn.Close() })
				must(t, conn.Raw(func(c any) error {
					for text := range c.(*preparedConn).kept {
						texts[text] = true
					}
					return nil
				}))
			}
		}
	}
	l := openSQLite(t, Options{})
	scan := regexp.MustCompile(`^SCAN \w+`)
	waiting := regexp.MustCompile(`USING INDEX (inbox_unsettled|runs_one_open|events_waiting)$`) // they have only what is not over yet
	n := 0
	for text := range texts {
		if verb, _, _ := strings.Cut(strings.TrimSpace(text), " "); !strings.Contains("SELECT UPDATE DELETE WITH", verb) || allowed(text) {
			continue
		}
		n++
		for _, step := range planOf(t.Context(), t, l.db.DB, text) {
			if scan.MatchString(step) && !waiting.MatchString(step) {
				t.Errorf("%s\nreads a whole table: %s", text, step)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d statements were looked at", n)
	}
}

func allowed(text string) bool {
	for part := range scanned {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// planOf says how SQLite would run a statement.
func planOf(ctx context.Context, t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	args := 0
	for strings.Contains(text, fmt.Sprintf("$%d", args+1)) {
		args++
	}
	rows, err := db.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, make([]any, args)...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	must(t, rows.Err())
	return steps
}
