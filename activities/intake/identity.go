package intake

import (
	"context"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// The doors a delivery comes through.
const (
	doorSlack = "slack"
	doorJira  = "jira"
	doorCLI   = "cli"
)

const (
	valuePrefix = "v1." // version of a button's value
	tokenLength = 26    // characters of lower-case base32: 130 bits
)

// parseToken reads a button's value or a modal's metadata.
func parseToken(value string) (string, bool) {
	token, ok := strings.CutPrefix(value, valuePrefix)
	if !ok || len(token) != tokenLength { // guard: token-shape
		return "", false
	}
	for _, c := range token {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return "", false
		}
	}
	return token, true
}

// who is the person behind a delivery and the organisation at that instant.
type who struct {
	org     org.Organisation
	person  org.Person
	refused string // why nobody was found; empty = person is set
}

// identify finds the person by immutable ids. Only a failed read is an error:
// a stranger, a wrong workspace or a wrong app is a refusal, and a missing id
// is a wrong one.
func (g *Gate) identify(ctx context.Context, d Delivery, at time.Time) (who, error) {
	o, err := g.Organisation(ctx, at)
	if err != nil {
		return who{}, err
	}
	w := who{org: o, refused: g.foreign(d)}
	switch {
	case w.refused != "":
	case d.UserTeam != g.Workspace.Team: // guard: identity-user-team
		w.refused = "the account belongs to another workspace"
	default:
		found := personsBySlack(o, d.UserTeam, d.User)
		switch len(found) {
		case 0:
			w.refused = "the account belongs to nobody in the organisation file"
		case 1:
			w.person = found[0]
		default:
			w.refused = "the account belongs to several people in the organisation file"
		}
	}
	return w, nil
}

// foreign says why a delivery is not of our app and workspace; empty = it is.
// An id that is missing, here or there, is a wrong one.
func (g *Gate) foreign(d Delivery) string {
	switch {
	case g.Workspace.App == "" || d.App != g.Workspace.App: // guard: identity-app
		return "the delivery is not from our Slack app"
	case g.Workspace.Team == "" || d.Team != g.Workspace.Team: // guard: identity-team
		return "the delivery is from another workspace"
	}
	return ""
}

// zone is the person's time zone, or the organisation's.
func (w who) zone() string {
	if w.person.Zone != "" {
		return w.person.Zone
	}
	return w.org.Profile.Zone
}

// personsBySlack returns everybody bound to a Slack account: exactly one is
// right, anything else is refused.
func personsBySlack(o org.Organisation, team, user string) []org.Person {
	var found []org.Person
	if team == "" || user == "" {
		return nil
	}
	for _, p := range o.People {
		if p.Slack.Team == team && p.Slack.User == user {
			found = append(found, p)
		}
	}
	return found
}

// personByID returns the person with an id of the organisation file.
func personByID(o org.Organisation, id string) (org.Person, bool) {
	var found []org.Person
	for _, p := range o.People {
		if id != "" && p.ID == id {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return org.Person{}, false
	}
	return found[0], true
}
