"""Pages made of a few lines, and what Liquid makes of them."""

import re
from typing import Any

from liquid import Environment

from lettershop.content.letter import Page
from lettershop.content.markup.document import PADDING
from lettershop.content.markup.page import make_page
from lettershop.content.template import Markup, Template, Variant

LINE = 5
"""The line of the file at which bodies here begin."""


def made(
    body: str,
    markup: Markup = "html",
    *,
    preheader: str = "",
    text: str | None = None,
    language: str = "",
) -> Page:
    variant = Variant(
        language=language,
        subject="News",
        preheader=preheader,
        markup=markup,
        body=body,
        line=LINE,
        source=f"news.{markup}",
        text=text,
    )
    return make_page(Template(name="news", variants=(variant,)), variant)


def mjml(body: str, head: str = "") -> str:
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"


def column(inside: str) -> str:
    return f"<mj-section><mj-column>{inside}</mj-column></mj-section>"


def body_of(page: Page) -> str:
    """What stands in the `<body>`, without the preheader's padding."""
    assert page.findings == (), [str(finding) for finding in page.findings]
    found = re.search(r"<body[^>]*>(.*)</body>", page.html, re.S)
    assert found
    return found.group(1).replace(PADDING, "").strip()


def rendered(source: str, **values: Any) -> str:
    return Environment(autoescape=False).from_string(source).render(**values)


def codes(page: Page) -> list[tuple[str, int]]:
    """(code, line) of every finding."""
    return [(f.code, f.span.line if f.span else 0) for f in page.findings]
