package ledger

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

//go:embed page.html
var pageText string

// pageData is what the readable page shows. The template escapes every text:
// answers come from anybody.
type pageData struct {
	Title, Subject, Playbook, Purpose string
	Run, Started, Ended, Outcome      string
	Definition, Key, Root             string
	Size                              int64
	Entries                           []pageEntry
	Decisions                         []pageEntry
	People                            []pagePerson
	Documents                         []pageDocument
	Source                            string
}

// pageEntry is one record in words.
type pageEntry struct {
	Index        int64
	At           string
	What         string
	Step         string
	Who, Role    string
	Digest       string
	Document     string // file of the evidence document
	Facts        []port.Field
	Body         []port.Field
	Leaf         string
	Choice       string
	Reason       string
	IsDecision   bool
	ErasedFields []string
}

type pagePerson struct{ Pseudonym, Name, ID string }

type pageDocument struct{ Digest, File, Text string }

// page renders the readable page of a pack.
func (c *contents) page() ([]byte, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the page's template: %w", err)
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, c.pageData()); err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	return buf.Bytes(), nil
}

func (c *contents) pageData() pageData {
	d := pageData{
		Title: c.run.Playbook, Subject: cmp.Or(c.run.Subject, c.run.SubjectID), Playbook: c.run.Playbook,
		Run: c.run.ID, Started: clock(c.run.StartedAt), Ended: clock(c.run.ClosedAt), Outcome: words(c.run.Outcome),
		Definition: c.definition.Digest, Source: c.definition.Source,
		Key: c.key, Root: c.checkpoint.Root, Size: c.checkpoint.Size,
	}
	if p := c.definition.Playbook; p != nil {
		d.Title, d.Purpose = cmp.Or(p.Title.V, c.run.Playbook), p.Purpose.V
	}
	people := map[string]pagePerson{}
	for i, r := range c.records {
		e := c.entry(r, c.headers[i], people)
		d.Entries = append(d.Entries, e)
		if e.IsDecision {
			d.Decisions = append(d.Decisions, e)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(people)) {
		d.People = append(d.People, people[p])
	}
	for _, digest := range slices.Sorted(maps.Keys(c.documents)) {
		d.Documents = append(d.Documents, pageDocument{Digest: digest, File: documentPath(digest), Text: indented(c.documents[digest])})
	}
	return d
}

// documentPath is the file of an evidence document in a pack.
func documentPath(digest string) string {
	return folderDocuments + "/" + strings.TrimPrefix(digest, digestPrefix) + ".json"
}

func (c *contents) entry(r port.StoredRecord, h Header, people map[string]pagePerson) pageEntry {
	e := pageEntry{
		Index: h.Index, At: clock(h.At), What: phrase(h.Kind), Step: c.stepTitle(h), Role: h.Role, Who: h.Actor,
		Leaf: r.Leaf, IsDecision: strings.HasPrefix(h.Kind, decisionKinds),
	}
	for _, name := range slices.Sorted(maps.Keys(h.Facts)) {
		e.Facts = append(e.Facts, port.Field{Label: words(name), Value: h.Facts[name]})
	}
	if digest, ok := h.document(); ok {
		e.Digest = digest
		if c.documents[digest] != nil {
			e.Document = documentPath(digest)
		}
	}
	e.Choice = words(cmp.Or(h.Facts["choice"], h.Facts["action"]))
	for _, f := range r.Body {
		switch {
		case f.Erased:
			e.ErasedFields = append(e.ErasedFields, words(f.Name))
		case f.Name == bodyActor:
			e.Who = named(h.Actor, f.Value, people)
		case f.Name == "name": // the actor's, said already
		case f.Name == "reason":
			e.Reason = plain(f.Value)
		default:
			e.Body = append(e.Body, port.Field{Label: words(f.Name), Value: plain(f.Value)})
		}
	}
	return e
}

// named says who a pseudonym is, and remembers it for the list of people.
func named(pseudonym string, value json.RawMessage, people map[string]pagePerson) string {
	var a actorField
	if err := json.Unmarshal(value, &a); err != nil || a.ID == "" {
		return plain(value)
	}
	if a.ID != pseudonym {
		people[pseudonym] = pagePerson{Pseudonym: pseudonym, Name: a.Name, ID: a.ID}
	}
	return cmp.Or(a.Name, a.ID)
}

func (c *contents) stepTitle(h Header) string {
	title := h.Step
	if h.Item != "" {
		title += " (" + h.Item + ")"
	}
	if h.Round > 1 {
		title += fmt.Sprintf(", round %d", h.Round)
	}
	return title
}

// clock prints an instant for people; packs have no reader's time zone.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// words turns an identifier into words.
func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

// plain prints a JSON value for people: texts bare, lists by commas.
func plain(value json.RawMessage) string {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return string(value)
	}
	return plainValue(v)
}

func plainValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case nil:
		return "none"
	case []any:
		parts := make([]string, 0, len(v))
		for _, e := range v {
			parts = append(parts, plainValue(e))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, words(k)+": "+plainValue(v[k]))
		}
		return strings.Join(parts, "; ")
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

func indented(doc json.RawMessage) string {
	var buf bytes.Buffer
	if err := json.Indent(&buf, doc, "", "  "); err != nil {
		return string(doc)
	}
	return buf.String()
}
