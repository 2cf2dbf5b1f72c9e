package jiratest

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Limits of a search.
const (
	searchPage      = 50   // default
	searchPageMost  = 5000 // issues of one page
	searchReconcile = 50   // issue ids
	searchProps     = 5    // properties
	tokenLife       = 7 * 24 * time.Hour
)

type searchBody struct {
	JQL             string   `json:"jql"`
	Fields          []string `json:"fields"`
	Properties      []string `json:"properties"`
	MaxResults      *int     `json:"maxResults"`
	NextPageToken   string   `json:"nextPageToken"`
	ReconcileIssues []int64  `json:"reconcileIssues"`
	Expand          string   `json:"expand"`
	FieldsByKeys    bool     `json:"fieldsByKeys"`
}

// searchKeys are the query parameters of the GET form.
var searchKeys = []string{"jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "failFast", "reconcileIssues"}

func (s *Server) searchGet(ctx context.Context, r *http.Request) (answer, error) {
	q := r.URL.Query()
	for k := range q {
		if !slices.Contains(searchKeys, k) {
			return answer{}, refuse(http.StatusBadRequest, "The query parameter '%s' is not supported.", k)
		}
	}
	b := searchBody{JQL: q.Get("jql"), Fields: list(q["fields"]), Properties: list(q["properties"]), NextPageToken: q.Get("nextPageToken")}
	if v := q.Get("maxResults"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return answer{}, refuse(http.StatusBadRequest, "maxResults is not a number.")
		}
		b.MaxResults = &n
	}
	for _, v := range list(q["reconcileIssues"]) {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return answer{}, refuse(http.StatusBadRequest, "reconcileIssues takes numeric ids.")
		}
		b.ReconcileIssues = append(b.ReconcileIssues, n)
	}
	return s.search(ctx, b)
}

func (s *Server) searchPost(ctx context.Context, r *http.Request) (answer, error) {
	var b searchBody
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	return s.search(ctx, b)
}

func (s *Server) search(ctx context.Context, b searchBody) (answer, error) {
	if len(b.ReconcileIssues) > searchReconcile || len(b.Properties) > searchProps {
		return answer{}, refuse(http.StatusBadRequest, "At most %d reconcileIssues and %d properties are allowed.", searchReconcile, searchProps)
	}
	q, err := parseJQL(b.JQL)
	if err != nil {
		return answer{}, err
	}
	hits, err := s.hits(ctx, q, b.ReconcileIssues)
	if err != nil {
		return answer{}, err
	}
	size := searchPage
	if b.MaxResults != nil && *b.MaxResults > 0 {
		size = min(*b.MaxResults, searchPageMost)
	}
	start, err := readToken(b.NextPageToken, b.JQL, s.now())
	if err != nil {
		return answer{}, err
	}
	out := []any{}
	for n := start; n < len(hits) && len(out) < size; n++ {
		out = append(out, s.bean(ctx, hits[n], b.Fields, b.Properties))
	}
	body := map[string]any{"issues": out, "isLast": start+len(out) >= len(hits)}
	if start+len(out) < len(hits) {
		body["nextPageToken"] = pageToken(start+len(out), b.JQL, s.now())
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// hits are the issues the index knows by now, or that the caller named.
func (s *Server) hits(ctx context.Context, q jql, reconcile []int64) ([]*issue, error) {
	now := s.now()
	named, err := json.Marshal(append([]int64{}, reconcile...))
	if err != nil {
		return nil, err
	}
	where := `WHERE (visible_ms <= ? OR id IN (SELECT value FROM json_each(?)))`
	args := []any{now.UnixMilli(), string(named)}
	for _, c := range q.clauses {
		if c.field == "labels" {
			values, err := json.Marshal(c.values)
			if err != nil {
				return nil, err
			}
			where += ` AND id IN (SELECT issue FROM jira_labels WHERE label IN (SELECT value FROM json_each(?)) AND (visible_ms <= ? OR issue IN (SELECT value FROM json_each(?))))`
			args = append(args, string(values), now.UnixMilli(), string(named))
		}
	}
	all, err := s.issues(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	var out []*issue
	for _, i := range all {
		ok := true
		for _, c := range q.clauses {
			match, err := c.match(i, s.keyOf(ctx, i.Parent), now)
			if err != nil {
				return nil, err
			}
			ok = ok && match
		}
		if ok {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b *issue) int { return q.compare(a, b) })
	return out, nil
}

// compare orders as asked; without ORDER BY the newest comes first.
func (q jql) compare(a, b *issue) int {
	for _, o := range q.orders {
		var c int
		switch o.field {
		case "created":
			c = a.Created.Compare(b.Created)
		case "updated":
			c = a.Updated.Compare(b.Updated)
		default:
			c = cmp.Compare(a.ID, b.ID)
		}
		if o.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(b.ID, a.ID)
}

func (s *Server) keyOf(ctx context.Context, id int64) string {
	if id == 0 {
		return ""
	}
	var key string
	err := s.db.QueryRowContext(ctx, `SELECT key FROM jira_issues WHERE id = ?`, id).Scan(&key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		s.log.Warn("jiratest: parent", "error", err)
	}
	return key
}

// A page token carries its query and when it was given, so that it is refused
// with another query, and when it is old.
func pageToken(start int, query string, at time.Time) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d %s", start, at.UnixMilli(), query))
}

func readToken(token, query string, now time.Time) (int, error) {
	if token == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	var start int
	var ms int64
	if err == nil {
		_, err = fmt.Sscan(string(raw), &start, &ms)
	}
	at := time.UnixMilli(ms)
	if err != nil || start < 0 || pageToken(start, query, at) != token || now.Sub(at) > tokenLife {
		return 0, refuse(http.StatusBadRequest, "The nextPageToken is invalid or has expired.")
	}
	return start, nil
}
