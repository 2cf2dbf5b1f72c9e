package port

import "time"

// RunHold keeps steps of a run from being opened. It is never removed: a run
// that goes back keeps it, in place or lifted.
type RunHold struct {
	Step   string   `json:"step"` // the task that placed it
	Title  string   `json:"title"`
	Round  int      `json:"round"`
	Blocks []string `json:"blocks"`
	Until  string   `json:"until"` // the step that lifts it
	// Waiting are the steps the run has come to that wait for it now.
	Waiting  []string  `json:"waiting,omitempty"`
	PlacedAt time.Time `json:"placed_at"`
	LiftedAt time.Time `json:"lifted_at,omitzero"`
}

// HeldUp are the steps that wait for a hold now, each once.
func (s *RunState) HeldUp() []string {
	var out []string
	seen := map[string]bool{}
	for _, h := range s.Holds {
		for _, id := range h.Waiting {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}
