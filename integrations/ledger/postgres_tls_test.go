package ledger

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// authority signs certificates of servers.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t testing.TB, name string) authority {
	t.Helper()
	a := authority{key: got[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), file: filepath.Join(t.TempDir(), "ca.pem")}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der := got[[]byte](t)(x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key))
	must(t, os.WriteFile(a.file, pemOf("CERTIFICATE", der), 0o600))
	return a
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// certify returns the certificate and the key of a server at an address.
func (a authority) certify(t testing.TB, ip string) (cert, key []byte) {
	t.Helper()
	k := got[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := got[[]byte](t)(x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "database"}, IPAddresses: []net.IP{net.ParseIP(ip)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, a.cert, k.Public(), a.key))
	return pemOf("CERTIFICATE", der), pemOf("EC PRIVATE KEY", got[[]byte](t)(x509.MarshalECPrivateKey(k)))
}

// giveTLS lets the server take connections with TLS: its files belong to the
// user it runs as, or it refuses them.
func giveTLS(t testing.TB, db DatabaseURL, cert, key []byte) {
	t.Helper()
	dir := askPostgres(t, db, "SHOW data_directory")[0]
	info, err := os.Stat(dir)
	if err != nil {
		t.Skipf("the server's data is not on this machine: %v", err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	for name, content := range map[string][]byte{"test.crt": cert, "test.key": key} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, content, 0o600))
		must(t, os.Chown(path, int(owner.Uid), int(owner.Gid)))
	}
	tell := func(statements ...string) {
		for _, s := range statements {
			askPostgres(t, db, s)
		}
		askPostgres(t, db, "SELECT pg_reload_conf()::text")
	}
	t.Cleanup(func() {
		tell("ALTER SYSTEM RESET ssl", "ALTER SYSTEM RESET ssl_cert_file", "ALTER SYSTEM RESET ssl_key_file")
	})
	tell("ALTER SYSTEM SET ssl_cert_file = 'test.crt'", "ALTER SYSTEM SET ssl_key_file = 'test.key'", "ALTER SYSTEM SET ssl = on")
	for until := time.Now().Add(time.Minute); askPostgres(t, db, "SHOW ssl")[0] != "on"; {
		if time.Now().After(until) {
			t.Fatal("the server does not speak TLS")
		}
	}
}

// TestPostgresTLS: with sslmode=verify-full the ledger is reached where the
// certificate is of the named authority and address, and nowhere else.
func TestPostgresTLS(t *testing.T) {
	db := freshDatabase(t)
	u := got[*url.URL](t)(url.Parse(string(db)))
	ours, others := newAuthority(t, "ours"), newAuthority(t, "others")
	cert, key := ours.certify(t, u.Hostname())
	giveTLS(t, db, cert, key)
	with := func(host, file string) Options {
		v := *u
		v.Host = net.JoinHostPort(host, u.Port())
		v.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {file}}.Encode()
		return at(v.String())
	}
	l := openPostgres(t, with(u.Hostname(), ours.file))
	createRun(t, l, "run", "cv-screener")
	var on bool
	must(t, l.writer.db.QueryRowContext(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&on))
	if !on {
		t.Error("the ledger is written without TLS")
	}
	for name, c := range map[string]struct {
		opts Options
		want string
	}{
		"another authority": {with(u.Hostname(), others.file), "add sslrootcert=FILE"},
		"another name":      {with("localhost", ours.file), "certificate is not for that host"},
		"no authority":      {with(u.Hostname(), ours.file+".nowhere"), "ca.pem.nowhere: no such file"},
	} {
		_, err := Open(t.Context(), c.opts)
		if err == nil {
			t.Errorf("%s: opened", name)
			continue
		}
		secret := secretOf(t, db)
		if text := err.Error(); !strings.Contains(text, c.want) || strings.Contains(text, "\n") || strings.Contains(text, secret) {
			t.Errorf("%s: %q", name, strings.ReplaceAll(text, secret, "***"))
		}
	}
}
