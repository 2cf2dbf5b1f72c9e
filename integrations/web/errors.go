package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Class says what kind of failure an error is, and so how a caller goes on.
type Class string

// The classes.
const (
	Refused     Class = "refused"     // understood, and not allowed or not possible now
	Usage       Class = "usage"       // asked wrongly, or for something that is not there
	Unreachable Class = "unreachable" // something outside does not answer or work
)

// Error is a failure with its class. Its text is for people.
type Error struct {
	Class Class
	Err   error
}

// Error is the text of the cause.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a class.
func Errorf(c Class, format string, args ...any) *Error {
	return &Error{Class: c, Err: fmt.Errorf(format, args...)}
}

// ClassOf sorts an error.
func ClassOf(err error) Class {
	var e *Error
	var open *port.OpenRunError
	switch {
	case errors.As(err, &e):
		return e.Class
	case errors.Is(err, port.ErrNotFound):
		return Usage
	case errors.As(err, &open):
		return Refused
	}
	return Unreachable
}

// problem is an error on the wire.
type problem struct {
	Class Class  `json:"class"`
	Error string `json:"error"`
}

func (c Class) status() int {
	switch c {
	case Refused:
		return http.StatusForbidden
	case Usage:
		return http.StatusBadRequest
	default:
		return http.StatusBadGateway
	}
}
