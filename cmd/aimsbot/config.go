package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// config is a config folder as read: everything a bot decides by.
type config struct {
	organisation org.Organisation
	programme    org.Programme
	rules        *playbooks.Rules  // shipped and own; own ones win
	playbooks    []loaded          // shipped and own, by name; own ones win
	bases        *playbooks.Bases  // what playbooks may extend: own ones are looked up first
	sources      map[string][]byte // file name -> text, for showing problems
}

// loaded is one playbook with its text.
type loaded struct {
	file     string
	source   []byte
	playbook *playbooks.Playbook
	// lacks says why a shipped playbook that nothing here uses cannot run in this
	// organisation: it may lack a role. Empty = it can.
	lacks source.Problems
}

// runs tells whether the playbook can have runs here.
func (l loaded) runs() bool { return !l.playbook.Abstract && len(l.lacks) == 0 }

// why is what people are told who want a run of a playbook that has none.
func (l loaded) why() string {
	if l.playbook.Abstract {
		return fmt.Sprintf("`%s` is only there for other playbooks to build on (`abstract: true`), and is never run itself.", l.playbook.Name)
	}
	return fmt.Sprintf("`%s` cannot run here yet. %s", l.playbook.Name, strings.Join(lacking(l.lacks), " "))
}

// demoFolder is the name of the demo's config folder, which is built in.
const demoFolder = "demo:"

// loadConfig reads a config folder; "" is the shipped playbooks with the sample
// organisation. Problems are what is wrong in the files; the error is a folder or
// file that cannot be read.
func loadConfig(dir string) (*config, source.Problems, error) {
	files, err := configFiles(dir)
	if err != nil {
		return nil, nil, err
	}
	c := &config{sources: map[string][]byte{}}
	shipped, ps := playbooks.ParseRules("library/rules.yaml", library.Rules())
	c.rules, c.sources["library/rules.yaml"] = shipped, library.Rules()
	var organisation []org.File
	var own []playbooks.File
	for _, f := range files {
		c.sources[f.Name] = f.Source
		switch kind := fileKind(f.Name); kind {
		case "organisation":
			organisation = append(organisation, org.File{Name: f.Name, Source: f.Source})
		case "programme":
			p, problems := org.ParseProgramme(f.Name, f.Source)
			c.programme = p
			ps = append(ps, problems...)
		case "rules":
			r, problems := playbooks.ParseRules(f.Name, f.Source)
			c.rules = r.Over(c.rules)
			ps = append(ps, problems...)
		case "playbook":
			own = append(own, playbooks.File(f))
		}
	}
	if len(organisation) == 0 {
		return nil, nil, fmt.Errorf("%s has no organisation.yaml", dir)
	}
	o, problems := org.ParseOrganisation(organisation)
	c.organisation = o
	ps = append(ps, problems...)
	known := &c.organisation
	if slices.ContainsFunc(problems, source.Problem.Unreadable) {
		known = nil // nobody is known: each name in a playbook would be one more problem
	}
	ours := shippedPlaybooks()
	c.bases = playbooks.NewBases(slices.Concat(own, ours)...)
	for _, f := range ours {
		c.sources[f.Name] = f.Source
	}
	for _, f := range ours {
		ps = append(ps, c.addShipped(f, known)...)
	}
	for _, f := range own {
		ps = append(ps, c.add(f, known)...)
	}
	ps = append(ps, c.checkStarted()...)
	ps = append(ps, c.checkProgramme()...)
	ps.Sort()
	return c, ps, nil
}

// add checks a playbook and puts it in the place of one with the same name.
// Whom it names is looked up in o; nil = not.
func (c *config) add(f playbooks.File, o *org.Organisation) source.Problems {
	p, ps := playbooks.CheckWith(f, c.bases, o, c.rules)
	return c.put(f, p, ps)
}

// put puts a playbook in the place of one with the same name; nil = it could not
// be read.
func (c *config) put(f playbooks.File, p *playbooks.Playbook, ps source.Problems) source.Problems {
	if p == nil {
		return ps
	}
	l := loaded{file: f.Name, source: f.Source, playbook: p}
	if i := slices.IndexFunc(c.playbooks, func(x loaded) bool { return x.playbook.Name.V == p.Name.V }); i >= 0 {
		c.playbooks[i] = l
	} else {
		c.playbooks = append(c.playbooks, l)
	}
	return ps
}

