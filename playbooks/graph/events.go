package graph

import (
	"fmt"
	"strings"
)

// events draws what begins the run by itself, with the condition on its way.
func (d *drawing) events() {
	if d.p.Starts == nil {
		return
	}
	for i, e := range d.p.Starts.Events {
		id := fmt.Sprintf("event%d", i+1)
		text := e.Event.V
		if e.Count > 0 {
			text = fmt.Sprintf("%d times %s within %s", e.Count, e.Event, e.Within)
		}
		d.node(id, flag, text)
		d.join([]exit{{from: id, label: strings.TrimSpace(e.Where.V)}}, "start")
	}
}
