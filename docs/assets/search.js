// Search inside one site: the sections of search-data.json, ranked by BM25 in the browser. Nothing leaves the page.

const WORDS = {
  zh: {
    none: (q) => `没有找到“${q}”。换个说法试试，或从下面的全部指南中查找。`,
    found: (n, q) => `“${q}”找到 ${n} 份指南`,
    failed: "搜索数据没有载入，请从下面的全部指南中查找。",
    loading: "正在搜索",
    title: "搜索",
  },
  en: {
    none: (q) => `Nothing found for “${q}”. Try other words, or choose from all guides below.`,
    found: (n, q) => `${n} ${n === 1 ? "guide" : "guides"} found for “${q}”`,
    failed: "The search data did not load. Please choose from all guides below.",
    loading: "Searching",
    title: "Search",
  },
};

const HAN = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/;
const RUNS = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[a-z]+|\d+(?:[.,]\d+)*/g;
const SINGLE = 0.15; // weight of one Chinese character beside a pair of them
const COMMON = new Set("a an and are as at be by can do does for from how i in is it my of on or the to what when where who will with you".split(" "));
const STRONG = 3; // title and aliases count this often
const HEADING = 2;
const K1 = 1.2;
const B = 0.5;
const SHOWN = 30;

/** Traditional characters → Simplified, from the pairs that the build wrote. */
export function foldTable(pairs) {
  const chars = [...pairs];
  return new Map(chars.flatMap((char, i) => (i % 2 ? [] : [[char, chars[i + 1]]])));
}

/** The form in which text is matched, and for each of its characters the place it came from. */
export function fold(text, table) {
  let folded = "";
  const from = [];
  let place = 0;
  for (const char of text) {
    for (const part of char.normalize("NFKC").toLowerCase()) {
      const plain = table.get(part) ?? part;
      for (let i = 0; i < plain.length; i += 1) from.push(place);
      folded += plain;
    }
    place += char.length;
  }
  from.push(text.length);
  return { folded, from };
}

/** A lower-case English word without its commonest endings. */
export function stem(word) {
  for (const [end, kept, least] of [["ies", "y", 5], ["sses", "ss", 5], ["ing", "", 6], ["ed", "", 5], ["es", "", 5], ["s", "", 4], ["e", "", 5]]) {
    if (word.endsWith(end) && word.length >= least && !(end === "s" && word.endsWith("ss"))) {
      return word.slice(0, -end.length) + kept;
    }
  }
  return word;
}

/** Terms of folded text with the span each stands on: Chinese characters and pairs, words, numbers. */
export function terms(folded) {
  const found = [];
  for (const match of folded.matchAll(RUNS)) {
    const [run] = match;
    const at = match.index;
    if (!HAN.test(run)) {
      found.push({ term: /\d/.test(run) ? run.replaceAll(",", "") : stem(run), at, end: at + run.length });
      continue;
    }
    for (let i = 0; i < run.length; i += 1) {
      found.push({ term: run[i], at: at + i, end: at + i + 1 });
      if (i + 1 < run.length) found.push({ term: run.slice(i, i + 2), at: at + i, end: at + i + 2 });
    }
  }
  return found;
}

/** Folded text with everyday words turned into those that guides use, as rag/text.py does on the server. */
function plain(folded, words) {
  return words.pattern ? folded.replace(words.pattern, (word) => words.heads[word]) : folded;
}

