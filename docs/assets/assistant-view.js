// Draws answers as DOM nodes. Text becomes text nodes only: nothing that a server sends is ever parsed as HTML.

import { errorText, fill, saidIn } from "./assistant-words.js";

const HOTLINE = "12345";
// National numbers that become links in the first line of an urgent answer.
const DIALLED = new Set(["110", "119", "120", "122", "12355", "12356", "96110", HOTLINE]);

/** An element with attributes and children; a function-valued attribute is a listener, empty ones are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value || value === 0) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

/** The value when it is a text or a number, else nothing: a stray object must not show as “[object Object]”. */
function plain(value) {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}

/** A page of this site as a URL, or null: only addresses that begin with one slash and stay on this origin. */
export function pageUrl(url, base) {
  if (typeof url !== "string" || !/^\/(?![/\\])[^\\\s\u0000-\u001f]*$/.test(url)) return null;
  // The dot keeps “/javascript:…” a path when it is taken relative to the site's folder.
  const found = new URL(`.${url}`, base);
  return found.origin === base.origin ? found : null;
}

/** A link to a page of this site, or the bare text where the address is not one of ours. */
function pageLink(url, text, words, base) {
  const found = pageUrl(url, base);
  if (!found) return h("span", {}, text);
  const here = found.pathname === location.pathname && found.search === location.search;
  // The conversation lives in this page's memory alone, so other pages open beside it.
  if (here) return h("a", { href: found.href, class: "here" }, text);
  const warning = h("span", { class: "hidden" }, words.newTab);
  return h("a", { href: found.href, target: "_blank", rel: "noopener" }, text, warning);
}

function phoneLink(number) {
  return h("a", { href: `tel:${number.replace(/[^\d+]/g, "")}`, class: "tel" }, number);
}

/** A phone field: a link when it is one number, else its text. */
function phone(value) {
  const text = plain(value).trim();
  return /^\+?\d[\d\s()-]{1,24}$/.test(text) ? phoneLink(text) : text;
}

/** Text with its national numbers as phone links. */
function withPhones(text) {
  return text.split(/(\d+)/).map((piece) => (DIALLED.has(piece) ? phoneLink(piece) : piece));
}

/** Light Markdown as nodes: paragraphs, lists, **bold** and [1] marks; `mark(n)` draws a mark. */
export function markdown(text, mark) {
  const blocks = [];
  for (const line of plain(text).split(/\r?\n/)) {
    const [, dash, number, item] = /^\s*(?:([-*])|(\d{1,3})[.、])\s+(.*)$/.exec(line) || [];
    const kind = dash ? "ul" : number ? "ol" : "p";
    const last = blocks[blocks.length - 1];
    if (!line.trim()) blocks.push(null);
    else if (kind === "p") addLine(blocks, last, inline(line, mark));
    else addItem(blocks, last, kind, h("li", { value: number || null }, inline(item, mark)));
  }
  return blocks.filter(Boolean);
}

function addLine(blocks, last, nodes) {
  if (last && last.tagName === "P") last.append(h("br"), ...nodes);
  else blocks.push(h("p", {}, nodes));
}

function addItem(blocks, last, kind, item) {
  if (last && last.tagName === kind.toUpperCase()) last.append(item);
  else blocks.push(h(kind, {}, item));
}

function inline(text, mark) {
  return text.split(/(\*\*[^*]+\*\*)/).flatMap((piece) => {
    const bold = /^\*\*([^*]+)\*\*$/.exec(piece);
    return bold ? [h("strong", {}, marked(bold[1], mark))] : marked(piece, mark);
  });
}

function marked(text, mark) {
  return text.split(/(\[\d{1,2}\])/).map((piece) => {
    const found = /^\[(\d{1,2})\]$/.exec(piece);
    return (found && mark(Number(found[1]))) || piece;
  });
}

/** A mark while the answer still streams: its citation is not known yet. */
export function pendingMark(n) {
  return h("sup", {}, `[${n}]`);
}

/** The whole of an answer. `acts.choose(question)` asks a choice; `tools` are the rows of buttons below it. */
export function answerView(answer, words, base, acts, tools) {
  const cites = listOf(answer.citations).filter((cite) => cite && Number.isInteger(cite.n));
  const items = new Map(cites.map((cite) => [cite.n, citation(cite, words, base)]));
  const mark = (n) => (items.has(n) ? markLink(n, cites.find((cite) => cite.n === n), items.get(n), words) : null);
  const { first, rest } = urgentSplit(answer);
  const box = answer.contact ? contactBox(answer.contact, words, base) : null;
  const paused = isPaused(answer);
  // While the assistant is paused the text itself leads to the contact below it.
  const byHand = answer.outcome === "handover" && !paused;
  return [
    h("p", { class: "outcome" }, paused ? words.paused : words.outcome[answer.outcome] || plain(answer.outcome)),
    first && h("p", { class: "urgent" }, withPhones(first)),
    byHand && box,
    h("div", { class: "text", lang: plain(answer.lang) }, markdown(rest, mark)),
    choices(answer, words, acts),
    items.size > 0 && h("h4", {}, words.sources),
    items.size > 0 && h("ol", { class: "cites" }, [...items.values()]),
    suggestions(answer, words, base),
    !byHand && box,
    h("p", { class: "label" }, plain(answer.label) || words.notice),
    ...tools,
  ].filter(Boolean);
}

