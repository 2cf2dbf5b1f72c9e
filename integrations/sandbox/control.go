package sandbox

import (
	"net/http"
)

// routeControl lists the control calls. Everything else below the control path
// is a 404 that says what there is.
func (s *Sandbox) routeControl(mux *http.ServeMux) {
	for _, c := range []struct {
		method, name string
		do           action
	}{
		{http.MethodGet, "state", s.state},
		{http.MethodPost, "click", s.click},
		{http.MethodPost, "submit", s.submit},
		{http.MethodPost, "close", s.closeView},
		{http.MethodPost, "command", s.command},
		{http.MethodPost, "raw", s.raw},
		{http.MethodPost, "event", s.event},
		{http.MethodPost, "verify", s.verifyURL},
		{http.MethodPost, "disconnect", s.disconnect},
		{http.MethodPost, "issue", s.issue},
		{http.MethodPost, "person", s.person},
		{http.MethodGet, "faults", s.listFaults},
		{http.MethodPost, "faults", s.addFault},
		{http.MethodDelete, "faults", s.removeFaults},
		{http.MethodGet, "clock", s.readClock},
		{http.MethodPost, "clock", s.moveClock},
		{http.MethodPost, "reset", s.reset},
	} {
		mux.HandleFunc(c.method+" "+ControlPath+"/"+c.name, s.serve(c.do))
	}
	mux.HandleFunc(ControlPath+"/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "no such control call: GET state, faults, clock; POST click, submit, close, command, raw, event, verify, disconnect, issue, person, faults, clock, reset; DELETE faults")
	})
}

// reset empties the fakes and takes all faults away. The clock stays: the runs
// cannot go back.
func (s *Sandbox) reset(r *http.Request) (any, error) {
	if err := read(r, &struct{}{}); err != nil {
		return nil, err
	}
	s.faults.clear()
	ctx := r.Context()
	if err := s.slack.Reset(ctx); err != nil {
		return nil, err
	}
	if err := s.jira.Reset(ctx); err != nil {
		return nil, err
	}
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	s.calls.reset()
	s.past.reset()
	return done, nil
}

// done is the answer of a call that has nothing to say.
var done = map[string]bool{"ok": true}
