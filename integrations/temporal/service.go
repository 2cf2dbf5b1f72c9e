package temporal

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
)

// Service is a Temporal service outside of this program, as the standard
// TEMPORAL_* variables and their profiles describe it.
type Service struct {
	Address   string
	Namespace string

	options client.Options // address, namespace, API key and TLS
	tls     bool
	keyed   bool // an API key is shown
}

// Variables that name a service, and those that say more about it. Others that
// begin like them belong to other programs.
var (
	namingVariables = []string{"TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"}
	otherVariables  = []string{
		"TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_CLIENT_AUTHORITY", "TEMPORAL_TLS", "TEMPORAL_TLS_CLIENT_CERT_PATH",
		"TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_CLIENT_KEY_DATA", "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
		"TEMPORAL_TLS_SERVER_CA_CERT_DATA", "TEMPORAL_TLS_SERVER_NAME", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
	}
	switchVariables = []string{"TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"}
)

// ServiceFrom reads the service from an environment such as os.Environ. Nil
// means that none is named and the server is to be embedded: a profile is looked
// for only when a variable asks for it, because a file that lies in somebody's
// home must not take a bot to another service.
func ServiceFrom(environ []string) (*Service, error) {
	env := environment{}
	for _, e := range environ {
		if name, value, _ := strings.Cut(e, "="); value != "" && strings.HasPrefix(name, "TEMPORAL_") {
			env[name] = value // a variable that is set to nothing says nothing
		}
	}
	if !slices.ContainsFunc(namingVariables, env.has) {
		if i := slices.IndexFunc(otherVariables, env.has); i >= 0 {
			return nil, fmt.Errorf("%s is set and no service is named: set TEMPORAL_ADDRESS, TEMPORAL_PROFILE or TEMPORAL_CONFIG_FILE, or unset it to run the embedded Temporal", otherVariables[i])
		}
		return nil, nil
	}
	for _, name := range switchVariables {
		if v := strings.ToLower(env[name]); v != "" && !slices.Contains([]string{"1", "0", "true", "false"}, v) {
			return nil, fmt.Errorf("%s is %q; write true or false", name, env[name])
		}
	}
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{ConfigFileStrict: true, EnvLookup: env})
	if err != nil {
		return nil, fmt.Errorf("the Temporal profile cannot be used: %s", withoutValues(err))
	}
	return newService(profile)
}

func newService(p envconfig.ClientConfigProfile) (*Service, error) {
	if p.Address == "" {
		return nil, fmt.Errorf("the Temporal profile has no address: add one, or set TEMPORAL_ADDRESS to HOST:PORT")
	}
	if _, port, err := net.SplitHostPort(p.Address); err != nil || port == "" {
		return nil, fmt.Errorf("TEMPORAL_ADDRESS is %q; write HOST:PORT, such as temporal.example.com:7233", p.Address)
	}
	if p.Namespace == "" {
		p.Namespace = client.DefaultNamespace
	}
	s := &Service{Address: p.Address, Namespace: p.Namespace, keyed: p.APIKey != ""}
	s.tls = p.TLS != nil && !p.TLS.Disabled || p.TLS == nil && s.keyed
	if !s.Loopback() {
		switch {
		case !s.tls:
			return nil, fmt.Errorf("the Temporal service %s is not on this machine and TLS is off: set TEMPORAL_TLS=true", s.Address)
		case p.TLS != nil && p.TLS.DisableHostVerification:
			return nil, fmt.Errorf("the Temporal service %s is not on this machine and its certificate is not checked: unset TEMPORAL_TLS_DISABLE_HOST_VERIFICATION and name its authority with TEMPORAL_TLS_SERVER_CA_CERT_PATH", s.Address)
		}
	}
	var err error
	if s.options, err = p.ToClientOptions(envconfig.ToClientOptionsRequest{}); err != nil {
		return nil, fmt.Errorf("the settings of TEMPORAL_TLS_* cannot be used: %w", err)
	}
	return s, nil
}

// Loopback tells whether the service is on this machine.
func (s *Service) Loopback() bool {
	host, _, _ := net.SplitHostPort(s.Address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// tomlPlace is how the reader of profiles names a place; what follows may be a
// value, and so a secret.
var tomlPlace = regexp.MustCompile(`toml: line \d+(?: \(last key "[^"]*"\))?`)

func withoutValues(err error) string {
	text := err.Error()
	if at := tomlPlace.FindStringIndex(text); at != nil {
		return text[:at[1]] + " is not TOML"
	}
	return text
}

// environment is what was set to something.
type environment map[string]string

func (e environment) has(name string) bool { return e[name] != "" }

// LookupEnv implements envconfig.EnvLookup.
func (e environment) LookupEnv(name string) (string, bool) {
	v, ok := e[name]
	return v, ok
}

// Environ implements envconfig.EnvLookup.
func (e environment) Environ() []string {
	var out []string
	for name, value := range e {
		out = append(out, name+"="+value)
	}
	return out
}
