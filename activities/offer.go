package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// maxOffered is how many options a list of Slack takes (option lists of
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
const maxOffered = 100

// offer makes a question about something of the organisation a choice of what
// there is now.
func (s *session) offer(q *playbooks.Question) error {
	what := q.Type.V
	add := func(id, label string) {
		if !slices.ContainsFunc(q.Options, func(o playbooks.Option) bool { return o.ID.V == id }) {
			q.Options = append(q.Options, playbooks.Option{ID: playbooks.Str{V: id}, Label: playbooks.Str{V: label}})
		}
	}
	switch what {
	case playbooks.TypeSystem, playbooks.TypeSystems:
		for _, sys := range s.org.Subjects(org.KindSystem) {
			add(sys.ID, sys.Name)
		}
	case playbooks.TypeModel:
		for _, m := range s.org.Models {
			add(m.ID, m.Name)
		}
		for _, sys := range s.org.Systems {
			for _, m := range sys.Models {
				add(m, m)
			}
		}
	case playbooks.TypeSupplier:
		for _, supplier := range s.org.Suppliers {
			add(supplier.ID, supplier.Name)
		}
	default:
		return nil
	}
	q.Type.V = playbooks.TypeChoice
	if what == playbooks.TypeSystems {
		q.Type.V = playbooks.TypeChoices
	}
	switch n := len(q.Options); {
	case n == 0:
		return &parkError{fmt.Sprintf("question %s asks for a %s, and the organisation file has none", q.ID, what)}
	case n > maxOffered:
		return &parkError{fmt.Sprintf("question %s would offer %d of the organisation; a list in Slack holds %d", q.ID, n, maxOffered)}
	}
	return nil
}
