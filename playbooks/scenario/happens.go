package scenario

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// happensKeys are what may be said of an event.
var happensKeys = []string{"event", "about", "person", "values", "times"}

// happens reads an event that is told of.
func (r *reader) happens(m *source.Map) *Happens {
	name := m.Text("event")
	m.Require("event")
	if name.Empty() {
		return nil
	}
	kind, known := playbooks.EventOf(name.V)
	if !known {
		r.ps.Add(name.Pos, "scenario", "There is no event `%s`.%s Events: %s.", name, source.DidYouMean(name.V, playbooks.EventNames()), strings.Join(playbooks.EventNames(), ", "))
		return nil
	}
	h := &Happens{Pos: name.Pos, Event: name.V, Times: 1}
	if about := m.Text("about"); !about.Empty() {
		h.Kind, h.Subject, _ = strings.Cut(about.V, ":")
		// An incident, a risk or a finding is known to runs only.
		if _, there := r.orgAt.Subject(h.Kind, h.Subject); !there && (h.Subject == "" || !org.RegisterOnly(h.Kind)) {
			r.ps.Add(about.Pos, "scenario", "There is no `%s` in the organisation. Write what it is about as KIND:ID, such as system:cv-screener.", about)
			return nil
		}
	}
	if person := m.Text("person"); !person.Empty() {
		r.known(person)
		h.Person = person.V
		if role, ok := r.orgAt.Role(h.Person); ok {
			h.Person = role.Holder
		}
	}
	if m.Has("times") {
		if h.Times = m.Int("times"); h.Times < 1 || h.Times > mostTimes {
			r.ps.Add(m.KeyPos("times"), "scenario", "`times` is how often it happens: from 1 to %d.", mostTimes)
			return nil
		}
	}
	raw := map[string]string{}
	for _, e := range m.Pairs("values") {
		raw[e.Key.V] = e.Value.Str().V
	}
	var err error
	if h.Values, err = kind.ReadValues(raw, r.orgAt.Profile.Zone, r.instant(source.Str{V: start, Pos: name.Pos})); err != nil {
		r.ps.Add(m.KeyPos("values"), "scenario", "%v", err)
		return nil
	}
	return h
}

// mostTimes is as many as one start can count.
const mostTimes = 100
