package activities

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// evidence is the document of a decision with its RFC 8785 form and digest.
type evidence struct {
	port.Evidence
	digest string
	raw    json.RawMessage
}

// document builds the evidence of a decision or a message as it is now.
func (s *session) document(step *playbooks.Step, round int) (*evidence, error) {
	d := &evidence{Evidence: port.Evidence{Schema: port.EvidenceSchema, Run: s.state.Run.ID, Definition: s.def.Digest, Subject: s.state.Run.SubjectID, Round: round, Exercise: s.state.Run.Exercise, Joined: s.state.Joined}}
	for _, p := range s.about(step) {
		if r := s.state.FindDone(p.Step, p.Item); r != nil && r.State == port.StepDone {
			d.Steps = append(d.Steps, s.evidenceOf(r))
		}
	}
	plain, err := json.Marshal(d.Evidence)
	if err != nil {
		return nil, fmt.Errorf("step %s: write its evidence: %w", step.ID, err)
	}
	if d.raw, err = jsoncanonicalizer.Transform(plain); err != nil {
		return nil, fmt.Errorf("step %s: write its evidence: %w", step.ID, err)
	}
	d.digest = "sha256:" + digest(string(d.raw))
	return d, nil
}

// digest is the SHA-256 of a text in hex.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (s *session) addDocument(d *evidence) {
	if s.batch.Documents == nil {
		s.batch.Documents = map[string]json.RawMessage{}
	}
	s.batch.Documents[d.digest] = d.raw
}

