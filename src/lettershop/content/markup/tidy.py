"""HTML as its reader will understand it, written so that no parser has to guess.

Optional end tags and `<tbody>` are written, for a parser would put them elsewhere once a Liquid
loop stands between; marks that stand between table rows become comments, for text would be hoisted
out of the table. `style` attributes that hold Liquid are put aside (`aside`), so that nobody who
merges styles has to understand them; document.py puts them back.
"""

from collections.abc import Sequence
from html import escape, unescape

import msgspec
import tinycss2

from lettershop.content.markup.marks import Mark, Marks
from lettershop.content.markup.nesting import CROSSED_HINT, Nesting, crossed, watch
from lettershop.content.markup.report import Report
from lettershop.content.markup.tags import (
    CLOSES,
    IN_TABLE,
    OPTIONAL_END,
    ROW_GROUPS,
    SCOPES,
    TABLE_PARTS,
    VOID,
    start_tag,
)
from lettershop.content.markup.tokens import (
    Attribute,
    Comment,
    Declaration,
    End,
    Start,
    Text,
    Token,
    Unended,
)

DEEPEST = 200
IGNORED = Attribute("data-css-inline", "ignore", 0)
"""What the CSS inliner leaves alone."""
EVERYWHERE = ("", "all", "screen")
"""Media of a `<style>` whose rules hold for everybody who reads on a screen."""


class Open(msgspec.Struct, frozen=True, eq=False):
    """An element that is open. `implied`: nobody wrote its start tag."""

    name: str
    start: int
    implied: bool = False


def tidy(
    found: Sequence[Token], marks: Marks, report: Report | None = None, within: str = ""
) -> str:
    """The tokens as markup again. `within`: the element they will stand in."""
    return Tidy(found, marks, report, within).run()


class TooDeep(Exception):
    pass


