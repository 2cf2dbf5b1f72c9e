package sandbox_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// step is one thing done in the browser.
type step = chromedp.Action[chromedp.Void]

// patience bounds a whole test in the browser; nothing is measured by it.
const patience = 90 * time.Second

// browser opens a page in Chromium. Without one the test is skipped.
func browser(t *testing.T, width, height int64) context.Context {
	t.Helper()
	var chrome string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			chrome = p
			break
		}
	}
	if chrome == "" {
		t.Skip("NO BROWSER: install chromium to test the page")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(chrome), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, patience)
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log(err)
		}
	})
	return ctx
}

// js runs a script whose value nobody wants.
func js(script string) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](script+"; null")(ctx, target)
		return chromedp.Void{}, err
	}
}

// hold waits until a condition on the page holds.
func hold(condition string) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(20*time.Second))(ctx, target)
		if err != nil {
			err = fmt.Errorf("%s: %w", condition, err)
		}
		return chromedp.Void{}, err
	}
}

// shot keeps a picture where SANDBOX_SCREENSHOTS names a folder.
func shot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SANDBOX_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

// card is a message as the app sends it.
func card() []any {
	plain := func(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }
	mark := func(s string) map[string]any { return map[string]any{"type": "mrkdwn", "text": s} }
	button := func(action, label, style string) map[string]any {
		b := map[string]any{"type": "button", "action_id": action, "value": "v1.token", "text": plain(label)}
		if style != "" {
			b["style"] = style
		}
		return b
	}
	approve := button("approve", "Approve", "primary")
	approve["confirm"] = map[string]any{"title": plain("Approve"), "text": plain("Your decision is recorded with your name."), "confirm": plain("Yes"), "deny": plain("No")}
	return []any{
		map[string]any{"type": "header", "text": plain("Impact assessment of CV screener")},
		map[string]any{"type": "section", "text": mark("<@U0OLIVE> <@U0CORA> please decide by *Friday*. See <https://example.com|the draft>, `v2` &amp; more.")},
		map[string]any{"type": "section", "fields": []any{mark("*Affected people*"), plain("250,000"), mark("*Harms*"), plain("Discrimination, loss of opportunity, privacy"), mark("*Purpose*"), plain("Ranks applications for a recruiter"), mark("*Asked by*"), plain("Olive Owens")}},
		map[string]any{"type": "divider"},
		map[string]any{"type": "section", "text": mark("*What this is about*")},
		map[string]any{"type": "actions", "block_id": "ask", "elements": []any{approve, button("answer", "Answer", ""), button("reject", "Reject", "danger")}},
		map[string]any{"type": "context", "elements": []any{plain("Why you: owner of CV screener")}},
	}
}

// form is a modal with every kind of input the app uses.
func form() map[string]any {
	plain := func(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }
	option := func(v, label string) map[string]any { return map[string]any{"value": v, "text": plain(label)} }
	input := func(id, label string, e map[string]any, optional bool) map[string]any {
		e["action_id"] = "answer"
		return map[string]any{"type": "input", "block_id": id, "label": plain(label), "element": e, "optional": optional}
	}
	yesNo := []any{option("yes", "Yes"), option("no", "No")}
	count := input("people", "How many people are affected?", map[string]any{"type": "number_input", "is_decimal_allowed": false, "min_value": "0"}, false)
	count["hint"] = plain("A rough figure is enough.")
	return map[string]any{
		"type": "modal", "callback_id": "form", "private_metadata": "v1.token",
		"title": plain("Impact assessment"), "submit": plain("Send"), "close": plain("Cancel"),
		"blocks": []any{
			map[string]any{"type": "section", "text": plain("You answer for CV screener.")},
			input("purpose", "What is it for?", map[string]any{"type": "plain_text_input", "multiline": true, "max_length": 3000, "initial_value": "Ranks applications"}, false),
			count,
			input("children", "Are children affected?", map[string]any{"type": "radio_buttons", "options": yesNo}, false),
			input("harms", "Which harms are possible?", map[string]any{"type": "checkboxes", "options": []any{option("a", "Discrimination"), option("b", "Loss of opportunity"), option("c", "Privacy")}}, true),
			input("region", "Where?", map[string]any{"type": "static_select", "options": []any{option("eu", "European Union"), option("uk", "United Kingdom")}}, true),
			input("from", "From when?", map[string]any{"type": "datepicker"}, true),
			input("at", "Exactly when?", map[string]any{"type": "datetimepicker"}, true),
			input("who", "Who reviews it?", map[string]any{"type": "users_select"}, false),
			input("others", "Who else?", map[string]any{"type": "multi_users_select", "initial_users": []any{"U0DEV"}}, true),
			input("link", "Link to the data sheet", map[string]any{"type": "url_text_input"}, true),
		},
	}
}

