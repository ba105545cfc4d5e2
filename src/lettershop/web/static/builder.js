// The rule builder: edits go to the server, which keeps rows, text and sentence in step. Without
// this script the buttons of the form do the same.
"use strict";
(() => {
  const form = document.getElementById("builder");
  if (!form) return;
  const undo = document.getElementById("undo");
  const text = () => document.getElementById("text");
  const inRows = (element) => element.closest("#rows") !== null;
  let timer = 0;
  let swapping = false;
  let onwards = ""; // the row in which a field was just chosen

  const send = (values) => {
    clearTimeout(timer);
    htmx.ajax("POST", location.pathname, { source: form, target: "#says", swap: "outerHTML", values }).catch(() => {});
  };
  const soon = (values) => {
    clearTimeout(timer);
    timer = setTimeout(() => send(values), 250);
  };

  // --- edits ------------------------------------------------------------------------------------
  // What shapes a row (a field, an operator) draws the rows anew; a value leaves them as they stand.
  const edited = new Set(); // ids of controls that no request has told of yet
  form.addEventListener("input", (event) => {
    const control = event.target;
    if (control.id) edited.add(control.id);
    if (control.id === "text") soon({ by: "text", do: "" });
    else if (inRows(control) && control.matches("input, textarea") && !("shapes" in control.dataset)) soon({ by: "rows", do: "", only: "values" });
  });
  form.addEventListener("change", (event) => {
    const control = event.target;
    // What was picked from a list is told at once; the browser tells it again when it is left.
    if (event.isTrusted && control.dataset.picked === control.value) return;
    if (control.id === "text") send({ by: "text", do: "" });
    else if (control.id === "subject" || (inRows(control) && "shapes" in control.dataset)) send({ by: "rows", do: "" });
    else if (inRows(control) || control.id === "mode") send({ by: "rows", do: "", only: "values" });
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button || button.value === "save") return;
    event.preventDefault();
    // What was edited last has the say, as without a script.
    send({ by: inRows(button) ? "rows" : "", do: button.value });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input:not([type=checkbox])")) return;
    event.preventDefault();
    if (inRows(event.target)) event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- undo: the texts there have been ------------------------------------------------------------
  const been = [text().value];
  undo.hidden = false;
  const back = () => {
    if (been.length < 2) return;
    been.pop();
    text().value = been[been.length - 1];
    send({ by: "text", do: "" });
  };
  undo.addEventListener("click", back);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]), textarea");
    if (!typing && (event.ctrlKey || event.metaKey) && event.key === "z" && !event.shiftKey) {
      event.preventDefault();
      back();
    }
  });

  // --- after every edit ---------------------------------------------------------------------------
  // What is typed while the rows are drawn anew is not lost.
  let typedSince = [];
  document.addEventListener("htmx:configRequest", (event) => { if (event.detail.elt === form) edited.clear(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "says") return;
    swapping = true;
    typedSince = [...edited].map((id) => [id, document.getElementById(id)]).filter(([, one]) => one).map(([id, one]) => [id, one.value]);
  });
  const restore = () => {
    for (const [id, value] of typedSince) {
      const control = document.getElementById(id);
      if (!control || control.value === value) continue;
      control.value = value;
      edited.add(id);
      if (control === document.activeElement && control.dataset.suggests) {
        control.dataset.typed = "1";
        offer(control, parts(control)[1]);
      }
      soon(id === "text" ? { by: "text", do: "" } : { by: "rows", do: "", only: "values" });
    }
    typedSince = [];
  };
  // Before the next request gathers the form: the one that waits is sent as soon as this is done.
  document.addEventListener("htmx:afterSwap", () => {
    swapping = false;
    restore();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "says" && event.detail.elt.id !== "says") return;
    if (been[been.length - 1] !== text().value) been.push(text().value);
    if (been.length > 200) been.shift();
    undo.disabled = been.length < 2;
    focus(document.getElementById("says").dataset.focus || "");
    if (onwards) focus(`${onwards}__next`);
    onwards = "";
  });
  const focus = (id) => {
    if (!id) return;
    const [path, name] = id.split("__");
    const row = document.querySelector(`[data-row="${path}"] .rule-controls`);
    let found = document.getElementById(id);
    if (row && name === "first") found = row.querySelector(":is(input:not([type=hidden]), select, textarea)");
    if (row && name === "next") found = [...row.querySelectorAll("input:not([type=hidden], [type=checkbox])")].find((one) => !one.value);
    if (found) found.focus();
  };

  // --- type-ahead ---------------------------------------------------------------------------------
  let list = null, asking = null, typed = 0;
  const close = () => {
    clearTimeout(typed);
    if (asking) asking.abort();
    drop();
  };
  const drop = () => {
    if (!list) return;
    const owner = list.parentElement && list.parentElement.querySelector("input");
    if (owner) {
      owner.setAttribute("aria-expanded", "false");
      owner.removeAttribute("aria-activedescendant");
    }
    list.remove();
    list = null;
  };
  // Of a list with commas only what is being typed now is looked for.
  const parts = (input) => {
    const cut = "many" in input.dataset ? input.value.lastIndexOf(",") + 1 : 0;
    return [input.value.slice(0, cut), input.value.slice(cut).trim()];
  };
  const offer = async (input, q) => {
    if (asking) asking.abort();
    asking = new AbortController();
    const address = `/segments/build/choices?${input.dataset.suggests}&q=${encodeURIComponent(q)}`;
    let answer;
    try {
      answer = await fetch(address, { signal: asking.signal, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      answer = await answer.text();
    } catch (error) {
      return;
    }
    if (document.activeElement !== input) return;
    if (!list || list.parentElement !== input.parentElement) {
      drop();
      list = document.createElement("ul");
      list.className = "choices";
      list.id = "choices";
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", input.getAttribute("aria-label"));
      input.parentElement.append(list);
      for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "choices"]]) input.setAttribute(name, value);
    }
    list.innerHTML = answer;
    input.setAttribute("aria-expanded", "true");
    // More was typed meanwhile.
    const wanted = input.dataset.typed ? parts(input)[1] : "";
    if (wanted !== q) offer(input, wanted);
  };
  const move = (input, by) => {
    const all = [...list.querySelectorAll("[role=option]")];
    if (!all.length) return;
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const next = all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length];
    all.forEach((one) => one.setAttribute("aria-selected", String(one === next)));
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };
  const pick = (input, option) => {
    const value = option.dataset.value;
    const [before] = parts(input);
    const quoted = "many" in input.dataset && /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    input.value = before + (before && !before.endsWith(" ") ? " " : "") + quoted;
    close();
    input.dataset.picked = input.value;
    if ("shapes" in input.dataset && !("many" in input.dataset)) onwards = input.closest("[data-row]").dataset.row;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  form.addEventListener("focusin", (event) => {
    const input = event.target;
    if (swapping || !input.matches("input[data-suggests]")) return;
    delete input.dataset.typed;
    if (!("many" in input.dataset)) input.select();
    offer(input, "");
  });
  form.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches("input[data-suggests]")) return;
    input.dataset.typed = "1";
    clearTimeout(typed);
    typed = setTimeout(() => offer(input, parts(input)[1]), 150);
  });
  form.addEventListener("focusout", (event) => { if (event.target.matches("input[data-suggests]")) close(); });
  form.addEventListener("mousedown", (event) => {
    const option = event.target.closest(".choices [role=option]");
    if (!option) return;
    event.preventDefault();
    pick(option.closest(".pick").querySelector("input"), option);
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!list || !input.matches("input[data-suggests]")) return;
    const chosen = list.querySelector('[aria-selected="true"]');
    if (event.key === "ArrowDown") move(input, 1);
    else if (event.key === "ArrowUp") move(input, -1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen) {
      event.stopImmediatePropagation();
      pick(input, chosen);
    } else return;
    event.preventDefault();
  }, true);
})();
