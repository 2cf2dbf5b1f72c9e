package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// command prepares the program itself with the environment of the town.
func (w *town) command(args ...string) *exec.Cmd {
	cmd := exec.Command("aimsbot", append(args, "--data", filepath.Join(w.dir, "d"))...)
	cmd.Env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+sandbox.BotToken, "SLACK_APP_TOKEN="+sandbox.AppToken, "SLACK_API_URL="+w.base+sandbox.SlackPath+"/api/",
		"JIRA_URL="+w.base+sandbox.JiraPath, "JIRA_EMAIL="+sandbox.JiraEmail, "JIRA_TOKEN="+sandbox.JiraToken,
		"JIRA_WEBHOOK_SECRET="+sandbox.WebhookSecret, "AIMSBOT_INDEX_ALLOWANCE="+sandboxAllowance.String(), "AIMSBOT_LIMITS=off",
		"AIMSBOT_CODEC_ORIGIN=http://127.0.0.1:8233", "AIMSBOT_KEY="+keyA)
	cmd.Env = append(cmd.Env, w.environ...)
	return cmd
}

// serve runs `serve` until the test ends and returns what it announced.
func (w *town) serve() (said string) {
	w.t.Helper()
	config, err := filepath.Abs("../../playbooks/library/demo")
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := w.command("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--config", config)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(hardStop+5*time.Second, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			w.t.Errorf("serve ended with: %v\n%s", err, &complaints)
		}
		if bytes.Contains(complaints.Bytes(), []byte(keyA)) || bytes.Contains(complaints.Bytes(), []byte(w.temporal.Token)) {
			w.t.Error("the log holds a key")
		}
	})
	said, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		w.t.Fatalf("serve said nothing: %v\n%s", err, &complaints)
	}
	return strings.TrimSpace(said)
}

// says runs a command of the program and returns what it prints.
func (w *town) says(args ...string) string {
	w.t.Helper()
	cmd := w.command(args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%v: %v\n%s", args, err, &complaints)
	}
	return string(out)
}

// TestServeOutsideTemporal runs the program itself on the outside service and
// asks it with every command, and its codec for what the service holds.
func TestServeOutsideTemporal(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	said := w.serve()
	var started struct{ Run string }
	if err := json.Unmarshal([]byte(w.says("start", "impact-assessment", "cv-screener", "--by", "max", "--json")), &started); err != nil {
		t.Fatal(err)
	}
	w.message("olive", "answer", "What does CV screener do")
	for _, args := range [][]string{{"runs"}, {"show", started.Run}, {"why", started.Run}} {
		if out := w.says(args...); !strings.Contains(out, "olive") && !strings.Contains(out, "Olive") {
			t.Errorf("%v does not say whom it waits for: %s", args, out)
		}
	}
	w.decodes(said)
	w.measures(said)
	if out := w.says("cancel", started.Run, "--reason", "The system is retired", "--by", "max"); !strings.Contains(out, started.Run) {
		t.Errorf("cancel says %q", out)
	}
	pack := filepath.Join(w.dir, "pack")
	w.says("evidence", "export", "--run", started.Run, "--out", pack)
	w.says("evidence", "verify", pack, "--self")
}

// decodes reads a run's input through the codec that serve announced.
func (w *town) decodes(said string) {
	w.t.Helper()
	_, endpoint, found := strings.Cut(said, "the codec for Temporal's tools on ")
	token, err := os.ReadFile(filepath.Join(w.dir, "d", "codec.token"))
	if err != nil || !found {
		w.t.Fatalf("%v, %q", err, said)
	}
	sealed := w.inputs()
	remote := func(token string) converter.PayloadCodec {
		return converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: endpoint, ModifyRequest: func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}})
	}
	open, err := remote(strings.TrimSpace(string(token))).Decode(sealed)
	if err != nil || !bytes.Contains(open[0].GetData(), []byte("CV screener")) {
		w.t.Errorf("with the token: %v", err)
	}
	if _, err := remote(w.temporal.Token).Decode(sealed); err == nil {
		w.t.Error("another token opens it too")
	}
	res, err := http.Get(strings.TrimSuffix(endpoint, temporal.CodecPath) + "/readyz")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusNotFound {
		w.t.Errorf("the codec's listener serves more than the codec: %s", res.Status)
	}
}

