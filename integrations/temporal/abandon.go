package temporal

import (
	"fmt"
	"slices"
	"sync"
)

var (
	abandonedLock sync.Mutex
	abandoned     []string
)

// abandon notes that a server did not come to its end: it has no way of taking
// back a start that failed half way.
func abandon(what string, why error) {
	abandonedLock.Lock()
	defer abandonedLock.Unlock()
	abandoned = append(abandoned, fmt.Sprintf("%s of an embedded Temporal server was given up: %v", what, why))
}

// Abandoned names the servers of this process whose start or stop was given
// up. What they left running ends with the process.
func Abandoned() []string {
	abandonedLock.Lock()
	defer abandonedLock.Unlock()
	return slices.Clone(abandoned)
}
