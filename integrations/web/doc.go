// Package web is what Aimsbot answers over HTTP itself: its health, and the API
// on the unix socket through which the command line reaches a running bot.
package web
