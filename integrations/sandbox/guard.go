package sandbox

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard lets in only callers on this machine that ask for the sandbox by its
// own name. A web page elsewhere could otherwise act here: through the
// visitor's browser, or through a name that it points to this machine.
func (s *Sandbox) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopback(r.RemoteAddr):
			refuse(w, http.StatusForbidden, "the sandbox answers only callers on its own machine")
		case !s.ours(r.Host): // guard: sandbox-host
			refuse(w, http.StatusForbidden, "the Host "+short(r.Host)+" is not this sandbox's; ask for "+s.opt.BaseURL())
		case foreign(r) && !strings.HasPrefix(r.URL.Path, SlackPath+"/socket/"): // guard: sandbox-origin
			// The socket client sends Slack's own address as Origin; there the
			// ticket in the address is the key.
			refuse(w, http.StatusForbidden, "pages of another origin may not use the sandbox")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopback tells whether an address is of this machine.
func loopback(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// ours tells whether a Host header names this sandbox: by a loopback address,
// or as BaseURL does.
func (s *Sandbox) ours(host string) bool {
	if u, err := url.Parse(s.opt.BaseURL()); err == nil && host != "" && strings.EqualFold(u.Host, host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && a.IsLoopback()
}

// foreign tells whether a page of another origin makes the request.
func foreign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" { // guard: sandbox-site
		return true // same-site is another port of this machine
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.EqualFold(u.Host, r.Host)
}
