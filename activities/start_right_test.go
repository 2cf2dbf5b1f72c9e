package activities_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// TestStartsBy: whom a playbook names may start it, and nobody else, not even
// those who start what names nobody.
func TestStartsBy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ by, may, not, said string }{
		"a role":         {"by: [chief-risk-officer]", "ron", "max", "Only the Chief Risk Officer may start this."},
		"a committee":    {"by: [responsible-ai-committee]", "carl", "max", "Only a member of the Responsible AI Committee may start this."},
		"of the subject": {"by: ['${system.developers}', '${system.owner}']", "dev", "max", "Only the developers of CV screener or the owner of CV screener may start this."},
		"anyone":         {"by: [anyone]", "carl", "nobody", `"nobody" is no person of the organisation file.`},
		"not said":       {"", "olive", "carl", "Only the owner of CV screener, the AI Ethics Officer or the AIMS manager may start this."},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, asking)
			w.over()
			starts := ""
			if c.by != "" {
				starts = "starts: {" + c.by + "}\n"
			}
			w.def = w.define(strings.Replace(asking, "subject: system\n", "subject: system\n"+starts, 1))
			w.shelf.defs["asking"] = w.def
			start := func(by string) error {
				_, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "asking", Subject: "cv-screener", By: by, Door: "cli"})
				return err
			}
			var refused *activities.Refusal
			if err := start(c.not); !errors.As(err, &refused) || refused.Reason != c.said {
				t.Errorf("%s was told: %v", c.not, err)
			}
			if err := start(c.may); err != nil {
				t.Errorf("%s may start it: %v", c.may, err)
			}
		})
	}
}
