package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// overHTTP posts to the bot, signed as Slack signs unless the case says
// otherwise.
func (s *scene) overHTTP(p *press, kind string, payload []byte) reply {
	s.t.Helper()
	door := slackDoor[kind]
	body := string(payload)
	switch kind {
	case kindPress, kindSubmit:
		body = url.Values{"payload": {body}}.Encode() + p.Form
	case kindCommand:
		body = commandForm(payload).Encode() + p.Form
	}
	req, err := http.NewRequestWithContext(s.t.Context(), cmp.Or(p.Method, http.MethodPost), s.bot+cmp.Or(p.Path, door.path)+p.Query, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", door.content)
	if !p.Unsigned {
		signed := body
		if p.SignOther {
			signed += "&"
		}
		at := strconv.FormatInt(s.demo.box.Now().Add(-p.Ago).Unix(), 10)
		version := cmp.Or(p.Version, "v0")
		req.Header.Set("X-Slack-Request-Timestamp", at)
		req.Header.Set("X-Slack-Signature", version+"="+mac(cmp.Or(p.Secret, sandbox.SigningSecret), version+":"+at+":"+signed))
	}
	return s.request(req, p.Headers)
}

func commandForm(payload []byte) url.Values {
	fields, out := map[string]any{}, url.Values{}
	if json.Unmarshal(payload, &fields) != nil {
		return url.Values{"payload": {string(payload)}}
	}
	for name, v := range fields {
		out.Set(name, fmt.Sprint(v))
	}
	return out
}

func mac(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// requestPatience is how long an attacker waits for an answer.
const requestPatience = 15 * time.Second

// request makes a request with more headers: "-Name" takes one away, and one
// that is there already comes a second time.
func (s *scene) request(req *http.Request, headers [][2]string) reply {
	s.t.Helper()
	for _, h := range headers {
		switch name, cut := strings.CutPrefix(h[0], "-"); {
		case cut:
			req.Header.Del(name)
		case name == "Content-Type":
			req.Header.Set(name, h[1])
		default:
			req.Header.Add(name, h[1])
		}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: requestPatience}
	res, err := client.Do(req)
	if err != nil {
		return reply{0, ""}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{0, ""}
	}
	return reply{res.StatusCode, string(bytes.TrimSpace(b))}
}

// slow sends the head of a request and nothing of its body, and waits for what
// is answered.
func (s *scene) slow(req *http.Request, headers ...[2]string) reply {
	s.t.Helper()
	conn, err := net.Dial("tcp", req.URL.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n", req.Method, req.URL.Path, req.URL.Host)
	for _, h := range headers {
		head += h[0] + ": " + h[1] + "\r\n"
	}
	if err := conn.SetDeadline(time.Now().Add(requestPatience)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		s.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return reply{}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}
	}
	return reply{res.StatusCode, string(b)}
}
