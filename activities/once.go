package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Pauses after a failed attempt whose answer named none.
const (
	pauseDefinite = time.Second      // refused for now: outside limits, server busy
	pauseForever  = 30 * time.Second // cannot work until somebody mends the set-up
	pauseClaimed  = time.Second      // another attempt holds the claim
	// maxPause is how long an effect waits at most before it is looked at again.
	// What the outside asks for beyond is kept by the vendor's limiter: no call is
	// made meanwhile. A clock that is set back thus holds nothing up for long.
	maxPause = time.Minute
)

// pauseFor is how long to wait after a refusal that named a pause.
func pauseFor(asked, least time.Duration) time.Duration { return min(max(asked, least), maxPause) }

// longestTry is how long an attempt and what it did may be out of sight.
func (a *Activities) longestTry() time.Duration { return RegularClaim + a.IndexAllowance }

// once makes one attempt at an effect and stores what became of it. The
// intent was stored before; an attempt claims it until the claim ends and
// gives up callMargin earlier. Where an earlier attempt may have worked, the
// outside is searched by key first, and only after the index allowance.
func (a *Activities) once(ctx context.Context, e port.Effect, list *effectList, claim time.Duration) (port.Effect, error) {
	now := a.Now()
	if seen := e.ClaimedUntil.Add(a.allowance(e)); maybeDone(e) && now.Before(seen) {
		e.NotBefore = seen
		return e, nil
	}
	claimed, err := a.Ledger.Claim(ctx, e.Key, now, now.Add(claim))
	if errors.Is(err, port.ErrConflict) {
		e.NotBefore = now.Add(pauseClaimed)
		return e, nil
	}
	if err != nil {
		return e, fmt.Errorf("claim effect %s: %w", e.Key, err)
	}
	if finished(claimed) {
		return claimed, nil
	}
	if why := list.needless(claimed); why != "" {
		claimed.State, claimed.LastError = port.EffectSuperseded, why
		return claimed, a.settle(ctx, claimed)
	}
	// The claim runs from before it was stored: a database that took its time has
	// used some of it up.
	left := claim - callMargin - a.Now().Sub(now)
	if left <= 0 {
		err := errClaimedLate
		if maybeDone(claimed) { // what an earlier attempt did is still to be looked for
			err = &lookError{err: err}
		}
		claimed.ClaimedUntil = now.Add(claim)
		return a.conclude(ctx, claimed, port.Outcome{}, err, list.ended)
	}
	call, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	out, err := a.attempt(call, claimed, list)
	claimed.ClaimedUntil = now.Add(claim)
	return a.conclude(ctx, claimed, out, err, list.ended)
}

// errClaimedLate is the outcome of an attempt that had no time left to call.
var errClaimedLate error = &port.OutsideError{
	Target: "ledger", Call: "claim", Code: "late", Definite: true, Err: errors.New("nothing was called"),
}

// allowance is how long after a claim the outside may still hide what it did.
// Setting a value again is harmless: such an effect is not looked for.
func (a *Activities) allowance(e port.Effect) time.Duration {
	if inLine(e) {
		return 0
	}
	return a.IndexAllowance
}

// maybeDone tells whether an earlier attempt may have worked: its answer was
// lost, or its process died before storing it.
func maybeDone(e port.Effect) bool {
	return e.State == port.EffectUnknown || (e.Attempts > 0 && !e.ClaimedUntil.IsZero())
}

// conclude sorts an attempt into done, refused or unknown, and stores it. ended
// says that the run is over.
func (a *Activities) conclude(ctx context.Context, e port.Effect, out port.Outcome, err error, ended bool) (port.Effect, error) {
	now := a.Now()
	e.LastError = ""
	var o *port.OutsideError
	var look *lookError
	switch {
	case err == nil:
		e.State, e.Outcome, e.ClaimedUntil = port.EffectDone, out, time.Time{}
	case errors.As(err, &look):
		// Not knowing stays not knowing: a refused look proves nothing.
		e.State, e.LastError, e.NotBefore = port.EffectUnknown, err.Error(), now.Add(look.pause())
	case e.Kind == port.EffectPrivate:
		e.State, e.LastError = port.EffectFailed, err.Error() // best effort, at most once
	case errors.As(err, &o) && o.Definite:
		e.State, e.LastError, e.ClaimedUntil = port.EffectIntent, err.Error(), time.Time{}
		e.NotBefore = now.Add(pauseFor(o.Retry, pauseDefinite))
		if o.Forever {
			e.NotBefore = now.Add(pauseFor(o.Retry, pauseForever))
			if gone(e, o) || ended && unreachable(e, o) {
				e.State = port.EffectFailed
			}
		}
	default:
		e.State, e.LastError = port.EffectUnknown, err.Error()
		e.NotBefore = e.ClaimedUntil.Add(a.allowance(e))
	}
	if e.State != port.EffectDone {
		a.Logger.Warn("an effect outside did not work at once", "kind", e.Kind, "run", e.Run, "step", e.Step, "key", e.Key, "error", e.LastError, "again", e.NotBefore)
	}
	// The outcome must be stored even when the caller's time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callMargin/2)
	defer cancel()
	return e, a.settle(ctx, e)
}

// lookError is a failed search for what an earlier attempt may have done.
type lookError struct{ err error }

func (e *lookError) Error() string { return "look for an earlier attempt: " + e.err.Error() }
func (e *lookError) Unwrap() error { return e.err }

func (e *lookError) pause() time.Duration {
	var o *port.OutsideError
	if errors.As(e.err, &o) {
		return pauseFor(o.Retry, pauseDefinite)
	}
	return pauseDefinite
}

