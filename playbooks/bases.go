package playbooks

import (
	"slices"
	"strings"
	"sync"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// File is the text of a file with the name that messages give it.
type File struct {
	Name   string
	Source []byte
}

// Bases are the playbooks that others may extend, in the order in which they
// are looked up: those of the organisation before the shipped ones. Nil holds
// none.
type Bases struct {
	files []File
	names func() []string // of the playbooks in files
}

// NewBases makes bases of files. They are read when the first playbook extends
// one; what is wrong in them is told where they are checked themselves.
func NewBases(files ...File) *Bases {
	return &Bases{files: files, names: sync.OnceValue(func() []string {
		var out []string
		for _, f := range files {
			root, _ := parseFile(f)
			name := ""
			if root != nil && root.Kind == source.Mapping {
				name = root.Get("playbook").Str().V
			}
			out = append(out, strings.TrimSpace(name))
		}
		return out
	})}
}

// Files returns the files, in the order in which they are looked up.
func (b *Bases) Files() []File { return slices.Clone(b.files) }

// Names lists the playbooks.
func (b *Bases) Names() []string {
	if b == nil {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(b.names()), func(name string) bool { return name == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// find returns the first file with the playbook of that name that is not among
// those read; known tells whether there is one at all.
func (b *Bases) find(name string, read []File) (f File, ok, known bool) {
	if b == nil {
		return f, false, false
	}
	for i, n := range b.names() {
		if n != name {
			continue
		}
		known = true
		if !slices.ContainsFunc(read, func(r File) bool { return r.Name == b.files[i].Name }) {
			return b.files[i], true, true
		}
	}
	return f, false, known
}
