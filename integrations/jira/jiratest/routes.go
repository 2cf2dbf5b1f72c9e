package jiratest

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// api is where Jira's REST interface with v2 strings lives.
const api = "/rest/api/2/"

// createmetaPath stands where an issue key could: it needs a mux of its own.
const createmetaPath = "issue/createmeta"

// route is one call that the fake answers.
type route struct {
	method, endpoint string
	h                handler
}

// routes serves every call the fake answers. Anything else is a 404 that shows
// in Refused.
func (s *Server) routes() http.Handler {
	mux, createmeta := http.NewServeMux(), http.NewServeMux()
	routes := s.cloudRoutes()
	if s.opt.DataCenter {
		routes = slices.DeleteFunc(routes, func(r route) bool { return slices.Contains(cloudOnly, r.endpoint) })
		routes = append(routes, s.serverRoutes()...)
		mux.HandleFunc("GET "+attachments+"{attachment}/{name}", s.handle(attachments, s.getAttachment))
	}
	for _, r := range routes {
		m := mux
		if strings.HasPrefix(r.endpoint, createmetaPath) {
			m = createmeta
		}
		m.HandleFunc(r.method+" "+api+r.endpoint, s.handle(r.endpoint, r.h))
	}
	mux.HandleFunc("GET /browse/{key}", s.browse)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, api+createmetaPath) {
			createmeta.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// cloudRoutes are the calls of Jira Cloud; a Data Center has most of them too.
func (s *Server) cloudRoutes() []route {
	return []route{
		{"GET", "serverInfo", s.getServerInfo},
		{"GET", "myself", s.getMyself},
		{"GET", "mypermissions", s.getMyPermissions},
		{"GET", "status", s.getStatuses},
		{"GET", "project/{project}", s.getProject},
		{"GET", "project/{project}/statuses", s.getProjectStatuses},
		{"GET", "issue/createmeta/{project}/issuetypes", s.getIssueTypes},
		{"GET", "issue/createmeta/{project}/issuetypes/{type}", s.getCreateFields},
		{"GET", "issue/createmeta", s.gone("CHANGE-1304")},
		{"GET", "user/search", s.searchUsers},
		{"GET", "user/assignable/search", s.searchAssignable},
		{"GET", "user", s.getUser},

		{"POST", "issue", s.createIssue},
		{"GET", "issue/{issue}", s.getIssue},
		{"PUT", "issue/{issue}", s.editIssue},
		{"DELETE", "issue/{issue}", s.deleteIssue},
		{"PUT", "issue/{issue}/assignee", s.putAssignee},
		{"GET", "issue/{issue}/changelog", s.getChangelog},
		{"GET", "issue/{issue}/transitions", s.getTransitions},
		{"POST", "issue/{issue}/transitions", s.doTransition},

		{"GET", "issue/{issue}/comment", s.getComments},
		{"POST", "issue/{issue}/comment", s.addComment},
		{"POST", "comment/list", s.listComments},
		{"GET", "comment/{comment}/properties/{property}", s.getCommentProperty},

		{"GET", "issue/{issue}/properties", s.getProperties},
		{"GET", "issue/{issue}/properties/{property}", s.getProperty},
		{"PUT", "issue/{issue}/properties/{property}", s.putProperty},
		{"GET", "issue/{issue}/remotelink", s.getRemoteLinks},
		{"POST", "issue/{issue}/remotelink", s.addRemoteLink},
		{"POST", "issue/{issue}/attachments", s.addAttachments},
		{"GET", "attachment/content/{attachment}", s.getAttachment},
		{"POST", "issueLink", s.addIssueLink},

		{"POST", "issue/bulkfetch", s.bulkFetch},
		{"GET", "search/jql", s.searchGet},
		{"POST", "search/jql", s.searchPost},
		{"GET", "search", s.gone("CHANGE-2046")},
		{"POST", "search", s.gone("CHANGE-2046")},
	}
}

// gone answers a call that Jira Cloud has removed.
func (s *Server) gone(change string) handler {
	return func(context.Context, *http.Request) (answer, error) {
		return answer{}, refuse(http.StatusGone, "The requested API has been removed. See %s.", change)
	}
}
