// What may be written next, from what the server knows of contacts, data and Liquid (`LetterWords`).

const option = (label, type, detail, info) => ({ label, type, detail: detail || undefined, info: info || undefined });

// Where the text before the cursor stands: within {{ }} or {% %}, and what has been written there.
function inside(text) {
  const open = Math.max(text.lastIndexOf("{{"), text.lastIndexOf("{%"));
  if (open < 0) return null;
  const written = text.slice(open + 2);
  return /[%}]\}/.test(written) ? null : { kind: text[open + 1], written: written.replace(/^-/, "") };
}

// Names of loops in the letter: {% for deal in deals %} -> deal is an element of deals.
function loops(text) {
  const found = new Map();
  for (const [, name, list] of text.matchAll(/\{%-?\s*(?:for|tablerow)\s+([\w-]+)\s+in\s+([\w-]+)/g)) found.set(name, list);
  for (const [, name, list] of text.matchAll(/\{%-?\s*assign\s+([\w-]+)\s*=\s*([\w-]+)\s*\|\s*(?:first|last|find)\b/g)) found.set(name, list);
  return found;
}

function variables(words, text) {
  const all = Object.values(words.variables).flat();
  const said = (one) => one.says || one.values.join(", ");
  const found = all.filter((one) => !one.name.includes("[]")).map((one) => option(one.name, "variable", one.type, said(one)));
  for (const name of new Set(all.filter((one) => one.name.includes("[]")).map((one) => one.name.split("[]")[0]))) {
    found.push(option(name, "variable", "list"));
  }
  for (const [name, list] of loops(text)) {
    found.push(option(name, "variable", list));
    for (const one of all) {
      if (one.name.startsWith(`${list}[].`)) found.push(option(name + one.name.slice(list.length + 2), "variable", one.type, said(one)));
    }
  }
  return found;
}

function filters(words) {
  return Object.entries(words.filters).map(([name, one]) => option(name, "function", one.says, one.example));
}

function tags(words) {
  const ends = ["block", "capture", "case", "comment", "doc", "for", "if", "ifchanged", "raw", "tablerow", "unless"].map((name) => `end${name}`);
  const found = Object.entries(words.tags).map(([name, one]) => option(name, "keyword", one.says, one.example));
  return [...found, ...["else", "elsif", "when", "default", ...ends].map((name) => option(name, "keyword"))];
}

function chosen(words, place, text) {
  const { kind, written } = place;
  if (/\bsegment\s+"[^"]*$/.test(written)) return words.segments.map((name) => option(name, "text"));
  if (/"[^"]*$/.test(written) && (written.match(/"/g) || []).length % 2) return [];
  if (/\|\s*[\w-]*$/.test(written)) return filters(words);
  if (kind === "%" && /^\s*[\w]*$/.test(written)) return tags(words);
  return variables(words, text);
}

export function completions(address) {
  let known = null;
  const words = () => (known ??= fetch(address, { headers: { "X-Requested-With": "fetch" } }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))).catch(() => { known = null; return null; }));
  return async (context) => {
    const text = context.state.doc.toString();
    const line = context.state.sliceDoc(Math.max(0, context.pos - 2000), context.pos);
    const place = inside(line);
    const element = place ? null : context.matchBefore(/<\/?[\w-]*$/);
    if (!place && !element) return null;
    const word = context.matchBefore(/[\w.-]*$/);
    if (place && !context.explicit && word.from === word.to && !/[{|.%]\s*$/.test(line)) return null;
    const found = await words();
    if (!found || context.aborted) return null;
    const options = place ? chosen(found, place, text) : found.elements.map((name) => option(name, "type"));
    return options.length ? { from: word.from, options, validFor: /^[\w.-]*$/ } : null;
  };
}
