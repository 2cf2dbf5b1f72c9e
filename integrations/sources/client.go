// Package sources reads facts from the places outside that the organisation file
// names: JSON over HTTPS, and MLflow's model registry.
package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	// maxBody is how much of an answer is read, in bytes; ours: facts are lists, not
	// data sets.
	maxBody = 10 << 20
	// maxRedirects is how often an answer may lead on, always to the same host.
	maxRedirects = 3
	// callTime is how long one call may take; the activity has a minute.
	callTime = 20 * time.Second
)

// Reader reads facts outside. It is safe for concurrent use.
type Reader struct {
	// Secret is the value of an environment variable; ok tells whether it is set.
	Secret func(name string) (value string, ok bool)

	public, private *http.Client
}

// New makes a reader.
func New(secret func(name string) (string, bool)) *Reader {
	return &Reader{Secret: secret, public: newClient(false), private: newClient(true)}
}

// JSON reads what a source answers at a path.
func (r *Reader) JSON(ctx context.Context, from org.Source, path string) (any, error) {
	var body any
	if err := r.get(ctx, from, path, &body); err != nil {
		return nil, err
	}
	return body, nil
}

// address is where a path of a source is. What follows from the path must stay
// with the source: neither another host nor a folder above.
func address(from org.Source, path string) (string, error) {
	u, err := url.Parse(from.URL + path)
	base, baseErr := url.Parse(from.URL)
	switch {
	case err != nil || baseErr != nil || !strings.HasPrefix(path, "/"):
		return "", &port.RemoteError{Reason: fmt.Sprintf("%q is no path below %s", path, from.URL)}
	case u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil || strings.Contains(u.Path+"/", "/../"):
		return "", &port.RemoteError{Reason: fmt.Sprintf("%q leads away from %s", path, from.URL)}
	}
	return u.String(), nil
}

// get reads one answer into out.
func (r *Reader) get(ctx context.Context, from org.Source, path string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	at, err := address(from, path)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return &port.RemoteError{Reason: fmt.Sprintf("%q is no path below %s", path, from.URL)}
	}
	req.Header.Set("Accept", "application/json")
	if err := r.authorize(req, from); err != nil {
		return err
	}
	client := r.public
	if from.Private {
		client = r.private
	}
	resp, err := client.Do(req)
	if err != nil {
		return unreached(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return answered(resp)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return &port.RemoteError{Reason: "the answer broke off", Again: true}
	case len(raw) > maxBody:
		return &port.RemoteError{Reason: fmt.Sprintf("the answer is larger than %d MB. Ask for less in the path", maxBody>>20)}
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return &port.RemoteError{Reason: "the answer is not the JSON that was expected"}
	}
	return nil
}

func (r *Reader) authorize(req *http.Request, from org.Source) error {
	if from.Token == "" {
		return nil
	}
	secret, ok := r.Secret(from.Token)
	switch {
	case !ok || secret == "":
		return &port.RemoteError{Reason: from.Token + " is not set where the bot runs, so " + from.ID + " cannot be asked"}
	case from.User != "":
		req.SetBasicAuth(from.User, secret)
	default:
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	return nil
}

// unreached says why there was no answer, without the address: its host stands
// beside it anyway, and a path may hold what no log should.
func unreached(err error) error {
	var refused *refusedError
	if errors.As(err, &refused) {
		return &port.RemoteError{Reason: refused.Error()}
	}
	var bad *url.Error
	if errors.As(err, &bad) {
		err = bad.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &port.RemoteError{Reason: fmt.Sprintf("no answer within %s", callTime), Again: true}
	}
	return &port.RemoteError{Reason: "it cannot be reached: " + err.Error(), Again: true}
}

// answered says what another answer than the wanted one means.
func answered(resp *http.Response) error {
	e := &port.RemoteError{Reason: "it answers " + resp.Status}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		e.Reason += ": the token does not open it"
	case code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		e.Again, e.After = true, retryAfter(resp.Header.Get("Retry-After"))
	}
	return e
}

// retryAfter reads the pause an answer asks for, in seconds or as an instant.
func retryAfter(v string) time.Duration {
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
