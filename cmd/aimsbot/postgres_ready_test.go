package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/ledger"
)

// TestPostgresReady: while PostgreSQL cannot be reached, or takes what is sent and
// is silent, /readyz says that it is the ledger, and recovers by itself.
func TestPostgresReady(t *testing.T) {
	server := os.Getenv(testPostgres)
	if server == "" {
		t.Skip(testPostgres + " is not set: `make stores` starts a PostgreSQL and runs this")
	}
	t.Parallel()
	u, err := url.Parse(string(databaseFor(deferred{t}, server)))
	if err != nil {
		t.Fatal(err)
	}
	between := newWire(t, u.Host)
	u.Host = between.listener.Addr().String()
	w := newWorld(t, demoCmd{NoRateLimits: true, database: ledger.DatabaseURL(u.String())})
	for name, fail := range map[string]func(){"gone": between.cut, "silent": between.hold} {
		fail()
		w.until("/readyz names the ledger while it is "+name, func() bool {
			status, checks := w.readiness()
			return status == http.StatusServiceUnavailable && checks["ledger"] != "ok" && checks["slack"] == "ok" && checks["jira"] == "ok"
		})
		between.mend()
		w.until("/readyz has recovered after it was "+name, func() bool {
			status, checks := w.readiness()
			return status == http.StatusOK && checks["ledger"] == "ok"
		})
	}
}

// readiness is what /readyz answers.
func (w *world) readiness() (status int, checks map[string]string) {
	w.t.Helper()
	res, err := http.Get(w.base + "/readyz")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&checks); err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, checks
}
