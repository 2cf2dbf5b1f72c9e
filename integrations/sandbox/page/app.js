// The sandbox page: who you are, what is new, and where you look.
import { el, fill, post, toast, when } from "./dom.js";
import { board, issue } from "./board.js";
import { Conversation, visible } from "./talk.js";
import { show } from "./modal.js";

const state = { people: [], channels: [], messages: new Map(), views: new Map(), issues: new Map(), project: {}, app: {} };
let conversation;

const $ = (id) => document.getElementById(id);
const stored = (key) => localStorage.getItem(`sandbox ${key}`) || "";
const store = (key, value) => localStorage.setItem(`sandbox ${key}`, value);

// persona is who you are: chosen, or the first of the list.
const persona = () => state.people.find((p) => p.id === stored("persona")) || state.people[0];

function names() {
  const bot = "Aimsbot";
  return {
    user: (id) => (id === state.app.user ? bot : state.people.find((p) => p.slack === id)?.name || id),
    channel: (id) => state.channels.find((c) => c.id === id)?.name || id,
    account: (id) => (id === state.app.jira ? bot : state.people.find((p) => p.jira && p.jira === id)?.name || id),
  };
}

const env = () => ({ me: persona().slack, person: persona(), people: state.people.filter((p) => !p.deleted), names: names() });

// apply takes an answer of the state into ours.
function apply(s) {
  if (s.full) {
    for (const m of [state.messages, state.views, state.issues]) m.clear();
  }
  Object.assign(state, { people: s.people, channels: s.channels, project: s.project, app: s.app, ahead: new Date(s.now) - Date.now(), canSkip: s.can_skip });
  for (const m of s.messages) state.messages.set(`${m.channel} ${m.ts}`, m);
  for (const v of s.views) state.views.set(v.id, v);
  for (const i of s.issues) state.issues.set(i.key, i);
  for (const key of s.gone || []) state.issues.delete(key);
}

// follow asks for changes for as long as the page is open.
async function follow() {
  let seq = 0;
  for (;;) {
    try {
      const r = await fetch(`/_control/state?since=${seq}${seq ? "&wait=25s" : ""}`);
      if (!r.ok) throw new Error(await r.text());
      const s = await r.json();
      seq = s.seq;
      apply(s);
      draw();
    } catch {
      link("The sandbox does not answer. Trying again…", true);
      await new Promise((again) => setTimeout(again, 1500));
    }
  }
}

function link(text, bad) {
  $("link").textContent = text;
  $("link").classList.toggle("bad", Boolean(bad));
}

const direct = () => state.channels.find((c) => c.im === persona().slack);
const mine = () => state.channels.filter((c) => !c.im && (c.members || []).includes(persona().slack));

// place is where the address says to look: [board] or [c, channel].
function place() {
  const [, where, what] = location.hash.split("/");
  return [where || "c", what ? decodeURIComponent(what) : ""];
}

function unread(channel, me = persona()) {
  const read = stored(`read ${me.id} ${channel}`);
  return [...state.messages.values()].filter((m) => m.channel === channel && m.ts > read && m.user !== me.slack && visible(m, me.slack)).length;
}

function entry(channel, title, current) {
  const n = channel ? unread(channel) : 0;
  return el("li", {}, el("a", { href: `#/c/${channel || ""}`, "aria-current": current ? "page" : undefined, class: n ? "unread" : "" },
    title, n ? el("span", { class: "badge" }, String(n), el("span", { class: "away" }, " unread")) : null));
}

// drawPersonas lists the people, and for whom something is new.
function drawPersonas() {
  const box = $("persona");
  const labels = state.people.map((p) => {
    const dm = state.channels.find((c) => c.im === p.slack);
    const n = dm && p !== persona() ? unread(dm.id, p) : 0;
    return `${p.name}${p.deleted ? " (deactivated)" : ""}${n ? ` · ${n} new` : ""}`;
  });
  const print = JSON.stringify([labels, persona().id]);
  if (box.dataset.print === print) return;
  box.dataset.print = print;
  box.replaceChildren(...state.people.map((p, i) => el("option", { value: p.id, selected: p === persona() }, labels[i])));
}

function drawLists(where, what) {
  const dm = direct();
  const at = (id) => where === "c" && what === id;
  refresh($("channels"), mine().map((c) => entry(c.id, `# ${c.name}`, at(c.id))));
  refresh($("directs"), [entry(dm?.id, "Aimsbot", at(dm?.id || ""))]);
  if (where === "board") $("to-board").setAttribute("aria-current", "page");
  else $("to-board").removeAttribute("aria-current");
}

// refresh replaces a list unless it would look the same, so that the focus
// stays where it is.
function refresh(list, items) {
  const next = el("ul", {}, items);
  if (next.innerHTML !== list.innerHTML) {
    const at = document.activeElement?.getAttribute("href");
    const held = list.contains(document.activeElement);
    list.replaceChildren(...next.childNodes);
    if (held) [...list.querySelectorAll("a")].find((a) => a.getAttribute("href") === at)?.focus();
  }
}

function drawTalk(what) {
  const dm = direct();
  const channel = what || dm?.id || "";
  const c = state.channels.find((o) => o.id === channel);
  const title = c && !c.im ? `# ${c.name}` : "Aimsbot";
  const key = `${persona().id} ${channel}`;
  if (conversation?.key !== key) {
    conversation = new Conversation(channel, title, env());
    conversation.key = key;
    $("main").replaceChildren(conversation.root);
    conversation.log.scrollTop = conversation.log.scrollHeight;
  }
  const last = conversation.update([...state.messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1)), env());
  if (last && document.visibilityState === "visible") store(`read ${persona().id} ${channel}`, last);
}

function draw() {
  if (!state.people.length) return;
  let [where, what] = place();
  const theirs = state.channels.some((c) => c.id === what && (c.im === persona().slack || (c.members || []).includes(persona().slack)));
  if (where === "c" && !theirs) what = direct()?.id || "";
  drawPersonas();
  if (where === "board") {
    conversation = undefined;
    fill($("main"), board(state, env()));
  } else {
    drawTalk(what);
  }
  drawLists(where, what);
  issue(where === "board" ? what : "", state, env());
  show([...state.views.values()], env());
  const n = state.app.connections;
  link(n ? "Aimsbot is connected" : "Aimsbot is not connected: buttons and commands wait for it", !n);
  for (const b of document.querySelectorAll("[data-advance]")) b.hidden = !state.canSkip;
  tick();
}

function tick() {
  if (state.ahead === undefined) return;
  const now = new Date(Date.now() + state.ahead);
  $("now").textContent = when(now);
  $("now").dateTime = now.toISOString();
}

async function advance(e) {
  const buttons = [...document.querySelectorAll("[data-advance]")];
  for (const b of buttons) b.disabled = true;
  link("Skipping time…");
  const r = await post("clock", { advance: e.currentTarget?.dataset.advance || e.target.dataset.advance });
  for (const b of buttons) b.disabled = false;
  if (!r.ok) toast(r.body.error);
  draw();
}

$("persona").addEventListener("change", (e) => {
  store("persona", e.target.value);
  draw();
});
for (const b of document.querySelectorAll("[data-advance]")) b.addEventListener("click", advance);
addEventListener("hashchange", () => { draw(); });
document.addEventListener("visibilitychange", () => { draw(); });
setInterval(tick, 1000);
follow();