class Tidy:
    """One reading of some tokens. `within`: the element they stand in; `report`: None where the
    markup is our own."""

    def __init__(self, found: Sequence[Token], marks: Marks, report: Report | None, within: str):
        self.tokens, self.marks, self.report = found, marks, report
        self.nesting = Nesting(marks.paired)
        self.root = Open(within, 0)
        self.stack = [self.root]
        self.parts: list[str] = []
        self.whole = any(isinstance(t, Start) and t.name in ("html", "body") for t in found)

    @property
    def top(self) -> Open:
        return self.stack[-1]

    def run(self) -> str:
        try:
            for number, token in enumerate(self.tokens):
                match token:
                    case Start():
                        self.begin(token, number)
                    case End():
                        self.end(token)
                    case Text(raw=True):
                        self.watch(token.text, token.start)
                        self.parts.append(token.text)
                    case Text():
                        self.text(token, number)
                    case Comment():
                        self.parts.append(f"<!--{token.text}-->")
                    case Declaration():
                        self.declaration(token)
                    case Unended():
                        self.unended(token)
            self.close_until(1)
        except TooDeep:
            pass
        return "".join(self.parts)

    def say(self, code: str, message: str, at: int, length: int = 1, hint: str = "") -> None:
        if self.report:
            self.report.say(code, message, at, length, hint=hint)

    # --- elements --------------------------------------------------------------------------------

    def begin(self, token: Start, number: int) -> None:
        name = token.name
        if self.marks.word in name:
            self.in_tag(token.start)
            return
        while len(self.stack) > 1 and self.top.name in CLOSES.get(name, ()):
            self.pop()
        if name == "a" and self.depth_of("a"):
            hint = "end the first link before the second one begins"
            self.say("markup.link_in_link", "a link stands in a link", token.start, 2, hint)
        self.imply(name)
        self.parts.append(start_tag(name, self.attributes(token, number)))
        if name in VOID:
            return
        if token.empty:
            self.parts.append(f"</{name}>")
            return
        self.push(Open(name, token.start))

    def push(self, element: Open) -> None:
        self.stack.append(element)
        if len(self.stack) > DEEPEST:
            message = f"elements stand in one another more than {DEEPEST} deep"
            self.say("markup.too_deep", message, element.start, hint="use fewer tables in tables")
            raise TooDeep

    def pop(self) -> None:
        element = self.stack.pop()
        self.parts.append(f"</{element.name}>")

    def imply(self, name: str) -> None:
        """Opens the row group or row that a row or cell must stand in."""
        if name in ("tr", "td", "th") and self.top.name == "table":
            self.open_implied("tbody")
        if name in ("td", "th") and self.top.name in ROW_GROUPS:
            self.open_implied("tr")

    def open_implied(self, name: str) -> None:
        self.parts.append(f"<{name}>")
        self.push(Open(name, self.top.start, implied=True))

    def end(self, token: End) -> None:
        if self.marks.word in token.name:
            self.in_tag(token.start)
            return
        depth = self.depth_of(token.name)
        if depth:
            self.close_until(depth, closing=token.name)
        elif token.name not in VOID and self.report:
            self.report.say(
                "markup.stray_end",
                f"</{token.name}> ends nothing that is open; it is left out",
                token.start,
                token.end - token.start,
                level="warning",
            )

    def depth_of(self, name: str) -> int:
        """Where in the stack the element stands that an end tag ends, 0 for nowhere."""
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].name == name:
                return depth
            if self.stack[depth].name in SCOPES and name not in IN_TABLE:
                return 0
        return 0

    def close_until(self, depth: int, closing: str = "") -> None:
        """Ends all elements from `depth` on; those that should have been ended are told."""
        for place in range(len(self.stack) - 1, depth - 1, -1):
            element = self.stack[place]
            meant = place == depth and element.name == closing
            if not meant and element.name not in OPTIONAL_END:
                message = f"<{element.name}> is not ended"
                hint = f"write </{element.name}> where it ends"
                self.say("markup.unclosed", message, element.start, hint=hint)
            self.pop()

    # --- attributes ------------------------------------------------------------------------------

    def attributes(self, token: Start, number: int) -> list[Attribute]:
        kept = []
        for attribute in token.attributes:
            if self.marks.word in attribute.name and attribute.name != self.marks.aside_name:
                self.in_tag(attribute.start)
                continue
            self.watch(attribute.value, attribute.value_start)
            kept.append(self.aside(attribute) if attribute.name == "style" else attribute)
        if token.name == "style" and not self.inlined(token, number):
            kept = [a for a in kept if a.name != IGNORED.name] + [IGNORED]
        return kept

    def in_tag(self, at: int) -> None:
        self.say(
            "markup.liquid_in_tag",
            "Liquid cannot stand among the names of a tag, only in the values of its attributes",
            at,
            hint='write <p class="{% if vip %}gold{% endif %}">, or two whole elements',
        )

    def aside(self, attribute: Attribute) -> Attribute:
        if self.marks.of(attribute.value):
            number = self.marks.put_aside(attribute.value)
            return Attribute(self.marks.aside_name, number, attribute.start)
        if self.report:
            return self.declarations(attribute)
        return attribute

    def declarations(self, attribute: Attribute) -> Attribute:
        """A `style` without what is no declaration: the inliner would refuse the whole letter."""
        parsed = tinycss2.parse_blocks_contents(
            unescape(attribute.value), skip_comments=True, skip_whitespace=True
        )
        good = [node.serialize() for node in parsed if node.type == "declaration"]
        if len(good) == len(parsed) or not self.report:
            return attribute
        self.report.say(
            "markup.style",
            f"part of `{self.marks.shown(attribute.value)}` is no CSS declaration; it is left out",
            attribute.start,
            len("style"),
            hint='declarations look like "color: #333; margin: 0"',
            level="warning",
        )
        return Attribute(attribute.name, escape("; ".join(good)), attribute.start)

    def inlined(self, token: Start, number: int) -> bool:
        """Whether the rules of a `<style>` may go into the elements: not those that hold for some
        screens alone, or where a Liquid tag says so."""
        inside = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
        conditional = isinstance(inside, Text) and self.conditional(inside.text)
        if conditional and self.report:
            self.report.say(
                "markup.style_kept",
                "Liquid decides about the rules of this <style>: they stay there and are not "
                "written into the elements, so that mail clients without <style> ignore them",
                token.start,
                token.end - token.start,
                hint="put the rules that always hold into another <style>",
                level="warning",
            )
        media = token.get("media").strip().lower()
        return (
            not conditional
            and media in EVERYWHERE
            and all(a.name != IGNORED.name for a in token.attributes)
        )

    def conditional(self, css: str) -> bool:
        """Whether Liquid decides which rules there are: a tag, or an output outside of braces."""
        depth = at = 0
        for found in self.marks.pattern.finditer(css):
            between = css[at : found.start()]
            depth += between.count("{") - between.count("}")
            at = found.end()
            if depth <= 0:
                return True
        return self.marks.control(css)

    def declaration(self, token: Declaration) -> None:
        """`<![if !mso]>` and its end stand in a mark: parsers turn them into something else."""
        said = token.text.lower()
        if said.startswith("<![") and said.startswith(("<![if", "<![endif")):
            word = self.marks.add(Mark(token.text, -1, "markup"))
            self.parts.append(f"<!--{word}-->")
        elif said.startswith("<!doctype"):
            self.parts.append(token.text)

    def unended(self, token: Unended) -> None:
        self.say(
            "markup.unended",
            f"`{self.marks.shown(token.text[:200])}` begins a tag or comment that is never ended",
            token.start,
            hint="look for a missing quote or >; a bare < in text is written &lt;",
        )

    # --- text and marks --------------------------------------------------------------------------

    def text(self, token: Text, number: int) -> None:
        """Words and marks; marks behind the last words may belong to what follows."""
        behind = len(token.text)
        for found in reversed(list(self.marks.pattern.finditer(token.text))):
            if token.text[found.end() : behind].strip():
                break
            behind = found.start()
        following, at = self.following(number), 0
        for found in self.marks.pattern.finditer(token.text):
            self.words(token.text[at : found.start()], token.start + at)
            at = found.end()
            mark = self.marks.known[int(found.group(1))]
            place = token.start + found.start()
            self.mark(mark, found.group(), place, following if found.start() >= behind else None)
        self.words(token.text[at:], token.start + at)

    def words(self, text: str, at: int) -> None:
        if text.strip() and self.top.name in TABLE_PARTS:
            self.say(
                "markup.text_in_table",
                f"text stands in <{self.top.name}> outside of any cell: “{self.marks.shown(text)}”",
                at + len(text) - len(text.lstrip()),
                len(text.strip()),
                hint="put it into <tr><td>…</td></tr>",
            )
            return
        self.parts.append(text)

    def following(self, number: int) -> Token | None:
        for place in range(number + 1, len(self.tokens)):
            token = self.tokens[place]
            if isinstance(token, Start | End):
                return token
        return None

    def mark(self, mark: Mark, word: str, at: int, following: Token | None) -> None:
        block = self.nesting.belongs_to(mark)
        if block and block.place in self.stack:
            depth = self.stack.index(block.place) + 1
            if all(element.name in OPTIONAL_END for element in self.stack[depth:]):
                self.close_until(depth)
        elif isinstance(following, Start):
            self.before_rows(following.name)
        wrong = self.nesting.meet(mark, self.top)
        if wrong:
            message = crossed(wrong, mark)
            self.say("markup.crossed", message, at, len(word), CROSSED_HINT)
        between = self.top.name in TABLE_PARTS | {"html", "head"}
        outside = self.whole and self.top is self.root
        self.parts.append(f"<!--{word}-->" if between or outside else word)

    def before_rows(self, name: str) -> None:
        """A mark stands before a row or a row group: it belongs where that will be."""
        if name == "tr":
            self.imply(name)
        elif name in ROW_GROUPS and self.top.implied and self.top.name == "tbody":
            self.pop()

    def watch(self, text: str, at: int) -> None:
        """Marks in an attribute or in raw text: their blocks must begin and end in it."""
        if self.report:
            watch(text, self.marks, self.nesting, self.report, at)
