// The editor of templates: MJML or HTML with Liquid below a TOML head. It stands in for the form's
// <textarea>, which keeps the text; what is wrong comes with the part that shows the letter.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { completions } from "./completion.js";
import { letter, tags } from "./letter.js";

const colours = HighlightStyle.define([
  { tag: tags.element, color: "var(--code-element)" },
  { tag: tags.attribute, color: "var(--code-attribute)" },
  { tag: tags.text, color: "var(--code-text)" },
  { tag: tags.brace, color: "var(--code-liquid)", fontWeight: "600" },
  { tag: tags.word, color: "var(--code-liquid)" },
  { tag: tags.variable, color: "var(--code-variable)" },
  { tag: tags.filter, color: "var(--code-filter)" },
  { tag: tags.comment, color: "var(--tblr-secondary)", fontStyle: "italic" },
  { tag: tags.key, color: "var(--code-attribute)" },
  { tag: tags.section, color: "var(--tblr-body-color)", fontWeight: "600" },
]);

const look = EditorView.theme({
  "&": { height: "100%", fontSize: ".8125rem", color: "var(--tblr-body-color)", backgroundColor: "var(--tblr-bg-surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--tblr-font-monospace)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--tblr-bg-surface-secondary)", color: "var(--tblr-secondary)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "rgba(128, 128, 128, .1)" },
  ".cm-cursor": { borderLeftColor: "var(--tblr-body-color)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "rgba(32, 107, 196, .3)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--tblr-bg-surface)", color: "var(--tblr-body-color)", border: "1px solid var(--tblr-border-color)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--tblr-primary)", color: "#fff" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: ".7", marginLeft: "1rem" },
  ".cm-panels input, .cm-panels button": { backgroundColor: "var(--tblr-bg-surface)", color: "var(--tblr-body-color)", backgroundImage: "none" },
});

// Findings: [{line, column, length, level, says, code}], lines and columns from 1.
function diagnostics(view, marks) {
  return marks.map(({ line, column, length, level, says, code }) => {
    const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
    const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
    const to = length ? Math.min(from + length, view.state.doc.length) : at.to;
    return { from, to: Math.max(from, to), severity: level, message: says, source: code };
  });
}

function mounted(form, area) {
  const host = document.createElement("div");
  host.className = "edit-host";
  area.after(host);
  area.hidden = true;
  // A shadow root takes its styles as objects, so no page needs to allow inline styles.
  const root = host.attachShadow({ mode: "open" });
  const unsaved = form.querySelector("#unsaved");
  const first = area.value;
  let asked = false;
  const typed = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    area.value = update.state.doc.toString();
    unsaved.hidden = area.value === first;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const save = () => { form.querySelector("#save").click(); return true; };
  const indent = [{ key: "Tab", run: indentMore, shift: indentLess }];
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: first,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), indentUnit.of("  "),
        StreamLanguage.define(letter), syntaxHighlighting(colours), look, typed, EditorView.lineWrapping,
        autocompletion({ override: [completions(form.dataset.known)], icons: false }),
        EditorView.contentAttributes.of({ "aria-label": form.querySelector("label[for=text]").innerText, spellcheck: "false", tabindex: "0" }),
        keymap.of([
          { key: "Mod-s", run: save, preventDefault: true },
          // Escape, then Tab, leaves the editor by keyboard.
          { key: "Escape", run: () => { asked = true; return false; } },
          { key: "Tab", run: () => { const leaves = asked; asked = false; if (leaves) area.form.querySelector("#save").focus(); return leaves; } },
          ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...indent, ...defaultKeymap,
        ]),
      ],
    }),
  });
  return view;
}

function begin() {
  const form = document.querySelector("form.editing");
  const area = form && form.querySelector("textarea");
  if (!area) return;
  const view = mounted(form, area);
  const mark = () => {
    const part = document.querySelector("#draft");
    if (part) view.dispatch(setDiagnostics(view.state, diagnostics(view, JSON.parse(part.dataset.marks || "[]"))));
  };
  mark();
  document.addEventListener("htmx:afterSettle", mark);
  const first = area.value;
  let leaving = false;
  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (!leaving && area.value !== first) event.preventDefault(); });
}

begin();