// about lists the steps a decision or a message is about; a group or a block stands for the
// steps in it, an each for those of all its entries, one entry after another.
func (s *session) about(step *playbooks.Step) []port.Place {
	var out []port.Place
	add := func(id, key string) {
		if p := (port.Place{Step: id, Item: key}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, a := range step.ShownIn() {
		st := s.def.Playbook.Step(a.V)
		if st == nil {
			continue
		}
		s.aboutStep(st, add)
	}
	return out
}

func (s *session) aboutStep(st *playbooks.Step, add func(id, key string)) {
	switch {
	case st.Each != nil:
		for _, it := range s.items(st) {
			for _, r := range st.Results() {
				add(r.ID.V, it.key)
			}
		}
	case st.Holds():
		for _, inner := range st.Inner() {
			s.aboutStep(inner, add)
		}
	default:
		add(st.ID.V, s.itemOf(st.ID.V))
	}
}

func (s *session) evidenceOf(r *port.StepResult) port.EvidenceStep {
	defer s.within(r.Step, r.Item)()
	e := port.EvidenceStep{Step: r.Step, Item: r.Item, Kind: r.Kind, Title: s.stepTitle(r.Step), By: r.By}
	if r.By != "" { // a computed value has no instant of its own: a repeated advance computes it later
		e.At = r.At.UTC()
	}
	keys := make([]string, 0, len(r.Fields))
	for k := range r.Fields {
		if k != "by" && k != "at" {
			keys = append(keys, k)
		}
	}
	order := s.questionOrder(r.Step)
	sort.Slice(keys, func(i, j int) bool {
		a, b := slices.Index(order, keys[i]), slices.Index(order, keys[j])
		if a != b {
			return a < b
		}
		return keys[i] < keys[j]
	})
	step := s.def.Playbook.Step(r.Step)
	for _, k := range keys {
		if k == "rows" && step != nil && step.Form != nil && !step.Form.Each.Empty() {
			e.Fields = append(e.Fields, s.rowFields(step, r.Fields[k])...)
			continue
		}
		e.Fields = append(e.Fields, port.EvidenceField{ID: k, Label: s.label(r.Step, k), Value: r.Fields[k], Text: s.readable(r.Step, k, r.Fields[k])})
	}
	return e
}

func (s *session) questionOrder(step string) []string {
	var out []string
	for _, q := range s.questionsOf(step) {
		out = append(out, q.ID.V)
	}
	return out
}

// questionsOf are the questions of a step as people were asked them.
func (s *session) questionsOf(step string) []playbooks.Question {
	for _, a := range slices.Backward(s.asks) {
		if a.Step == step && a.Item == s.itemOf(step) && len(a.Body.Questions) > 0 {
			return a.Body.Questions
		}
	}
	st := s.def.Playbook.Step(step)
	switch {
	case st == nil:
		return nil
	case st.Form != nil:
		return st.Form.Questions
	case st.Task != nil:
		return st.Task.Questions
	}
	return nil
}

// label is how people call a field: the question's text.
func (s *session) label(step, field string) string {
	for _, q := range s.questionsOf(step) {
		if q.ID.V == field {
			return q.Text.V
		}
	}
	return sentence(words(field))
}

// labelJoined stands before what happened while the run was open.
const labelJoined = "Since this began"

// facts is the evidence in short, as a card shows it.
func (s *session) facts(d *evidence) []port.Field {
	var out []port.Field
	if len(d.Joined) > 0 {
		out = append(out, port.Field{Label: labelJoined, Value: joinLines(d.Joined)})
	}
	for _, st := range d.Steps {
		if st.Kind == string(playbooks.KindTask) {
			out = append(out, port.Field{Label: st.Title, Value: s.taskFact(st)})
			continue
		}
		for _, f := range st.Fields {
			out = append(out, port.Field{Label: f.Label, Value: f.Text})
		}
	}
	return out
}

func (s *session) taskFact(st port.EvidenceStep) string {
	text := "done by " + s.name(st.By)
	for _, f := range st.Fields {
		if f.ID == "evidence" && f.Text != "" {
			text += "\n" + f.Text
		}
	}
	return text
}

func evidenceText(m map[string]any) string {
	name, _ := m["name"].(string)
	if sum, _ := m["sha256"].(string); sum != "" {
		return name + " (file, sha256 " + sum[:min(12, len(sum))] + ")"
	}
	url, _ := m["url"].(string)
	if name == "" || name == url {
		return url + " (link, not bound)"
	}
	return name + ": " + url + " (link, not bound)"
}

// readable prints a value as people say it: option labels, names, yes and no.
func (s *session) readable(step, field string, v any) string {
	for _, q := range s.questionsOf(step) {
		if q.ID.V == field {
			return s.answerText(q, v)
		}
	}
	if chosen, ok := v.(map[string]any); ok && field == "choice" {
		if st := s.def.Playbook.Step(step); st != nil && st.Approval != nil {
			return s.chosenText(st, chosen)
		}
	}
	if st := s.def.Playbook.Step(step); st != nil && st.Kind == playbooks.KindCollect {
		return s.collectedText(v)
	}
	if items, ok := v.([]any); ok && field == "evidence" {
		var lines []string
		for _, i := range items {
			m, _ := i.(map[string]any)
			lines = append(lines, evidenceText(m))
		}
		return joinLines(lines)
	}
	return plain(v)
}

func (s *session) answerText(q playbooks.Question, v any) string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if q.Type.V == playbooks.TypeRows {
		return s.cellTexts(q, list)
	}
	var out []string
	for _, e := range list {
		text := plain(e)
		options := q.Options
		if q.Type.V == playbooks.TypeCountries {
			options = playbooks.Countries()
		}
		for _, o := range options {
			if o.ID.V == text {
				text = o.Label.V
			}
		}
		if q.Type.V == playbooks.TypePerson || q.Type.V == playbooks.TypePersons {
			text = s.name(text)
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

func plain(v any) string {
	switch x := v.(type) {
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case string:
		return x
	case float64:
		whole, part, _ := strings.Cut(strings.TrimRight(fmt.Sprintf("%.6f", x), "0"), ".")
		if part != "" {
			part = "." + part
		}
		return thousands(whole) + part
	case int64:
		return thousands(fmt.Sprint(x))
	case []any:
		var out []string
		for _, e := range x {
			out = append(out, plain(e))
		}
		return strings.Join(out, ", ")
	case map[string]any:
		b, _ := json.Marshal(x)
		return string(b)
	}
	return fmt.Sprint(v)
}

// thousands puts commas into a whole number of five digits and more.
func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < 5 {
		return sign + digits
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