function everyday(heads = {}) {
  const known = Object.keys(heads).sort((a, b) => b.length - a.length);
  return { heads, pattern: known.length ? new RegExp(known.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g") : null };
}

/** Entries with their term counts, ready to be ranked. */
export function indexOf(data) {
  const table = foldTable(data.fold);
  const words = everyday(data.words);
  const postings = new Map();
  let total = 0;
  const documents = data.entries.map((entry, id) => {
    const counts = new Map();
    const add = (text, times) => {
      const folded = plain(fold(text, table).folded, words);
      const list = terms(folded);
      for (const { term } of list) counts.set(term, (counts.get(term) ?? 0) + times);
      return { folded, length: list.length };
    };
    const body = add(entry.text, 1);
    const parts = [body.folded, add(entry.section, HEADING).folded];
    if (entry.aliases) parts.push(...[entry.title, ...entry.aliases].map((text) => add(text, STRONG).folded));
    for (const [term, count] of counts) {
      if (!postings.has(term)) postings.set(term, []);
      postings.get(term).push([id, count]);
    }
    total += body.length;
    return { entry, length: body.length, folded: parts.join("\n") };
  });
  return { table, words, postings, documents, mean: total / Math.max(1, documents.length) };
}

function weightOf(term, alone) {
  if (COMMON.has(term)) return 0.05;
  return HAN.test(term) && term.length === 1 && !alone ? SINGLE : 1;
}

/** Guides that match, best first: `{title, url, score, sections}`; at most two sections each. */
export function search(index, query) {
  const folded = plain(fold(query, index.table).folded, index.words);
  const wanted = new Set(terms(folded).map(({ term }) => term));
  const alone = [...wanted].every((term) => term.length === 1);
  const count = index.documents.length;
  const scores = new Float64Array(count);
  const matched = new Map(); // guide address → terms it holds
  for (const term of wanted) {
    const postings = index.postings.get(term) ?? [];
    const idf = Math.log(1 + (count - postings.length + 0.5) / (postings.length + 0.5)) * weightOf(term, alone);
    for (const [id, times] of postings) {
      const norm = K1 * (1 - B + (B * index.documents[id].length) / index.mean);
      scores[id] += (idf * times * (K1 + 1)) / (times + norm);
      const page = index.documents[id].entry.url.split("#")[0];
      if (!matched.has(page)) matched.set(page, new Set());
      matched.get(page).add(term);
    }
  }
  const phrase = folded.trim();
  const guides = new Map();
  index.documents.forEach(({ entry, folded: whole }, id) => {
    if (!scores[id]) return;
    const score = scores[id] * (phrase.length > 1 && whole.includes(phrase) ? 1.5 : 1);
    const page = entry.url.split("#")[0];
    if (!guides.has(page)) guides.set(page, { title: entry.title, url: page, first: 0, best: 0, sections: [] });
    const guide = guides.get(page);
    if (entry.aliases) guide.first = score;
    else guide.best = Math.max(guide.best, score);
    guide.sections.push({ ...entry, score });
  });
  return ranked([...guides.values()], matched, wanted, alone);
}

/** Guides in order, without those that share too little with the query to be meant. */
function ranked(guides, matched, wanted, alone) {
  const weigh = (list) => [...list].reduce((sum, term) => sum + weightOf(term, alone), 0);
  const least = Math.min(0.2 * weigh(wanted), 2);
  const scored = guides
    .filter((guide) => weigh(matched.get(guide.url)) >= Math.max(least, 0.5))
    .map((guide) => ({ ...guide, score: guide.first + guide.best }))
    .sort((a, b) => b.score - a.score || a.url.localeCompare(b.url));
  const best = scored[0]?.score ?? 0;
  return scored
    .filter((guide) => guide.score >= 0.25 * best)
    .slice(0, SHOWN)
    .map((guide) => {
      const sections = guide.sections.sort((a, b) => b.score - a.score);
      return { ...guide, sections: sections.filter((s) => s.score >= 0.5 * sections[0].score).slice(0, 2) };
    });
}

/** Spans in order, those that touch made one. */
function joined(spans) {
  const whole = [];
  for (const [a, b] of spans) {
    const last = whole.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else whole.push([a, b]);
  }
  return whole;
}

/** About 90 characters of a section around its densest matches, with the matches in <mark>. */
export function excerpt(text, query, table) {
  const wanted = terms(fold(query, table).folded).map(({ term }) => term).filter((term) => !COMMON.has(term));
  const pairs = wanted.filter((term) => !HAN.test(term) || term.length > 1);
  const keys = new Set(pairs.length ? pairs : wanted);
  const { folded, from } = fold(text, table);
  const spans = joined(terms(folded).filter(({ term }) => keys.has(term)).map(({ at, end }) => [from[at], from[end]]));
  const size = HAN.test(text) ? 90 : 200;
  const within = (start) => spans.reduce((sum, [a, b]) => sum + (a >= start && b <= start + size ? b - a : 0), 0);
  const starts = [0, ...spans.map(([a]) => Math.max(0, a - 12))];
  const start = starts.reduce((best, here) => (within(here) > within(best) ? here : best), 0);
  const end = Math.min(text.length, start + size);
  const nodes = document.createDocumentFragment();
  let done = start;
  if (start > 0) nodes.append("…");
  for (const [a, b] of spans.filter((span) => span[0] >= start && span[1] <= end)) {
    nodes.append(text.slice(done, a));
    const mark = document.createElement("mark");
    mark.textContent = text.slice(a, b);
    nodes.append(mark);
    done = b;
  }
  nodes.append(text.slice(done, end) + (end < text.length ? "…" : ""));
  return nodes;
}

function resultNode(guide, query, table, base) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = base + guide.url;
  link.append(excerpt(guide.title, query, table));
  const heading = document.createElement("h2");
  heading.append(link);
  item.append(heading);
  for (const section of guide.sections) {
    const line = document.createElement("p");
    if (section.section) {
      const deep = document.createElement("a");
      deep.href = base + section.url;
      deep.append(excerpt(section.section, query, table));
      line.append(deep, " ");
    }
    line.append(excerpt(section.text.replaceAll("\n", HAN.test(section.text) ? "" : " "), query, table));
    item.append(line);
  }
  return item;
}

async function show(list, query) {
  const words = WORDS[list.dataset.lang];
  const status = document.getElementById("zn-count");
  status.textContent = words.loading;
  try {
    const response = await fetch(`${list.dataset.base}search-data.json`);
    if (!response.ok) throw new Error(String(response.status));
    const index = indexOf(await response.json());
    const guides = search(index, query);
    list.replaceChildren(...guides.map((guide) => resultNode(guide, query, index.table, list.dataset.base)));
    list.hidden = guides.length === 0;
    document.getElementById("zn-all").hidden = guides.length > 0;
    status.textContent = guides.length ? words.found(guides.length, query) : words.none(query);
    document.title = `${query} - ${words.title}`;
  } catch (error) {
    status.textContent = words.failed;
    console.warn("search data", error);
  }
}

const list = document.getElementById("zn-results");
const query = new URLSearchParams(location.search).get("q")?.trim().slice(0, 200) ?? "";
if (list && query) {
  for (const input of document.querySelectorAll('input[name="q"]')) input.value = query;
  show(list, query);
}
