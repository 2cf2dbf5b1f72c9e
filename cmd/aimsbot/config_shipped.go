package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// shippedChecks remembers what the checks of shipped playbooks came to, by all that
// they hang on: a reload that changes neither the organisation nor the rules need
// not read them anew, which takes most of its time.
var shippedChecks = struct {
	sync.Mutex
	of map[[sha256.Size]byte]shippedCheck
}{of: map[[sha256.Size]byte]shippedCheck{}}

type shippedCheck struct {
	playbook *playbooks.Playbook
	problems source.Problems
}

// shippedChecksKept bounds what is remembered: the library for some versions of
// the organisation.
const shippedChecksKept = 100

// checkShipped is playbooks.CheckWith of a shipped playbook.
func (c *config) checkShipped(f playbooks.File, o *org.Organisation) (*playbooks.Playbook, source.Problems) {
	if o == nil || o.Digest == "" { // it has problems itself, and nothing tells it from another
		return playbooks.CheckWith(f, c.bases, o, c.rules)
	}
	key := c.shippedKey(f, o)
	shippedChecks.Lock()
	defer shippedChecks.Unlock()
	if k, ok := shippedChecks.of[key]; ok {
		return k.playbook, slices.Clone(k.problems)
	}
	p, ps := playbooks.CheckWith(f, c.bases, o, c.rules)
	if len(shippedChecks.of) >= shippedChecksKept {
		clear(shippedChecks.of)
	}
	shippedChecks.of[key] = shippedCheck{p, slices.Clone(ps)}
	return p, ps
}

// shippedKey is a digest of all that the check hangs on. Of the organisation's own
// playbooks only those count that a shipped one could build on.
func (c *config) shippedKey(f playbooks.File, o *org.Organisation) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q", f.Name, o.Digest)
	names := make([]string, 0, len(c.sources))
	for name := range c.sources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if c.baseOfShipped(name) || strings.HasSuffix(name, "rules.yaml") {
			fmt.Fprintf(h, " %q %q", name, c.sources[name])
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// baseOfShipped tells whether a file is of the library, or may take the place of
// one that is.
func (c *config) baseOfShipped(name string) bool {
	if strings.HasPrefix(name, shippedFolder) {
		return true
	}
	return slices.ContainsFunc(shippedPlaybooks(), func(s playbooks.File) bool {
		base := strings.TrimSuffix(strings.TrimPrefix(s.Name, shippedFolder), ".yaml")
		return fileKind(name) == "playbook" && bytes.Contains(c.sources[name], []byte(base))
	})
}
