package playbooks

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// MaxDefinition is how many bytes a Definition may have as gzip-compressed
// JSON. It is the input of a run and stays in its history, where the engine
// warns at 512 KiB and refuses at 2 MiB per value.
const MaxDefinition = 256 << 10

// NewDefinition pins a playbook with the rules and the calendar it uses, and
// computes the digest over all of them. It fails when rules is no JSON or the
// whole is larger than MaxDefinition.
func NewDefinition(p *Playbook, source []byte, rules json.RawMessage, cal org.Calendar) (Definition, error) {
	d := Definition{Schema: DefinitionSchema, Playbook: p, Source: p.written(source), Rules: rules, Calendar: cal}
	digest, err := d.digest()
	if err != nil {
		return Definition{}, fmt.Errorf("digest of playbook %s: %w", p.Name, err)
	}
	d.Digest = digest
	size, err := compressedSize(d)
	if err != nil {
		return Definition{}, fmt.Errorf("size of playbook %s: %w", p.Name, err)
	}
	if size > MaxDefinition {
		return Definition{}, fmt.Errorf("playbook %s with its rules has %d KiB compressed; the limit is %d KiB", p.Name, size>>10, MaxDefinition>>10)
	}
	return d, nil
}

// written is all that the playbook was read from: its own text and, each after
// a line with its name, that of the files it builds on.
func (p *Playbook) written(own []byte) string {
	out := string(own)
	for _, f := range p.Extended {
		out += "\n--- # " + f.Name + "\n" + string(f.Source)
	}
	return out
}

// Verify tells whether the digest is that of the content.
func (d Definition) Verify() error {
	want, err := d.digest()
	if err != nil {
		return fmt.Errorf("digest of the definition: %w", err)
	}
	if d.Digest != want {
		return fmt.Errorf("the definition has digest %s but its content has %s", d.Digest, want)
	}
	return nil
}

// digest is "sha256:" + hex over the RFC 8785 JSON of all fields but Digest.
func (d Definition) digest() (string, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return "", err
	}
	delete(fields, "digest")
	if b, err = json.Marshal(fields); err != nil {
		return "", err
	}
	canonical, err := jsoncanonicalizer.Transform(b)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func compressedSize(d Definition) (int, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return out.Len(), nil
}