// script is an app: it opens the form on 'answer', refuses a submission once
// with an error, and edits the message on 'approve'.
func (w *world) script(t *testing.T, got chan<- map[string]any) {
	refused := false
	w.app(func(e map[string]any) any {
		p := e["payload"].(map[string]any)
		switch p["type"] {
		case "view_submission":
			if !refused {
				refused = true
				return map[string]any{"response_action": "errors", "errors": map[string]any{"people": "That seems too few."}}
			}
			got <- p
		case "block_actions":
			action := p["actions"].([]any)[0].(map[string]any)["action_id"]
			if action == "answer" {
				if _, out, err := w.slack(t.Context(), "views.open", map[string]any{"trigger_id": p["trigger_id"], "view": form()}); err != nil || out["ok"] != true {
					t.Error(out, err)
				}
				return nil
			}
			got <- p
		case nil:
			return map[string]any{"response_type": "ephemeral", "text": "Nothing waits for you."}
		}
		return nil
	})
}

// text tells whether the page shows a text.
func text(s string) step {
	return hold("document.body.innerText.includes(" + quote(s) + ")")
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

// press clicks the button with the label: in the open window, if there is one.
func press(label string) step {
	return js(`(() => {
		const root = [...document.querySelectorAll("dialog")].pop() || document;
		[...root.querySelectorAll("button")].find((b) => b.innerText.trim() === ` + quote(label) + `).click();
	})()`)
}

func be(person string) step {
	return js(`(() => { const s = document.getElementById("persona"); s.value = ` + quote(person) + `; s.dispatchEvent(new Event("change")); })()`)
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"wide", 1280, 800}, {"narrow", 390, 844}} {
		t.Run(size.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := browser(t, size.width, size.height)
			got := make(chan map[string]any, 1)
			w.script(t, got)
			run := func(steps ...step) {
				t.Helper()
				if err := chromedp.Do(ctx, steps...); err != nil {
					seen, serr := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
					shot(t, ctx, size.name+"-failed")
					t.Fatalf("%v; %v; the page says\n%s", err, serr, seen)
				}
			}
			run(chromedp.Navigate(w.url+"/sandbox"), js(`addEventListener("error", (e) => { window.broken = e.message; }); addEventListener("unhandledrejection", (e) => { window.broken = String(e.reason); })`), text("No message here yet"), text("Aimsbot is connected"))
			shot(t, ctx, size.name+"-empty")
			playMessages(t, w, ctx, size.name, run, got)
			playBoard(t, w, ctx, size.name, run)
			run(hold("document.documentElement.scrollWidth <= innerWidth"), hold("!window.broken"))
		})
	}
}

