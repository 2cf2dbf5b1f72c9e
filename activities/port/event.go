package port

import (
	"fmt"
	"time"
)

// Event is something that happened and may begin runs: an alert, a complaint, a
// system that the organisation file names for the first time. It is kept before
// it is acknowledged.
type Event struct {
	ID int64 // in the order of keeping, from 1
	// Key makes a repeated delivery the same event.
	Key  string
	Name string // such as alert.received
	// Kind and Subject are what it is about; empty where that is not known.
	Kind    string
	Subject string
	At      time.Time      // when we knew
	Values  map[string]any // plain values by name
	By      string         // person id; empty = nobody raised it by hand
	Door    string         // EventDoor*
	Run     string         // whose work it follows from
}

// Where events come from.
const (
	EventDoorHook         = "hook"
	EventDoorCLI          = "cli"
	EventDoorSlack        = "slack"
	EventDoorOrganisation = "organisation" // another version of the organisation file
	EventDoorRun          = "run"
	EventDoorProgramme    = "programme"
)

// How an event and a run stand to each other.
const (
	EventStarted = "started" // it began the run
	EventCounted = "counted" // the run began because it came often enough
	EventJoined  = "joined"  // the run was open already
	EventFailed  = "failed"  // no run could be started: Reason
)

// EventRun is what an event led to by one playbook. The first stands.
type EventRun struct {
	Event    int64
	Playbook string
	Run      string // empty where none could be started
	How      string
	Reason   string
	At       time.Time
}

// KindEventReceived is the kind of the record of an event.
const KindEventReceived = "event.received"

// Record is the entry of the ledger that an event was kept.
func (e Event) Record() Record {
	about := ""
	if e.Subject != "" {
		about = e.Kind + ":" + e.Subject
	}
	return Record{
		Key: RecordKey(Place{}, KindEventReceived, e.Key, 0), Kind: KindEventReceived, At: e.At, Actor: e.By, Subject: e.Subject,
		Header: map[string]string{"event": e.Name, "about": about, "door": e.Door, "by_run": e.Run}, Body: map[string]any{"values": e.Values},
	}
}

// About says what an event is about, for people.
func (e Event) About() string {
	if e.Subject == "" {
		return "nothing that is known here"
	}
	return fmt.Sprintf("the %s %s", e.Kind, e.Subject)
}

// Alert is one alert as a monitoring system sends it.
type Alert struct {
	Status      string // firing | resolved
	Labels      map[string]string
	Annotations map[string]string
	StartsAt    time.Time
	EndsAt      time.Time
	Link        string
	Fingerprint string // of its labels
}
