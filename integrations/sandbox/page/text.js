// Texts of Slack and Jira as elements.
import { el } from "./dom.js";

const decode = (s) => s.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// webAddress returns the address if it is one of the web, else nothing.
export function webAddress(text) {
  try {
    const u = new URL(text);
    return u.protocol === "https:" || u.protocol === "http:" ? u.href : undefined;
  } catch {
    return undefined;
  }
}

// link leads out of the page, or to an issue on the board.
export function link(address, label) {
  const href = webAddress(address);
  if (!href) return label;
  const issue = new URL(href).pathname.match(/^\/sandbox\/jira\/browse\/([A-Z][A-Z0-9_]*-\d+)$/);
  if (issue) return el("a", { href: `#/board/${issue[1]}` }, label);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
}

// reference is what stands between < and > in mrkdwn.
function reference(inner, names) {
  const [target, label] = inner.split("|");
  if (target.startsWith("@")) {
    return el("span", { class: "mention" }, `@${names.user(target.slice(1))}`);
  }
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${names.channel(target.slice(1))}`);
  if (target.startsWith("!")) return el("span", { class: "mention" }, `@${decode(label || target.slice(1))}`);
  return link(decode(target), decode(label || target));
}

const marks = [["*", "strong"], ["_", "em"], ["~", "s"]];
const pattern = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])/g;

// mrkdwn renders Slack's markup.
export function mrkdwn(source, names) {
  const out = [];
  let at = 0;
  for (const m of source.matchAll(pattern)) {
    out.push(decode(source.slice(at, m.index)));
    at = m.index + m[0].length;
    if (m[1] !== undefined) out.push(el("pre", {}, decode(m[1].replace(/^\n/, ""))));
    else if (m[2] !== undefined) out.push(el("code", {}, decode(m[2])));
    else if (m[3] !== undefined) out.push(reference(m[3], names));
    else {
      const i = [m[4], m[5], m[6]].findIndex((x) => x !== undefined);
      out.push(el(marks[i][1], {}, mrkdwn([m[4], m[5], m[6]][i], names)));
    }
  }
  out.push(decode(source.slice(at)));
  return out.filter((x) => x !== "");
}

// textObject renders a text object of Block Kit.
export function textObject(t, names) {
  if (!t) return [];
  return t.type === "mrkdwn" ? mrkdwn(t.text, names) : [t.text];
}

const wikiPattern = /\[([^|\]\n]+)\|(https?:[^\]\s]+)\]|(https?:\/\/[^\s|\]]+)/g;

// wiki renders the part of Jira's markup that Aimsbot writes: escaped signs,
// links, headings and lists. Anchors are not seen; the rest is shown as it is written.
export function wiki(source) {
  const plain = (s) => s.replace(/\\([{}[\]*_\-^~!|#+?])/g, "$1").replaceAll("&#92;", "\\");
  const inline = (s) => {
    const out = [];
    let at = 0;
    for (const m of s.matchAll(wikiPattern)) {
      out.push(plain(s.slice(at, m.index)));
      at = m.index + m[0].length;
      out.push(m[2] ? link(m[2], plain(m[1])) : link(m[3], m[3]));
    }
    out.push(plain(s.slice(at)));
    return out;
  };
  const out = [];
  let items;
  for (const line of (source || "").replace(/\n?\{anchor:[^}]*\}/g, "").split("\n")) {
    const item = line.match(/^[*#-] (.*)$/);
    if (item) {
      if (!items) out.push(items = el("ul"));
      items.append(el("li", {}, inline(item[1])));
      continue;
    }
    items = undefined;
    const heading = line.match(/^h[1-6]\. (.*)$/);
    if (heading) out.push(el("h4", {}, inline(heading[1])));
    else if (line.trim() !== "") out.push(el("p", {}, inline(line)));
  }
  return out;
}