// gone tells whether what an edit, comment or move is about is no longer
// there: then there is nothing left to change.
func gone(e port.Effect, o *port.OutsideError) bool {
	if e.Kind == port.EffectPost || e.Kind == port.EffectIssue {
		return false
	}
	switch o.Code {
	case "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "404":
		return true
	}
	return false
}

// unreachable tells whether a message can reach nobody: its person or channel is
// no more, or it asks something although the run is over.
func unreachable(e port.Effect, o *port.OutsideError) bool {
	if e.Kind != port.EffectPost {
		return false
	}
	switch e.Purpose {
	case "ask", "remind", "escalate", purposeSplit:
		return true
	}
	switch o.Code {
	case codeNoAccount, "user_not_found", "channel_not_found", "is_archived":
		return true
	}
	return false
}

// codeNoAccount is our own: the organisation file names no account.
const codeNoAccount = "no_account"

func (a *Activities) settle(ctx context.Context, e port.Effect) error {
	var rec *port.Record
	if e.State == port.EffectDone || e.State == port.EffectFailed {
		kind := "effect." + e.State
		rec = &port.Record{
			Key: port.RecordKey(e.Place, kind, e.Key, e.N), Place: e.Place, At: a.Now(), Kind: kind,
			Header: map[string]string{"effect": e.Kind, "purpose": e.Purpose, "key": e.Key, "issue": e.Outcome.Issue, "error": e.LastError},
		}
		markRecord(rec, ofExercise(e))
		if e.Outcome.TS != "" { // where a direct message stands says whose it is
			rec.Body = map[string]any{"channel": e.Outcome.Channel, "ts": e.Outcome.TS}
		}
	}
	if err := a.Ledger.Settle(ctx, e, rec); err != nil {
		return fmt.Errorf("store the outcome of effect %s: %w", e.Key, err)
	}
	port.Watching(a.Watch).Tried(e)
	return nil
}

// attempt makes the call. Where an earlier attempt may have worked it looks
// first; setting a value again is harmless and needs no look.
func (a *Activities) attempt(ctx context.Context, e port.Effect, list *effectList) (port.Outcome, error) {
	of, _ := list.of(e)
	switch e.Kind {
	case port.EffectPost:
		return a.post(ctx, e, of, list)
	case port.EffectEdit:
		var c port.Card
		if err := json.Unmarshal(e.Body, &c); err != nil {
			return port.Outcome{}, broken(e, err)
		}
		return of.Outcome, a.Messenger.Edit(ctx, of.Outcome, c)
	case port.EffectPrivate:
		var p port.Private
		if err := json.Unmarshal(e.Body, &p); err != nil {
			return port.Outcome{}, broken(e, err)
		}
		if maybeDone(e) {
			return port.Outcome{}, errors.New("not repeated: it may have been seen already")
		}
		return port.Outcome{Channel: p.Channel}, a.Messenger.Private(ctx, p)
	}
	return a.attemptJira(ctx, e, of)
}

func (a *Activities) post(ctx context.Context, e, of port.Effect, list *effectList) (port.Outcome, error) {
	var c port.Card
	if err := json.Unmarshal(e.Body, &c); err != nil {
		return port.Outcome{}, broken(e, err)
	}
	user, err := a.slackUser(ctx, c.To)
	if err != nil {
		return port.Outcome{}, err
	}
	thread := ""
	if c.ThreadOf != "" {
		thread = of.Outcome.TS
	}
	if c.LinkIssue && of.Outcome.Issue != "" {
		c.Links = append(c.Links, port.Link{Label: "Open " + of.Outcome.Issue + " in Jira", URL: of.Outcome.URL})
	}
	if maybeDone(e) {
		found, err := a.Messenger.Find(ctx, e.Key, c, user, thread, e.IntendedAt.Add(-time.Minute))
		if err != nil {
			return port.Outcome{}, &lookError{err}
		}
		if len(found) > 0 {
			return a.adopt(ctx, found)
		}
	}
	return a.Messenger.Post(ctx, e.Key, c, user, thread)
}

// adopt takes the first copy as ours and removes the others.
func (a *Activities) adopt(ctx context.Context, found []port.Outcome) (port.Outcome, error) {
	out := found[0]
	out.Found = true
	for _, d := range found[1:] {
		if err := a.Messenger.Remove(ctx, d); err != nil {
			return port.Outcome{}, &lookError{err}
		}
		out.Doubles = append(out.Doubles, d.TS)
	}
	return out, nil
}

// slackUser is the Slack user id of a person addressee; empty for channels.
func (a *Activities) slackUser(ctx context.Context, to port.Addressee) (string, error) {
	if to.Person == "" {
		return "", nil
	}
	o, err := a.Ledger.SnapshotAt(ctx, a.Now())
	if err != nil {
		return "", fmt.Errorf("read the organisation: %w", err)
	}
	p, ok := o.Person(to.Person)
	if !ok || p.Slack.User == "" {
		return "", &port.OutsideError{Target: "slack", Call: "post", Code: codeNoAccount, Definite: true, Forever: true, Err: errors.New("the addressee has no Slack account in the organisation file")}
	}
	return p.Slack.User, nil
}

// broken is a body this version cannot read: it cannot work until the binary
// or the ledger is mended, and nothing has happened outside.
func broken(e port.Effect, err error) error {
	return &port.OutsideError{Target: "ledger", Call: e.Kind, Code: "broken_body", Definite: true, Forever: true, Err: err}
}
