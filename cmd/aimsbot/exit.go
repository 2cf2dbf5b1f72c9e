package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// The exit codes.
const (
	exitGood        = 0
	exitFindings    = 1 // findings, or refused
	exitUsage       = 2 // wrong usage or settings
	exitUnreachable = 3 // something outside cannot be reached or does not work
)

// errFindings ends a command that has printed what it found.
var errFindings = errors.New("there are findings")

// errUnreached ends a command that has printed what did not answer.
var errUnreached = errors.New("something does not answer")

// report prints an error for the person at the terminal and returns the exit
// code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitGood
	}
	if errors.Is(err, errFindings) {
		return exitFindings
	}
	if errors.Is(err, errUnreached) {
		return exitUnreachable
	}
	fmt.Fprintln(w, "aimsbot:", err)
	return exitCode(err)
}

// exitCode sorts an error. What has no class is a file, a database or a
// service that does not do what it should.
func exitCode(err error) int {
	var newer *ledger.NewerError
	var older *ledger.OlderError
	var address *ledger.URLError
	var purpose *ledger.PurposeError
	var schema *temporal.SchemaError
	var backup *ledger.BackupError
	if errors.As(err, &newer) || errors.As(err, &older) || errors.As(err, &address) || errors.As(err, &purpose) || errors.As(err, &schema) || errors.As(err, &backup) {
		return exitUsage
	}
	var file *ledger.FileError
	var store *temporal.StoreError
	if (errors.As(err, &file) && !file.Damaged) || (errors.As(err, &store) && !store.Damaged) {
		return exitUsage
	}
	switch web.ClassOf(err) {
	case web.Refused:
		return exitFindings
	case web.Usage:
		return exitUsage
	default:
		return exitUnreachable
	}
}

// wrongUsage is an error of the command line or the settings.
func wrongUsage(format string, args ...any) error { return web.Errorf(web.Usage, format, args...) }
