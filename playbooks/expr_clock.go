package playbooks

// The states of a clock.
const (
	ClockRunning   = "running"
	ClockShadow    = "shadow" // runs for show, because the deadline is somebody else's
	ClockStopped   = "stopped"
	ClockStoodDown = "stood_down"
	ClockMissed    = "missed"
)

var clockState = choiceOf("the state of a clock", ClockRunning, ClockShadow, ClockStopped, ClockStoodDown, ClockMissed)

// clockShape is what a clock leaves behind, and keeps up to date.
func clockShape(name string) *shape {
	return objectOf(name,
		field{name: "due", shape: datetimeShape},
		field{name: "state", shape: clockState},
		field{name: "settled", shape: boolShape},
	)
}

// clocksShape is run.clocks: every clock that has started.
func clocksShape() *shape {
	return listOf(objectOf("a clock",
		field{name: "id", shape: textShape},
		field{name: "state", shape: clockState},
		field{name: "due", shape: datetimeShape},
	))
}

// clock lists the expressions of a clock.
func (c *siteList) clock(k *Clock) {
	c.add(siteMoment, "from", k.From)
	c.add(sitePeople, "owner", k.Owner...)
	c.add(siteStandDown, "stand_down", k.StandDown)
	if k.Shadow != nil {
		c.add(siteWhen, "when", k.Shadow.When)
	}
	if k.Extend != nil {
		c.add(siteStandDown, "when", k.Extend.When)
	}
}
