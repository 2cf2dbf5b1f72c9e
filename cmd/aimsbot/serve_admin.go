package main

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/metrics"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// admin serves what only people and programs on this machine may reach, on a
// listener of its own: the metrics, and the codec with which Temporal's tools
// read payloads.
type admin struct {
	listener net.Listener
	token    string
	origin   string
}

// openAdmin takes the address, so that a wrong one is told before anything
// starts; nil when none is wanted.
func openAdmin(address string, data *dataDir, s settings) (*admin, error) {
	if address == "" {
		return nil, nil
	}
	token, err := temporal.CodecToken(data.path, s.CodecToken)
	if err != nil {
		return nil, wrongUsage("%w", err)
	}
	ln, err := listenLoopback("--admin", address, "it shows what is encrypted elsewhere")
	if err != nil {
		return nil, err
	}
	return &admin{listener: ln, token: token, origin: s.CodecOrigin}, nil
}

// serve begins to answer and says what is where.
func (d *admin) serve(a *app) (text string) {
	mux := http.NewServeMux()
	mux.Handle(temporal.CodecPath+"/", temporal.CodecHandler(a.codec, d.token, d.origin))
	mux.Handle("GET "+metrics.Path, a.metrics.Handler())
	server := &http.Server{Handler: askedHere(mux), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(d.listener) }()
	address := "http://" + d.listener.Addr().String()
	return ", metrics on " + address + metrics.Path + ", the codec for Temporal's tools on " + address + temporal.CodecPath
}

// askedHere lets in who asks for this machine by its own name: a page elsewhere
// could otherwise point a name of its own here and be of the same origin.
func askedHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !thisMachine(strings.Trim(host, "[]")) { // guard: admin-host
			http.Error(w, "this name is not this machine's; ask for localhost or 127.0.0.1", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// thisMachine tells whether a host is this machine for sure.
func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// close stops answering; a request under way is cut.
func (d *admin) close() {
	if d != nil {
		_ = d.listener.Close()
	}
}

// listenLoopback listens on this machine alone, for what must not be reached
// from elsewhere.
func listenLoopback(flag, address, why string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, wrongUsage("%s %q: write an address such as 127.0.0.1:8080", flag, address)
	}
	if !thisMachine(host) { // guard: loopback-only
		return nil, wrongUsage("%s %q: %s, so it listens on loopback only, such as 127.0.0.1:8080", flag, address, why)
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, wrongUsage("%s %s: %v; stop what uses it or choose another address", flag, address, err)
	}
	return ln, nil
}
