// Opens pages in jsdom, each in a browser of its own: `node pages.mjs URL…`.
// A page says when it is done by posting to /done. jsdom has no fetch and no sendBeacon.
import { CookieJar, JSDOM, VirtualConsole } from "jsdom";

const open = (url) =>
  new Promise((resolve) => {
    const errors = new VirtualConsole();
    errors.on("jsdomError", (error) => console.error(url, error.detail || error.message));
    JSDOM.fromURL(url, {
      runScripts: "dangerously",
      resources: "usable",
      pretendToBeVisual: true,
      cookieJar: new CookieJar(),
      virtualConsole: errors,
      beforeParse(window) {
        const post = (address, body) => fetch(new URL(address, url), { method: "POST", body });
        window.fetch = (address, how) =>
          post(address, how.body).finally(() => String(address).includes("done?") && resolve());
        window.navigator.sendBeacon = (address, body) => !!post(address, body);
        window.crypto.randomUUID = undefined; // as on a page without https
      },
    });
  });

await Promise.all(process.argv.slice(2).map(open));
process.exit(0);
