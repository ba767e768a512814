// How the assistant speaks with the API: one question as a stream or as plain JSON, ratings, requests, deletions.

const STALL_MS = 60_000;
const MAX_TURN = 2000;
const STREAMED = { Accept: "text/event-stream" };
// What plain file hosts say to a POST: where it comes without our error shape, no API lives here.
const NO_API = [403, 404, 405, 501];
const GATEWAY = [502, 503, 504];

/** A talk that failed: `kind` is a key of the `error` texts; `said` is what the server itself said of it. */
export class TalkError extends Error {
  constructor(kind, { said = [], seconds = null } = {}) {
    super(kind);
    this.kind = kind;
    this.said = said;
    this.seconds = seconds;
  }

  /** Any error as one of these. */
  static of(error) {
    return error instanceof TalkError ? error : new TalkError("server");
  }
}

/** The API below one root address; `base` is the site's root as a URL. */
export class Talk {
  constructor(base) {
    const meta = document.querySelector('meta[name="zhinan-api"]');
    const root = (meta && meta.content) || "api/v1";
    this.root = new URL(root.replace(/\/*$/, "/"), meta ? document.baseURI : base);
  }

  /** Asks; calls `onSentence` for each streamed piece and resolves to the Answer object. */
  async ask(question, history, onSentence, stop) {
    const watch = stallWatch(stop);
    try {
      const response = await this.post("ask", { question, history }, STREAMED, watch.signal);
      if (!isType(response, "text/event-stream")) return asAnswer(await json(response));
      return await readAnswer(response.body, onSentence, watch.touch);
    } catch (error) {
      if (watch.stalled()) throw new TalkError("slow");
      throw error;
    } finally {
      watch.end();
    }
  }

  /** Stores whether an answer was useful, and why not; a second call replaces the first. */
  async rate(id, useful, reason) {
    await this.post(`answers/${encodeURIComponent(id)}/rating`, reason ? { useful, reason } : { useful });
  }

  /** Has the server erase an answer and its question; false where it held none. */
  async forget(id) {
    try {
      await this.send("DELETE", `answers/${encodeURIComponent(id)}`);
      return true;
    } catch (error) {
      if (error.kind === "missing") return false;
      throw error;
    }
  }

  /** Hands a question to a person; resolves to the request with its number and code. A second try of the same is
   * marked as one: when only the reply was lost, the request is not filed again. */
  async request(question, answerId, contact) {
    const body = { question };
    if (answerId) body.answer_id = answerId;
    if (contact) body.contact = contact;
    const text = JSON.stringify(body);
    if (this.tried?.text !== text) this.tried = { text, key: chance() };
    const made = await json(await this.post("requests", body, { "Idempotency-Key": this.tried.key }));
    if (!made.number || !made.code) throw new TalkError("server");
    this.tried = null;
    return made;
  }

  post(path, body, own = {}, signal = undefined) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", ...own };
    return this.send("POST", path, { headers, body: JSON.stringify(body), signal });
  }

  async send(method, path, options = {}) {
    const response = await fetch(new URL(path, this.root), { method, ...options }).catch((error) => {
      throw error.name === "AbortError" ? error : new TalkError("network");
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

/** 128 random bits as text; `randomUUID` is there over HTTPS alone. */
function chance() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a later question sends along of an exchange. */
export function turnsOf(question, answer) {
  return [
    { role: "user", text: question },
    { role: "assistant", text: answer.text.slice(0, MAX_TURN) },
  ];
}

/** Aborts when `stop` does, or when nothing arrived for a minute. */
function stallWatch(stop) {
  const abort = new AbortController();
  let stalled = false;
  let timer;
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      abort.abort();
    }, STALL_MS);
  };
  const onStop = () => abort.abort();
  stop.addEventListener("abort", onStop);
  touch();
  return {
    signal: abort.signal,
    touch,
    stalled: () => stalled,
    end: () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", onStop);
    },
  };
}

function isType(response, type) {
  return (response.headers.get("Content-Type") || "").startsWith(type);
}

async function json(response) {
  const body = await response.json().catch((error) => {
    throw error.name === "AbortError" ? error : new TalkError("server");
  });
  if (body === null || typeof body !== "object") throw new TalkError("server");
  return body;
}

/** The error for a response that is not 2xx. */
async function refusal(response) {
  const body = isType(response, "application/json") ? await response.json().catch(() => null) : null;
  const sent = (body && body.error) || null;
  const said = sent ? [sent.message, sent.fix].filter((part) => typeof part === "string") : [];
  const status = response.status;
  if (status === 429) return new TalkError("many", { seconds: waitSeconds(response) });
  if (!sent && NO_API.includes(status)) return new TalkError("absent");
  if (!sent && GATEWAY.includes(status)) return new TalkError("network");
  if (status === 401 && sent?.code === "bad-session") return new TalkError("session");
  if (status === 401) return new TalkError("signin", { said });
  if (status === 403) return new TalkError("forbidden", { said });
  if (status === 404) return new TalkError("missing", { said });
  if (status === 503 && sent?.code === "busy") return new TalkError("busy", { seconds: waitSeconds(response) });
  return new TalkError(status >= 500 ? "server" : "input", { said });
}

/** Seconds of a Retry-After header, which is a number or a date; null when there is none. */
function waitSeconds(response) {
  const value = response.headers.get("Retry-After");
  if (!value) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : null;
}

function asAnswer(body) {
  if (typeof body.text !== "string" || typeof body.outcome !== "string") throw new TalkError("server");
  return body;
}

async function readAnswer(stream, onSentence, touch) {
  for await (const { event, data } of events(stream, touch)) {
    const body = parsed(data);
    if (event === "sentence") onSentence(String(body.text ?? ""));
    else if (event === "answer") return asAnswer(body);
    else if (event === "error") throw new TalkError("server", { said: [String((body.error || {}).message ?? "")] });
  }
  throw new TalkError("cut");
}

function parsed(data) {
  try {
    const body = JSON.parse(data);
    if (body !== null && typeof body === "object") return body;
  } catch {
    // Falls through: text that is no JSON object is the server's fault, whatever it says.
  }
  throw new TalkError("server");
}

/** Server-sent events of a byte stream: complete ones only, so a cut-off event is never read. */
async function* events(stream, touch) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw error.name === "AbortError" ? error : new TalkError("cut");
      });
      if (done) return;
      touch();
      rest = (rest + decoder.decode(value, { stream: true })).replace(/\r\n/g, "\n");
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = oneEvent(block);
        if (event.data) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function oneEvent(block) {
  const found = { event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, field, value] = /^(event|data):? ?(.*)$/.exec(line) || [];
    if (field === "event") found.event = value;
    else if (field === "data") found.data.push(value);
  }
  return { event: found.event, data: found.data.join("\n") };
}
