"""Letters for the lint: five good ones from files, and one that single faults are put into."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from lettershop.content.folder import load_templates
from lettershop.content.letter import Page, Rendered
from lettershop.content.lint.linting import lint_rendered, lint_template
from lettershop.content.making import make_letters
from lettershop.content.markup.page import make_page
from lettershop.content.template import Markup, Stream, Template, Variant
from lettershop.model.errors import Finding

LETTERS = Path(__file__).parent / "letters"
GOOD = load_templates(LETTERS)
UNSUBSCRIBE = "https://letters.northfreight.com/u/8Qm?a=1&b=2"
ADDRESS = "Northfreight Ltd, 1 Main Street, Bonn"
VALUES: dict[str, Any] = {
    "contact": {"id": "U1", "first_name": "Eva", "last_name": "Frau Núñez", "city": "Graz"},
    "account": {"name": "Acme & Söhne", "months": Decimal(3)},
    "order": {"number": "A-77", "tracking": "JJD 0001"},
    "offers": [
        {
            "name": name,
            "price": 149,
            "image": f"https://cdn.northfreight.com/{name.lower()}.jpg",
            "url": f"https://www.northfreight.com/{name.lower()}",
        }
        for name in ("Lisbon", "Oslo")
    ],
    "unsubscribe_url": UNSUBSCRIBE,
    "preferences_url": "https://letters.northfreight.com/p/8Qm",
}
FOOTER = (
    f'<p>{ADDRESS}. <a href="{{{{ unsubscribe_url }}}}" style="color:#0b57d0">Unsubscribe</a></p>'
)
TEXT = (
    "Dear reader, from June on customs asks for the new codes. We have put together what changes "
    "for your company, what does not, and by when the forms must be there. "
)
HEAD = '<title>News</title><meta name="color-scheme" content="light dark">'


def variant(body: str, markup: Markup = "html", **said: Any) -> Variant:
    first: dict[str, Any] = {
        "language": "",
        "subject": "What changes in June",
        "preheader": "Codes, forms and dates",
        "line": 1,
        "source": f"content/news.{markup}",
    }
    return Variant(markup=markup, body=body, **{**first, **said})


def whole(body: str, *, head: str = "", footer: str = FOOTER, text: str = TEXT) -> str:
    """A good letter around a piece of HTML."""
    return (
        f'<html lang="en"><head>{HEAD}{head}</head><body style="background:#ffffff;color:#222222">'
        f"<p>{text}</p>\n{body}\n{footer}</body></html>"
    )


def paged(one: Variant, stream: Stream = "marketing") -> tuple[Template, Page]:
    template = Template(name="news", stream=stream, sender="Ann <a@b.com>", variants=(one,))
    page = make_page(template, one)
    assert [str(f) for f in page.findings if f.level == "error"] == []
    return template, page


def of_template(body: str, stream: Stream = "marketing", **said: Any) -> list[Finding]:
    one = variant(body, **said)
    template, page = paged(one, stream)
    return lint_template(template, one, page)


def of_letter(body: str, **said: Any) -> list[Finding]:
    """`said`: of the variant, and `stream`, `postal_address`, `sender`. Rendered with VALUES, so
    that nothing else of the letter's way is left out."""
    stream = said.pop("stream", "marketing")
    around = {"postal_address": ADDRESS, "sender": "Ann Lee <ann@northfreight.example>"}
    around |= {key: said.pop(key) for key in [*around] if key in said}
    one = variant(body, **said)
    template = Template(name="news", stream=stream, variants=(one,))
    return judged(template, **around)


def judged(template: Template, **around: str) -> list[Finding]:
    """A template's letter as lint sees it rendered."""
    made = make_letters(template)
    assert [str(f) for f in made.findings if f.level == "error"] == []
    letter = made.letters[0]
    found = letter.render(VALUES, [0] * len(letter.blocks))
    assert isinstance(found, Rendered), found
    return lint_rendered(
        found,
        stream=template.stream,
        unsubscribe_url=UNSUBSCRIBE,
        language=letter.variant.language,
        **{"postal_address": ADDRESS, "sender": "Ann <ann@northfreight.example>", **around},
    )


def codes(findings: list[Finding]) -> list[str]:
    return sorted({finding.code for finding in findings})
