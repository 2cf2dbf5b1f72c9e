package main

import "runtime/debug"

type versionCmd struct{}

// versionJSON is what is known of how the program was built.
type versionJSON struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a tree with changes
	Go       string `json:"go"`
}

func (c *versionCmd) Run(s *streams, g *globals) error {
	v := builtAs()
	if g.JSON {
		return printJSON(s.out, v)
	}
	text := "aimsbot " + v.Version
	if v.Commit != "" {
		text += ", commit " + v.Commit
	}
	if v.Modified {
		text += " with changes"
	}
	say(s.out, "%s, %s", text, v.Go)
	return nil
}

func builtAs() versionJSON {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versionJSON{Version: "unknown"}
	}
	v := versionJSON{Version: info.Main.Version, Go: info.GoVersion}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
