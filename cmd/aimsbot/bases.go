package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// shippedFolder is where messages say that the playbooks of the library are.
const shippedFolder = "library/"

// shippedPlaybooks are the playbooks of the library, under the names that
// messages give them.
func shippedPlaybooks() []playbooks.File {
	var out []playbooks.File
	for _, f := range library.Playbooks() {
		out = append(out, playbooks.File{Name: shippedFolder + f.Name, Source: f.Source})
	}
	return out
}

// basesBeside are the playbooks that one file, read alone, may extend: those in
// its folder, then the shipped ones. A file beside it that cannot be read is
// none.
func basesBeside(path string, src []byte) []playbooks.File {
	out := []playbooks.File{{Name: path, Source: src}}
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.yaml"))
	for _, name := range names {
		if strings.HasSuffix(name, ".test.yaml") || name == filepath.Clean(path) {
			continue
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > source.MaxBytes {
			continue
		}
		if b, err := os.ReadFile(name); err == nil {
			out = append(out, playbooks.File{Name: name, Source: b})
		}
	}
	return append(out, shippedPlaybooks()...)
}

// textsOf are the files as problems are printed with.
func textsOf(files []playbooks.File) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Name] = f.Source
	}
	return out
}
