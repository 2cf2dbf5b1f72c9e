package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// benchPeople play the people of many runs at once, by what they see in the
// sandbox. Each run is about a system of its own, by whose name its messages
// and issues are told from the others'.
type benchPeople struct {
	box  string
	http *http.Client

	mu       sync.Mutex
	news     chan struct{} // closed and made anew when something was seen
	messages map[string]map[string]message
	issues   map[string]map[string]issue
	views    map[string]json.RawMessage // by the token they carry
	viewIDs  map[string]string
	acks     []int64 // ms from press to acknowledgement
	failed   error
}

func newBenchPeople(box string) *benchPeople {
	return &benchPeople{
		box: box, http: &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, news: make(chan struct{}),
		messages: map[string]map[string]message{}, issues: map[string]map[string]issue{}, views: map[string]json.RawMessage{}, viewIDs: map[string]string{},
	}
}

var (
	benchSystem = regexp.MustCompile(`System \d{3}`)
	benchValue  = regexp.MustCompile(`v1\.[a-z2-7]{26}`)
)

// watch follows the sandbox until ctx ends.
func (p *benchPeople) watch(ctx context.Context) {
	for since := int64(0); ctx.Err() == nil; {
		var s struct {
			boxState
			Seq int64 `json:"seq"`
		}
		if err := p.get(ctx, fmt.Sprintf("%s/_control/state?since=%d&wait=5s", p.box, since), &s); err != nil {
			if ctx.Err() == nil {
				p.fail(err)
			}
			return
		}
		since = s.Seq
		p.see(s.boxState)
		// People look again after a moment; the sandbox has better things to do.
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *benchPeople) see(s boxState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range s.Messages {
		put(p.messages, benchSystem.FindString(m.Text+string(m.Blocks)), m.Channel+m.TS, m)
	}
	for _, i := range s.Issues {
		put(p.issues, benchSystem.FindString(i.Summary), i.Key, i)
	}
	for _, v := range s.Views {
		token := benchValue.FindString(string(v.View))
		p.views[token], p.viewIDs[token] = v.View, v.ID
	}
	close(p.news)
	p.news = make(chan struct{})
}

func put[T any](all map[string]map[string]T, system, key string, v T) {
	if all[system] == nil {
		all[system] = map[string]T{}
	}
	all[system][key] = v
}

func (p *benchPeople) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed = err
	}
	close(p.news)
	p.news = make(chan struct{})
}

// until waits for something to be seen.
func (p *benchPeople) until(ctx context.Context, what string, is func() bool) error {
	for {
		p.mu.Lock()
		seen, news, failed := is(), p.news, p.failed
		p.mu.Unlock()
		if seen || failed != nil {
			return failed
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w", what, ctx.Err())
		case <-news:
		}
	}
}

