// The Jira board and the window of one issue.
import { ask, dialog, el, fill, newID, post, toast, when } from "./dom.js";
import { link, webAddress, wiki } from "./text.js";

const summaryOf = (i) => `${i.key} ${i.summary}`;

// board draws the issues: one row for each epic, one column for each status.
export function board(state, env) {
  const issues = [...state.issues.values()];
  const head = el("h2", {}, `Board of ${state.project.name}`);
  if (!issues.length) return [head, el("p", { class: "empty" }, "No issue yet. They appear here when a run begins.")];
  const parents = issues.filter((i) => issues.some((o) => o.parent === i.key));
  const rows = parents.map((p) => row(p, issues.filter((i) => i.parent === p.key), state, env));
  const alone = issues.filter((i) => !i.parent && !parents.includes(i));
  if (alone.length) rows.push(row(undefined, alone, state, env));
  return [head, ...rows.reverse()];
}

function row(epic, issues, state, env) {
  const title = epic
    ? el("h3", {}, el("a", { href: `#/board/${epic.key}` }, summaryOf(epic)), " ", el("span", { class: `status ${epic.category}` }, epic.status))
    : el("h3", {}, "Without an epic");
  const columns = (state.project.statuses || []).map((st) => {
    const here = issues.filter((i) => i.status === st.name);
    return el("div", { class: "column" }, el("h4", {}, `${st.name} (${here.length})`), here.map((i) => card(i, env)));
  });
  return el("section", { class: "lane", "aria-label": epic ? summaryOf(epic) : "Without an epic" }, title, el("div", { class: "columns" }, columns));
}

function card(i, env) {
  return el("a", { class: "card", href: `#/board/${i.key}` },
    el("strong", {}, i.key), " ", i.summary,
    el("span", { class: "hint" }, `${env.names.account(i.assignee) || "Unassigned"}${i.duedate ? ` · due ${i.duedate}` : ""}`));
}

let open; // {key, box, print}

// issue opens, redraws or closes the window of an issue.
export function issue(key, state, env) {
  const now = key && state.issues.get(key);
  if (open && open.key !== key) shut();
  if (key && !now) {
    toast(`There is no issue ${key}.`);
    location.hash = "#/board";
  }
  if (!now) return;
  const print = JSON.stringify([now, env.person.id, state.project]);
  if (open?.print === print) return;
  const typed = drafts(open?.box);
  const content = draw(now, state, env);
  if (open) fill(open.box, content);
  else {
    open = { key };
    open.box = dialog(summaryOf(now), content, () => {
      if (open?.key === key) {
        open = undefined;
        location.hash = "#/board";
      }
    });
    open.box.classList.add("issue");
  }
  open.print = print;
  retype(typed);
}

function retype(typed) {
  for (const [name, value] of typed) {
    const box = open?.box.querySelector(`[name="${name}"]`);
    if (box && value) box.value = value;
  }
}

// drafts are the texts typed but not yet sent; a redraw must not lose them.
function drafts(box) {
  if (!box) return [];
  return [...box.querySelectorAll("textarea[name], input[type=text][name], input[type=url][name]")].map((i) => [i.name, i.value]);
}

function shut() {
  const { box } = open;
  open = undefined;
  box.close();
}

function draw(i, state, env) {
  const act = async (change) => {
    const r = await post("issue", { key: i.key, as: env.person.id, ...change });
    if (!r.ok) toast(r.body.error);
    return r.ok;
  };
  const can = Boolean(env.person.jira);
  return [
    el("div", { class: "row spread" },
      el("p", { class: "hint" }, `${i.type} ${i.key}`, i.parent ? [" in ", el("a", { href: `#/board/${i.parent}` }, i.parent)] : null),
      el("button", { type: "button", onclick: () => open.box.close() }, "Close")),
    el("h2", {}, i.summary),
    facts(i, env),
    el("div", { class: "wiki" }, wiki(i.description)),
    list("Attachments", i.attachments, (a) => `${a.name} (${a.size} bytes), ${env.names.account(a.author)}`),
    list("Links", i.remotelinks, (l) => [link(l.url, l.title), l.author ? `, ${env.names.account(l.author)}` : ""]),
    comments(i, env),
    can ? tools(i, env, act) : el("p", { class: "empty" }, `${env.person.name} has no Jira account and can only look.`),
  ];
}

function facts(i, env) {
  const pairs = [["Status", el("span", { class: `status ${i.category}` }, i.status)], ["Assignee", env.names.account(i.assignee) || "Nobody"],
    ["Due", i.duedate || "-"], ["Labels", i.labels.join(", ") || "-"]];
  return el("dl", {}, pairs.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, v))));
}

function list(title, items, line) {
  return items.length ? [el("h3", {}, title), el("ul", {}, items.map((x) => el("li", {}, line(x))))] : null;
}

function comments(i, env) {
  return [el("h3", {}, "Comments"), i.comments.length ? i.comments.map((c) => el("article", { class: "comment" },
    el("p", { class: "hint" }, `${env.names.account(c.author)}, ${when(new Date(c.created))}`),
    el("div", { class: "wiki" }, wiki(c.body)))) : el("p", { class: "hint" }, "None yet.")];
}

function tools(i, env, act) {
  const field = (label, control) => {
    const id = newID("tool");
    control.id = id;
    return el("div", { class: "field" }, el("label", { for: id }, label), control);
  };
  const form = (name, fields, button, change) => el("form", {
    "aria-label": name,
    onsubmit: async (e) => {
      e.preventDefault();
      const form = e.currentTarget;
      const body = await change(form);
      if (!body) return;
      // Emptied before it is sent: the window is drawn anew meanwhile, and what
      // is still typed would stay.
      const typed = drafts(form);
      form.reset();
      if (!await act(body)) retype(typed);
    },
  }, fields, el("button", {}, button));
  const assignee = el("select", { onchange: (e) => act({ assignee: e.target.value }) },
    el("option", { value: "none", selected: !i.assignee }, "Nobody"),
    env.people.filter((p) => p.jira).map((p) => el("option", { value: p.jira, selected: p.jira === i.assignee }, p.name)));
  return el("section", { class: "tools", "aria-label": "What you can do" },
    el("h3", {}, `As ${env.person.name}`),
    el("div", { class: "row", role: "group", "aria-label": "Move" }, i.transitions.map((t) =>
      el("button", { type: "button", onclick: () => act({ transition: t.id }) }, `Move: ${t.name}`))),
    field("Assignee", assignee),
    form("Comment", [field("Comment", el("textarea", { name: "comment", rows: 3, required: true }))], "Add comment",
      (f) => ({ comment: f.elements.comment.value })),
    form("Link", [field("Title of the link", el("input", { name: "title", type: "text" })),
      field("Address of the link", el("input", { name: "url", type: "url", required: true, placeholder: "https://" }))], "Add link",
      (f) => webAddress(f.elements.url.value) ? { link: { url: f.elements.url.value, title: f.elements.title.value } } : toast("The address begins with https:// or http://.")),
    form("File", [field("File", el("input", { name: "file", type: "file", required: true }))], "Attach file", async (f) => {
      const file = f.elements.file.files[0];
      return file && { attach: { name: file.name, content: await file.text() } };
    }),
    el("button", {
      type: "button", class: "danger", onclick: async () => {
        const sure = await ask({ title: `Delete ${i.key}?`, text: el("p", {}, "It cannot be brought back. Aimsbot notices and makes it again if it is still needed."), yes: "Delete", no: "Keep", danger: true });
        if (sure) act({ delete: true });
      },
    }, "Delete issue"));
}
