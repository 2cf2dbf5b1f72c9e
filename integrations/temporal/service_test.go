package temporal_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

func TestNoServiceIsNamed(t *testing.T) {
	t.Parallel()
	for _, environ := range [][]string{nil, {"HOME=/root", "TEMPORAL_ADDRESS="}, {"TEMPORAL_UI_PORT=8233"}} {
		if s, err := temporal.ServiceFrom(environ); s != nil || err != nil {
			t.Errorf("%q: %v, %v", environ, s, err)
		}
	}
}

func TestServiceIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "t.toml", "[profile.default]\naddress = \"127.0.0.1:7233\"\n[profile.prod]\naddress = \"t.example.com:7233\"\nnamespace = \"aims\"\napi_key = \"hush\"\n")
	file := "TEMPORAL_CONFIG_FILE=" + filepath.Join(dir, "t.toml")
	for name, c := range map[string]struct {
		environ            []string
		address, namespace string
		loopback           bool
	}{
		"address":      {[]string{"TEMPORAL_ADDRESS=localhost:7233"}, "localhost:7233", "default", true},
		"IPv6":         {[]string{"TEMPORAL_ADDRESS=[::1]:7233", "TEMPORAL_NAMESPACE=n"}, "[::1]:7233", "n", true},
		"key is TLS":   {[]string{"TEMPORAL_ADDRESS=t.example.com:7233", "TEMPORAL_API_KEY=hush"}, "t.example.com:7233", "default", false},
		"file":         {[]string{file}, "127.0.0.1:7233", "default", true},
		"profile":      {[]string{file, "TEMPORAL_PROFILE=prod"}, "t.example.com:7233", "aims", false},
		"both":         {[]string{file, "TEMPORAL_PROFILE=prod", "TEMPORAL_NAMESPACE=other"}, "t.example.com:7233", "other", false},
		"not loopback": {[]string{"TEMPORAL_ADDRESS=127.example.com:7233", "TEMPORAL_TLS=true"}, "127.example.com:7233", "default", false},
	} {
		s, err := temporal.ServiceFrom(c.environ)
		if err != nil || s.Address != c.address || s.Namespace != c.namespace || s.Loopback() != c.loopback {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestServiceIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "bad.toml", "[profile.default]\napi_key = hush\n")
	put(t, dir, "unknown.toml", "[profile.default]\naddres = \"localhost:1\"\n")
	put(t, dir, "empty.toml", "[profile.default]\nnamespace = \"n\"\n")
	in := func(name string) string { return "TEMPORAL_CONFIG_FILE=" + filepath.Join(dir, name) }
	far := "TEMPORAL_ADDRESS=t.example.com:7233"
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"namespace alone": {[]string{"TEMPORAL_NAMESPACE=n"}, "TEMPORAL_NAMESPACE is set and no service is named: set TEMPORAL_ADDRESS"},
		"no port":         {[]string{"TEMPORAL_ADDRESS=t.example.com"}, "write HOST:PORT"},
		"scheme":          {[]string{"TEMPORAL_ADDRESS=https://t.example.com:7233"}, "write HOST:PORT"},
		"plain":           {[]string{far}, "TLS is off: set TEMPORAL_TLS=true"},
		"plain by choice": {[]string{far, "TEMPORAL_API_KEY=hush", "TEMPORAL_TLS=false"}, "TLS is off"},
		"almost loopback": {[]string{"TEMPORAL_ADDRESS=127.0.0.1.example.com:7233"}, "is not on this machine"},
		"unchecked":       {[]string{far, "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION=true"}, "its certificate is not checked"},
		"not a switch":    {[]string{far, "TEMPORAL_TLS=yes"}, `TEMPORAL_TLS is "yes"; write true or false`},
		"half a pair":     {[]string{far, "TEMPORAL_TLS_CLIENT_CERT_PATH=/nowhere"}, "TEMPORAL_TLS_*"},
		"profile unknown": {[]string{in("empty.toml"), "TEMPORAL_PROFILE=prod"}, "unable to find profile prod"},
		"no address":      {[]string{in("empty.toml")}, "the Temporal profile has no address"},
		"no TOML":         {[]string{in("bad.toml")}, `toml: line 2 (last key "profile.default.api_key") is not TOML`},
		"unknown key":     {[]string{in("unknown.toml")}, "addres"},
	} {
		s, err := temporal.ServiceFrom(c.environ)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, %v; want one line with %q", name, s, err, c.want)
		}
	}
}
