// analytics.js (analytics-next) in a page of jsdom, asked to use our server as its CDN, too:
// `node browser_sdk.mjs URL KEY`. Calls of every kind, then waits until they were answered.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM, VirtualConsole } from "jsdom";

const [url, key] = process.argv.slice(2);
const bundle = createRequire(import.meta.url).resolve("@segment/analytics-next/package.json")
  .replace("package.json", "dist/umd/standalone.js");
const page = new JSDOM("<!doctype html><title>Pricing</title>", {
  url: `${url}/pricing?utm_source=news`,
  runScripts: "outside-only",
  pretendToBeVisual: true,
  virtualConsole: new VirtualConsole(),
});
const answers = [];
page.window.fetch = async (...asked) => {
  const answer = await fetch(...asked);
  answers.push([String(asked[0]), answer.status]);
  return answer;
};
page.window.analytics = Object.assign([], {
  _writeKey: key,
  _cdn: url,
  invoked: true,
  _loadOptions: {},
});
const calls = [
  ["load", key], ["identify", "eva", { plan: "team" }], ["track", "Signed Up", { seats: 3 }],
  ["group", "acme", { name: "Acme" }], ["page", "Pricing"], ["screen", "Home"], ["alias", "eva", "anon"],
];
page.window.analytics.push(...calls.slice(1));
page.window.eval(readFileSync(bundle, "utf-8"));
for (let n = 0; n < 100 && answers.length < 7; n++) await new Promise((r) => setTimeout(r, 50));
console.log(JSON.stringify({ answers }));
process.exit(0);
