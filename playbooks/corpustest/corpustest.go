// Package corpustest keeps what fuzz tests start from: for each target one
// archive testdata/corpus/NAME.zip of what really crossed the border that the
// target watches. The archives are made anew by `make corpus`.
package corpustest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Least is how many different files a corpus has.
const Least = 200

// maxFile bounds one file of a corpus, in bytes.
const maxFile = 4 << 20

// File is one thing that crossed the border. Kind says which door it took, for
// targets that have several; it is the folder within the archive.
type File struct {
	Kind string
	Body []byte
}

func (f File) sum() [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte(f.Kind), 0), f.Body...))
}

// Fuzz is what is needed of *testing.F. No package but tests imports testing.
type Fuzz interface {
	Helper()
	Fatal(args ...any)
	Add(args ...any)
}

// Add gives the target every file of the corpus. It fails when there are fewer
// than Least different ones.
func Add(f Fuzz, name string, args func(File) []any) {
	f.Helper()
	files, err := Read(filepath.Join("testdata", "corpus", name+".zip"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(args(file)...)
	}
}

// Bytes and Text are the arguments of targets that take the file alone.
func Bytes(f File) []any { return []any{f.Body} }

// Text is Bytes for targets that take a string.
func Text(f File) []any { return []any{string(f.Body)} }

// Read reads an archive and counts its different files.
func Read(path string) ([]File, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	defer func() { _ = z.Close() }() // it was only read
	seen := map[[sha256.Size]byte]bool{}
	var out []File
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("corpus %s: %w", path, err)
		}
		b, err := io.ReadAll(io.LimitReader(r, maxFile))
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("corpus %s: %s: %w", path, entry.Name, err)
		}
		f := File{Body: b}
		if dir := filepath.ToSlash(filepath.Dir(entry.Name)); dir != "." {
			f.Kind = dir
		}
		if !seen[f.sum()] {
			seen[f.sum()] = true
			out = append(out, f)
		}
	}
	if len(out) < Least {
		return nil, fmt.Errorf("corpus %s: %d different files, and there should be %d; make it anew with: make corpus", path, len(out), Least)
	}
	return out, nil
}

// Write writes the different ones of files, at most of them spread evenly, as
// an archive and tells how many they were.
func Write(path string, files []File, most int) (int, error) {
	seen := map[[sha256.Size]byte]bool{}
	var distinct []File
	for _, f := range files {
		if !seen[f.sum()] {
			seen[f.sum()] = true
			distinct = append(distinct, f)
		}
	}
	n := min(len(distinct), most)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		f := distinct[i*len(distinct)/n]
		w, err := z.Create(filepath.ToSlash(filepath.Join(f.Kind, fmt.Sprintf("%04d", i))))
		if err == nil {
			_, err = w.Write(f.Body)
		}
		if err != nil {
			return 0, fmt.Errorf("corpus %s: %w", path, err)
		}
	}
	if err := z.Close(); err != nil {
		return 0, fmt.Errorf("corpus %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, fmt.Errorf("corpus %s: %w", path, err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return 0, fmt.Errorf("corpus %s: %w", path, err)
	}
	return n, nil
}
