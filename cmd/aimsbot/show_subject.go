package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// showSubject shows what the organisation file and the register say of a
// subject, named as KIND:ID.
func (c *showCmd) showSubject(s *streams, g *globals, kind, id string) error {
	k, known := org.KindOf(kind)
	if !known {
		return wrongUsage("there is no kind of subject %s.%s The kinds are: %s", kind, source.DidYouMean(kind, org.Kinds()), strings.Join(org.Kinds(), ", "))
	}
	if kind == org.KindOrganisation && id == "" {
		id = org.OrganisationID
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerBudget)
	defer cancel()
	d, err := g.read(ctx, false)
	if err != nil {
		return err
	}
	defer d.close()
	facts, err := d.Subject(ctx, kind, id)
	switch {
	case errors.Is(err, port.ErrNotFound) && k.Section == "":
		return wrongUsage("no run has written about %s %s", kind, id)
	case errors.Is(err, port.ErrNotFound):
		return wrongUsage("the organisation has no %s %s", kind, id)
	case err != nil:
		return err
	case g.JSON:
		return printJSON(s.out, facts)
	}
	d.note(s)
	return sayFacts(s.out, facts)
}

func sayFacts(w io.Writer, s port.SubjectFacts) error {
	var lines [][]string
	for _, f := range org.Fields(s.Kind) {
		v, ok := s.Values[f.Name]
		if !ok {
			continue
		}
		who := "file"
		if f.Register {
			who = "runs"
		}
		if text := valueWords(v); text != "" {
			lines = append(lines, []string{f.Name, text, who})
		}
	}
	say(w, "%s %s (%s)", s.Kind, s.ID, s.Name)
	if s.Provisional {
		say(w, "A run made this and the organisation file does not name it yet: add it under `%s`.", sectionOf(s.Kind))
	}
	say(w, "")
	if err := table(w, append([][]string{{"FIELD", "VALUE", "SAID BY"}}, lines...)); err != nil {
		return err
	}
	if len(s.History) == 0 {
		return nil
	}
	say(w, "")
	lines = [][]string{{"SINCE", "FIELD", "VALUE", "BEFORE", "RUN", "STEP"}}
	for _, f := range s.History {
		lines = append(lines, []string{moment(f.From), f.Field, rawWords(f.Value), rawWords(f.Before), f.Run, f.Step})
	}
	return table(w, lines)
}

func sectionOf(kind string) string {
	k, _ := org.KindOf(kind)
	return k.Section
}

// rawWords is a value as the register keeps it, in words; a dash where there was
// none.
func rawWords(raw json.RawMessage) string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return "-"
	}
	return valueWords(v)
}
