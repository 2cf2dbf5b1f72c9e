package ledger

import (
	"strings"
	"testing"
)

func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"postgres://u:p@127.0.0.1:5432/db?sslmode=disable":          "",
		"postgresql://u:p@localhost/db":                             "",
		"postgres://u:p@[::1]:5432/db?sslmode=disable":              "",
		"postgres://u@/db?host=/var/run/postgresql":                 "",
		"postgres://u:p@db.example.com/db?sslmode=verify-full":      "",
		"postgres://u:p@db.example.com/db?sslmode=require":          "",
		"postgres://u:p@a.example.com,127.0.0.1/db?sslmode=require": "",
		"postgres://u:p@db.example.com/db?sslmode=disable":          "to db.example.com without TLS: add sslmode=verify-full",
		"postgres://u:p@db.example.com/db?sslmode=prefer":           "without TLS",
		"postgres://u:p@db.example.com/db?sslmode=allow":            "without TLS",
		"postgres://u:p@db.example.com/db":                          "without TLS",
		"postgres://u:p@127.0.0.1,10.0.0.7/db?sslmode=disable":      "to 10.0.0.7 without TLS",
		"postgres://u:p@localhost.example.com/db":                   "without TLS",
		"postgres://u:p@127.0.0.1.example.com/db":                   "without TLS",
		"postgres://u:p@localhost/db?sslmode=perhaps":               "cannot be used: ",
		"postgres://u:p@localhost:x/db":                             "cannot be read: write postgres://USER",
		"mysql://u:p@localhost/db":                                  "is no address of a PostgreSQL database",
		"host=localhost dbname=db":                                  "is no address of a PostgreSQL database",
		"":                                                          "is no address",
	} {
		err := DatabaseURL(text).Check()
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}
