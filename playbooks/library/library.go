// Package library holds the playbooks shipped with Aimsbot.
package library

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
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
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("read the embedded playbooks: %v", err)) // cannot happen: the folder is in the binary
	}
	var out []File
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".test.yaml") {
			continue
		}
		b, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("read the embedded playbook %s: %v", e.Name(), err)) // cannot happen
		}
		out = append(out, File{Name: e.Name(), Source: b})
	}
	return out
}
