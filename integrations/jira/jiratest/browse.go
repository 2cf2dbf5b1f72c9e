package jiratest

import (
	"html/template"
	"net/http"
)

// browsePage is the address people open an issue at.
var browsePage = template.Must(template.New("issue").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Key}} {{.Summary}}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;font:inherit}dt{font-weight:600}dd{margin:0 0 .5rem}</style>
<p>{{.Type}} {{.Key}}</p><h1>{{.Summary}}</h1>
<dl><dt>Status<dd>{{.Status}}<dt>Assignee<dd>{{or .Who "Unassigned"}}{{with .Due}}<dt>Due<dd>{{.}}{{end}}</dl>
<pre>{{.Description}}</pre>
{{range .RemoteLinks}}<p><a rel="noreferrer" href="{{.URL}}">{{.Title}}</a>{{end}}
{{range .Attachments}}<p>Attachment: {{.Name}} ({{.Size}} bytes){{end}}
{{range .Comments}}<hr><p>{{.Author}}<pre>{{.Body}}</pre>{{end}}
</html>`))

// browse shows one issue in a browser, read only and without signing in.
func (s *Server) browse(w http.ResponseWriter, r *http.Request) {
	list, err := s.State(r.Context())
	if err != nil {
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	for _, i := range list {
		if i.Key != r.PathValue("key") {
			continue
		}
		i.Description = Plain(i.Description)
		for n := range i.Comments {
			i.Comments[n].Author, i.Comments[n].Body = s.nameOf(i.Comments[n].Author), Plain(i.Comments[n].Body)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		view := struct {
			Issue
			Who string
		}{i, s.nameOf(i.Assignee)}
		if err := browsePage.Execute(w, view); err != nil {
			s.log.Warn("jiratest: page", "error", err)
		}
		return
	}
	http.Error(w, "Issue does not exist or you do not have permission to see it.", http.StatusNotFound)
}

func (s *Server) nameOf(account string) string {
	p, _ := s.person(account)
	return p.Name
}
