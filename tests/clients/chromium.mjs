// Opens pages in a real browser, each in a profile of its own: `node chromium.mjs PROGRAM URL…`.
// Runs until its input is closed, then ends the browser it started.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [program, ...urls] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "lettershop-chromium-"));
const browser = spawn(program, [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--renderer-process-limit=2", "--disable-extensions", "--window-size=800,600", `--user-data-dir=${profile}`, "about:blank",
], { stdio: ["ignore", "ignore", "pipe"] });

const address = await new Promise((resolve, reject) => {
  let said = "";
  browser.stderr.on("data", (data) => {
    said += data;
    const found = said.match(/DevTools listening on (ws:\S+)/);
    if (found) resolve(found[1]);
  });
  browser.on("exit", () => reject(new Error(said)));
});

const socket = new WebSocket(address);
await new Promise((resolve) => (socket.onopen = resolve));
const waiting = new Map();
let last = 0;
socket.onmessage = ({ data }) => {
  const { id, result, error } = JSON.parse(data);
  if (waiting.has(id)) waiting.get(id)(result || error);
};
const ask = (method, params = {}) => new Promise((resolve) => {
  waiting.set(++last, resolve);
  socket.send(JSON.stringify({ id: last, method, params }));
});
for (const url of urls) {
  const { browserContextId } = await ask("Target.createBrowserContext");
  await ask("Target.createTarget", { url, browserContextId });
}
process.stdin.resume();
process.stdin.on("end", () => {
  browser.removeAllListeners("exit");
  browser.on("exit", () => {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  });
  browser.kill("SIGKILL");
});
