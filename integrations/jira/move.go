package jira

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

type wireStatus struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category struct {
		Key string `json:"key"`
	} `json:"statusCategory"`
}

type wireTransition struct {
	ID     string                     `json:"id"`
	To     wireStatus                 `json:"to"`
	Fields map[string]transitionField `json:"fields"`
}

type transitionField struct {
	Required      bool `json:"required"`
	HasDefault    bool `json:"hasDefaultValue"`
	AllowedValues []struct {
		Name string `json:"name"`
	} `json:"allowedValues"`
}

// Move brings the issue into the category by one transition, preferring the
// status named. Where the workflow only leads there through work in progress
// it goes that far and answers a definite error: the next call goes on.
func (c *Client) Move(ctx context.Context, issueID string, m port.Move) error {
	id, err := issuePath(issueID)
	if err != nil {
		return err
	}
	now, err := c.status(ctx, id)
	if err != nil || now.Category.Key == m.Category {
		return err
	}
	k := call{name: "POST issue/transitions", issue: id}
	ways, err := c.transitions(ctx, id)
	if err != nil {
		return err
	}
	way, payload, ok := choose(ways, m.Category, m.Status)
	detour := false
	if !ok && now.Category.Key != port.CategoryInProgress {
		way, payload, ok = choose(ways, port.CategoryInProgress, "")
		detour = ok
	}
	if !ok {
		return refused(k.name, "no_transition", "the workflow offers no way from %s to the category %s that we can fill in", now.Name, m.Category)
	}
	err = c.do(ctx, k, func(ctx context.Context) (*gojira.Response, error) {
		return c.api.Issue.DoTransitionWithPayloadWithContext(ctx, id, payload)
	})
	if err != nil {
		return c.movedMeanwhile(ctx, id, m, err)
	}
	if detour {
		return &port.OutsideError{Target: target, Call: k.name, Code: "on_the_way", Definite: true, Err: errors.New("moved to " + way.To.Name + "; one more transition is needed")}
	}
	return nil
}

// movedMeanwhile looks again after a refusal: somebody else may have moved the
// issue between our look and our call.
func (c *Client) movedMeanwhile(ctx context.Context, id string, m port.Move, err error) error {
	var o *port.OutsideError
	if !errors.As(err, &o) || (o.Code != strconv.Itoa(http.StatusBadRequest) && o.Code != strconv.Itoa(http.StatusConflict)) {
		return err
	}
	if now, readErr := c.status(ctx, id); readErr == nil && now.Category.Key == m.Category {
		return nil
	}
	return err
}

func (c *Client) status(ctx context.Context, id string) (wireStatus, error) {
	var i struct {
		Fields struct {
			Status wireStatus `json:"status"`
		} `json:"fields"`
	}
	err := c.raw(ctx, call{name: "GET issue", gone: true}, "issue/"+id+"?fields=status", nil, &i)
	return i.Fields.Status, err
}

// transitions are looked up every time: their ids depend on project and
// status.
func (c *Client) transitions(ctx context.Context, id string) ([]wireTransition, error) {
	var t struct {
		Transitions []wireTransition `json:"transitions"`
	}
	err := c.raw(ctx, call{name: "GET issue/transitions"}, "issue/"+id+"/transitions?expand=transitions.fields", nil, &t)
	return t.Transitions, err
}

// choose picks the transition into a category, the status named first, whose
// screen we can fill in: nothing required, or a resolution.
func choose(ways []wireTransition, category, status string) (wireTransition, map[string]any, bool) {
	ways = slices.Clone(ways)
	slices.SortStableFunc(ways, func(a, b wireTransition) int {
		an, bn := strings.EqualFold(a.To.Name, status), strings.EqualFold(b.To.Name, status)
		switch {
		case an == bn:
			return 0
		case an:
			return -1
		}
		return 1
	})
	for _, w := range ways {
		if w.To.Category.Key != category {
			continue
		}
		if payload, ok := w.payload(); ok {
			return w, payload, true
		}
	}
	return wireTransition{}, nil, false
}

func (w wireTransition) payload() (map[string]any, bool) {
	body := map[string]any{"transition": map[string]string{"id": w.ID}}
	for name, f := range w.Fields {
		if !f.Required || f.HasDefault {
			continue
		}
		if name != "resolution" || len(f.AllowedValues) == 0 {
			return nil, false
		}
		value := f.AllowedValues[0].Name
		for _, v := range f.AllowedValues {
			if strings.EqualFold(v.Name, "Done") {
				value = v.Name
			}
		}
		body["fields"] = map[string]any{"resolution": map[string]string{"name": value}}
	}
	return body, true
}
