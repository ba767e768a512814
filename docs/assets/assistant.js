// <zhinan-assistant lang="zh|en" base="…" [open-page]>: the conversation with the assistant on a page.
// Without `open-page` a button opens it as a dialog; with it the conversation stands in the page itself.
// What is said stays in this page's memory: nothing is stored in the browser.

import { followPage } from "./assistant-look.js";
import { Talk, TalkError, turnsOf } from "./assistant-talk.js";
import { MAX_QUESTION, requestView, toolsView } from "./assistant-tools.js";
import { answerView, errorView, h, markdown, pendingMark } from "./assistant-view.js";
import { fill, wordsFor } from "./assistant-words.js";

const MAX_TURNS = 6;
const COUNT_FROM = 400;

class Assistant extends HTMLElement {
  connectedCallback() {
    if (!this.shadowRoot) this.build();
    this.unfollow = followPage(this.app);
  }

  disconnectedCallback() {
    this.unfollow();
    this.stop?.abort();
  }

  build() {
    this.words = wordsFor(this.getAttribute("lang"));
    this.base = new URL(`${this.getAttribute("base") || "."}/`.replace(/\/+$/, "/"), document.baseURI);
    this.talk = new Talk(this.base);
    this.history = [];
    const inline = this.hasAttribute("open-page");
    this.app = h("div", { class: "app", lang: this.words.lang, hidden: true });
    this.app.append(...(inline ? [this.panel("section")] : [this.launcher(), this.panel("dialog")]));
    this.app.classList.toggle("inline", inline);
    const style = h("link", { rel: "stylesheet", href: new URL("assistant.css", import.meta.url).href });
    // Shown once it is styled; a missing style sheet must not hide it for good.
    for (const done of ["load", "error"]) style.addEventListener(done, () => (this.app.hidden = false));
    this.attachShadow({ mode: "open" }).append(style, this.app);
    this.clear();
  }

  launcher() {
    const attributes = { type: "button", class: "launcher", "aria-haspopup": "dialog", click: () => this.open() };
    return h("button", attributes, this.words.launch);
  }

  open() {
    this.box.showModal();
    this.input.focus();
  }

  panel(tag) {
    this.log = h("div", { class: "log", role: "region", tabindex: "0", "aria-label": this.words.transcript });
    for (const move of ["wheel", "touchmove", "keydown"]) {
      this.log.addEventListener(move, () => (this.follow = false), { passive: true });
    }
    // A citation of the page behind the dialog: step aside, so that the reader sees where the link leads.
    this.log.addEventListener("click", (event) => event.target.closest("a.here") && this.box.close?.());
    this.status = h("p", { role: "status", class: "hidden" });
    const parts = [this.header(tag === "dialog"), this.log, this.status, this.form()];
    this.box = h(tag, { class: "panel", "aria-labelledby": "zhinan-title" }, parts);
    return this.box;
  }

  header(closable) {
    const { words } = this;
    const button = (act, text, more) => h("button", { type: "button", click: act, ...more }, text);
    return h(
      "header",
      {},
      h("h2", { id: "zhinan-title" }, words.title),
      button(() => this.person(), words.person),
      button(() => this.restart(), words.fresh),
      closable && button(() => this.box.close(), "×", { class: "close", "aria-label": words.close }),
    );
  }

  form() {
    const { words } = this;
    const limits = { rows: "2", maxlength: String(MAX_QUESTION), enterkeyhint: "send" };
    const described = { "aria-describedby": "zhinan-hint zhinan-privacy" };
    this.input = h("textarea", { id: "zhinan-question", ...limits, ...described });
    this.counter = h("p", { class: "counter", hidden: true });
    this.send = h("button", { type: "submit", class: "primary" }, words.send);
    this.input.addEventListener("input", () => this.count());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    return h(
      "form",
      { class: "composer", novalidate: true, submit: (event) => this.onSubmit(event) },
      h("label", { for: "zhinan-question" }, words.label),
      h("div", { class: "line" }, this.input, this.send),
      this.counter,
      h("p", { id: "zhinan-hint", class: "hidden" }, words.hint),
      h("p", { id: "zhinan-privacy", class: "privacy" }, words.privacy),
      h("p", { class: "label" }, words.notice),
    );
  }

  count() {
    const { length } = this.input.value;
    this.counter.hidden = length < COUNT_FROM;
    this.counter.textContent = fill(this.words.counter, length, MAX_QUESTION);
  }

  onKey(event) {
    // While an input method is composing, Enter picks a word and must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.onSubmit(event);
  }

  onSubmit(event) {
    event.preventDefault();
    const question = this.input.value.trim();
    if (!question || this.stop) return;
    this.input.value = "";
    this.count();
    this.ask(question);
  }

