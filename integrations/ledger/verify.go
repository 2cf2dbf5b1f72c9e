package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// VerifyOptions say what the reader trusts.
type VerifyOptions struct {
	// Key is the verifier key of the installation, had from elsewhere.
	Key string
	// Checkpoint is the text of a checkpoint, had from elsewhere: the pack must
	// be of the same ledger, and no earlier.
	Checkpoint string
	// Self accepts a pack that only agrees with itself.
	Self bool
}

// Verify checks an evidence pack, a folder or a zip file, without a database
// and without the network. The error says that the pack could not be read or
// the options make no sense; what is wrong inside is in the report.
func Verify(path string, opts VerifyOptions) (Report, error) {
	if opts.Key != "" {
		if _, err := note.NewVerifier(strings.TrimSpace(opts.Key)); err != nil {
			return Report{}, fmt.Errorf("the key given is no verifier key: %w", err)
		}
	}
	if opts.Checkpoint != "" {
		if _, err := parseCheckpoint(opts.Checkpoint); err != nil {
			return Report{}, fmt.Errorf("the checkpoint given: %w", err)
		}
	}
	p, findings, err := readPack(path)
	if err != nil {
		return Report{}, err
	}
	return verifyPack(p, findings, opts), nil
}

// verification is one check of one pack. Later checks use what earlier ones
// have read; where that is missing they say nothing further.
type verification struct {
	opts       VerifyOptions
	pack       pack
	report     Report
	manifest   Manifest
	checkpoint *parsedCheckpoint
	run        string // by the checkpoint, which is signed; else by the manifest
	records    []checkedRecord
	earlier    []consistencyLine
}

func verifyPack(p pack, findings []Finding, opts VerifyOptions) Report {
	v := &verification{opts: opts, pack: p}
	v.report.Signer = SignerUnproven
	v.report.Findings = append([]Finding{}, findings...)
	if v.checkManifest() {
		v.checkFiles()
		v.checkCheckpoint()
		v.checkRecords()
		v.checkProofs()
		v.checkConsistency()
		v.checkGiven()
		v.checkDefinition()
		v.checkDocuments()
	}
	v.report.Notes = append(v.report.Notes, filePage+" is a reading aid: its bytes are compared with the manifest, which nobody signs")
	v.report.conclude(opts.Self)
	return v.report
}

func (v *verification) find(file, format string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{File: file, Message: fmt.Sprintf(format, args...)})
}

func (v *verification) findRecord(file string, index int64, format string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{File: file, Record: &index, Message: fmt.Sprintf(format, args...)})
}

// checkManifest reads the manifest. Without it nothing else can be judged.
func (v *verification) checkManifest() bool {
	b, ok := v.pack[fileManifest]
	if !ok {
		v.find(fileManifest, "the file is missing")
		return false
	}
	if err := strictJSON(b, &v.manifest); err != nil {
		v.find(fileManifest, "cannot be read: %v", err)
		return false
	}
	m := v.manifest
	if want, err := canonical(m); err != nil || !bytes.Equal(b, want) {
		v.find(fileManifest, "is not in the form it was written in (RFC 8785 JSON)")
	}
	v.run = m.Run
	v.report.Run, v.report.Playbook, v.report.Installation = m.Run, m.Playbook, m.Installation
	if m.Format != packFormat || m.Version != packVersion {
		v.find(fileManifest, "the pack has format %q version %d; this program checks %q version %d", m.Format, m.Version, packFormat, packVersion)
		return false
	}
	return true
}

