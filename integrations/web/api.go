package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// maxRequest is how many bytes a request may have. The longest is a start with
// its input, written by hand.
const maxRequest = 1 << 20

// API answers what Dial's Client asks, in JSON. It asks nobody who they are:
// it belongs on a socket that only the bot's own account can open.
func API(d Desk) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/runs", answer(func(r *http.Request) (StartReply, error) {
		q, err := body[StartRequest](r)
		if err == nil {
			err = need("playbook", q.Playbook, "by", q.By)
		}
		if err != nil {
			return StartReply{}, err
		}
		return d.Start(r.Context(), q)
	}))
	mux.HandleFunc("POST /v1/events", answer(func(r *http.Request) (EventReply, error) {
		q, err := body[EventRequest](r)
		if err == nil {
			err = need("event", q.Event, "kind", q.Kind, "by", q.By)
		}
		if err != nil {
			return EventReply{}, err
		}
		return d.Raise(r.Context(), q)
	}))
	mux.HandleFunc("GET /v1/runs", answer(func(r *http.Request) ([]port.RunRow, error) {
		state := r.URL.Query().Get("state")
		if !slices.Contains([]string{"", port.RunStarting, port.RunOpen, port.RunClosed}, state) {
			return nil, Errorf(Usage, "a run is never in the state %q; states: starting, open, closed", state)
		}
		rows, err := d.Runs(r.Context(), state)
		return brief(rows), err
	}))
	mux.HandleFunc("GET /v1/runs/{run}", answer(func(r *http.Request) (port.RunRow, error) {
		return d.Run(r.Context(), r.PathValue("run"))
	}))
	mux.HandleFunc("GET /v1/runs/{run}/records", answer(func(r *http.Request) ([]port.StoredRecord, error) {
		return d.Records(r.Context(), r.PathValue("run"))
	}))
	mux.HandleFunc("GET /v1/runs/{run}/effects", answer(func(r *http.Request) ([]port.Effect, error) {
		return d.Effects(r.Context(), r.PathValue("run"))
	}))
	mux.HandleFunc("GET /v1/subjects/{kind}/{id}", answer(func(r *http.Request) (port.SubjectFacts, error) {
		return d.Subject(r.Context(), r.PathValue("kind"), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/runs/{run}/cancel", answer(func(r *http.Request) (CancelReply, error) {
		q, err := body[CancelRequest](r)
		if err == nil {
			err = need("reason", q.Reason, "by", q.By)
		}
		if err != nil {
			return CancelReply{}, err
		}
		q.Run = r.PathValue("run")
		return d.Cancel(r.Context(), q)
	}))
	mux.HandleFunc("POST /v1/runs/{run}/erase", answer(func(r *http.Request) (EraseReply, error) {
		q, err := body[EraseRequest](r)
		if err == nil {
			err = need("reason", q.Reason, "by", q.By, "step", strings.Join(q.Steps, ""))
		}
		if err != nil {
			return EraseReply{}, err
		}
		q.Run = r.PathValue("run")
		return d.Erase(r.Context(), q)
	}))
	mux.HandleFunc("POST /v1/runs/{run}/export", answer(func(r *http.Request) (ExportReply, error) {
		q, err := body[exportRequest](r)
		if err != nil {
			return ExportReply{}, err
		}
		if !filepath.IsAbs(q.Path) {
			return ExportReply{}, Errorf(Usage, "the path %q is not absolute: the bot may run in another folder than you", q.Path)
		}
		return d.Export(r.Context(), r.PathValue("run"), q.Path)
	}))
	return mux
}

type exportRequest struct {
	Path string `json:"path"`
}

// answer turns a function into a handler: its value as JSON, or its error with
// the class.
func answer[T any](f func(r *http.Request) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		w.Header().Set("Content-Type", "application/json")
		v, err := f(r)
		if err != nil {
			class := ClassOf(err)
			w.WriteHeader(class.status())
			write(w, problem{Class: class, Error: err.Error()})
			return
		}
		write(w, v)
	}
}

// write leaves '<' and '&' as they are: a record's header is hashed by the byte.
func write(w io.Writer, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client sees the broken connection
}

func body[T any](r *http.Request) (T, error) {
	var v T
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, Errorf(Usage, "the request cannot be read: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return v, Errorf(Usage, "the request cannot be read: something follows the JSON value")
	}
	return v, nil
}

// need names the first field that is empty; fields are name and value in turn.
func need(fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		if strings.TrimSpace(fields[i+1]) == "" {
			return Errorf(Usage, "%s is missing", fields[i])
		}
	}
	return nil
}

// brief leaves out of a list what only one run's own page needs: a Definition
// may have 256 KiB.
func brief(rows []port.RunRow) []port.RunRow {
	out := make([]port.RunRow, len(rows))
	for i, r := range rows {
		r.View.Restricted = r.Restricted()
		r.Definition = playbooks.Definition{Digest: r.Definition.Digest}
		r.View.Steps = nil
		out[i] = r
	}
	return out
}
