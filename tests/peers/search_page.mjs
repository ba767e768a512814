// A site's search without a browser: one query a line in, one JSON list of page addresses a line out.
// node search_page.mjs own <search.js> <search-data.json>
// node search_page.mjs material <folder of Material's javascripts> <search_index.json>
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import vm from "node:vm";

/** Our own search page: its functions alone, the page itself is not there. */
async function own(script, data) {
  globalThis.document = { getElementById: () => null, querySelectorAll: () => [] };
  globalThis.location = { search: "" };
  const code = fs.readFileSync(script).toString("base64");
  const { indexOf, search } = await import(`data:text/javascript;base64,${code}`);
  const index = indexOf(JSON.parse(fs.readFileSync(data, "utf8")));
  return async (query) => search(index, query).map((guide) => guide.url);
}

/** Material's search worker as it is delivered, with the few things of a worker that it calls. */
async function material(scripts, data) {
  const workers = path.join(scripts, "workers");
  const replies = [];
  let receive;
  const run = (file) => vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  Object.assign(globalThis, {
    self: globalThis,
    addEventListener: (_, listener) => { receive = listener; },
    postMessage: (message) => replies.shift()(message),
    importScripts: (...urls) => urls.forEach((url) => run(path.resolve(workers, url))),
  });
  console.warn = () => {};
  run(path.join(workers, fs.readdirSync(workers).find((name) => name.endsWith(".js"))));
  const send = (message) => new Promise((resolve) => { replies.push(resolve); receive({ data: message }); });
  const { config, docs, options } = JSON.parse(fs.readFileSync(data, "utf8"));
  await send({ type: 0, data: { config, docs, options: options ?? {} } });
  return async (query) => (await send({ type: 2, data: query })).data.items.map((group) => group[0].location.split("#")[0]);
}

const [kind, script, data] = process.argv.slice(2);
const search = await { own, material }[kind](script, data);
process.stdout.write("ready\n");
for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await search(JSON.parse(line)))}\n`);
}
