// Package library holds the playbooks shipped with Aimsbot.
package library

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed *.yaml demo/*.yaml demo/playbooks/*.yaml init/*.yaml init/playbooks/*.yaml
var files embed.FS

// File is one shipped playbook. Name is its file name, such as
// "impact-assessment.yaml".
type File struct {
	Name   string
	Source []byte
}

// Playbooks returns the shipped playbooks in order of name, without their
// scenarios (*.test.yaml).
func Playbooks() []File {
	var out []File
	for _, f := range read(".") {
		if !strings.HasSuffix(f.Name, ".test.yaml") && f.Name != rulesFile {
			out = append(out, f)
		}
	}
	return out
}

// Scenarios returns the scenarios of the shipped playbooks in order of name, such
// as "impact-assessment.test.yaml".
func Scenarios() []File {
	var out []File
	for _, f := range read(".") {
		if strings.HasSuffix(f.Name, ".test.yaml") {
			out = append(out, f)
		}
	}
	return out
}

// Rules returns the shipped rule data.
func Rules() []byte {
	b, err := files.ReadFile(rulesFile)
	if err != nil {
		panic(fmt.Sprintf("read the embedded rules: %v", err)) // cannot happen: the file is in the binary
	}
	return b
}

const rulesFile = "rules.yaml"

// Sample returns the sample organisation and its programme, which the shipped
// playbooks are checked and played with: organisation.yaml and programme.yaml.
func Sample() []File { return read("demo") }

// Demo returns the files of the demo's config folder: the sample organisation, and
// the small playbook of the README in the place of the shipped one of its name.
func Demo() []File { return folder("demo") }

// Init returns the files that a new config folder begins with; names have the
// folder in them, such as "playbooks/new-use-check.yaml".
func Init() []File { return folder("init") }

// folder reads a config folder.
func folder(dir string) []File {
	files := read(dir)
	for _, f := range read(dir + "/playbooks") {
		files = append(files, File{Name: "playbooks/" + f.Name, Source: f.Source})
	}
	return files
}

func read(dir string) []File {
	entries, err := files.ReadDir(dir)
	if err != nil {
		panic(fmt.Sprintf("read the embedded playbooks: %v", err)) // cannot happen: the folder is in the binary
	}
	var out []File
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			panic(fmt.Sprintf("read the embedded playbook %s: %v", e.Name(), err)) // cannot happen
		}
		out = append(out, File{Name: e.Name(), Source: b})
	}
	return out
}
