// What stands in a letter's file, for colouring: TOML between two lines +++, then MJML or HTML with
// Liquid. A reader of streams is enough: it colours while somebody types and judges nothing.
import { Tag, tags as known } from "@lezer/highlight";

export const tags = {
  element: known.tagName, attribute: known.attributeName, text: known.string, comment: known.comment,
  key: known.propertyName, section: known.heading, brace: Tag.define(), word: known.keyword,
  variable: known.variableName, filter: Tag.define(),
};

const opening = /^\{[{%]-?/;
const closing = /^-?[%}]\}/;

function liquid(stream, state) {
  if (stream.match(closing)) { state.inside = ""; return "brace"; }
  if (stream.eatSpace()) return null;
  if (stream.match(/^"[^"\n]*"?/) || stream.match(/^'[^'\n]*'?/)) return "text";
  if (stream.match(/^[\w-]+(\.[\w-]+)*/)) {
    const before = state.last;
    state.last = "word";
    if (before === "tag") return "word";
    if (before === "|") return "filter";
    return /^(in|contains|and|or|with|as|by|limit|offset|reversed|true|false|blank|empty)$/.test(stream.current()) ? "word" : "variable";
  }
  state.last = stream.next();
  return null;
}

function head(stream, state) {
  if (stream.sol() && stream.match(/^\+\+\+\s*$/)) {
    state.part = state.part === "before" ? "head" : "body";
    return "section";
  }
  if (stream.eatSpace()) return null;
  if (stream.match(/^#.*/)) return "comment";
  if (stream.sol() && stream.match(/^\[[^\]]*\]/)) return "section";
  if (stream.match(/^("[^"]*"|[\w.-]+)(?=\s*=)/)) return "key";
  if (stream.match(/^"([^"\\]|\\.)*"?/) || stream.match(/^'[^']*'?/)) return "text";
  stream.next();
  return null;
}

function markup(stream, state) {
  if (state.comment) {
    if (stream.match(/^.*?-->/)) state.comment = false; else stream.skipToEnd();
    return "comment";
  }
  if (stream.match("<!--")) { state.comment = true; return "comment"; }
  if (state.tag) {
    if (stream.match(/^\/?>/)) { state.tag = false; return "element"; }
    if (stream.eatSpace()) return null;
    if (stream.match(/^[\w:-]+/)) return "attribute";
    if (state.quote === "" && (stream.peek() === '"' || stream.peek() === "'")) { state.quote = stream.next(); return "text"; }
    stream.next();
    return null;
  }
  if (stream.match(/^<\/?[\w:-]+/)) { state.tag = true; return "element"; }
  stream.next();
  stream.eatWhile(/[^<{]/);
  return null;
}

function quoted(stream, state) {
  while (!stream.eol()) {
    if (stream.match(opening, false)) break;
    if (stream.next() === state.quote) { state.quote = ""; break; }
  }
  return "text";
}

export const letter = {
  name: "letter",
  startState: () => ({ part: "before", inside: "", last: "", tag: false, quote: "", comment: false }),
  token(stream, state) {
    if (state.inside) return liquid(stream, state);
    if (state.part !== "body") {
      if (state.part === "before" && !(stream.sol() && stream.match(/^\+\+\+/, false))) state.part = "body";
      else return head(stream, state);
    }
    const found = stream.match(opening);
    if (found) { state.inside = found[0]; state.last = found[0][1] === "%" ? "tag" : ""; return "brace"; }
    return state.quote ? quoted(stream, state) : markup(stream, state);
  },
  tokenTable: tags,
  languageData: { closeBrackets: { brackets: ["{", "(", "["], before: ")]}:;><\"' " }, commentTokens: { block: { open: "<!--", close: "-->" } } },
};
