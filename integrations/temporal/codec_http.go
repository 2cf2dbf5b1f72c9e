package temporal

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"go.temporal.io/sdk/converter"
)

const (
	// CodecPath is what the address of the codec ends with; Temporal's tools add
	// "/decode" to it.
	CodecPath = "/codec"
	// maxCodecRequest bounds a request to the codec, in bytes: a page of history is
	// one gRPC message of at most 4 MB, which is a third longer in base64.
	maxCodecRequest = 8 << 20
	// minCodecToken is how many characters a token from the environment must have:
	// 128 bits in hex.
	minCodecToken = 32
)

// CodecToken is the bearer token of the codec: setting, the value of
// AIMSBOT_CODEC_TOKEN, or where that is empty <dir>/codec.token, made on first use.
func CodecToken(dir, setting string) (string, error) {
	if setting != "" {
		if len(setting) < minCodecToken {
			return "", fmt.Errorf("AIMSBOT_CODEC_TOKEN has %d characters; at least %d are needed: make one with: openssl rand -hex 32", len(setting), minCodecToken)
		}
		return setting, nil
	}
	b, err := secretFile(filepath.Join(dir, "codec.token"), newToken)
	if err != nil {
		return "", fmt.Errorf("token of the codec: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// CodecHandler decrypts payloads for Temporal's UI and command line, for whoever
// shows the token. origin is the address of the UI whose pages may ask from a
// browser; empty = none may. It does not encrypt: only the bot begins and
// signals runs.
func CodecHandler(codec converter.PayloadCodec, token, origin string) http.Handler {
	decode := converter.NewPayloadCodecHTTPHandler(codec)
	want := sha256.Sum256([]byte("Bearer " + token))
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+CodecPath+"/decode", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !allow(w, r, origin) {
			return
		}
		if got := sha256.Sum256([]byte(r.Header.Get("Authorization"))); subtle.ConstantTimeCompare(got[:], want[:]) != 1 { // guard: codec-token
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "show the token of the codec: Authorization: Bearer ...", http.StatusUnauthorized)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxCodecRequest)
		decode.ServeHTTP(w, r)
	})
	mux.HandleFunc("OPTIONS "+CodecPath+"/decode", func(w http.ResponseWriter, r *http.Request) {
		if allow(w, r, origin) {
			w.Header().Set("Access-Control-Allow-Methods", "POST")
			w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type, x-namespace")
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return mux
}

// allow answers a page of another origin than the UI's with a refusal. Programs
// that are no browser send no origin and are told apart by the token.
func allow(w http.ResponseWriter, r *http.Request, origin string) bool {
	w.Header().Set("Vary", "Origin")
	from := r.Header.Get("Origin")
	if from == "" {
		return true
	}
	if origin == "" || from != origin { // guard: codec-origin
		http.Error(w, "pages of this origin may not decode; AIMSBOT_CODEC_ORIGIN names the one that may", http.StatusForbidden)
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	return true
}
