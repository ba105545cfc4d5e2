"""A variant's body -> its Page: HTML and text around Liquid, made once."""

import re

from lettershop.content.letter import Page
from lettershop.content.markup.document import Document, whole
from lettershop.content.markup.inline import inline
from lettershop.content.markup.marks import Mark, Marks, pieces
from lettershop.content.markup.mjml import compile_mjml
from lettershop.content.markup.nesting import Nesting, short
from lettershop.content.markup.report import Report
from lettershop.content.markup.text import text_of
from lettershop.content.markup.tidy import tidy
from lettershop.content.markup.tokens import tokens
from lettershop.content.template import Template, Variant

LARGEST = 500_000
"""Characters of a body. Gmail cuts letters at 102 kB; five times that is no letter."""
MOST_LIQUID = 5_000
"""Tags and outputs of a body."""
DEEPEST = 100


def make_page(template: Template, variant: Variant) -> Page:
    """The variant made ready. Never raises for anything in a body: with findings of level error
    the page is empty."""
    if len(variant.body) > LARGEST:
        report = Report(template, variant)
        message = f"the body has {len(variant.body):,} characters; {LARGEST:,} are the most"
        report.say("markup.too_large", message)
        return empty(report)
    marks = Marks(variant.body)
    report = Report(template, variant, marks)
    told_open(marks, report)
    told_deep(marks, report)
    done = "" if report.failed else finished(variant, marks, report)
    if not report.failed:
        told_lost(done, variant, marks, report)
    if report.failed:
        return empty(report)
    html, places = marks.restore(done)
    text, text_places = text_part(done, variant, marks)
    return Page(
        html=html,
        text=text,
        places=places,
        text_places=text_places,
        findings=tuple(report.findings),
    )


def finished(variant: Variant, marks: Marks, report: Report) -> str:
    """The whole document, with marks; "" where the report says why not."""
    match variant.markup:
        case "mjml":
            html = compile_mjml(marks, report)
            html = tidy(list(tokens(html)), marks)
        case "html":
            html = tidy(whole(list(tokens(marks.text))), marks, report)
    html = "" if report.failed else inline(html, report)
    if report.failed:
        return ""
    preheader = variant.preheader, report.preheader
    return Document(marks, variant.language, preheader).finish(html)


def text_part(html: str, variant: Variant, marks: Marks) -> tuple[str, tuple[tuple[int, int], ...]]:
    if variant.text is not None:
        return variant.text, tuple((p.start, p.start) for p in pieces(variant.text))
    return marks.restore(text_of(html, marks))


def empty(report: Report) -> Page:
    findings = tuple(report.findings)
    return Page(html="", text="", places=(), text_places=(), findings=findings)


def told_open(marks: Marks, report: Report) -> None:
    """Liquid that begins and does not end would be printed as it is."""
    for found in re.finditer(r"\{\{|\{%", marks.text):
        end = "}}" if found.group() == "{{" else "%}"
        message = f"`{found.group()}` has no `{end}`"
        hint = "to print braces write {% raw %}{{{% endraw %}"
        report.say("markup.liquid_open", message, found.start(), 2, hint=hint)


def told_deep(marks: Marks, report: Report) -> None:
    """Blocks of Liquid in blocks, deeper than anybody can follow."""
    if len(marks.known) > MOST_LIQUID:
        message = (
            f"the body has {len(marks.known):,} pieces of Liquid; {MOST_LIQUID:,} are the most"
        )
        report.say("markup.too_large", message, hint="write a loop")
    nesting = Nesting(marks.paired)
    depth = 0
    for mark in marks.known:
        depth += nesting.opens(mark) - nesting.ends(mark)
        if depth > DEEPEST:
            message = f"blocks of Liquid stand in one another more than {DEEPEST} deep"
            report.say("markup.too_deep", message, mark.start, len(mark.text), exact=True)
            return


def told_lost(html: str, variant: Variant, marks: Marks, report: Report) -> None:
    """Every piece of the body must still be there."""
    kept = set(map(id, marks.of(html)))
    for mark in marks.known:
        if mark.start >= 0 and id(mark) not in kept:
            report.say(
                "markup.lost",
                f"`{short(mark.text)}` does not get into the letter{lost_why(mark, variant)}",
                mark.start,
                len(mark.text),
                exact=True,
                hint="write it in the text, or in the attribute of an element of HTML",
            )


def lost_why(mark: Mark, variant: Variant) -> str:
    """In MJML attributes are read by the compiler, which computes with some of them."""
    before = variant.body[max(0, mark.start - 200) : mark.start]
    found = re.search(r"<(mj-[\w-]+)[^<>]*?\s([\w-]+)\s*=\s*[\"'][^\"']*$", before)
    if variant.markup == "html" or not found:
        return ""
    name, attribute = found.groups()
    return f": “{attribute}” of <{name}> is settled when the letter is made"
