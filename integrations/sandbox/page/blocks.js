// Block Kit as elements: blocks of messages and views, and what people press.
import { ask, el } from "./dom.js";
import { textObject, webAddress } from "./text.js";
import { inputBlock, picker } from "./inputs.js";

// render draws blocks. act(element, block, value) is called when somebody uses
// an element; kept is filled with what the inputs hold.
export function render(blocks, { names, people, me, act, kept, state, errors }) {
  const ctx = { names, people, me, act, kept, state: state || {}, errors: errors || {} };
  return (blocks || []).map((b) => block(b, ctx)).flat();
}

function block(b, ctx) {
  switch (b.type) {
    case "header": return el("h3", { class: "b-header" }, textObject(b.text, ctx.names));
    case "section": return section(b, ctx);
    case "divider": return el("hr");
    case "context": return el("p", { class: "b-context" }, b.elements.map((e) =>
      e.type === "image" ? el("span", {}, e.alt_text) : el("span", {}, textObject(e, ctx.names))));
    case "actions": return el("div", { class: "row" }, b.elements.map((e) => element(e, b, ctx)));
    case "image": return el("p", { class: "b-context" }, `Image: ${b.alt_text}`);
    case "input": return inputBlock(b, ctx);
    default: return el("p", { class: "b-context" }, `(${b.type}: not shown here)`);
  }
}

function section(b, ctx) {
  const parts = [];
  if (b.text) parts.push(el("p", {}, textObject(b.text, ctx.names)));
  if (b.fields) parts.push(fields(b.fields, ctx));
  const body = el("div", { class: "b-section" }, el("div", {}, parts));
  if (b.accessory) body.append(element(b.accessory, b, ctx));
  return body;
}

// fields come as label and value after each other: each pair stays together.
function fields(list, ctx) {
  const out = [];
  for (let i = 0; i < list.length; i += 2) {
    out.push(el("div", {}, list.slice(i, i + 2).map((f) => el("p", {}, textObject(f, ctx.names)))));
  }
  return el("div", { class: "b-fields" }, out);
}

function element(e, b, ctx) {
  if (e.visible_to_user_ids && !e.visible_to_user_ids.includes(ctx.me)) return null;
  if (e.type === "button") return button(e, b, ctx);
  if (e.type === "image") return el("span", { class: "b-context" }, e.alt_text);
  return picker(e, b, ctx);
}

function button(e, b, ctx) {
  const style = e.style === "primary" || e.style === "danger" ? e.style : "";
  const node = el("button", { type: "button", class: style, "aria-label": e.accessibility_label }, e.text.text);
  const said = el("span", { class: "said", role: "status" });
  node.addEventListener("click", async () => {
    if (e.confirm && !await confirmed(e.confirm, ctx)) return;
    if (e.url && webAddress(e.url)) window.open(webAddress(e.url), "_blank", "noopener");
    node.disabled = true;
    said.textContent = "";
    const problem = await ctx.act(e, b, e.value);
    node.disabled = false;
    if (problem) said.textContent = `⚠ ${problem}`;
  });
  return [node, said];
}

function confirmed(c, ctx) {
  return ask({
    title: c.title.text, text: el("p", {}, textObject(c.text, ctx.names)),
    yes: c.confirm.text, no: c.deny.text, danger: c.style === "danger",
  });
}
