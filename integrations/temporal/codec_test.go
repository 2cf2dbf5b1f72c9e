package temporal_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

func codecOf(t testing.TB, keys ...string) converter.PayloadCodec {
	t.Helper()
	k, err := temporal.ParseKeys(strings.Join(keys, ","))
	if err != nil {
		t.Fatal(err)
	}
	c, err := temporal.NewCodec(k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func keyOf(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func TestCodecKeepsAndHides(t *testing.T) {
	t.Parallel()
	c := codecOf(t, temporal.TestKey)
	for name, text := range map[string]string{
		"empty": "", "short": "olive", "long": strings.Repeat("olive owns it. ", 10_000),
		"not packable": string(bytes.Repeat([]byte("olive\x00\xff\x13\x37"), 20)),
	} {
		p, err := converter.GetDefaultDataConverter().ToPayloads(text)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := c.Encode(p.GetPayloads())
		if err != nil {
			t.Fatal(err)
		}
		b, err := proto.Marshal(sealed[0])
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("olive")) || bytes.Contains(b, []byte("json/plain")) {
			t.Errorf("%s: readable", name)
		}
		if name == "long" && len(b) > len(text)/10 {
			t.Errorf("%d bytes became %d: not packed", len(text), len(b))
		}
		again, err := c.Encode(p.GetPayloads())
		if err != nil || proto.Equal(again[0], sealed[0]) {
			t.Errorf("%s: the same text looks the same twice (%v)", name, err)
		}
		opened, err := c.Decode(sealed)
		if err != nil || !proto.Equal(opened[0], p.GetPayloads()[0]) {
			t.Errorf("%s: came back as %v (%v)", name, opened, err)
		}
	}
}

func TestOldKeysStillOpen(t *testing.T) {
	t.Parallel()
	p := []*commonpb.Payload{{Data: []byte("x")}}
	sealed, err := codecOf(t, keyOf(1)).Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	both := codecOf(t, keyOf(2), keyOf(1))
	if opened, err := both.Decode(sealed); err != nil || !proto.Equal(opened[0], p[0]) {
		t.Errorf("old key: %v, %v", opened, err)
	}
	fresh, err := both.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codecOf(t, keyOf(1)).Decode(fresh); err == nil {
		t.Error("the new key does not encrypt")
	}
	if _, err := codecOf(t, keyOf(3)).Decode(sealed); err == nil || !strings.Contains(err.Error(), "not among those given") {
		t.Errorf("a strange key: %v", err)
	}
}

func TestTamperedPayloadsAreRefused(t *testing.T) {
	t.Parallel()
	c := codecOf(t, keyOf(1), keyOf(2))
	for name, spoil := range map[string]func(*commonpb.Payload){
		"bit":   func(p *commonpb.Payload) { p.Data[len(p.Data)-1] ^= 1 },
		"short": func(p *commonpb.Payload) { p.Data = p.Data[:5] },
		"none":  func(p *commonpb.Payload) { p.Data = nil },
		"key":   func(p *commonpb.Payload) { p.Metadata["aimsbot-key"] = []byte("0000000000000000") },
	} {
		sealed, err := c.Encode([]*commonpb.Payload{{Data: []byte("approve")}})
		if err != nil {
			t.Fatal(err)
		}
		spoil(sealed[0])
		if got, err := c.Decode(sealed); err == nil {
			t.Errorf("%s: opened as %v", name, got)
		}
	}
}

// FuzzDecode feeds what a server could hold.
func FuzzDecode(f *testing.F) {
	c := codecOf(f, temporal.TestKey, keyOf(7)) // the corpus is encrypted with the second
	sealed, err := c.Encode([]*commonpb.Payload{{Data: []byte("x")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sealed[0].Metadata["encoding"]), string(sealed[0].Metadata["aimsbot-key"]), sealed[0].Data)
	corpustest.Add(f, "payloads", func(c corpustest.File) []any {
		var p commonpb.Payload
		if err := proto.Unmarshal(c.Body, &p); err != nil {
			f.Fatal(err)
		}
		return []any{string(p.Metadata["encoding"]), string(p.Metadata["aimsbot-key"]), p.Data}
	})
	f.Fuzz(func(t *testing.T, encoding, key string, data []byte) {
		p := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding), "aimsbot-key": []byte(key)}, Data: data}
		out, err := c.Decode([]*commonpb.Payload{p})
		if (err == nil) != (len(out) == 1) {
			t.Errorf("%v, %v", out, err)
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	first, err := temporal.LoadKeys(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "payload.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if second, err := temporal.LoadKeys(dir, ""); err != nil || second[0] != first[0] {
		t.Errorf("the key changed (%v)", err)
	}
	if given, err := temporal.LoadKeys(dir, keyOf(1)+","+keyOf(2)); err != nil || len(given) != 2 || given[0].ID() == given[1].ID() {
		t.Errorf("%v, %v", given, err)
	}
	put(t, dir, "temporal.schema", temporal.Fingerprint())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"":                   "is missing",
		"c2hvcnQ=":           "key 1 is not 32 bytes in base64",
		"not base64":         "key 1 is not 32 bytes in base64",
		",":                  "there is no key",
		temporal.TestKey:     "published test key",
		keyOf(1) + ",AAAA==": "key 2 is not",
	} {
		_, err := temporal.LoadKeys(dir, setting)
		if err == nil || !strings.Contains(err.Error(), want) || setting != "" && len(setting) > 8 && strings.Contains(err.Error(), setting) {
			t.Errorf("%q: %v; want %q and no key in it", setting, err, want)
		}
	}
}
