"""MJML -> HTML, by the compiler mrml. It sees elements and their attributes alone: HTML inside of
them is kept back and put in afterwards, so that whatever HTML allows is allowed there too."""

import re
from collections.abc import Sequence

from mjml import mjml2html

from lettershop.content.markup.marks import Marks
from lettershop.content.markup.mjml_check import AS_RAW, check
from lettershop.content.markup.mjml_tree import Child, Element, Piece, read_tree
from lettershop.content.markup.report import Report
from lettershop.content.markup.tidy import IGNORED, tidy
from lettershop.content.markup.tokens import Attribute, Text, tokens

BARE = re.compile(r"&(?!#?\w+;)")
LARGEST = 5_000_000
"""Characters the compiler may be made to write by `<mj-attributes>`."""


def compile_mjml(marks: Marks, report: Report) -> str:
    """The body's MJML as HTML with marks; "" if it cannot be, which the report tells."""
    top = read_tree(marks, report)
    root = check(top, marks, report)
    if root is None or report.failed:
        return ""
    return Compiler(marks, report).compile(top, root)


MOST_HTML = 1_000_000
"""Characters of the compiled letter: ten times what Gmail shows."""


class Compiler:
    """`inside`: what was kept back, by number. `widths`: marks that had to look like numbers."""

    def __init__(self, marks: Marks, report: Report) -> None:
        self.marks, self.report = marks, report
        self.inside: list[str] = []
        self.widths: list[str] = []
        self.kept = f"{marks.word}c"

    def compile(self, top: Sequence[Child], root: Element) -> str:
        """`top`: what stands around `<mjml>` too; that goes around the HTML."""
        source = self.root(root)
        if self.report.failed or self.swells(root):
            return ""
        try:
            html = mjml2html(source, fonts={})
        except ValueError as error:
            self.report.say("mjml.compiler", f"the MJML cannot be compiled: {error}", root.start)
            return ""
        if len(html) > MOST_HTML:
            message = (
                f"the MJML becomes {len(html):,} characters of HTML; {MOST_HTML:,} are the most"
            )
            self.report.say("markup.too_large", message, root.start)
            return ""
        own = rf"<style(?=[^>]*>(?!{self.kept}))"
        html = self.with_widths(re.sub(own, f"<style {IGNORED.name}", html))
        parts = re.split(rf"{self.kept}(\d+)z", html)
        parts[1::2] = [self.inside[int(number)] for number in parts[1::2]]
        before, after = self.around(top, root)
        inner, outer = self.around(root.children, body_of(root))
        return before + inner + "".join(parts) + outer + after

    def around(self, children: Sequence[Child], element: Element) -> tuple[str, str]:
        """The Liquid before an element and behind it, among its siblings."""
        place = next(i for i, child in enumerate(children) if child is element)
        before, after = children[:place], children[place + 1 :]
        words = [[p.word for p in side if isinstance(p, Piece)] for side in (before, after)]
        return "".join(words[0]), "".join(words[1])

    def swells(self, root: Element) -> bool:
        """Whether attributes given to all elements make more HTML than anybody wants."""
        head = [element for element in descendants(root) if element.name == "mj-attributes"]
        said = sum(len(a.value) for e in head for d in descendants(e) for a in d.attributes)
        count = sum(1 for _ in descendants(root))
        if said * count <= LARGEST:
            return False
        message = "<mj-attributes> says too much for so many elements"
        self.report.say("markup.too_large", message, head[0].start)
        return True

    # --- writing XML -----------------------------------------------------------------------------

    def root(self, root: Element) -> str:
        language = self.report.variant.language
        has = any(attribute.name == "lang" for attribute in root.attributes)
        said = () if has or not language else (Attribute("lang", language, root.start),)
        children = [child for child in root.children if isinstance(child, Element)]
        head = [child for child in children if child.name == "mj-head"]
        body = body_of(root)
        inside = "".join(map(self.element, [*head, body]))
        return f"<mjml{self.attributes('mjml', (*root.attributes, *said))}>{inside}</mjml>"

    def element(self, element: Element) -> str:
        attributes = self.attributes(element.name, element.attributes)
        if element.inside:
            return f"<{element.name}{attributes}>{self.keep(element)}</{element.name}>"
        children = (self.child(child, element) for child in element.children)
        return f"<{element.name}{attributes}>{''.join(children)}</{element.name}>"

    def child(self, child: Child, parent: Element) -> str:
        match child:
            case Element():
                return self.element(child)
            case Piece() if parent.name in AS_RAW:
                return f"<mj-raw>{child.word}</mj-raw>"
            case Piece():
                return f"<!--{child.word}-->"

    def attributes(self, name: str, attributes: Sequence[Attribute]) -> str:
        said = []
        for attribute in attributes:
            value = BARE.sub("&amp;", attribute.value).replace("<", "&lt;").replace('"', "&quot;")
            if name == "mj-image" and attribute.name == "width":
                value = self.width(value)
            said.append(f' {attribute.name}="{value}"')
        return "".join(said)

    def width(self, value: str) -> str:
        """The compiler computes with the width of an image: Liquid must look like one, a small
        one, for it takes the smaller of that and the room there is."""
        found = self.marks.pattern.match(value)
        if not found or value[found.end() :] not in ("", "px") or len(self.widths) > 999:
            return value
        self.widths.append(found.group())
        return f"1.0{len(self.widths) - 1:03d}7px"

    def with_widths(self, html: str) -> str:
        def word(found: re.Match[str]) -> str:
            number = int(found.group(1))
            return self.widths[number] if number < len(self.widths) else found.group()

        return re.sub(r"(?<![\d.])1\.0(\d{3})7(?=px|\")", word, html) if self.widths else html

    def keep(self, element: Element) -> str:
        """HTML, kept back; the word that stands for it."""
        match element.name:
            case "mj-style":
                html = "".join(t.text for t in element.inside if isinstance(t, Text))
            case "mj-title":
                text = "".join(t.text for t in element.inside if isinstance(t, Text))
                html = escape_text(text, self.marks)
            case "mj-preview":
                inner = "".join(t.text for t in element.inside if isinstance(t, Text))
                html = tidy(list(tokens(inner)), self.marks)
            case "mj-table":
                html = tidy(element.inside, self.marks, self.report, "table")
            case _:
                html = tidy(element.inside, self.marks, self.report)
        self.inside.append(html)
        return f"{self.kept}{len(self.inside) - 1}z"


def escape_text(text: str, marks: Marks) -> str:
    """Safe as the text of an element and in a quoted attribute."""

    def safe(part: str) -> str:
        return BARE.sub("&amp;", part).replace('"', "&quot;").replace("<", "&lt;")

    return marks.outside(text, safe)


def body_of(root: Element) -> Element:
    children = (child for child in root.children if isinstance(child, Element))
    return next(child for child in children if child.name == "mj-body")


def descendants(element: Element) -> list[Element]:
    children = [child for child in element.children if isinstance(child, Element)]
    return [element, *(deeper for child in children for deeper in descendants(child))]
