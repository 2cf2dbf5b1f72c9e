package jira_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	at := func(n int) time.Time { return newClock().now().Add(time.Duration(n) * time.Minute) }
	for _, a := range []jiratest.Act{
		{As: "5b1olive", Assignee: "5b1val"},
		{As: "5b1val", Comment: "Done, see [report|https://example.com/r?a=1], https://example.com/r?a=1 and (http://example.com/x)."},
		{As: "5b1val", Link: &jiratest.Link{Title: "Results", URL: "https://example.com/results"}},
		{As: "5b1olive", Attach: &jiratest.File{Name: "rates.csv", Content: "a,b\n1,2\n"}},
		{As: "5b1val", Comment: "no link: ftp://example.com mailto:x"},
		{As: "5b1val", Transition: "Done"},
	} {
		w.clock.add(time.Minute)
		a.Key = issue.Issue
		w.as(a)
	}
	// What our own account puts there is no evidence.
	if _, err := w.client.Comment(w.ctx(), "aims-c", issue.IssueID, port.Comment{Text: "https://example.com/ours"}); err != nil {
		t.Fatal(err)
	}
	w.raw("POST", "/rest/api/2/issue/"+issue.Issue+"/remotelink", `{"object":{"url":"https://example.com/run","title":"Run"}}`)
	if _, _, err := w.library().Issue.PostAttachmentWithContext(w.ctx(), issue.Issue, strings.NewReader("ours"), "ours.txt"); err != nil {
		t.Fatal(err)
	}

	got, err := w.client.Read(w.ctx(), issue.IssueID)
	if err != nil {
		t.Fatal(err)
	}
	want := port.IssueState{
		ID: issue.IssueID, Key: issue.Issue, Summary: "Test for bias", Category: "done", Status: "Done", Resolution: "Done",
		Assignee: "5b1val", Created: at(0), DoneBy: "5b1val", DoneAt: at(6),
		Evidence: []port.EvidenceItem{
			{Kind: "attachment", Name: "rates.csv", SHA256: sum("a,b\n1,2\n"), By: "5b1olive", At: at(4)},
			{Kind: "link", Name: "Results", URL: "https://example.com/results", By: "5b1val", At: at(3)},
			{Kind: "comment_link", Name: "https://example.com/r?a=1", URL: "https://example.com/r?a=1", By: "5b1val", At: at(2)},
			{Kind: "comment_link", Name: "http://example.com/x", URL: "http://example.com/x", By: "5b1val", At: at(2)},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// Attachments never change: their bytes are read once.
	again, err := w.client.Read(w.ctx(), issue.IssueID)
	if d := cmp.Diff(want, again); err != nil || d != "" {
		t.Error(err, d)
	}
	downloads := 0
	for _, c := range w.server.Calls() {
		if strings.Contains(c.Path, "/attachment/") {
			downloads++
		}
	}
	if downloads != 1 {
		t.Errorf("%d downloads", downloads)
	}
}

func TestReadWhoDidIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *jiratest.Options, s *jiratest.Seed, _ *jira.Options) { s.Project.Statuses = statuses })
	issue := w.create(key)
	for _, tc := range []struct{ as, to, wantBy string }{
		{"5b1olive", "In Arbeit", ""},
		{"5b1val", "Erledigt", "5b1val"},
		{"5b1olive", "Verworfen", "5b1val"}, // from done to done
		{"5b1val", "Offen", ""},
		{"5b1olive", "Erledigt", "5b1olive"},
	} {
		w.clock.add(time.Minute)
		w.as(jiratest.Act{Key: issue.Issue, As: tc.as, Transition: tc.to})
		got, err := w.client.Read(w.ctx(), issue.IssueID)
		if err != nil || got.DoneBy != tc.wantBy || got.DoneAt.IsZero() != (tc.wantBy == "") {
			t.Errorf("after %s: done by %q at %s, %v", tc.to, got.DoneBy, got.DoneAt, err)
		}
	}
}

// More changes and comments than one answer shows.
func TestReadPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1val", Link: &jiratest.Link{Title: "First", URL: "https://example.com/1"}, Transition: "Done"})
	for n := range 130 {
		w.clock.add(time.Minute)
		to := []string{"5b1olive", "5b1val"}[n%2]
		w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Assignee: to, Comment: "note"})
	}
	got, err := w.client.Read(w.ctx(), issue.IssueID)
	if err != nil {
		t.Fatal(err)
	}
	if got.DoneBy != "5b1val" || len(got.Evidence) != 1 || got.Evidence[0].By != "5b1val" {
		t.Errorf("read = %+v", got)
	}
}

func TestReadBigAttachment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1val", Attach: &jiratest.File{Name: "model.bin", Content: strings.Repeat("x", 25<<20+1)}})
	got, err := w.client.Read(w.ctx(), issue.IssueID)
	if err != nil || len(got.Evidence) != 1 {
		t.Fatalf("read = %+v, %v", got, err)
	}
	if e := got.Evidence[0]; e.SHA256 != "" || !strings.HasPrefix(e.URL, w.base()) || e.Name != "model.bin" {
		t.Errorf("evidence = %+v", e)
	}
}

func TestReadGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Delete: true})
	_, err := w.client.Read(w.ctx(), issue.IssueID)
	if !errors.Is(err, port.ErrNotFound) || !port.Definite(err) {
		t.Errorf("error = %v", err)
	}
}
