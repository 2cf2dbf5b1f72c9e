// A conversation: its messages and the box for slash commands.
import { el, newID, post, when } from "./dom.js";
import { mrkdwn } from "./text.js";
import { render } from "./blocks.js";

// visible tells whether the persona sees a message.
export const visible = (m, me) => !m.deleted && (!m.ephemeral || m.to === me);

const time = (ts) => new Date(Number(ts) * 1000);

// ordered puts replies below the message they answer.
function ordered(list) {
  const heads = list.filter((m) => !m.thread_ts || !list.some((o) => o.ts === m.thread_ts));
  return heads.flatMap((h) => [h, ...list.filter((m) => m.thread_ts === h.ts && m !== h)]);
}

// Conversation keeps the elements of one conversation in line with the state:
// only messages that changed are drawn anew, so that focus and scroll stay.
export class Conversation {
  constructor(channel, title, env) {
    this.channel = channel;
    this.me = env.me;
    this.drawn = new Map();
    this.empty = el("p", { class: "empty" }, "No message here yet. To begin, send ", el("code", {}, "/aims start impact-assessment cv-screener"), " below.");
    this.log = el("div", { class: "log", role: "log", "aria-label": `Messages in ${title}`, tabindex: "0" }, this.empty);
    this.root = el("div", { class: "talk" }, el("h2", {}, title), this.log, this.box(env));
  }

  box(env) {
    const id = newID("command");
    const input = el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", placeholder: "/aims help" });
    const said = el("p", { class: "said", role: "status" });
    const send = el("button", { class: "primary" }, "Send");
    const submit = async (e) => {
      e.preventDefault();
      const [command, ...rest] = input.value.trim().split(/\s+/);
      said.textContent = "";
      if (!command?.startsWith("/")) {
        said.textContent = "Aimsbot listens to slash commands here, such as /aims help.";
        return;
      }
      send.disabled = true;
      const r = await post("command", { user: env.me, channel: this.channel || "", command, text: rest.join(" ") });
      send.disabled = false;
      if (!r.ok) said.textContent = r.body.error;
      else if (r.body.warning) said.textContent = `⚠ ${command} failed: ${r.body.warning}.`;
      else input.value = "";
    };
    return el("form", { class: "composer", onsubmit: submit }, el("label", { for: id }, "Slash command"),
      el("div", { class: "row" }, input, send), said);
  }

  update(messages, env) {
    const list = ordered(messages.filter((m) => m.channel === this.channel && visible(m, env.me)));
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const keep = new Set();
    let before = null;
    for (const m of list) {
      keep.add(m.ts);
      const old = this.drawn.get(m.ts);
      let node = old?.node;
      if (!old || old.seq !== m.seq) {
        node = this.message(m, env);
        if (old) old.node.replaceWith(node);
        this.drawn.set(m.ts, { node, seq: m.seq });
      }
      const place = before ? before.nextSibling : this.log.firstChild;
      if (place !== node) this.log.insertBefore(node, place);
      before = node;
    }
    for (const [ts, { node }] of this.drawn) {
      if (!keep.has(ts)) {
        node.remove();
        this.drawn.delete(ts);
      }
    }
    this.empty.hidden = list.length > 0;
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    return list.reduce((last, m) => (m.ts > last ? m.ts : last), "");
  }

  message(m, env) {
    const act = async (e, b, value) => {
      const r = await post("click", { user: env.me, channel: m.channel, ts: m.ts, block_id: b.block_id, action_id: e.action_id, value: value || "" });
      return r.ok ? r.body.warning : r.body.error;
    };
    const body = m.blocks?.length ? render(m.blocks, { ...env, act, kept: {} }) : el("p", {}, mrkdwn(m.text, env.names));
    const notes = [m.edited ? "edited" : "", m.ephemeral ? "only you see this" : ""].filter(Boolean).join(", ");
    return el("article", { class: `message${m.thread_ts ? " reply" : ""}${m.ephemeral ? " private" : ""}` },
      el("p", { class: "by" }, el("strong", {}, env.names.user(m.user)), " ",
        el("time", { datetime: time(m.ts).toISOString() }, when(time(m.ts))), notes ? el("span", { class: "hint" }, ` (${notes})`) : null),
      el("div", { class: "blocks" }, body));
  }
}
