package port

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Delta is what changed between two states of a run. Lists hold whole entries
// that are new or different; Drop lists hold the keys of entries now gone.
type Delta struct {
	// Scalars is the state without its lists.
	Scalars      RunState     `json:"scalars"`
	Done         []StepResult `json:"done,omitempty"`
	Previous     []StepResult `json:"previous,omitempty"`
	Open         []OpenStep   `json:"open,omitempty"`
	DropDone     []string     `json:"drop_done,omitempty"`
	DropPrevious []string     `json:"drop_previous,omitempty"`
	DropOpen     []string     `json:"drop_open,omitempty"`
}

func resultKey(r StepResult) string { return r.Step + "/" + r.Item }
func openKey(o OpenStep) string     { return o.Step + "/" + o.Item }

// Diff returns the delta that turns before into after.
func Diff(before, after RunState) (Delta, error) {
	d := Delta{Scalars: after}
	d.Scalars.Done, d.Scalars.Previous, d.Scalars.Open = nil, nil, nil
	var err error
	if d.Done, d.DropDone, err = diffList(before.Done, after.Done, resultKey); err != nil {
		return Delta{}, err
	}
	if d.Previous, d.DropPrevious, err = diffList(before.Previous, after.Previous, resultKey); err != nil {
		return Delta{}, err
	}
	d.Open, d.DropOpen, err = diffList(before.Open, after.Open, openKey)
	return d, err
}

// Apply returns the state with the delta applied. Entries keep their order:
// changed ones stay where they are, new ones go to the end.
func (s RunState) Apply(d Delta) RunState {
	out := d.Scalars
	out.Done = applyList(s.Done, d.Done, d.DropDone, resultKey)
	out.Previous = applyList(s.Previous, d.Previous, d.DropPrevious, resultKey)
	out.Open = applyList(s.Open, d.Open, d.DropOpen, openKey)
	return out
}

// Clone returns a copy that shares nothing with s.
func (s RunState) Clone() (RunState, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return RunState{}, fmt.Errorf("copy the run's state: %w", err)
	}
	var out RunState
	if err := json.Unmarshal(b, &out); err != nil {
		return RunState{}, fmt.Errorf("copy the run's state: %w", err)
	}
	return out, nil
}

func diffList[T any](before, after []T, key func(T) string) (changed []T, dropped []string, err error) {
	for _, a := range after {
		i := slices.IndexFunc(before, func(b T) bool { return key(b) == key(a) })
		same := false
		if i >= 0 {
			if same, err = equalJSON(before[i], a); err != nil {
				return nil, nil, err
			}
		}
		if !same {
			changed = append(changed, a)
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(after, func(a T) bool { return key(a) == key(b) }) {
			dropped = append(dropped, key(b))
		}
	}
	return changed, dropped, nil
}

func applyList[T any](list, changed []T, dropped []string, key func(T) string) []T {
	var out []T
	for _, e := range list {
		if !slices.Contains(dropped, key(e)) {
			out = append(out, e)
		}
	}
	for _, c := range changed {
		if i := slices.IndexFunc(out, func(e T) bool { return key(e) == key(c) }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

func equalJSON(a, b any) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("compare states: %w", err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("compare states: %w", err)
	}
	return bytes.Equal(x, y), nil
}
