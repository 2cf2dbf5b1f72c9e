package web_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/web"
)

const sample = `{"receiver":"aimsbot","status":"firing","alerts":[
	{"status":"firing","labels":{"alertname":"Drift","system":"cv-screener"},"annotations":{"psi":"0.3"},"startsAt":"2027-02-06T14:08:45.828+01:00","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/graph","fingerprint":"1a30"},
	{"status":"resolved","labels":{"alertname":"Slow"},"startsAt":"2027-02-06T13:00:00Z","endsAt":"2027-02-06T13:05:00Z","fingerprint":"2b40"}],
	"groupLabels":{},"version":"4","groupKey":"{}:{}","truncatedAlerts":2}`

// TestAlerts: only who has the token is heard, what is taken is durable, and
// every refusal says why.
func TestAlerts(t *testing.T) {
	t.Parallel()
	var kept []port.Alert
	broken := errors.New("the disk is full")
	for name, c := range map[string]struct {
		token, header, body string
		fails               error
		status              int
		says                string
	}{
		"taken":        {"secret", "Bearer secret", sample, nil, http.StatusOK, ""},
		"small letter": {"secret", "bearer  secret ", sample, nil, http.StatusOK, ""},
		"no setting":   {"", "Bearer ", sample, nil, http.StatusServiceUnavailable, "AIMSBOT_HOOK_TOKEN is not set"},
		"no token":     {"secret", "", sample, nil, http.StatusUnauthorized, "AIMSBOT_HOOK_TOKEN"},
		"empty token":  {"secret", "Bearer ", sample, nil, http.StatusUnauthorized, "unauthorized"},
		"wrong token":  {"secret", "Bearer secret1", sample, nil, http.StatusUnauthorized, "unauthorized"},
		"other scheme": {"secret", "Basic secret", sample, nil, http.StatusUnauthorized, "unauthorized"},
		"not kept":     {"secret", "Bearer secret", sample, broken, http.StatusServiceUnavailable, "send it again"},
		"no alerts":    {"secret", "Bearer secret", `{"alerts":null}`, nil, http.StatusBadRequest, "no list `alerts`"},
		"odd time":     {"secret", "Bearer secret", `{"alerts":[{"startsAt":"soon"}]}`, nil, http.StatusBadRequest, "no list `alerts`"},
		"too large":    {"secret", "Bearer secret", strings.Repeat(" ", 1<<20) + sample, nil, http.StatusRequestEntityTooLarge, "1 MiB"},
	} {
		var log bytes.Buffer
		kept = nil
		h := web.Alerts(c.token, func(_ context.Context, a []port.Alert) error { kept = a; return c.fails }, slog.New(slog.NewTextHandler(&log, nil)), nil)
		r := httptest.NewRequest(http.MethodPost, "/hooks/alertmanager", strings.NewReader(c.body))
		r.Header.Set("Authorization", c.header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || (len(kept) == 2) != (c.status == http.StatusOK || c.fails != nil) {
			t.Errorf("%s: %d %s, %d alerts", name, w.Code, w.Body, len(kept))
		}
		if strings.Contains(log.String()+w.Body.String(), "secret") {
			t.Errorf("%s: the token is told: %s", name, &log)
		}
		if name != "taken" {
			continue
		}
		if !strings.Contains(log.String(), "left_out=2") {
			t.Errorf("what was left out is not logged: %s", &log)
		}
		want := []port.Alert{
			{
				Status: "firing", Labels: map[string]string{"alertname": "Drift", "system": "cv-screener"}, Annotations: map[string]string{"psi": "0.3"},
				StartsAt: time.Date(2027, 2, 6, 13, 8, 45, 828e6, time.UTC), Link: "http://p/graph", Fingerprint: "1a30",
			},
			{Status: "resolved", Labels: map[string]string{"alertname": "Slow"}, StartsAt: time.Date(2027, 2, 6, 13, 0, 0, 0, time.UTC), EndsAt: time.Date(2027, 2, 6, 13, 5, 0, 0, time.UTC), Fingerprint: "2b40"},
		}
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
