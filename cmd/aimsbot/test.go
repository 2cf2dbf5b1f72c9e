package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

type testCmd struct {
	Cover bool     `help:"Also say which conditions, rows, steps, deadlines and outcomes no scenario has shown."`
	Paths []string `arg:"" optional:"" name:"path" help:"Config folders, or *.test.yaml files in their playbooks/; without a path, the shipped playbooks."`
}

// testSuffix is how the names of files with scenarios end.
const testSuffix = ".test.yaml"

func (c *testCmd) Run(s *streams, g *globals) error {
	t := tested{sources: map[string][]byte{}, covers: map[string]*covered{}}
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{""}
	}
	for _, path := range paths {
		if err := t.add(path); err != nil {
			return err
		}
	}
	if err := t.play(context.Background()); err != nil {
		return err
	}
	if err := t.print(s.out, g.JSON, c.Cover); err != nil {
		return err
	}
	if len(t.problems) > 0 || (c.Cover && len(t.missing()) > 0) {
		return errFindings
	}
	return nil
}

// tested is what has been read, played and found so far.
type tested struct {
	sources  map[string][]byte
	problems source.Problems
	played   []*played
	covers   map[string]*covered // by playbook
	names    []string            // of the playbooks, in the order met
	shelves  sync.Map            // by config
}

// played is one scenario with the folder it is played in.
type played struct {
	scenario.Scenario
	file   string
	config *config
	failed bool
}

// add reads the scenarios of a path.
func (t *tested) add(path string) error {
	if path == "" {
		return t.addConfig("", "")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrongUsage("there is no file or folder %s", path)
	case err != nil:
		return wrongUsage("%w", err)
	case info.IsDir():
		return t.addConfig(path, "")
	}
	dir := filepath.Dir(path)
	if !strings.HasSuffix(path, testSuffix) || filepath.Base(dir) != "playbooks" {
		return wrongUsage("%s is no file of scenarios in a config folder: those are playbooks/*%s", path, testSuffix)
	}
	return t.addConfig(filepath.Dir(dir), path)
}

// addConfig reads a config folder with its scenarios, or with those of one file.
// Shipped playbooks that are not replaced have their own scenarios, which are
// played in the sample organisation.
func (t *tested) addConfig(dir, only string) error {
	c, problems, err := loadConfig(dir)
	if err != nil {
		return wrongUsage("%w", err)
	}
	for name, text := range c.sources {
		t.sources[name] = text
	}
	if t.problems = append(t.problems, problems...); len(problems) > 0 {
		return nil // a playbook with a problem is never run
	}
	if dir != "" {
		own, err := testFiles(dir)
		if err != nil {
			return err
		}
		for _, f := range own {
			if only == "" || f.Name == filepath.Clean(only) {
				t.read(c, f.Name, f.Source)
			}
		}
	}
	if only != "" {
		return nil
	}
	shipped := c
	if dir != "" {
		if shipped, _, err = loadConfig(""); err != nil {
			return err
		}
	}
	for _, f := range library.Scenarios() {
		name := strings.TrimSuffix(f.Name, testSuffix)
		if l, ok := c.named(name); ok && strings.HasPrefix(l.file, "library/") {
			t.read(shipped, "library/"+f.Name, f.Source)
		}
	}
	return nil
}

// testFiles reads the scenarios of a config folder.
func testFiles(dir string) ([]library.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "playbooks", "*"+testSuffix))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	var out []library.File
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		out = append(out, library.File{Name: n, Source: b})
	}
	return out, nil
}

func (t *tested) read(c *config, file string, src []byte) {
	t.sources[file] = src
	w := scenario.World{Names: c.names(), Organisation: c.organisationFiles(), Playbook: func(name string) *playbooks.Playbook {
		l, _ := c.named(name)
		return l.playbook
	}}
	list, problems := scenario.Read(file, src, w)
	t.problems = append(t.problems, problems...)
	for _, s := range list {
		t.played = append(t.played, &played{Scenario: s, file: file, config: c})
		if t.covers[s.Playbook] == nil {
			t.covers[s.Playbook] = newCovered(w.Playbook(s.Playbook))
			t.names = append(t.names, s.Playbook)
		}
	}
}

// organisationFiles are the files that make the organisation.
func (c *config) organisationFiles() []org.File {
	var out []org.File
	for name, text := range c.sources {
		if fileKind(name) == "organisation" {
			out = append(out, org.File{Name: name, Source: text})
		}
	}
	return out
}

// play plays all scenarios, as many at once as there are processors.
func (t *tested) play(ctx context.Context) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	todo := make(chan *played)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for one := range todo {
				problems, err := t.playOne(ctx, one)
				mu.Lock()
				one.failed = len(problems) > 0
				t.problems = append(t.problems, problems...)
				if err != nil && failed == nil {
					failed = fmt.Errorf("%s: %s: %w", one.file, one.Name, err)
				}
				mu.Unlock()
			}
		})
	}
	for _, one := range t.played {
		todo <- one
	}
	close(todo)
	wg.Wait()
	t.problems.Sort()
	return failed
}
