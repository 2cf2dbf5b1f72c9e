package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// maxAlerts is how many bytes one notification may have. Alertmanager sends all
// alerts of a group at once; each has a few hundred bytes.
const maxAlerts = 1 << 20

// notification is what Alertmanager posts, version 4;
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
// Grafana's has the same alerts.
type notification struct {
	Alerts    *[]alert `json:"alerts"`
	Truncated int      `json:"truncatedAlerts"`
}

type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"` // the year 1 while it fires
	Link        string            `json:"generatorURL"`
	Fingerprint string            `json:"fingerprint"`
}

// Alerts takes the notifications of Alertmanager that carry the token. 200 is
// answered once keep has returned nil, which must mean that the alerts are
// durable; else 503, on which Alertmanager comes again. Without a token all are
// refused with 503: it is a setting that is missing, and what fires meanwhile is
// sent again.
func Alerts(token string, keep func(context.Context, []port.Alert) error, log *slog.Logger, watch port.Watch) http.Handler {
	h := alertHook{token: token, keep: keep, log: log}
	watch = port.Watching(watch)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		outcome, reason := h.take(w, r)
		watch.Delivered(port.Delivered{Door: port.DoorAlerts, Kind: port.KindEvent, Outcome: outcome}, reason, time.Since(began))
	})
}

type alertHook struct {
	token string
	keep  func(context.Context, []port.Alert) error
	log   *slog.Logger
}

// take answers one request, and says what came of it and why it was refused.
func (h alertHook) take(w http.ResponseWriter, r *http.Request) (outcome, reason string) {
	if h.token == "" {
		http.Error(w, "AIMSBOT_HOOK_TOKEN is not set, so no alert is taken: set it, and send it as a bearer token", http.StatusServiceUnavailable)
		return port.Refused, "unset"
	}
	if !h.authorised(r) { // guard: hook-token
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "unauthorized: send the token of AIMSBOT_HOOK_TOKEN as a bearer token", http.StatusUnauthorized)
		return port.Refused, "token"
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAlerts))
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) { // guard: hook-size
			http.Error(w, "too large: a notification may have 1 MiB; set max_alerts of the webhook", http.StatusRequestEntityTooLarge)
			return port.Refused, "size"
		}
		http.Error(w, "not read", http.StatusServiceUnavailable)
		return port.Refused, "cut"
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil || n.Alerts == nil {
		http.Error(w, "this is no notification of Alertmanager: it has no list `alerts` that can be read", http.StatusBadRequest)
		return port.Refused, "unreadable"
	}
	if n.Truncated > 0 {
		h.log.Error("Alertmanager left alerts out of a notification: raise max_alerts of its webhook, or group finer", "left_out", n.Truncated)
	}
	if err := h.keep(r.Context(), plainAlerts(*n.Alerts)); err != nil {
		h.log.Error("alerts could not be kept; Alertmanager will send them again", "error", err)
		http.Error(w, "not kept: send it again", http.StatusServiceUnavailable)
		return port.Unkept, ""
	}
	w.WriteHeader(http.StatusOK)
	return port.Acknowledged, ""
}

// authorised compares digests, so that neither what the token is nor how long it
// is shows in the time it takes.
func (h alertHook) authorised(r *http.Request) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, have := sha256.Sum256([]byte(h.token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(want[:], have[:]) == 1
}

func plainAlerts(in []alert) []port.Alert {
	out := make([]port.Alert, 0, len(in))
	for _, a := range in {
		p := port.Alert{Status: "firing", Labels: a.Labels, Annotations: a.Annotations, StartsAt: a.StartsAt.UTC(), Link: a.Link, Fingerprint: a.Fingerprint}
		if a.Status == "resolved" {
			p.Status, p.EndsAt = a.Status, a.EndsAt.UTC()
		}
		out = append(out, p)
	}
	return out
}
