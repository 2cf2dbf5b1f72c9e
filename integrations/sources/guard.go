package sources

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// refusedError is a call that is not made at all.
type refusedError struct{ why string }

func (e *refusedError) Error() string { return e.why }

// newClient makes a client that follows no way to another host, uses no proxy,
// which would look up names where the guard does not see it, and, unless private
// is allowed, reaches public addresses only.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !private {
		dialer.Control = publicOnly
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: sameHost,
	}
}

// sameHost refuses an answer that leads to another place: the token is meant for
// the declared one, and so is the trust in what it answers.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case next.URL.Host != first.Host || next.URL.Scheme != first.Scheme:
		return &refusedError{fmt.Sprintf("it leads on to %s, which the organisation file does not name", next.URL.Host)}
	case len(via) > maxRedirects:
		return &refusedError{fmt.Sprintf("it leads on more than %d times", maxRedirects)}
	}
	return nil
}

// carrierGrade is shared address space (RFC 6598), which netip does not call
// private.
var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

// publicOnly looks at the address itself, after the name was resolved, so that no
// name can lead inside.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return &refusedError{"its address cannot be read"}
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || carrierGrade.Contains(ip) {
		return &refusedError{fmt.Sprintf("its address %s belongs to a private network. If that is meant, say private: true at the source", ip)}
	}
	return nil
}
