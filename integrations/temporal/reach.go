package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"
)

const (
	// reachBudget is how long an outside service may take to answer at the start.
	reachBudget = 15 * time.Second
	// MinRetention is how long an outside namespace must keep closed runs. The
	// ledger is what stays; this is for a bot that was down between starting a run
	// and noting that it did, and for people who look for what went wrong.
	MinRetention = 7 * 24 * time.Hour
	// adviseRetention is what we tell people to set, in days: as embedded.
	adviseRetention = int(retention / (24 * time.Hour))
)

// Reach connects to the outside service and makes sure that it will do: that it
// lets us in, has the namespace, and keeps closed runs long enough.
func (s *Service) Reach(ctx context.Context, o ClientOptions) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, reachBudget)
	defer cancel()
	o.service = s
	c, err := Dial(ctx, o)
	if err != nil {
		return nil, err
	}
	d, err := s.describe(ctx, c)
	if err != nil {
		c.Close()
		return nil, err
	}
	if ttl := d.GetConfig().GetWorkflowExecutionRetentionTtl(); ttl != nil && ttl.AsDuration() < MinRetention {
		c.Close()
		return nil, fmt.Errorf("namespace %s of the Temporal at %s keeps closed runs for %d hours, and at least %d are needed; change it with: temporal operator namespace update --retention %dd -n %[1]s",
			s.Namespace, s.Address, int(ttl.AsDuration().Hours()), int(MinRetention.Hours()), adviseRetention)
	}
	return c, nil
}

// Ping makes one authorised call, as Server.Ping does.
func (s *Service) Ping(ctx context.Context, c client.Client) error {
	_, err := s.describe(ctx, c)
	return err
}

func (s *Service) describe(ctx context.Context, c client.Client) (*workflowservice.DescribeNamespaceResponse, error) {
	d, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.Namespace})
	if err != nil {
		return nil, s.explain(err)
	}
	return d, nil
}

// explain turns what a call said into one line that says what to do.
func (s *Service) explain(err error) error {
	var missing *serviceerror.NamespaceNotFound
	var gone *serviceerror.NotFound
	var refused *serviceerror.PermissionDenied
	switch {
	case errors.As(err, &missing), errors.As(err, &gone):
		return fmt.Errorf("the Temporal at %s has no namespace %s: set TEMPORAL_NAMESPACE, or make it with: temporal operator namespace create --retention %dd -n %[2]s", s.Address, s.Namespace, adviseRetention)
	case errors.As(err, &refused) || unauthenticated(err):
		what := "us without an API key: set TEMPORAL_API_KEY, or a client certificate with TEMPORAL_TLS_CLIENT_CERT_PATH and ..._KEY_PATH"
		if s.keyed {
			what = "the API key: check TEMPORAL_API_KEY and what it may do"
		}
		return fmt.Errorf("the Temporal at %s (namespace %s) refuses %s", s.Address, s.Namespace, what)
	}
	return fmt.Errorf("the Temporal at %s cannot be reached: %w", s.Address, err)
}

func unauthenticated(err error) bool {
	return serviceerror.ToStatus(err).Code() == codes.Unauthenticated
}
