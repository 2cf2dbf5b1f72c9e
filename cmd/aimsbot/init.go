package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aimsbot/aimsbot/playbooks/library"
)

type initCmd struct {
	Dir string `arg:"" name:"dir" help:"The new config folder, best one kept in git. It is made when it is not there."`
}

// Run writes the files a config folder begins with. It never touches what is
// there: that would be somebody's organisation.
func (c *initCmd) Run(s *streams) error {
	there, err := configFilesIn(c.Dir)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return wrongUsage("%s has %s already; nothing was written. Choose another folder, or go on with `aimsbot lint %s`", c.Dir, and(there), c.Dir)
	}
	for _, f := range library.Init() {
		name := filepath.Join(c.Dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return wrongUsage("%w", err)
		}
		if err := writeNew(name, f.Source); err != nil {
			return err
		}
		say(s.out, "Wrote %s", name)
	}
	fmt.Fprintf(s.out, `
Next, with your own people and systems in organisation.yaml:
1. aimsbot lint %[1]s             says what is wrong in the files, and what to write instead
2. aimsbot test %[1]s             plays the scenarios of your playbooks and the shipped ones
3. aimsbot demo --config %[1]s    plays your playbooks with a fake Slack and Jira, in the browser
4. aimsbot doctor --config %[1]s  says what is still missing for the real Slack and Jira; then aimsbot serve
`, tame(c.Dir))
	return nil
}

// configFilesIn names what a config folder has of the files init would write,
// and of the files that would be read together with them.
func configFilesIn(dir string) ([]string, error) {
	names := []string{"organisation"} // a folder with the same in parts
	for _, f := range library.Init() {
		names = append(names, f.Name)
	}
	var there []string
	for _, name := range names {
		_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name)))
		switch {
		case err == nil:
			there = append(there, name)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, wrongUsage("%w", err)
		}
	}
	return there, nil
}

// writeNew writes a file that is not there yet.
func writeNew(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return wrongUsage("%w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
