package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// camera is the sandbox page in a browser.
type camera struct {
	t    *testing.T
	ctx  context.Context
	dir  string
	size string
}

// TestScreens plays a run in a browser and fails when the page breaks. Where
// AIMSBOT_SCREENSHOTS names a folder it keeps a picture of every kind of
// message and window, for people to look at.
func TestScreens(t *testing.T) {
	t.Parallel()
	chrome, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("NO BROWSER: install chromium to see the messages as people do")
	}
	for _, s := range []struct {
		name          string
		width, height int64
	}{{"wide", 1280, 1100}, {"narrow", 390, 1400}} {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, harmReview)})
			c := newCamera(t, chrome, s.name, s.width, s.height)
			c.play(w)
			c.playRows(w)
		})
	}
}

func newCamera(t *testing.T, chrome, size string, width, height int64) *camera {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(chrome), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, end := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log(err)
		}
	})
	return &camera{t: t, ctx: ctx, dir: os.Getenv("AIMSBOT_SCREENSHOTS"), size: size}
}

func (c *camera) play(w *world) {
	run := w.start("max")
	c.do(chromedp.Navigate(w.base + "/sandbox"))
	form := w.message("olive", "answer", "What does CV screener do")
	c.look("olive", form.Channel, "What does CV screener do", "form")
	c.window("Answer", "Intended purpose", "form-window")
	w.answer(largeAnswers)
	c.look("olive", form.Channel, "Answered:", "form-answered")
	task := w.message("eli", "", "Test CV screener for bias")
	c.look("eli", task.Channel, "Evidence is required", "task")
	c.board("Test CV screener for bias", "board")
	w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	officer := w.message("ethan", "approve", "CV screener")
	c.look("ethan", officer.Channel, "Approve", "approval-officer")
	for _, b := range [][3]string{
		{"Approve with conditions", "Condition", "conditions-window"},
		{"Reject", "Why do you reject it?", "reject-window"},
		{"Ask for changes", "About: CV screener", "changes-window"},
		{"Show the evidence", "sha256", "evidence-window"},
	} {
		c.window(b[0], b[1], b[2])
	}
	ask := w.message(committee, "approve", "CV screener")
	c.look("cora", committee, "Approve", "approval-committee")
	w.press("tess", ask, "approve")
	w.press("cora", ask, "approve")
	c.look("cora", committee, "approved: Cora Castell", "approval-voted")
	c.look("tess", committee, "You are not a member", "refused")
	w.skip("720h")
	c.look("ethan", officer.Channel, "Reminder", "reminders")
	for _, m := range []string{"cleo", "cyra"} {
		w.press(m, ask, "approve")
	}
	w.press("ethan", officer, "approve")
	w.closed(run)
	w.quiet(run)
	c.look("cora", committee, "Decided: approved", "approval-decided")
	c.look("max", "C0AUDIT", "Ended", "audit")
	c.board("Sign off", "board-end")
}

// playRows looks at a form that goes through a list, asked again, and at what
// comes of it.
func (c *camera) playRows(w *world) {
	w.startHarms()
	form := w.message("olive", "answer", "What could CV screener do")
	c.look("olive", form.Channel, "What could CV screener do", "rows")
	c.window("Answer", "Physical safety", "rows-window")
	w.harms("What could CV screener do", map[string]any{"r1.sev": 4, "r2.sev": 3})
	c.look("olive", form.Channel, "Round 2", "rows-again")
	w.harms("Round 2", map[string]any{"r1.sev": 4, "r1.why": "Women rank lower", "r2.sev": 0})
	c.look("olive", form.Channel, "Why: Women rank lower", "rows-answered")
	w.harms("What is done about it?", map[string]any{"r1.measure": "Rank without names"})
	opinion := w.message("eli", "answer", "Your opinion")
	c.look("eli", opinion.Channel, "It is not a vote", "opinion")
	c.window("Answer", "Used in", "opinion-window")
	w.fill("eli", opinion, "answer", map[string]any{"text": "Explainable", "where": []string{"FR", "DE"}})
	ask := w.message("ethan", "approve", "Women rank lower")
	c.look("ethan", ask.Channel, "Women rank lower", "rows-approval")
}

// look becomes a person, opens a conversation and waits for a text.
func (c *camera) look(person, channel, text, name string) {
	c.t.Helper()
	c.do(c.js(fmt.Sprintf(`(() => { const s = document.getElementById("persona"); s.value = %q; s.dispatchEvent(new Event("change")); location.hash = "#/c/" + %q; })()`, person, channel)), c.hold(fmt.Sprintf("document.body.innerText.includes(%q)", text)))
	c.do(c.js(fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.innerText?.includes(%q)).pop()?.scrollIntoView({block: "start"})`, text)))
	c.shot(name)
}

// window presses a button of the newest message that has it, looks, and closes
// the window.
func (c *camera) window(label, text, name string) {
	c.t.Helper()
	c.do(c.js(fmt.Sprintf(`[...document.querySelectorAll("button")].filter((b) => b.innerText.trim() === %q).pop().click()`, label)),
		c.hold(fmt.Sprintf(`[...document.querySelectorAll("dialog")].pop()?.innerText.includes(%q)`, text)))
	c.shot(name)
	c.do(c.js(`[...[...document.querySelectorAll("dialog")].pop().querySelectorAll("button")].find((b) => /cancel|close/i.test(b.innerText)).click()`),
		c.hold(`document.querySelector("dialog") === null`))
}

func (c *camera) board(text, name string) {
	c.t.Helper()
	c.do(c.js(`location.hash = "#/board"`), c.hold(fmt.Sprintf("document.body.innerText.includes(%q)", text)))
	c.shot(name)
}

func (c *camera) shot(name string) {
	c.t.Helper()
	c.do(c.hold("document.documentElement.scrollWidth <= innerWidth"))
	if c.dir == "" {
		return
	}
	png, err := chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, name+"-"+c.size+".png"), png, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *camera) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, steps...); err != nil {
		seen, _ := chromedp.Run(c.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		c.t.Fatalf("%v; the page says\n%s", err, seen)
	}
}

func (c *camera) js(script string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](script+"; null")(ctx, target)
		return chromedp.Void{}, err
	}
}

func (c *camera) hold(condition string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(20*time.Second))(ctx, target)
		if err != nil {
			err = fmt.Errorf("%s: %w", condition, err)
		}
		return chromedp.Void{}, err
	}
}