// addShipped checks a shipped playbook. Where nothing uses it the organisation need
// not have whom it names: then it has no runs.
func (c *config) addShipped(f playbooks.File, o *org.Organisation) source.Problems {
	p, ps := c.checkShipped(f, o)
	ps = c.put(f, p, ps)
	name := strings.TrimSuffix(filepath.Base(f.Name), filepath.Ext(f.Name))
	i := slices.IndexFunc(c.playbooks, func(l loaded) bool { return l.playbook.Name.V == name })
	if i < 0 || c.scheduled(name) {
		return ps
	}
	c.playbooks[i].lacks = ps
	return nil
}

// scheduled tells whether the programme starts a playbook.
func (c *config) scheduled(name string) bool {
	return slices.ContainsFunc(c.programme.Entries, func(e org.Entry) bool { return e.Playbook == name })
}

// named returns the playbook of that name.
func (c *config) named(name string) (loaded, bool) {
	i := slices.IndexFunc(c.playbooks, func(l loaded) bool { return l.playbook.Name.V == name })
	if i < 0 {
		return loaded{}, false
	}
	return c.playbooks[i], true
}

// known lists all playbooks there are.
func (c *config) known() (out []string) {
	for _, l := range c.playbooks {
		out = append(out, l.playbook.Name.V)
	}
	return out
}

// names lists the playbooks that have runs.
func (c *config) names() []string {
	var out []string
	for _, l := range c.playbooks {
		if l.runs() {
			out = append(out, l.playbook.Name.V)
		}
	}
	slices.Sort(out)
	return out
}

func (c *config) checkProgramme() source.Problems {
	var ps source.Problems
	for i := range c.programme.Entries {
		e := &c.programme.Entries[i]
		if e.Every != "" {
			cadence, problems := c.rules.Cadence(source.Str{V: e.Every, Pos: e.EveryPos})
			e.Cadence = cadence
			ps = append(ps, problems...)
		}
		if l, ok := c.named(e.Playbook); ok && l.playbook.Abstract {
			ps.Add(e.PlaybookPos, "programme-playbook", "%s Playbooks: %s.", l.why(), strings.Join(c.names(), ", "))
		} else if !ok {
			ps.Add(e.PlaybookPos, "programme-playbook", "There is no playbook `%s`.%s Playbooks: %s.", e.Playbook, source.DidYouMean(e.Playbook, c.known()), strings.Join(c.names(), ", "))
		}
		for _, l := range c.playbooks {
			if l.playbook.Name.V != e.Playbook {
				continue
			}
			if _, err := l.playbook.ReadInput(nil, c.organisation.Profile.Zone, started); err != nil {
				ps.Add(e.PlaybookPos, "programme-input", "The programme cannot start `%s`: %s Make these optional, or have people start it.", e.Playbook, err)
			}
			if at := l.playbook.AsksStarter(); !at.Empty() {
				ps.Add(e.PlaybookPos, "programme-starter", "The programme cannot start `%s`: it asks whoever started the run (`%s` on line %d), and the programme is nobody. Name a role there, give that step `when: has(run.by)`, or have people start it.", e.Playbook, at, at.Pos.Line)
			}
		}
		var about *playbooks.Playbook
		if l, ok := c.named(e.Playbook); ok {
			about = l.playbook
		}
		subjects := c.organisation.Subjects(about.About())
		if len(subjects) == 0 {
			continue
		}
		if _, err := playbooks.Selects(e.For, c.organisation, subjects[0], started); err != nil {
			ps.Add(e.ForPos, "programme-for", "%v", err)
		}
	}
	return ps
}

// configFiles reads the files of a config folder in order of name.
func configFiles(dir string) ([]library.File, error) {
	switch dir {
	case "":
		return library.Sample(), nil
	case demoFolder:
		return slices.DeleteFunc(library.Demo(), func(f library.File) bool { return strings.HasSuffix(f.Name, testSuffix) }), nil
	}
	var out []library.File
	for _, pattern := range []string{"organisation.yaml", "organisation/*.yaml", "programme.yaml", "rules.yaml", "playbooks/*.yaml"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", dir, err)
		}
		for _, n := range names {
			if strings.HasSuffix(n, testSuffix) {
				continue
			}
			b, err := os.ReadFile(n)
			if err != nil {
				return nil, err
			}
			out = append(out, library.File{Name: n, Source: b})
		}
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no config folder %s", dir)
	}
	return out, nil
}

func fileKind(name string) string {
	base, parent := filepath.Base(name), filepath.Base(filepath.Dir(name))
	switch {
	case parent == "playbooks":
		return "playbook"
	case parent == "organisation" || base == "organisation.yaml":
		return "organisation"
	case base == "programme.yaml":
		return "programme"
	case base == "rules.yaml":
		return "rules"
	}
	return ""
}
