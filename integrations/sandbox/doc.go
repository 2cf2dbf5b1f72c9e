// Package sandbox serves a fake Slack workspace and a fake Jira site over real
// HTTP, a page to act in them in a browser, and a control API to act in them
// from a script. Their state lies in one SQLite file and is committed before
// anything is answered.
package sandbox
