// The modal a person has before them.
import { dialog, el, post, toast } from "./dom.js";
import { render } from "./blocks.js";

let open; // {id, user, hash, box, kept}

// show brings the window in line with the views: the top modal of the persona.
export function show(views, env) {
  const mine = views.filter((v) => v.user === env.me && v.type === "modal" && !v.closed);
  const top = mine.find((v) => !mine.some((o) => o.previous_view_id === v.id));
  if (open && (!top || top.id !== open.id || top.user !== open.user)) shut();
  if (!top) return;
  if (!open) draw(top, env);
  else if (top.hash !== open.hash) redraw(top, env);
  else complain(top.errors || {});
}

function shut() {
  const { box } = open;
  open = undefined;
  box.close();
}

function redraw(view, env) {
  const { kept } = open;
  shut();
  draw(view, env, kept);
}

// complain shows the errors the app answered, without touching what is typed.
function complain(errors) {
  let first;
  for (const node of open.box.querySelectorAll("[data-error-of]")) {
    const text = errors[node.dataset.errorOf] || "";
    const holder = node.closest("fieldset, .field");
    const input = holder.matches("fieldset") ? holder : holder.querySelector("input, select, textarea");
    input?.setAttribute("aria-invalid", text ? "true" : "false");
    if (node.textContent !== text) node.textContent = text;
    if (text && !first) first = holder.querySelector("input, select, textarea");
  }
  return first;
}

function draw(view, env, before) {
  const body = view.view;
  const kept = {};
  const me = { id: view.id, user: view.user, hash: view.hash, kept };
  const status = el("p", { class: "error", role: "alert" });
  const act = async (e, b, value) => {
    const r = await post("click", { user: view.user, view_id: view.id, block_id: b.block_id, action_id: e.action_id, value: value || "", values: kept });
    return r.ok ? r.body.warning : r.body.error;
  };
  const content = render(body.blocks, { ...env, act, kept, state: { ...view.state, ...before }, errors: view.errors });
  const close = () => box.close();
  const send = el("button", { class: "primary" }, body.submit?.text || "Submit");
  const form = el("form", { novalidate: true, onsubmit: (e) => { e.preventDefault(); submit(me, send, status); } },
    el("h2", {}, body.title.text), el("div", { class: "blocks" }, content), status,
    el("div", { class: "row end" },
      el("button", { type: "button", onclick: close }, body.close?.text || "Close"), body.submit ? send : null));
  const box = dialog(body.title.text, form, async () => {
    if (open !== me) return; // the app has closed it
    open = undefined;
    const r = await post("close", { user: view.user, view_id: view.id });
    if (!r.ok) toast(r.body.error);
  });
  box.classList.add("modal");
  me.box = box;
  open = me;
  form.querySelector("input, select, textarea")?.focus();
}

async function submit(me, send, status) {
  send.disabled = true;
  status.textContent = "";
  const r = await post("submit", { user: me.user, view_id: me.id, values: me.kept });
  send.disabled = false;
  if (open !== me) return;
  if (!r.ok && r.body.errors) complain(r.body.errors)?.focus();
  else if (!r.ok) status.textContent = r.body.error;
  else if (r.body.warning) status.textContent = `⚠ ${r.body.warning}`;
  else if (r.body.body?.errors) complain(r.body.body.errors)?.focus();
}
