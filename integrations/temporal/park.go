package temporal

import (
	"context"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// MissingKeyError says that something was encrypted with a key that was not
// given.
type MissingKeyError struct{ ID string }

// Error names the key, never its value.
func (e *MissingKeyError) Error() string {
	return fmt.Sprintf("decrypt a payload: key %q is not among those given (AIMSBOT_KEY)", e.ID)
}

// parking is a data converter under which a run whose key is missing waits for
// it. The SDK would take the error for the workflow's own and fail the run: for
// an input that cannot be read it does so before our code begins.
type parking struct{ converter.DataConverter }

var _ workflow.ContextAware = parking{}

// WithContext is for everything outside of workflows: an error is an error there.
func (p parking) WithContext(context.Context) converter.DataConverter { return p }

// WithWorkflowContext is for workflow code.
func (p parking) WithWorkflowContext(workflow.Context) converter.DataConverter {
	return parked(p)
}

// parked is parking inside of a workflow, where a panic fails the workflow
// task, to be tried again, and not the run.
type parked struct{ converter.DataConverter }

// FromPayload decodes one value.
func (p parked) FromPayload(payload *commonpb.Payload, value any) error {
	return orPark(p.DataConverter.FromPayload(payload, value))
}

// FromPayloads decodes a list of values.
func (p parked) FromPayloads(payloads *commonpb.Payloads, values ...any) error {
	return orPark(p.DataConverter.FromPayloads(payloads, values...))
}

func orPark(err error) error {
	var missing *MissingKeyError
	if errors.As(err, &missing) {
		panic(missing)
	}
	return err
}
