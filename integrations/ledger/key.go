package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// LedgerKey is the secret with which checkpoints are signed: an Ed25519 seed.
type LedgerKey [ed25519.SeedSize]byte

// keyPrefix marks a ledger key in text, so that another secret pasted in its
// place is noticed.
const keyPrefix = "aimsbot-ledger-key:"

// ErrNoKey says that something was to be signed and no ledger key was given.
var ErrNoKey = errors.New("no ledger key was given: set AIMSBOT_LEDGER_KEY or keep the key file beside the database")

// NewKey makes a random ledger key.
func NewKey() (LedgerKey, error) {
	var k LedgerKey
	if _, err := rand.Read(k[:]); err != nil {
		return LedgerKey{}, fmt.Errorf("make a ledger key: %w", err)
	}
	return k, nil
}

// ParseKey reads a ledger key from the text that Text wrote. The error does
// not repeat the text.
func ParseKey(text string) (LedgerKey, error) {
	var k LedgerKey
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	if !ok {
		return k, fmt.Errorf("a ledger key starts with %q", keyPrefix)
	}
	b, err := base64.StdEncoding.DecodeString(rest)
	if err != nil || len(b) != len(k) {
		return k, fmt.Errorf("a ledger key is %q and the base64 of %d bytes", keyPrefix, len(k))
	}
	copy(k[:], b)
	return k, nil
}

// Text is the key as it is kept in a file or an environment variable. It is
// the secret itself.
func (k LedgerKey) Text() string { return keyPrefix + base64.StdEncoding.EncodeToString(k[:]) }

// String hides the key from prints.
func (k LedgerKey) String() string { return "[ledger key]" }

// GoString hides the key from %#v.
func (k LedgerKey) GoString() string { return k.String() }

// LogValue hides the key from logs.
func (k LedgerKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

func (k LedgerKey) empty() bool { return k == LedgerKey{} }

// verifierKey returns the printable public key under the installation's name.
func (k LedgerKey) verifierKey(name string) (string, error) {
	if k.empty() {
		return "", ErrNoKey
	}
	pub, ok := ed25519.NewKeyFromSeed(k[:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("the ledger key has no Ed25519 public key")
	}
	text, err := note.NewEd25519VerifierKey(name, pub)
	if err != nil {
		return "", fmt.Errorf("print the verifier key: %w", err)
	}
	return text, nil
}

// signer implements note.Signer with the key.
type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

// Sign signs a note's text.
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

func (k LedgerKey) signer(name string) (note.Signer, error) {
	text, err := k.verifierKey(name)
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("read the verifier key: %w", err)
	}
	return signer{Verifier: v, key: ed25519.NewKeyFromSeed(k[:])}, nil
}

// keyName is the name of an installation's key in signatures.
func keyName(installation string) string { return "aimsbot-" + short(installation) }

// short is the part of an installation's id that people see.
func short(installation string) string { return installation[:min(8, len(installation))] }