// inputs are the payloads of a run's input, as the service holds them.
func (w *town) inputs() []*commonpb.Payload {
	w.t.Helper()
	service := w.settings(keyA).Temporal
	keys, err := temporal.ParseKeys(keyB) // nothing of ours can be read with it
	if err != nil {
		w.t.Fatal(err)
	}
	codec, err := temporal.NewCodec(keys)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := service.Reach(w.t.Context(), temporal.ClientOptions{Codec: codec})
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	var id string
	w.until("a run in the list", func() bool {
		for _, name := range w.executionsOf(c, "Run") {
			id = name
		}
		return id != ""
	})
	h := c.GetWorkflowHistory(w.t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := h.Next()
	if err != nil {
		w.t.Fatal(err)
	}
	return first.GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()
}

// TestServeCannotStart: each is one line and the exit code that fits.
func TestServeCannotStart(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	for name, c := range map[string]struct {
		set  []string
		args []string
		code int
		want string
	}{
		"unreachable":  {[]string{"TEMPORAL_ADDRESS=127.0.0.1:1"}, nil, exitUnreachable, "the Temporal at 127.0.0.1:1 cannot be reached"},
		"namespace":    {[]string{"TEMPORAL_NAMESPACE=nowhere"}, nil, exitUnreachable, "has no namespace nowhere"},
		"refused":      {[]string{"TEMPORAL_API_KEY=hush"}, nil, exitUnreachable, "refuses the API key"},
		"no TLS":       {[]string{"TEMPORAL_ADDRESS=t.example.com:7233"}, nil, exitUsage, "TLS is off"},
		"no key":       {[]string{"TEMPORAL_ADDRESS=t.example.com:7233", "TEMPORAL_TLS=true", "AIMSBOT_KEY="}, nil, exitUsage, "AIMSBOT_KEY is not set"},
		"test key":     {[]string{"AIMSBOT_KEY=" + temporal.TestKey}, nil, exitUsage, "published test key"},
		"origin":       {[]string{"AIMSBOT_CODEC_ORIGIN=https://ui.example.com/namespaces"}, nil, exitUsage, "AIMSBOT_CODEC_ORIGIN is"},
		"plain origin": {[]string{"AIMSBOT_CODEC_ORIGIN=http://ui.example.com"}, nil, exitUsage, "AIMSBOT_CODEC_ORIGIN is"},
		"codec token":  {[]string{"AIMSBOT_CODEC_TOKEN=hush"}, []string{"--admin", "127.0.0.1:0"}, exitUsage, "at least 32 are needed"},
		"open codec":   {nil, []string{"--admin", "0.0.0.0:0"}, exitUsage, "it shows what is encrypted elsewhere, so it listens on loopback only"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := w.command(append([]string{"serve", "--listen", "127.0.0.1:0", "--config", "../../playbooks/library/demo"}, c.args...)...)
			cmd.Env = append(cmd.Env, c.set...)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != c.code || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, %s; want %d and %q", err, out, c.code, c.want)
			}
			if strings.Contains(string(out), "hush") || strings.Contains(string(out), temporal.TestKey) {
				t.Errorf("a secret is in: %s", out)
			}
		})
	}
}

// measures reads the metrics where `serve` said that they are, and not where
// Slack and Jira come in.
func (w *town) measures(said string) {
	w.t.Helper()
	urls := regexp.MustCompile(`http://[0-9.:]+`).FindAllString(said, -1)
	if len(urls) != 3 || !strings.Contains(said, "metrics on "+urls[1]+"/metrics") {
		w.t.Fatalf("serve says %q", said)
	}
	for url, want := range map[string]int{urls[0]: http.StatusNotFound, urls[1]: http.StatusOK} {
		res, err := http.Get(url + "/metrics")
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != want {
			w.t.Errorf("%s/metrics: %s %v", url, res.Status, err)
		}
		if want == http.StatusOK && !strings.Contains(string(b), "\naimsbot_runs_open 1\n") {
			w.t.Errorf("the metrics do not show the open run:\n%s", b)
		}
	}
}
