package main

import (
	"net"
	"net/http"
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
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(d.listener) }()
	address := "http://" + d.listener.Addr().String()
	return ", metrics on " + address + metrics.Path + ", the codec for Temporal's tools on " + address + temporal.CodecPath
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
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, wrongUsage("%s %q: %s, so it listens on loopback only, such as 127.0.0.1:8080", flag, address, why)
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, wrongUsage("%s %s: %v; stop what uses it or choose another address", flag, address, err)
	}
	return ln, nil
}
