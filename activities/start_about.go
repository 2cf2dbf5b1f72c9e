package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// newSubjectLetters is how many letters of a ULID make the id of a new subject:
// 40 random bits, so that a thousand incidents a year never meet in one id.
const newSubjectLetters = 8

// maxNamed is how many subjects a refusal lists: more do not help who reads it.
const maxNamed = 20

// about is the id of what a run is to be about. There is one organisation, and a
// run about an incident or a risk may begin without one: it gets a new id. The
// error is a *Refusal.
func about(o org.Organisation, kind, id string) (string, error) {
	switch {
	case kind == org.KindOrganisation && id == "":
		return org.OrganisationID, nil
	case org.RegisterOnly(kind) && id == "":
		return newSubject(kind), nil
	}
	if _, known := o.Subject(kind, id); known {
		return id, nil
	}
	var there []string
	for _, s := range o.Subjects(kind) {
		there = append(there, s.ID)
	}
	list := strings.Join(there[max(0, len(there)-maxNamed):], ", ")
	where := " in the organisation file. " + capital(kind) + "s: " + list + "."
	switch {
	case org.RegisterOnly(kind):
		where = " in the register. Leave it out to begin a new one."
		if list != "" {
			where += " There are: " + list + "."
		}
	case list == "":
		where = " in the organisation file, and no other."
	}
	if id == "" {
		return "", &Refusal{Unknown: true, Reason: fmt.Sprintf("This is about a %s: name one. %ss: %s.", kind, capital(kind), list)}
	}
	return "", &Refusal{Unknown: true, Reason: fmt.Sprintf("There is no %s %q%s", kind, id, where)}
}

// newSubject is an id for a subject of which nothing is known yet.
func newSubject(kind string) string {
	id := strings.ToLower(ulid.Make().String())
	return subjectID(kind, id[len(id)-newSubjectLetters:])
}

func subjectID(kind, letters string) string {
	k, _ := org.KindOf(kind)
	return k.Prefix + "-" + letters
}

// named checks that what a run is started with names subjects that are there. The
// error says which there are.
func named(o org.Organisation, asked []playbooks.Question, input map[string]any) error {
	for _, q := range asked {
		id, given := input[q.ID.V].(string)
		if !given || !slices.Contains([]string{playbooks.TypeSystem, playbooks.TypeModel, playbooks.TypeSupplier}, q.Type.V) {
			continue
		}
		if _, err := about(o, q.Type.V, id); err != nil { // types of answers are named as the kinds of subjects
			return fmt.Errorf("`%s`: %w", q.ID, err)
		}
	}
	return nil
}