  /** Asks one question and shows what comes; one at a time. */
  async ask(question) {
    if (this.stop) return;
    const stop = (this.stop = new AbortController());
    const asked = this.entry("you", this.words.you, h("p", {}, question));
    const reply = this.entry("assistant busy", this.words.assistant, h("p", { class: "dots" }, this.words.busy));
    this.follow = true;
    this.busy(true, this.words.busy);
    this.show(asked);
    try {
      const history = this.history.slice(-MAX_TURNS);
      const answer = await this.talk.ask(question, history, this.streamer(asked, reply), stop.signal);
      this.showAnswer(asked, reply, question, answer);
      this.busy(false, this.words.ready);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.showError(asked, reply, question, error);
      this.busy(false, this.words.failed);
    } finally {
      if (this.stop === stop) this.stop = null;
    }
    this.show(asked);
  }

  /** A function that adds streamed pieces to a reply as they come. */
  streamer(asked, reply) {
    let text = "";
    const body = h("div", { class: "text" });
    return (piece) => {
      text += piece;
      body.replaceChildren(...markdown(text, pendingMark));
      if (!body.isConnected) reply.insertBefore(body, reply.lastChild);
      this.show(asked);
    };
  }

  showAnswer(asked, reply, question, answer) {
    const turns = turnsOf(question, answer);
    const acts = {
      choose: (choice) => this.ask(choice),
      person: () => this.person(question, answer),
      forgotten: (text) => this.forget(asked, reply, turns, answer, text),
    };
    const tools = toolsView(answer, this.words, this.base, this.talk, acts);
    const known = Object.hasOwn(this.words.outcome, answer.outcome) ? answer.outcome : "";
    this.fill(reply, `assistant ${known}`, answerView(answer, this.words, this.base, acts, tools));
    this.history.push(...turns);
    this.last = { question, answer };
  }

  /** Takes an exchange that was deleted out of the page and out of what later questions send along. */
  forget(asked, reply, turns, answer, text) {
    const inside = reply.contains(this.shadowRoot.activeElement);
    asked.remove();
    reply.remove();
    this.history = this.history.filter((turn) => !turns.includes(turn));
    if (this.last?.answer === answer) this.last = null;
    // An open form repeats the question; one on its way will show a code that is shown only once.
    if (this.about === answer) this.request.querySelector("form:not([aria-busy])")?.closest(".entry").remove();
    if (inside) this.log.focus({ preventScroll: true });
    this.say(text, true);
    this.status.scrollIntoView({ block: "nearest" });
  }

  showError(asked, reply, question, error) {
    const again = () => {
      asked.remove();
      reply.remove();
      this.input.focus();
      this.ask(question);
    };
    this.fill(reply, "assistant error", errorView(TalkError.of(error), this.words, this.base, again));
    this.last = { question, answer: {} };
  }

  /** Opens the form to a person: about one answer, or about the latest question. */
  person(question = this.last?.question || "", answer = this.last?.answer || {}) {
    const form = this.request?.querySelector("form");
    // A form on its way will show a code that is shown only once.
    if (form?.hasAttribute("aria-busy")) return;
    if (form) this.request.remove();
    const cancel = () => {
      this.request.remove();
      this.input.focus();
    };
    const start = { question, answerId: answer.id, contact: answer.contact };
    const view = requestView(start, this.words, this.base, this.talk, cancel);
    this.request = this.entry("person", this.words.person, view);
    this.about = answer;
    this.request.querySelector("textarea").focus();
    this.follow = true;
    this.show(this.request);
  }

  restart() {
    this.clear();
    this.input.focus();
  }

  clear() {
    this.stop?.abort();
    this.stop = null;
    this.history = [];
    this.last = null;
    this.log.replaceChildren(h("p", { class: "welcome" }, this.words.welcome));
    this.busy(false, "");
  }

  busy(on, text) {
    this.say(text);
    this.send.setAttribute("aria-disabled", String(on));
  }

  /** The only announcements that a screen reader gets: an answer began, it ended, a question was deleted. */
  say(text, shown = false) {
    this.status.className = shown ? "said" : "hidden";
    this.status.textContent = text;
  }

  entry(kind, name, ...content) {
    const article = h("article", { class: `entry ${kind}` }, h("h3", { class: "hidden" }, name), ...content);
    this.log.append(article);
    return article;
  }

  fill(article, kind, content) {
    article.className = `entry ${kind}`;
    article.replaceChildren(article.firstChild, ...content);
  }

  /** Brings an entry to the top, unless the reader has begun to scroll. */
  show(entry) {
    if (this.follow) entry.scrollIntoView({ block: "start" });
  }
}

customElements.define("zhinan-assistant", Assistant);
