// Small helpers to build the page. Texts go in as text, never as HTML.

// el makes an element: attributes by name, on* as listeners, then children.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, children);
}

// fill puts children in place of what an element holds. Lists may be nested;
// what is null or false is left out.
export function fill(node, children) {
  node.replaceChildren(...[children].flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

let lastID = 0;

// newID gives an id that no other element has.
export const newID = (prefix) => `${prefix}-${++lastID}`;

// post sends a control call. It returns {ok, body}; ok is false for a refusal,
// whose text is in body.error.
export async function post(name, body) {
  try {
    const r = await fetch(`/_control/${name}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return { ok: r.ok, body: await r.json() };
  } catch {
    return { ok: false, body: { error: "The sandbox does not answer. Is it still running?" } };
  }
}

let toastTimer;

// toast shows a short notice for some seconds, above any open window.
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidePopover();
  box.showPopover();
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.hidePopover(), 8000);
}

// dialog opens a modal window and returns it; closed is called when it is gone.
export function dialog(label, content, closed = () => {}) {
  const box = el("dialog", { "aria-label": label }, content);
  box.addEventListener("close", () => { box.remove(); closed(); });
  document.body.append(box);
  box.showModal();
  return box;
}

// ask shows a question with two answers and tells which was chosen.
export function ask({ title, text, yes, no, danger }) {
  return new Promise((answered) => {
    let answer = false;
    const choose = (value) => () => { answer = value; box.close(); };
    const box = dialog(title, [
      el("h2", {}, title), el("div", {}, text),
      el("div", { class: "row end" },
        el("button", { type: "button", onclick: choose(false) }, no),
        el("button", { type: "button", class: danger ? "danger" : "primary", onclick: choose(true) }, yes)),
    ], () => answered(answer));
  });
}

// when writes an instant in the visitor's own zone.
export function when(date, withDay = true) {
  const day = withDay ? { weekday: "short", day: "numeric", month: "short", year: "numeric" } : {};
  return new Intl.DateTimeFormat("en-GB", { ...day, hour: "2-digit", minute: "2-digit" }).format(date);
}