// checkFiles compares every file with its digest in the manifest.
func (v *verification) checkFiles() {
	listed := v.manifest.Files
	for _, name := range slices.Sorted(maps.Keys(v.pack)) {
		digest, ok := listed[name]
		switch got := digestOf(v.pack[name]); {
		case name == fileManifest || ok && digest == got:
		case !ok:
			v.find(fileManifest, "does not list %s", name)
		default:
			v.find(name, "the file has the digest %s; %s says %s", got, fileManifest, digest)
		}
	}
	for _, name := range fixedFiles() {
		if _, ok := v.pack[name]; !ok {
			v.find(name, "the file is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if _, ok := v.pack[name]; !ok && !slices.Contains(fixedFiles(), name) {
			v.find(name, "%s lists this file; it is missing", fileManifest)
		}
	}
}

// checkCheckpoint checks the signature and what the checkpoint states.
func (v *verification) checkCheckpoint() {
	text := string(v.pack[fileCheckpoint])
	p, err := parseCheckpoint(text)
	if err != nil {
		v.find(fileCheckpoint, "%v", err)
		return
	}
	v.checkpoint = &p
	v.report.Size, v.report.Root = p.size, p.root.String()
	if p.installation != v.manifest.Installation || p.size != v.manifest.Size || p.root.String() != v.manifest.Root {
		v.find(fileManifest, "installation, size or root differ from the checkpoint")
	}
	for _, line := range p.lines {
		if id, _, ok := strings.Cut(strings.TrimPrefix(line, "run "), " "); ok && strings.HasPrefix(line, "run ") {
			v.run = id
		}
	}
	if v.run != v.manifest.Run {
		v.find(fileManifest, "is about run %q, the checkpoint about run %q", v.manifest.Run, v.run)
	}
	own := strings.TrimSuffix(string(v.pack[fileKey]), "\n")
	v.checkSignature(text, own, fileKey)
	if key := strings.TrimSpace(v.opts.Key); key != "" {
		if v.checkSignature(text, key, "the key given") {
			v.report.Signer, v.report.Key = SignerProven, key
		}
		if key != own {
			v.find(fileKey, "is not the key given")
		}
	}
}

// checkSignature tells whether a checkpoint bears a good signature of a key.
func (v *verification) checkSignature(text, key, from string) bool {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		v.find(fileKey, "no verifier key: %v", err)
		return false
	}
	if _, err := note.Open([]byte(text), note.VerifierList(verifier)); err != nil {
		v.find(fileCheckpoint, "not signed by %s (%s): %v", verifier.Name(), from, err)
		return false
	}
	return true
}

// checkConsistency checks that the earlier checkpoints listed are beginnings
// of the pack's tree.
func (v *verification) checkConsistency() {
	eachLine(v, fileConsistency, func(n int, line consistencyLine) {
		if v.checkpoint == nil {
			return
		}
		v.earlier = append(v.earlier, line)
		if err := v.checkEarlier(line); err != nil {
			v.find(fileConsistency, "line %d: the checkpoint of %d records is no beginning of this ledger: %v", n, line.Size, err)
		}
	})
}

func (v *verification) checkEarlier(line consistencyLine) error {
	root, err := tlog.ParseHash(line.Root)
	if err != nil {
		return errors.New("malformed root")
	}
	if line.Size < 1 || line.Size > v.checkpoint.size {
		return errors.New("size out of range")
	}
	if err := tlog.CheckTree(line.Proof, v.checkpoint.size, v.checkpoint.root, line.Size, root); err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	return nil
}

// checkGiven ties the pack to the checkpoint the reader trusts.
func (v *verification) checkGiven() {
	if v.opts.Checkpoint == "" || v.checkpoint == nil {
		return
	}
	given, err := parseCheckpoint(v.opts.Checkpoint)
	if err != nil {
		v.find(fileCheckpoint, "the checkpoint given: %v", err)
		return
	}
	if given.installation != v.checkpoint.installation {
		v.find(fileCheckpoint, "the checkpoint given is of installation %s, the pack of %s", given.installation, v.checkpoint.installation)
		return
	}
	if given.size == v.checkpoint.size && given.root == v.checkpoint.root {
		v.report.Signer = SignerProven
		return
	}
	found := given.size == v.checkpoint.size
	for _, line := range v.earlier {
		if line.Size != given.size {
			continue
		}
		found = true
		if line.Root == given.root.String() && v.checkEarlier(line) == nil {
			v.report.Signer = SignerProven
		}
	}
	switch {
	case v.report.Signer == SignerProven:
	case found:
		v.find(fileCheckpoint, "with %d records the ledger had another root than the checkpoint given: one of the two was rewritten", given.size)
	default:
		v.find(fileConsistency, "the pack has no proof for the checkpoint given (%d records; the pack's has %d): export it again after that checkpoint", given.size, v.checkpoint.size)
	}
}

// strictJSON reads one JSON value and refuses fields it does not know.
func strictJSON(b []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

// eachLine reads a file of JSON lines; lines that cannot be read are findings.
func eachLine[T any](v *verification, file string, use func(n int, value T)) {
	n := 0
	for line := range bytes.Lines(v.pack[file]) {
		n++
		var value T
		if err := strictJSON(line, &value); err != nil {
			v.find(file, "line %d cannot be read: %v", n, err)
			continue
		}
		use(n, value)
	}
}
