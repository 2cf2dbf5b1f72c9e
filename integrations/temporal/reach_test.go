package temporal_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// env is the environment in which the shared server is somebody else's service:
// reached by address, namespace and API key. More overrides it.
func env(more ...string) []string {
	return append([]string{
		"TEMPORAL_ADDRESS=" + shared.server.HostPort, "TEMPORAL_NAMESPACE=" + temporal.Namespace,
		"TEMPORAL_API_KEY=" + shared.server.Token, "TEMPORAL_TLS=false",
	}, more...)
}

func service(t *testing.T, environ []string) *temporal.Service {
	t.Helper()
	s, err := temporal.ServiceFrom(environ)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReach(t *testing.T) {
	t.Parallel()
	s := service(t, env())
	c, err := s.Reach(t.Context(), temporal.ClientOptions{Codec: codecOf(t, keyOf(1))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := s.Ping(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// TestReachSays: whatever is wrong with the service is one line that says what
// to do, and holds no key.
func TestReachSays(t *testing.T) {
	t.Parallel()
	_, err := shared.client.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: "forgetful", WorkflowExecutionRetentionPeriod: durationpb.New(72 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := ln.Addr().String()
	ln.Close()
	address, _ := behindTLS(t)
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"missing namespace": {env("TEMPORAL_NAMESPACE=nowhere"), "has no namespace nowhere: set TEMPORAL_NAMESPACE, or make it with: temporal operator namespace create --retention 400d -n nowhere"},
		"refused key":       {env("TEMPORAL_API_KEY=hush-hush"), "(namespace aimsbot) refuses the API key: check TEMPORAL_API_KEY"},
		"no key":            {[]string{"TEMPORAL_ADDRESS=" + shared.server.HostPort}, "refuses us without an API key: set TEMPORAL_API_KEY"},
		"unreachable":       {env("TEMPORAL_ADDRESS=" + nobody), "the Temporal at " + nobody + " cannot be reached: "},
		"short retention":   {env("TEMPORAL_NAMESPACE=forgetful"), "keeps closed runs for 72 hours, and at least 168 are needed; change it with: temporal operator namespace update --retention 400d -n forgetful"},
		"strange authority": {env("TEMPORAL_ADDRESS="+address, "TEMPORAL_TLS=true"), "cannot be reached: failed reaching server: connection error: desc = \"transport: authentication handshake failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := service(t, c.environ).Reach(t.Context(), temporal.ClientOptions{Codec: codecOf(t, keyOf(1))})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v; want one line with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), shared.server.Token) {
				t.Error("the key is in the text")
			}
		})
	}
}

// TestReachOverTLS: the service shows a certificate of an authority of its own.
func TestReachOverTLS(t *testing.T) {
	t.Parallel()
	address, authority := behindTLS(t)
	s := service(t, env("TEMPORAL_ADDRESS="+address, "TEMPORAL_TLS=true", "TEMPORAL_TLS_SERVER_CA_CERT_DATA="+authority, "TEMPORAL_TLS_SERVER_NAME=temporal.example.com"))
	c, err := s.Reach(t.Context(), temporal.ClientOptions{Codec: codecOf(t, keyOf(1))})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// behindTLS puts TLS with a self-signed certificate before the shared server.
func behindTLS(t *testing.T) (address, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"temporal.example.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go pass(in)
		}
	}()
	return ln.Addr().String(), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// pass carries bytes between a caller and the shared server until either ends.
func pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", shared.server.HostPort)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		defer in.Close()
		_, _ = io.Copy(in, out)
	}()
	_, _ = io.Copy(out, in)
}
