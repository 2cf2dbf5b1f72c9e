package activities

import (
	"encoding/json"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// What an exercise says about itself, wherever it is read.
const (
	exerciseMark = "EXERCISE: "
	exerciseNote = "This is an exercise, no real case. Do not send or report anything outside the organisation; say in your answers what you would have sent."
	// factExercise is the header fact of all records of an exercise.
	factExercise = "exercise"
	// kindNotWritten is the kind of the record of what an exercise would have
	// written into the register.
	kindNotWritten = "register.not_written"
)

// marked says in whatever is shown for an exercise that it is one.
func (s *session) marked(body any) any {
	if !s.state.Run.Exercise {
		return body
	}
	switch b := body.(type) {
	case port.Card:
		b.Title, b.Lines, b.Exercise = exerciseMark+b.Title, append([]string{exerciseNote}, b.Lines...), true
		return b
	case port.Private:
		b.Text, b.Exercise = exerciseMark+b.Text, true
		return b
	case port.Issue:
		if b.Exercise { // one made again has the marks of the first
			return b
		}
		b.Summary, b.Description, b.Exercise = exerciseMark+b.Summary, exerciseMark+exerciseNote+"\n\n"+b.Description, true
		return b
	case port.Comment:
		b.Text, b.Exercise = exerciseMark+b.Text, true
		return b
	case port.Move:
		b.Exercise = true
		return b
	case port.IssueUpdate:
		if b.Summary != "" {
			b.Summary = exerciseMark + b.Summary
		}
		b.Exercise = true
		return b
	}
	return body
}

// markRecord says in a record that it is of an exercise.
func markRecord(r *port.Record, exercise bool) {
	if !exercise {
		return
	}
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[factExercise] = "true"
}

// ofExercise tells whether an effect is one of an exercise, by what is sent.
func ofExercise(e port.Effect) bool {
	var b struct {
		Exercise bool `json:"exercise"`
	}
	return json.Unmarshal(e.Body, &b) == nil && b.Exercise
}

// writeFacts has the facts of a step written with the batch. Those of an exercise
// are not: the run alone goes on as if they were.
func (s *session) writeFacts(facts []org.Fact) {
	if !s.state.Run.Exercise {
		s.batch.Facts = append(s.batch.Facts, facts...)
		return
	}
	for _, f := range facts {
		s.state.Unwritten = append(s.state.Unwritten, whole(f))
	}
}

// writtenKind is the kind of the record of what a step writes.
func (s *session) writtenKind() string {
	if s.state.Run.Exercise {
		return kindNotWritten
	}
	return kindWritten
}
