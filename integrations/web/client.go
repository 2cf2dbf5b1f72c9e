package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/aimsbot/aimsbot/activities/port"
)

// maxReply is how many bytes an answer may have. The longest are the records
// of one run; beyond this the evidence pack is the way.
const maxReply = 256 << 20

// Client asks a running bot over its socket. It is a Desk.
type Client struct {
	path string
	http *http.Client
}

var _ Desk = (*Client)(nil)

// Dial finds the bot that answers on the socket. ErrNotRunning says that
// nobody does.
func Dial(path string) (*Client, error) {
	if err := checkSocketPath(path); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRunning, err) // Listen refuses it too
	}
	conn, err := net.DialTimeout("unix", path, dialBudget)
	if err != nil {
		if nobody(err) {
			return nil, fmt.Errorf("%w: nobody answers on %s", ErrNotRunning, path)
		}
		return nil, Errorf(Unreachable, "reach the bot: %w", err)
	}
	conn.Close()
	dialer := net.Dialer{Timeout: dialBudget}
	return &Client{path: path, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialer.DialContext(ctx, "unix", path) },
	}}}, nil
}

// Close frees the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Start starts a run.
func (c *Client) Start(ctx context.Context, q StartRequest) (StartReply, error) {
	return call[StartReply](ctx, c, http.MethodPost, "/v1/runs", q)
}

// Runs lists runs, newest first, without their steps and Definitions.
func (c *Client) Runs(ctx context.Context, state string) ([]port.RunRow, error) {
	return call[[]port.RunRow](ctx, c, http.MethodGet, "/v1/runs?state="+url.QueryEscape(state), nil)
}

// Run returns one run.
func (c *Client) Run(ctx context.Context, id string) (port.RunRow, error) {
	return call[port.RunRow](ctx, c, http.MethodGet, runPath(id, ""), nil)
}

// Records returns the records of a run.
func (c *Client) Records(ctx context.Context, run string) ([]port.StoredRecord, error) {
	return call[[]port.StoredRecord](ctx, c, http.MethodGet, runPath(run, "/records"), nil)
}

// Effects returns the effects of a run.
func (c *Client) Effects(ctx context.Context, run string) ([]port.Effect, error) {
	return call[[]port.Effect](ctx, c, http.MethodGet, runPath(run, "/effects"), nil)
}

// Subject is what is known of a subject.
func (c *Client) Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error) {
	return call[port.SubjectFacts](ctx, c, http.MethodGet, "/v1/subjects/"+url.PathEscape(kind)+"/"+url.PathEscape(id), nil)
}

// Cancel asks a run to end.
func (c *Client) Cancel(ctx context.Context, q CancelRequest) (CancelReply, error) {
	return call[CancelReply](ctx, c, http.MethodPost, runPath(q.Run, "/cancel"), q)
}

// Export has the bot write the evidence pack of a run.
func (c *Client) Export(ctx context.Context, run, path string) (ExportReply, error) {
	return call[ExportReply](ctx, c, http.MethodPost, runPath(run, "/export"), exportRequest{Path: path})
}

// Raise keeps that something happened.
func (c *Client) Raise(ctx context.Context, q EventRequest) (EventReply, error) {
	return call[EventReply](ctx, c, http.MethodPost, "/v1/events", q)
}

// Erase has the bot remove what people said in steps of a run.
func (c *Client) Erase(ctx context.Context, q EraseRequest) (EraseReply, error) {
	return call[EraseReply](ctx, c, http.MethodPost, runPath(q.Run, "/erase"), q)
}

func runPath(id, rest string) string { return "/v1/runs/" + url.PathEscape(id) + rest }

func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	b, err := c.send(ctx, method, path, in)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return out, Errorf(Unreachable, "the bot on %s answered something else than JSON of this version: %w", c.path, err)
	}
	return out, nil
}

func (c *Client) send(ctx context.Context, method, path string, in any) ([]byte, error) {
	var content io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		content = bytes.NewReader(b)
	}
	// The host is never looked up: the transport dials the socket.
	r, err := http.NewRequestWithContext(ctx, method, "http://aimsbot"+path, content)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	reply, err := c.http.Do(r)
	if err != nil {
		return nil, c.failed(err)
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(io.LimitReader(reply.Body, maxReply+1))
	if err != nil {
		return nil, c.failed(err)
	}
	if len(b) > maxReply {
		return nil, Errorf(Refused, "the answer is longer than %d MiB; export the run's evidence instead", maxReply>>20)
	}
	if reply.StatusCode == http.StatusOK {
		return b, nil
	}
	var p problem
	if json.Unmarshal(b, &p) != nil || p.Error == "" {
		return nil, Errorf(Unreachable, "the bot on %s answered %s to a question of this version", c.path, reply.Status)
	}
	return nil, &Error{Class: p.Class, Err: errors.New(p.Error)}
}

// failed says that the connection broke. Whether the bot did what it was asked
// is then not known.
func (c *Client) failed(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return Errorf(Unreachable, "the bot on %s did not answer in time; `aimsbot runs` shows what it did", c.path)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return Errorf(Unreachable, "the bot on %s stopped answering: %w", c.path, err)
}
