// Lettershop website tracking, Apache-2.0. How to use it: docs/how-to/website-tracking.md
(() => {
  const w = window, d = document, n = navigator;
  const tag = d.currentScript || d.querySelector("script[data-key][src*='lettershop.js']");
  const early = w.lettershop || [];
  if (!tag || early.track) return;
  const set = tag.dataset, url = new URL("v1/batch", tag.src).href,
    off = n.doNotTrack == 1 || w.doNotTrack == 1 || n.globalPrivacyControl;
  let on = !off && (set.consent != "required" || cookie()),
    queue = [], timer, pause = 1e3, id, userId, groupId, last, referrer = d.referrer;

  function cookie() {
    return /(?:^|; )lettershop_id=([\w-]+)/.exec(d.cookie)?.[1];
  }
  function keep(value, seconds) {
    d.cookie = `lettershop_id=${value}; path=/; max-age=${seconds}; SameSite=Lax`
      + (set.domain ? "; domain=" + set.domain : "")
      + (location.protocol == "https:" ? "; Secure" : "");
  }
  function uuid() {
    // browsers have randomUUID on https only
    return crypto.randomUUID?.()
      || [...crypto.getRandomValues(new Uint8Array(16))].map(b => (256 + b).toString(16)).join("");
  }
  const now = () => new Date().toISOString(),
    here = () => location.href.split("#")[0],
    query = () => new URLSearchParams(location.search),
    page = () => ({
      url: here(), path: location.pathname, search: location.search, title: d.title, referrer
    });

  function context() {
    const campaign = {};
    query().forEach((value, key) => {
      if (key.startsWith("utm_")) campaign[key == "utm_campaign" ? "name" : key.slice(4)] = value;
    });
    return {
      page: page(), campaign, groupId, locale: n.language, library: { name: "lettershop.js" },
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone
    };
  }
  function add(type, more) {
    if (off) return;
    queue.push({ type, messageId: uuid(), timestamp: now(), userId, context: context(), ...more });
    queue = queue.slice(-100);
    later();
  }
  function later() {
    if (on && queue[0]) timer ||= setTimeout(send, pause);
  }
  function send(leaving) {
    clearTimeout(timer);
    timer = 0;
    if (!on || !queue[0]) return;
    keep(id ||= cookie() || uuid(), 31536e3);
    const batch = queue.splice(0, 10).map(event => ({ anonymousId: id, ...event }));
    const body = JSON.stringify({ writeKey: set.key, batch, sentAt: now() });
    if (leaving) return n.sendBeacon(url, body) && send(1);
    const again = () => {
      if (on) queue = batch.concat(queue);
      pause = Math.min(pause * 2, 6e4);
      later();
    };
    fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).then(({ status }) => {
      if (status == 429 || status > 499) return again();
      pause = 1e3;
      later();
    }, again);
  }

  const api = w.lettershop = {
    track: (event, properties = {}) => add("track", { event, properties }),
    page: (name, properties) => add("page", { name, properties: { ...page(), ...properties } }),
    identify(user, traits = {}) {
      if (user && typeof user == "object") traits = user;
      else userId = user || userId;
      add("identify", { userId, traits });
    },
    group(account, traits = {}) {
      add("group", { groupId: groupId = account, traits });
    },
    reset() {
      send(1);
      id = userId = groupId = undefined;
      keep("", 0);
    },
    consent(given) {
      on = given && !off;
      if (on) return later();
      queue = [];
      api.reset();
    },
    push: call => api[call[0]](...call.slice(1))
  };

  function view() {
    if (here() == last) return;
    referrer = last || referrer;
    last = here();
    api.page();
    (set.search || "q,s,search,query").split(",").some(key => {
      const text = (query().get(key) || "").trim();
      if (text) api.track("Site Searched", { query: text.slice(0, 200) });
      return text;
    });
  }
  function click({ target }) {
    const link = target.closest?.("a[href]");
    const file = /([^/]+\.(pdf|zip|gz|docx?|xlsx?|pptx?|od[tsp]|csv|txt|exe|dmg|mp[34]))$/i.exec(link?.pathname);
    if (file) api.track("File Downloaded", { url: link.href.split(/[?#]/)[0], file: file[1], type: file[2].toLowerCase() });
  }
  function submit({ target: form }) {
    const fields = {}, get = name => form.getAttribute(name) || undefined;
    for (const { dataset, type, name, value, checked } of form.elements) {
      const key = dataset.lettershop == null ? 0 : dataset.lettershop || name;
      const chosen = checked || !/^(radio|checkbox)$/.test(type);
      if (key && chosen && type != "password" && type != "file") fields[key] = value.slice(0, 1e3);
    }
    if (get("data-lettershop") == "identify") api.identify(fields);
    api.track("Form Submitted", { ...fields, form_id: get("id"), form_name: get("name"), form_action: get("action") });
  }

  early.forEach?.(api.push);
  view();
  const pushState = history.pushState;
  history.pushState = function (...state) {
    pushState.apply(this, state);
    // once the page has set its title
    setTimeout(view);
  };
  w.addEventListener("popstate", () => setTimeout(view));
  const listen = (what, how) => d.addEventListener(what, how, true);
  listen("click", click);
  listen("auxclick", click);
  listen("submit", submit);
  listen("visibilitychange", () => d.hidden && send(1));
})();