// message waits for a message about a system in a channel or to a person.
func (p *benchPeople) message(ctx context.Context, system, to, words string) (found message, err error) {
	err = p.until(ctx, words+" to "+to+" about "+system, func() bool {
		for _, m := range p.messages[system] {
			if (m.To == to || m.Channel == to) && strings.Contains(m.Text+string(m.Blocks), words) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// press presses a button of a message as a person.
func (p *benchPeople) press(ctx context.Context, user string, m message, action string) error {
	return p.acknowledged(ctx, "click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": action, "value": benchValue.FindString(string(m.Blocks))})
}

// acknowledged posts what a person does and keeps how long the bot took. Where
// Slack says that nobody answered in time, people do it again.
func (p *benchPeople) acknowledged(ctx context.Context, what string, body map[string]any) error {
	for {
		var a ack
		if err := p.post(ctx, p.box+"/_control/"+what, body, &a); err != nil {
			return err
		}
		if a.Status == http.StatusOK {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.acks = append(p.acks, a.Ms)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: status %d: %s: %w", what, a.Status, a.Body, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

// answer opens the form of a message and sends it filled in.
func (p *benchPeople) answer(ctx context.Context, owner string, m message) error {
	token := benchValue.FindString(string(m.Blocks))
	if err := p.window(ctx, owner, m, token); err != nil {
		return err
	}
	p.mu.Lock()
	raw, id := p.views[token], p.viewIDs[token]
	p.mu.Unlock()
	var view struct {
		Blocks []struct {
			BlockID string `json:"block_id"`
			Element struct {
				Type     string `json:"type"`
				ActionID string `json:"action_id"`
			} `json:"element"`
		} `json:"blocks"`
	}
	if err := json.Unmarshal(raw, &view); err != nil {
		return err
	}
	values := map[string]any{}
	for _, b := range view.Blocks {
		if a, given := largeAnswers[b.BlockID]; given {
			values[b.BlockID] = map[string]any{b.Element.ActionID: inputValue(b.Element.Type, a)}
		}
	}
	return p.acknowledged(ctx, "submit", map[string]any{"user": owner, "view_id": id, "values": values})
}

// window opens the form of a message. Where none opens, people press again.
func (p *benchPeople) window(ctx context.Context, owner string, m message, token string) error {
	for {
		if err := p.press(ctx, owner, m, "answer"); err != nil {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, windowPatience)
		err := p.until(soon, "the window", func() bool { return p.views[token] != nil })
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// windowPatience is how long people wait for a window before they press again.
const windowPatience = 10 * time.Second

// task finishes an issue in Jira with a report.
func (p *benchPeople) task(ctx context.Context, system, words, lead string, rest func()) error {
	var key string
	err := p.until(ctx, "the issue "+words+" about "+system, func() bool {
		for _, i := range p.issues[system] {
			if strings.HasSuffix(i.Summary, words) {
				key = i.Key
			}
		}
		return key != ""
	})
	if err != nil {
		return err
	}
	for _, act := range []map[string]any{
		{"link": map[string]any{"title": "Report", "url": "https://example.com/report"}}, {"transition": "Done"},
	} {
		act["key"], act["as"] = key, lead
		if err := p.post(ctx, p.box+"/_control/issue", act, nil); err != nil {
			return err
		}
		rest()
	}
	return nil
}

func (p *benchPeople) get(ctx context.Context, url string, out any) error {
	return p.do(ctx, http.MethodGet, url, nil, out)
}

func (p *benchPeople) post(ctx context.Context, url string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.do(ctx, http.MethodPost, url, body, out)
}

func (p *benchPeople) do(ctx context.Context, method, url string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || out == nil && res.StatusCode == http.StatusOK {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", url, body, res.Status, b)
	}
	return json.Unmarshal(b, out)
}

// play takes one run from its start to its end. rest is what people do between
// two steps.
func (p *benchPeople) play(ctx context.Context, system string, start func(ctx context.Context, system string) (string, error), rest func()) (run string, lastAsk time.Duration, err error) {
	began := time.Now()
	if run, err = start(ctx, system); err != nil {
		return run, 0, err
	}
	form, err := p.message(ctx, system, "U0"+strings.ToUpper(ownerOf(system)), `"answer"`)
	if err != nil {
		return run, 0, err
	}
	rest()
	if err := p.answer(ctx, ownerOf(system), form); err != nil {
		return run, 0, err
	}
	rest()
	for _, t := range [][2]string{{"for bias", "eli"}, {"for unsafe output", "val"}} {
		if err := p.task(ctx, system, t[0], t[1], rest); err != nil {
			return run, 0, err
		}
	}
	for _, s := range [][3]string{{"ethan", "U0ETHAN"}, {"cleo", committee}, {"carl", committee}, {"cyra", committee}} {
		m, err := p.message(ctx, system, s[1], `"approve"`)
		if err != nil {
			return run, 0, err
		}
		if s[0] == "cleo" {
			lastAsk = time.Since(began)
		}
		if err := p.press(ctx, s[0], m, "approve"); err != nil {
			return run, 0, err
		}
		rest()
	}
	_, err = p.message(ctx, system, "C0AUDIT", "has ended")
	return run, lastAsk, err
}
