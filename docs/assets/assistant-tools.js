// What a person can do with an answer: copy it, rate it, delete it, or hand the question to a member of staff.

import { TalkError } from "./assistant-talk.js";
import { contactBox, copyText, h, isPaused } from "./assistant-view.js";
import { errorText, fill, saidIn } from "./assistant-words.js";

const COPIED_MS = 3000;
const REASONS = ["wrong", "unclear", "missing", "other"];
export const MAX_QUESTION = 500;
const MAX_CONTACT = 200;

/** The rows below an answer; `acts.person()` opens the request form for it, `acts.forgotten(text)` takes it away. */
export function toolsView(answer, words, base, talk, acts) {
  const row = h(
    "div",
    { class: "tools" },
    answer.id && !isPaused(answer) && ratingView(answer.id, words, talk),
    copyButton(answer, words, base),
    h("button", { type: "button", click: acts.person }, words.person),
  );
  return [row, answer.id && forgetView(answer.id, words, talk, acts.forgotten)].filter(Boolean);
}

function copyButton(answer, words, base) {
  const button = h("button", { type: "button" }, words.copy);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(copyText(answer, words, base), button)) ? words.copied : words.copyFailed;
    setTimeout(() => (button.textContent = words.copy), COPIED_MS);
  });
  return button;
}

/** Copies a text; on plain-http intranet sites, which have no clipboard API, through a selected text field. */
async function copied(text, button) {
  if (navigator.clipboard) {
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    if (done) return true;
  }
  const field = h("textarea", { class: "hidden", tabindex: "-1" });
  field.value = text;
  button.after(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  button.focus();
  return done;
}

function ratingView(id, words, talk) {
  const box = h("div", { class: "rating", role: "group", "aria-label": words.rate });
  const rate = (useful, reason) => async () => {
    if (box.hasAttribute("aria-busy")) return;
    box.setAttribute("aria-busy", "true");
    const sent = await talk.rate(id, useful, reason).then(() => true, () => false);
    box.removeAttribute("aria-busy");
    if (!sent) showNote(box, words.rateFailed, rateButtons());
    else if (useful || reason) showNote(box, words.thanks, []);
    else showNote(box, words.why, reasonButtons());
  };
  const button = (text, act) => h("button", { type: "button", click: act }, text);
  const rateButtons = () => [button(words.useful, rate(true)), button(words.useless, rate(false))];
  const reasonButtons = () => REASONS.map((reason) => button(words.reason[reason], rate(false, reason)));
  box.append(...rateButtons());
  return box;
}

/** Has a question deleted, after asking once; the box says so where that fails. */
function forgetView(id, words, talk, onForgotten) {
  const texts = words.forget;
  const box = h("div", { class: "forget", role: "group", "aria-label": texts.ask });
  const button = (text, act, kind) => h("button", { type: "button", class: kind, click: act }, text);
  const start = button(texts.ask, () => ask(texts.sure), "quiet");
  const ask = (text) => showNote(box, text, [button(texts.yes, forget, "danger"), button(texts.no, keep)]);
  const keep = () => {
    if (box.hasAttribute("aria-busy")) return;
    box.replaceChildren(start);
    start.focus();
  };
  const forget = async () => {
    if (box.hasAttribute("aria-busy")) return;
    box.setAttribute("aria-busy", "true");
    box.firstChild.textContent = texts.busy;
    try {
      onForgotten((await talk.forget(id)) ? texts.done : texts.gone);
    } catch (error) {
      ask(errorText(TalkError.of(error), words, texts.error));
    }
    box.removeAttribute("aria-busy");
  };
  box.append(start);
  return box;
}

/** Replaces a box's content by a note and buttons; keeps the keyboard there, so that the note is read out. */
function showNote(box, text, buttons) {
  const inside = box.contains(box.getRootNode().activeElement);
  const note = h("p", { tabindex: "-1", class: "note" }, text);
  box.replaceChildren(note, ...buttons);
  if (!inside) return;
  note.focus();
  box.scrollIntoView({ block: "nearest" });
}

/** The form that hands a question to a person: `start` holds question, answerId and contact; `onCancel` removes it. */
export function requestView(start, words, base, talk, onCancel) {
  const question = h("textarea", { id: "zhinan-request", rows: "3", maxlength: String(MAX_QUESTION), required: true });
  const contact = h("input", { id: "zhinan-contact", type: "text", maxlength: String(MAX_CONTACT), autocomplete: "off" });
  question.value = start.question;
  const problem = h("p", { class: "problem", tabindex: "-1", hidden: true });
  const form = h(
    "form",
    { class: "request", novalidate: true },
    h("h4", {}, words.ask),
    contactBox(start.contact || { name: words.hotline, phone: "12345" }, words, base),
    h("label", { for: "zhinan-request" }, words.askQuestion),
    question,
    h("label", { for: "zhinan-contact" }, words.askContact),
    contact,
    h("p", { class: "privacy" }, words.privacy),
    problem,
    h(
      "div",
      { class: "tools" },
      h("button", { type: "submit", class: "primary" }, words.askSend),
      h("button", { type: "button", click: onCancel }, words.cancel),
    ),
  );
  const fail = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    problem.focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!question.value.trim()) return fail(words.askEmpty);
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    await talk.request(question.value.trim(), start.answerId, contact.value.trim()).then(
      (made) => showReceipt(form, made, words, base),
      (error) => fail(failureText(TalkError.of(error), words)),
    );
    form.removeAttribute("aria-busy");
  });
  return form;
}

function failureText(error, words) {
  return [errorText(error, words), saidIn(error, words)].filter(Boolean).join(" ");
}

function showReceipt(form, made, words, base) {
  const head = h("h4", { tabindex: "-1" }, words.asked);
  const pair = [[words.number, made.number], [words.code, made.code]];
  const receipt = h(
    "div",
    { class: "receipt" },
    head,
    h("dl", {}, pair.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, h("strong", {}, String(value)))])),
    h("p", {}, words.keep),
    typeof made.due === "string" && h("p", {}, fill(words.due, made.due)),
    made.contact && typeof made.contact === "object" && contactBox(made.contact, words, base),
  );
  form.replaceWith(receipt);
  head.focus();
}
