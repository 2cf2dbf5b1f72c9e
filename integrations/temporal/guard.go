package temporal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/rpc/encryption"
)

// bearer lets in who shows the one token, as administrator, and nobody else.
type bearer string

// GetClaims compares in constant time.
func (b bearer) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	if info == nil || subtle.ConstantTimeCompare([]byte(info.AuthToken), []byte(b)) != 1 { // guard: temporal-token
		return nil, nil
	}
	return &authorization.Claims{System: authorization.RoleAdmin}, nil
}

// AuthInfoRequired makes the server ask even where no token came.
func (bearer) AuthInfoRequired() bool { return false }

// internodeName is the name in the certificate of the inner services.
const internodeName = "aimsbot-internode"

// internodeTLS guards the ports behind the frontend, which know no token: only
// who holds the key made in this process may speak to them.
type internodeTLS struct{ server, client *tls.Config }

func newInternodeTLS() (*internodeTLS, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the inner services: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(random(16)),
		Subject:      pkix.Name{CommonName: internodeName},
		DNSNames:     []string{internodeName},
		NotBefore:    now.Add(-24 * time.Hour), // clocks are set back
		NotAfter:     now.AddDate(100, 0, 0),   // it dies with the process
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of the inner services: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of the inner services: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	pair := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return &internodeTLS{
		server: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		client: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, RootCAs: pool, ServerName: internodeName},
	}, nil
}

// GetInternodeServerConfig is for history, matching, worker and the internal frontend.
func (t *internodeTLS) GetInternodeServerConfig() (*tls.Config, error) { return t.server, nil }

// GetInternodeClientConfig is for those who call them.
func (t *internodeTLS) GetInternodeClientConfig() (*tls.Config, error) { return t.client, nil }

// GetFrontendServerConfig returns none: the frontend is plain, on loopback, behind the token.
func (t *internodeTLS) GetFrontendServerConfig() (*tls.Config, error) { return nil, nil }

// GetFrontendClientConfig returns none.
func (t *internodeTLS) GetFrontendClientConfig() (*tls.Config, error) { return nil, nil }

// GetRemoteClusterClientConfig returns none: there is no other cluster.
func (t *internodeTLS) GetRemoteClusterClientConfig(string) (*tls.Config, error) { return nil, nil }

// GetExpiringCerts returns none: the certificate outlives the process.
func (t *internodeTLS) GetExpiringCerts(time.Duration) (expiring, expired encryption.CertExpirationMap, err error) {
	return nil, nil, nil
}
