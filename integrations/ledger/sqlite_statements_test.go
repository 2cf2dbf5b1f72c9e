package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// TestKeptStatements runs one text again in every state a kept statement can
// be in: being read, failed, and never kept because there are too many.
func TestKeptStatements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	if err := makeFile(path); err != nil {
		t.Fatal(err)
	}
	db := got[*sql.DB](t)(sqliteFile{path: path}.openWriter(t.Context()))
	t.Cleanup(func() { _ = db.Close() })
	tx := got[*sql.Tx](t)(db.BeginTx(t.Context(), nil))
	t.Cleanup(func() { _ = tx.Rollback() })
	do := func(query string, args ...any) error {
		_, err := tx.ExecContext(t.Context(), query, args...)
		return err
	}
	if err := do("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO numbers (n) VALUES ($1)"
	for n := range 3 {
		if err := do(insert, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(insert, 1); err == nil {
		t.Error("the same number twice was taken")
	}
	if err := do(insert, 3); err != nil {
		t.Errorf("the statement does not work after a failure: %v", err)
	}

	const list = "SELECT n FROM numbers ORDER BY n"
	read := func(deeper func(n int)) (all []int) {
		rows := got[*sql.Rows](t)(tx.QueryContext(t.Context(), list))
		defer func() { _ = rows.Close() }()
		for rows.Next() && len(all) < 10 { // reading that was disturbed would begin anew for ever
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			all = append(all, n)
			deeper(n)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	outer := read(func(int) {
		if inner := read(func(int) {}); len(inner) != 4 {
			t.Errorf("read inside: %v, want four numbers", inner)
		}
	})
	if len(outer) != 4 {
		t.Errorf("read: %v, want four numbers", outer)
	}

	for i := range statementMax + 10 {
		var n int
		if err := tx.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d + n FROM numbers WHERE n = 2", i)).Scan(&n); err != nil || n != i+2 {
			t.Fatalf("statement %d gives %d: %v", i, n, err)
		}
	}
}