func playMessages(t *testing.T, w *world, ctx context.Context, name string, run func(...step), got <-chan map[string]any) {
	t.Helper()
	for _, channel := range []string{"U0OLIVE", "C0RAIC"} {
		if _, out, err := w.slack(t.Context(), "chat.postMessage", map[string]any{"channel": channel, "text": "Please decide", "blocks": card()}); err != nil || out["ok"] != true {
			t.Fatal(out, err)
		}
	}
	run(text("@Olive Owens"), text("the draft"), text("v2"), hold(`document.querySelector("#channels .unread") !== null`))
	shot(t, ctx, name+"-message")
	run(press("Approve"), text("Your decision is recorded"))
	shot(t, ctx, name+"-confirm")
	run(press("Yes"))
	if p := <-got; p["user"].(map[string]any)["id"] != "U0OLIVE" {
		t.Error(p["user"])
	}
	run(press("Answer"), text("You answer for CV screener"))
	shot(t, ctx, name+"-modal")
	run(press("Send"), text("Please complete this required field"))
	shot(t, ctx, name+"-modal-errors")
	run(chromedp.SendKeys(`//label[starts-with(., "How many people")]/following-sibling::input`, "12"),
		chromedp.Click(`//label[normalize-space(.)="No"]`),
		chromedp.SetValue(`//label[starts-with(., "Who reviews it")]/following-sibling::select`, "U0VAL"),
		js(`document.querySelectorAll("dialog select").forEach((s) => s.dispatchEvent(new Event("change")))`),
		press("Send"), text("That seems too few."), press("Send"))
	values := (<-got)["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any)
	answer := func(id string) map[string]any { return values[id].(map[string]any)["answer"].(map[string]any) }
	if answer("people")["value"] != "12" || answer("who")["selected_user"] != "U0VAL" || answer("purpose")["value"] != "Ranks applications" {
		t.Error(values)
	}
	run(hold(`document.querySelector("dialog") === null`),
		chromedp.SendKeys(`.composer input`, "/aims mine\n"), text("only you see this"), text("Nothing waits for you."))
	run(hold(`[...document.querySelectorAll("#persona option")].every((o) => !o.text.includes("new"))`), be("dev"), hold(`document.querySelector("#persona").value === "dev"`), text("No message here yet"), chromedp.Click(`//a[contains(., "responsible-ai-committee")]`), text("@Cora Castell"))
	shot(t, ctx, name+"-channel")
}

func playBoard(t *testing.T, w *world, ctx context.Context, name string, run func(...step)) {
	t.Helper()
	status, out, err := w.jira(t.Context(), "POST", "issue", `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Epic"},"summary":"Impact assessment of CV screener"}}`)
	if err != nil || status != 201 {
		t.Fatal(status, out, err)
	}
	epic := out["key"].(string)
	for _, title := range []string{"Describe the system", "Explain the model", "Validate the model"} {
		body := `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"` + title + `","parent":{"key":"` + epic + `"},"assignee":{"accountId":"5b1eli"},"duedate":"2026-12-01","labels":["aims-k7jq"],"description":"Write how it decides.\n\nh4. Checklist\n* data \\[a\\]\n* model\n\nMore: https://example.com/x"}}`
		if status, out, err = w.jira(t.Context(), "POST", "issue", body); err != nil || status != 201 {
			t.Fatal(status, out, err)
		}
	}
	last := out["key"].(string)
	w.must("POST", "issue", map[string]any{"key": last, "as": "eli", "transition": "In Progress"})
	run(be("eli"), chromedp.Click("#to-board"), text("Validate the model"))
	shot(t, ctx, name+"-board")
	run(chromedp.Click(`//a[contains(@class,"card")][contains(., "`+last+`")]`), text("data [a]"))
	run(chromedp.SendKeys(`dialog textarea[name=comment]`, "See https://example.com/report"), press("Add comment"), text("Eli Engel,"),
		hold(`document.querySelector("dialog textarea[name=comment]").value === ""`),
		chromedp.SendKeys(`dialog input[name=title]`, "Report"), chromedp.SendKeys(`dialog input[name=url]`, "https://example.com/report"), press("Add link"),
		hold(`[...document.querySelectorAll("dialog h3")].some((h) => h.textContent === "Links")`))
	shot(t, ctx, name+"-issue")
	run(press("Move: Done"), hold(`document.querySelector("dialog .status.done") !== null`), press("Close"), hold(`document.querySelector("dialog") === null`))
	st := w.must("GET", "state", nil)
	for _, i := range st["issues"].([]any) {
		if i := i.(map[string]any); i["key"] == last && (i["status"] != "Done" || len(i["comments"].([]any)) != 1) {
			t.Error(i)
		}
	}
	run(be("gus"), text("Validate the model"), chromedp.Click(`//a[contains(@class,"card")][contains(., "`+last+`")]`), text("has no Jira account"))
}
