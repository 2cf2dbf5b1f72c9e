package temporal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// keySize is that of AES-256, in bytes.
const keySize = 32

// TestKey is the published key of the replay corpus. Whoever encrypts with it
// hides nothing.
const TestKey = "YWltc2JvdC1yZXBsYXktY29ycHVzLXRlc3Qta2V5IDE="

// Key encrypts what the engine stores.
type Key struct {
	id     string
	secret [keySize]byte
}

// ID names the key without telling it: the first 8 bytes of a hash, in hex.
func (k Key) ID() string { return k.id }

// ParseKeys reads keys in base64, 32 bytes each, separated by commas or lines.
// The first encrypts; all of them decrypt. An error never holds a key.
func ParseKeys(text string) ([]Key, error) {
	var keys []Key
	for i, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' }) {
		b, err := base64.StdEncoding.DecodeString(one)
		if err != nil || len(b) != keySize {
			return nil, fmt.Errorf("key %d is not %d bytes in base64", i+1, keySize)
		}
		k := Key{secret: [keySize]byte(b)}
		sum := sha256.Sum256(append([]byte("aimsbot payload key id\x00"), b...))
		k.id = hex.EncodeToString(sum[:8])
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key")
	}
	return keys, nil
}

// LoadKeys takes the keys from setting, the value of AIMSBOT_KEY, or where that
// is empty from <dir>/payload.key, which is made on first use. A key is not
// made where runs encrypted with another one are waiting for it.
func LoadKeys(dir, setting string) ([]Key, error) {
	if setting != "" {
		keys, err := ParseKeys(setting)
		if err != nil {
			return nil, fmt.Errorf("AIMSBOT_KEY: %w; a new installation gets one from: openssl rand -base64 32", err)
		}
		for _, k := range keys {
			if base64.StdEncoding.EncodeToString(k.secret[:]) == TestKey {
				return nil, errors.New("AIMSBOT_KEY is the published test key; make one of your own with: openssl rand -base64 32")
			}
		}
		return keys, nil
	}
	path := filepath.Join(dir, "payload.key")
	if !exists(path) && exists(markerPath(dir)) {
		return nil, fmt.Errorf("%s is missing, and the runs in %s were encrypted with it or with AIMSBOT_KEY; bring it back", path, storePath(dir))
	}
	b, err := secretFile(path, func() []byte { return []byte(base64.StdEncoding.EncodeToString(random(keySize)) + "\n") })
	if err != nil {
		return nil, fmt.Errorf("payload key: %w", err)
	}
	keys, err := ParseKeys(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}
