// The inputs of modals. Each keeps what it holds in ctx.kept as Slack's
// view.state.values does: block_id -> action_id -> state.
import { el, newID } from "./dom.js";

// inputBlock draws an input with its label, hint and error.
export function inputBlock(b, ctx) {
  const id = newID("in");
  const hint = b.hint ? el("p", { class: "hint", id: `${id}-hint` }, b.hint.text) : null;
  const problem = el("p", { class: "error", id: `${id}-error`, "data-error-of": b.block_id }, ctx.errors[b.block_id] || "");
  const described = `${b.hint ? `${id}-hint ` : ""}${id}-error`;
  const label = [b.label.text, b.optional ? el("span", { class: "hint" }, " (optional)") : null];
  const a11y = { "aria-describedby": described, "aria-invalid": ctx.errors[b.block_id] ? "true" : undefined };
  const save = keep(b, ctx);
  if (many(b.element.type)) {
    return el("fieldset", a11y, el("legend", {}, label), choices(b.element, b, ctx, save), hint, problem);
  }
  const control = single(b.element, b, ctx, save, { id, ...a11y, required: !b.optional });
  return el("div", { class: "field" }, el("label", { for: id }, label), control, hint, problem);
}

// picker draws a menu outside an input block; it acts at once.
export function picker(e, b, ctx) {
  const label = e.placeholder ? e.placeholder.text : e.type;
  const save = (state) => {
    const value = state.selected_option?.value ?? state.selected_user ?? state.selected_date ?? state.value
      ?? (state.selected_options || []).map((o) => o.value).join(",");
    if (value) ctx.act(e, b, String(value));
  };
  if (many(e.type)) return el("fieldset", {}, el("legend", {}, label), choices(e, b, ctx, save));
  return single(e, b, ctx, save, { "aria-label": label });
}

const many = (type) => type === "radio_buttons" || type === "checkboxes" || type.startsWith("multi_");

// keep stores the state of an element.
function keep(b, ctx) {
  return (state) => {
    ctx.kept[b.block_id] = { [b.element.action_id]: { type: b.element.type, ...state } };
  };
}

// held is what the person filled in before, or the preset.
function held(e, b, ctx) {
  const before = ctx.state?.[b.block_id]?.[e.action_id];
  return before || {
    value: e.initial_value, selected_option: e.initial_option, selected_options: e.initial_options,
    selected_date: e.initial_date, selected_time: e.initial_time, selected_date_time: e.initial_date_time,
    selected_user: e.initial_user, selected_users: e.initial_users,
  };
}

const optionsOf = (e) => e.options || (e.option_groups || []).flatMap((g) => g.options);

function single(e, b, ctx, save, attributes) {
  const now = held(e, b, ctx);
  switch (e.type) {
    case "static_select":
      return menu(optionsOf(e).map((o) => [o.value, o.text.text]), now.selected_option?.value, attributes,
        (v) => save({ selected_option: v ? optionsOf(e).find((o) => o.value === v) : null }));
    case "users_select":
      return menu(ctx.people.map((p) => [p.slack, p.name]), now.selected_user, attributes, (v) => save({ selected_user: v || null }));
    case "datepicker":
      return typed("date", now.selected_date, attributes, (v) => save({ selected_date: v || null }));
    case "timepicker":
      return typed("time", now.selected_time, attributes, (v) => save({ selected_time: v || null }));
    case "datetimepicker":
      return typed("datetime-local", local(now.selected_date_time), attributes,
        (v) => save({ selected_date_time: v ? Math.floor(new Date(v).getTime() / 1000) : null }));
    case "plain_text_input":
      if (e.multiline) {
        const box = el("textarea", { ...attributes, rows: 4, maxlength: e.max_length, value: now.value || "" });
        box.addEventListener("input", () => save({ value: box.value || null }));
        return box;
      }
      return typed("text", now.value, { ...attributes, maxlength: e.max_length }, (v) => save({ value: v || null }));
    case "number_input":
      return typed("text", now.value, { ...attributes, inputmode: e.is_decimal_allowed ? "decimal" : "numeric" }, (v) => save({ value: v || null }));
    case "url_text_input":
      return typed("url", now.value, { ...attributes, placeholder: "https://" }, (v) => save({ value: v || null }));
    case "email_text_input":
      return typed("email", now.value, attributes, (v) => save({ value: v || null }));
    default:
      return el("p", { class: "error" }, `(${e.type}: cannot be filled in here)`);
  }
}

function menu(options, chosen, attributes, changed) {
  const box = el("select", attributes, el("option", { value: "" }, "Choose…"),
    options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
  box.addEventListener("change", () => changed(box.value));
  return box;
}

function typed(type, value, attributes, changed) {
  const box = el("input", { ...attributes, type, value: value || "" });
  box.addEventListener("input", () => changed(box.value.trim()));
  return box;
}

// local writes Unix seconds as the browser's date and time field wants them.
function local(seconds) {
  if (!seconds) return "";
  const d = new Date(seconds * 1000);
  return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// choices draws boxes or buttons of which one or several are chosen.
function choices(e, b, ctx, save) {
  const now = held(e, b, ctx);
  const people = e.type === "multi_users_select";
  const one = e.type === "radio_buttons";
  const list = people ? ctx.people.map((p) => [p.slack, p.name]) : optionsOf(e).map((o) => [o.value, o.text.text]);
  const on = new Set(people ? now.selected_users || [] : one ? [now.selected_option?.value] : (now.selected_options || []).map((o) => o.value));
  const name = newID("choice");
  const boxes = list.map(([value, label]) => {
    const box = el("input", { type: one ? "radio" : "checkbox", name, value, checked: on.has(value) });
    box.addEventListener("change", () => {
      const chosen = boxes.map((l) => l.firstChild).filter((i) => i.checked).map((i) => i.value);
      if (people) save({ selected_users: chosen });
      else {
        const options = optionsOf(e).filter((o) => chosen.includes(o.value));
        save(one ? { selected_option: options[0] || null } : { selected_options: options });
      }
    });
    return el("label", { class: "choice" }, box, el("span", {}, label));
  });
  return el("div", { class: people ? "choices scroll" : "choices" }, boxes);
}
