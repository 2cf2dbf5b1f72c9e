package ledger

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The files of an evidence pack. Evidence documents are documents/<hex>.json.
const (
	fileManifest    = "manifest.json"
	fileRecords     = "records.jsonl"
	fileProofs      = "proofs.jsonl"
	fileConsistency = "consistency.jsonl"
	fileCheckpoint  = "checkpoint.txt"
	fileKey         = "key.txt"
	fileDefinition  = "definition.json"
	filePlaybook    = "playbook.yaml"
	filePage        = "index.html"
	folderDocuments = "documents"
)

// The most a pack may hold before it is refused unread. The largest run known
// makes under 5 MiB.
const (
	packFiles     = 5000
	packFileBytes = 64 << 20
	packBytes     = 256 << 20
)

var documentFile = regexp.MustCompile(`^documents/([0-9a-f]{64})\.json$`)

// fixedFiles are the files every pack has, manifest apart.
func fixedFiles() []string {
	return []string{fileRecords, fileProofs, fileConsistency, fileCheckpoint, fileKey, fileDefinition, filePlaybook, filePage}
}

// packName tells whether a file may be in a pack. Nothing is ever written at a
// name read from a pack, and no other name is opened.
func packName(name string) bool {
	return name == fileManifest || slices.Contains(fixedFiles(), name) || documentFile.MatchString(name)
}

// pack is an evidence pack in memory: file name -> content.
type pack map[string][]byte

// isZip tells by its name whether a pack is one file.
func isZip(path string) bool { return strings.EqualFold(filepath.Ext(path), ".zip") }

// writePack writes a pack as a folder, or as a zip file where the path ends in
// .zip. It appears whole or not at all, and never over something else.
func writePack(path string, p pack) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return fmt.Errorf("write the pack to %s: %w", path, err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(path), ".aimsbot-pack-*")
	if err != nil {
		return fmt.Errorf("write the pack: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	from := filepath.Join(tmp, "pack")
	if isZip(path) {
		err = writeZip(from, p)
	} else {
		err = writeFolder(from, p)
	}
	if err != nil {
		return fmt.Errorf("write the pack: %w", err)
	}
	if err := os.Rename(from, path); err != nil {
		return fmt.Errorf("write the pack: %w", err)
	}
	return nil
}

// writeFolder keeps the pack from other users of the machine: it names people.
func writeFolder(dir string, p pack) error {
	if err := os.MkdirAll(filepath.Join(dir, folderDocuments), 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for name, b := range p {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// writeZip writes the files in a fixed order without times, so that the same
// pack has the same bytes.
func writeZip(path string, p pack) error {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(p[name])
		}
		if err != nil {
			return fmt.Errorf("zip %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("zip: %w", err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the zip file: %w", err)
	}
	return nil
}

// readPack reads a pack written by anybody. Files that do not belong into one
// come back as findings, unread; limits are errors.
func readPack(path string) (pack, []Finding, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the pack: %w", err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read the pack: %w", err)
		}
		defer func() { _ = root.Close() }()
		return readFolder(root.FS())
	}
	if info.Size() > packBytes {
		return nil, nil, fmt.Errorf("read the pack: more than %d MiB", packBytes>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the pack: %w", err)
	}
	return readZip(b)
}

// reading gathers a pack's files under the limits.
type reading struct {
	pack     pack
	findings []Finding
	left     int64
	seen     int
}

func newReading() *reading { return &reading{pack: pack{}, left: packBytes} }

// add reads one file. Sizes said by the archive are not believed.
func (r *reading) add(name string, regular bool, open func() (io.ReadCloser, error)) error {
	if r.seen++; r.seen > packFiles {
		return fmt.Errorf("read the pack: more than %d files", packFiles)
	}
	if _, twice := r.pack[name]; twice || !regular || !packName(name) {
		r.findings = append(r.findings, Finding{File: name, Message: "this file does not belong into a pack; it was not read"})
		return nil
	}
	f, err := open()
	if err != nil {
		return fmt.Errorf("read %q of the pack: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	limit := min(packFileBytes, r.left)
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return fmt.Errorf("read %q of the pack: %w", name, err)
	}
	if int64(len(b)) > limit {
		return fmt.Errorf("read %q of the pack: a file may have %d MiB, all together %d MiB", name, packFileBytes>>20, packBytes>>20)
	}
	r.left -= int64(len(b))
	r.pack[name] = b
	return nil
}

func readFolder(files fs.FS) (pack, []Finding, error) {
	r := newReading()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read the pack: %w", err)
		}
		if d.IsDir() {
			if name != "." && name != folderDocuments {
				r.findings = append(r.findings, Finding{File: name, Message: "this folder does not belong into a pack; it was not read"})
				return fs.SkipDir
			}
			return nil
		}
		return r.add(name, d.Type().IsRegular(), func() (io.ReadCloser, error) { return files.Open(name) })
	})
	return r.pack, r.findings, err
}

func readZip(b []byte) (pack, []Finding, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, fmt.Errorf("read the pack: neither a folder nor a zip file: %w", err)
	}
	r := newReading()
	for _, f := range z.File {
		if err := r.add(f.Name, f.Mode().IsRegular(), f.Open); err != nil {
			return nil, nil, err
		}
	}
	return r.pack, r.findings, nil
}
