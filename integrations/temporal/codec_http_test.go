package temporal_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

const ui = "https://temporal.example.com"

// TestCodecEndpoint asks as Temporal's own client does, and in every way that
// must be refused.
func TestCodecEndpoint(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, keyOf(1))
	server := httptest.NewServer(temporal.CodecHandler(codec, "the-token", ui))
	t.Cleanup(server.Close)
	sealed, err := codec.Encode([]*commonpb.Payload{{Data: []byte("olive")}})
	if err != nil {
		t.Fatal(err)
	}
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{
		Endpoint:      server.URL + temporal.CodecPath,
		ModifyRequest: func(r *http.Request) error { r.Header.Set("Authorization", "Bearer the-token"); return nil },
	})
	if open, err := remote.Decode(sealed); err != nil || string(open[0].GetData()) != "olive" {
		t.Errorf("with the token: %v, %v", open, err)
	}
	if _, err := remote.Encode(sealed); err == nil {
		t.Error("it encrypts")
	}
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: sealed})
	if err != nil {
		t.Fatal(err)
	}
	strange, err := codecOf(t, keyOf(2)).Encode(sealed)
	if err != nil {
		t.Fatal(err)
	}
	other, err := protojson.Marshal(&commonpb.Payloads{Payloads: strange})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, token, origin string
		body                  []byte
		want                  int
		says                  string
	}{
		"no token":        {"POST", "", "", body, 401, "show the token"},
		"wrong token":     {"POST", "Bearer the-toke", "", body, 401, "show the token"},
		"no scheme":       {"POST", "the-token", "", body, 401, "show the token"},
		"from the UI":     {"POST", "Bearer the-token", ui, body, 200, "b2xpdmU="},
		"UI, no token":    {"POST", "", ui, body, 401, "show the token"},
		"another page":    {"POST", "Bearer the-token", "https://evil.example.com", body, 403, "may not decode"},
		"page of nobody":  {"POST", "Bearer the-token", "null", body, 403, "may not decode"},
		"too much":        {"POST", "Bearer the-token", "", bytes.Repeat([]byte(" "), 9<<20), 400, "too large"},
		"another key":     {"POST", "Bearer the-token", "", other, 400, idOf(t, keyOf(2))},
		"read":            {"GET", "Bearer the-token", "", nil, 405, ""},
		"may the UI ask":  {"OPTIONS", "", ui, nil, 204, ""},
		"may another ask": {"OPTIONS", "", "https://evil.example.com", nil, 403, "may not decode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+temporal.CodecPath+"/decode", bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range map[string]string{"Authorization": c.token, "Origin": c.origin} {
				if v != "" {
					r.Header.Set(k, v)
				}
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != c.want || !strings.Contains(string(text), c.says) {
				t.Errorf("%s: %s (%v); want %d %q", res.Status, text, err, c.want, c.says)
			}
			if c.want != 200 && bytes.Contains(text, []byte("b2xpdmU")) {
				t.Error("it was decoded")
			}
			allowed := res.Header.Get("Access-Control-Allow-Origin")
			if want := map[bool]string{true: ui}[c.origin == ui]; allowed != want {
				t.Errorf("pages of %q are allowed, want %q", allowed, want)
			}
		})
	}
}

// TestCodecWithoutOrigin: no page may ask when none was named.
func TestCodecWithoutOrigin(t *testing.T) {
	t.Parallel()
	h := temporal.CodecHandler(codecOf(t, keyOf(1)), "the-token", "")
	r := httptest.NewRequest(http.MethodPost, temporal.CodecPath+"/decode", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer the-token")
	r.Header.Set("Origin", ui)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d", w.Code)
	}
}

func TestCodecToken(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	first, err := temporal.CodecToken(dir, "")
	if err != nil || len(first) < 32 {
		t.Fatal(first, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "codec.token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if again, err := temporal.CodecToken(dir, ""); err != nil || again != first {
		t.Errorf("the token changed (%v)", err)
	}
	given := strings.Repeat("x", 32)
	if got, err := temporal.CodecToken(dir, given); err != nil || got != given {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := temporal.CodecToken(dir, "hush"); err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "at least 32") {
		t.Errorf("short: %v", err)
	}
}
