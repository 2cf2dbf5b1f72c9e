package org

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
)

// Sum computes the organisation's digest: "sha256:" and the hex of the SHA-256
// over its RFC 8785 JSON, the Digest field left out. The same facts in the
// same order have the same digest, however the files were laid out.
func (o Organisation) Sum() (string, error) {
	o.Digest = ""
	raw, err := json.Marshal(o)
	if err != nil {
		return "", fmt.Errorf("organisation as JSON: %w", err)
	}
	canonical, err := jsoncanonicalizer.Transform(raw)
	if err != nil {
		return "", fmt.Errorf("organisation as canonical JSON: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
