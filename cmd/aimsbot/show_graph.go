package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/graph"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// draw prints a playbook as a flowchart. Whom it names is not looked up, so that
// a playbook can be drawn before its people are in the organisation file.
func (c *showCmd) draw(s *streams, g *globals) error {
	f, bases, rules, err := playbookText(c.RunID, c.Config)
	if err != nil {
		return err
	}
	p, problems := playbooks.CheckWith(f, playbooks.NewBases(bases...), nil, rules)
	if len(problems) > 0 {
		if err := problems.Print(s.err, textsOf(append(bases, f))); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		say(s.err, "aimsbot: nothing was drawn: %s has %s.", f.Name, counted(len(problems), "problem"))
		return errFindings
	}
	text := graph.Mermaid(p)
	if g.JSON {
		return printJSON(s.out, map[string]string{"playbook": p.Name.V, "mermaid": text})
	}
	_, err = fmt.Fprint(s.out, text)
	return err
}

// playbookText finds a playbook by its file, or by its name among the shipped
// ones and those of a config folder, with the playbooks it may extend and the
// rules it may read.
func playbookText(name, dir string) (f playbooks.File, bases []playbooks.File, rules *playbooks.Rules, err error) {
	c, problems, err := loadConfig(dir)
	if err != nil {
		return f, nil, nil, wrongUsage("%w", err)
	}
	if strings.ContainsRune(name, filepath.Separator) || slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)) {
		src, err := os.ReadFile(name)
		if err != nil {
			return f, nil, nil, wrongUsage("%w", err)
		}
		return playbooks.File{Name: name, Source: src}, basesBeside(name, src), c.rules, nil
	}
	if l, ok := c.named(name); ok {
		return playbooks.File{Name: l.file, Source: l.source}, c.bases.Files(), c.rules, nil
	}
	hint := "give its file, or its config folder with --config"
	if len(problems) > 0 {
		hint = fmt.Sprintf("`aimsbot lint %s` says what is wrong in its files", dir)
	} else if dir != "" {
		hint = "give its file"
	}
	return f, nil, nil, wrongUsage("there is no playbook %s.%s Playbooks: %s. If it is another one, %s",
		tame(name), source.DidYouMean(name, c.names()), strings.Join(c.names(), ", "), hint)
}
