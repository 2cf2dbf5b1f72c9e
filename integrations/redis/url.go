package redis

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

// urlForm is how an address is written.
const urlForm = "rediss://USER:PASSWORD@HOST:6379/0"

// URL names a Redis. It may hold a password and hides itself from prints and
// logs.
type URL string

// String hides the URL from prints.
func (u URL) String() string {
	if u == "" {
		return ""
	}
	return "[Redis URL]"
}

// GoString hides the URL from %#v.
func (u URL) GoString() string { return u.String() }

// LogValue hides the URL from logs.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// Check says what is wrong with an address, without its password. Outside this
// machine only TLS is accepted, as with every other address.
func (u URL) Check() error {
	_, err := u.options()
	return err
}

func (u URL) options() (*redis.Options, error) {
	parsed, err := url.Parse(string(u))
	if err != nil {
		// The error would repeat the text, and with it the password.
		return nil, errors.New("cannot be read: write " + urlForm + ", and in user and password %40 for @, %2F for /, %3F for ?, %23 for # and %25 for %")
	}
	switch parsed.Scheme {
	case "redis", "rediss", "unix":
	default:
		return nil, errors.New("is no address of a Redis: write " + urlForm)
	}
	if parsed.RawQuery != "" {
		return nil, errors.New("has settings after a question mark, which are not read: write " + urlForm)
	}
	o, err := redis.ParseURL(string(u))
	if err != nil {
		return nil, errors.New("cannot be used: write " + urlForm)
	}
	if host := parsed.Hostname(); parsed.Scheme == "redis" && !onThisMachine(host) {
		return nil, fmt.Errorf("would speak to %s without TLS: write rediss instead of redis", host)
	}
	return o, nil
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
