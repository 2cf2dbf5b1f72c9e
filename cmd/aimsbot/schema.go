package main

import (
	"fmt"

	editor "github.com/aimsbot/aimsbot/playbooks/schema"
)

type schemaCmd struct {
	Kind string `arg:"" optional:"" enum:"playbook,organisation,programme,scenario" default:"playbook" help:"The kind of file: playbook, organisation, programme or scenario."`
}

// Run prints the JSON Schema of a kind of file, for an editor.
func (c *schemaCmd) Run(s *streams) error {
	b, err := editor.Write(c.Kind)
	if err != nil {
		return err
	}
	if _, err := s.out.Write(b); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