/** Whether the office has stopped the assistant for the time being. */
export function isPaused(answer) {
  return answer.outcome === "handover" && answer.reason === "stopped";
}

/** In danger the first line is the number to call: it stands apart, before everything else. */
function urgentSplit(answer) {
  const danger = answer.outcome === "handover" && /^(emergency|crisis|fraud)/.test(plain(answer.reason));
  if (!danger) return { first: "", rest: answer.text };
  const [first, ...rest] = plain(answer.text).trim().split("\n");
  return { first: first.replace(/\*\*/g, ""), rest: rest.join("\n") };
}

function markLink(n, cite, item, words) {
  const go = (event) => {
    event.preventDefault();
    item.focus();
  };
  const name = fill(words.mark, n, plain(cite.title));
  return h("sup", {}, h("a", { href: `#zhinan-source-${n}`, "aria-label": name, class: "mark", click: go }, `[${n}]`));
}

function citation(cite, words, base) {
  const name = [plain(cite.title), plain(cite.section)].filter(Boolean).join(" › ");
  const facts = [
    plain(cite.version) && fill(words.version, plain(cite.version)),
    plain(cite.reviewed_on) && fill(words.reviewed, plain(cite.reviewed_on)),
    plain(cite.owner_unit) && fill(words.owner, plain(cite.owner_unit)),
  ].filter(Boolean);
  const quote = plain(cite.quote);
  return h(
    "li",
    { value: cite.n, tabindex: "-1" },
    h("span", { lang: plain(cite.lang) }, pageLink(cite.url, name, words, base)),
    quote && h("details", {}, h("summary", {}, words.quote), h("blockquote", { lang: plain(cite.lang) }, quote)),
    facts.length > 0 && h("p", { class: "facts" }, facts.join(" · ")),
  );
}

function choices(answer, words, acts) {
  const buttons = listOf(answer.choices).map((choice) => {
    const label = plain(choice && choice.label) || plain(choice);
    const question = plain(choice && choice.question) || label;
    return question && h("li", {}, h("button", { type: "button", click: () => acts.choose(question) }, label));
  });
  return buttons.some(Boolean) && h("ul", { class: "choices", "aria-label": words.choices }, buttons.filter(Boolean));
}

function suggestions(answer, words, base) {
  const links = listOf(answer.suggestions).filter((guide) => guide && plain(guide.title));
  if (!links.length) return null;
  const items = links.map((guide) => h("li", {}, pageLink(guide.url, plain(guide.title), words, base)));
  return h("div", { class: "more" }, h("h4", {}, words.more), h("ul", {}, items));
}

/** Who to reach, with numbers that a phone can dial. */
export function contactBox(contact, words, base) {
  const rows = [
    [words.phone, phone(contact.phone)],
    [words.hours, plain(contact.hours)],
    [words.complaint, phone(contact.complaint)],
    [words.page, pageUrl(contact.url, base) && pageLink(contact.url, plain(contact.url), words, base)],
  ].filter(([, value]) => value);
  return h(
    "div",
    { class: "contact" },
    h("h4", {}, plain(contact.name) || words.contact),
    h("dl", {}, rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  );
}

/** What went wrong in plain words, and the hotline that works without us. */
export function errorView(error, words, base, again) {
  const said = saidIn(error, words);
  const signedOut = error.kind === "session" || error.kind === "signin";
  return [
    h("p", { class: "outcome" }, errorText(error, words)),
    said && h("p", { class: "text" }, said),
    signedOut && h("p", {}, pageLink(words.signInPage, words.signIn, words, base)),
    h("p", {}, words.call, " ", phoneLink(HOTLINE)),
    error.kind !== "absent" && h("div", { class: "tools" }, h("button", { type: "button", click: again }, words.retry)),
  ].filter(Boolean);
}

/** The answer as plain text for the clipboard: its label and its sources travel with it. */
export function copyText(answer, words, base) {
  const sources = listOf(answer.citations).map((cite) => {
    const found = pageUrl(cite.url, base);
    const name = [plain(cite.title), plain(cite.section)].filter(Boolean).join(" › ");
    return `[${plain(cite.n)}] ${name}${found ? ` ${found.href}` : ""}`;
  });
  const parts = [plain(answer.text).trim(), sources.length ? [words.sources, ...sources].join("\n") : ""];
  return [...parts, plain(answer.label) || words.notice].filter(Boolean).join("\n\n");
}
