package main

import (
	"fmt"
	"os"
)

// lookAtTokens sees whether the tokens of the sources that the organisation file
// names are set. The sources themselves are asked when a step needs them.
func (d *doctor) lookAtTokens() {
	if d.config == nil {
		return
	}
	for _, s := range d.config.organisation.Sources {
		name := "source " + s.ID
		switch {
		case s.Token == "":
			d.ok(name, "%s, asked without a token", s.URL)
		case os.Getenv(s.Token) == "":
			d.wrong(name, fmt.Sprintf("%s is not set, and the organisation file names it for %s", s.Token, s.URL), "Set "+s.Token+" in the environment of `aimsbot serve`.")
		default:
			d.ok(name, "%s, with the token of %s", s.URL, s.Token)
		}
	}
}
