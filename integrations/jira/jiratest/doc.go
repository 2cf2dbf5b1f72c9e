// Package jiratest is a fake Jira Cloud that keeps its state in SQLite and
// speaks the REST API with v2 strings, as far as Aimsbot uses it. It is strict:
// what the real one refuses, it refuses with the same status and body. Every
// change is committed before it is answered, and webhooks are queued in the
// same transaction, so that a crash on either side loses nothing.
package jiratest
