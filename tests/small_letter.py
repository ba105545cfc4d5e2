"""A letter small enough to be read here, that keeps to the contract of content/letter.py: what
proofs are tested with where the template language is not the point.

    Hi {first_name | “colleague”},          a fallback, or with `policy` skip or none
    {% if contact.plan == "pro" %}
    {% block offers %} two conditions and a default
    {% for deal in deals %}
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from lettershop.content.letter import (
    Block,
    Broken,
    Outcome,
    Read,
    Rendered,
    Result,
    Skipped,
    Values,
)
from lettershop.content.template import Fallback, Policy, Skip, Stream, Template, Variant
from lettershop.model.errors import Finding, Span

FALLBACK = Fallback("colleague")
LINK = "https://example.com/u?a=1&b=2"
OUTCOMES = (
    Outcome(kind="value", name="contact.first_name", result="present", line=5),
    Outcome(kind="value", name="contact.first_name", result="missing", line=5),
    Outcome(kind="branch", name='if contact.plan == "pro"', result="1", line=6),
    Outcome(kind="branch", name='if contact.plan == "pro"', result="else", line=6),
    Outcome(kind="block", name="offers", result="1", line=7),
    Outcome(kind="block", name="offers", result="2", line=7),
    Outcome(kind="block", name="offers", result="default", line=7),
    Outcome(kind="loop", name="for deal in deals", result="0", line=9),
    Outcome(kind="loop", name="for deal in deals", result="1", line=9),
    Outcome(kind="loop", name="for deal in deals", result="n", line=9),
)


class Somebody(NamedTuple):
    identity: str
    account: int = -1
    language: str | None = None


def a_template(
    policy: Policy | None = FALLBACK, stream: Stream = "marketing", *, languages: Sequence[str] = ()
) -> Template:
    missing = {} if policy is None else {"contact.first_name": policy}
    variants = tuple(
        Variant(
            language=language,
            subject="News",
            preheader="",
            markup="html",
            body="Hi",
            line=4,
            source=f"content/news{'.' if language else ''}{language}.html",
            missing=missing if not language else {},
        )
        for language in ("", *languages)
    )
    return Template(name="news", stream=stream, variants=variants, files={"news.html": "Hi"})


class SmallLetter:
    def __init__(self, template: Template, language: str = "") -> None:
        self.template, self.variant = template, template.variant(language)
        self.outcomes = OUTCOMES
        self.blocks = (Block(name="offers", conditions=('plan = "pro"', 'country = "DE"'), line=7),)
        names = ("contact.first_name", "contact.plan", "deals.*.name", "unsubscribe_url")
        self.reads = tuple(Read(path=tuple(name.split(".")), guarded=False) for name in names)

    def render(self, values: Values, shown: Sequence[int] = ()) -> Result:
        if "explode" in values:
            raise RecursionError("too deep")
        contact, deals = values.get("contact", {}), values.get("deals", [])
        named = contact.get("first_name")
        bits = 1 if named is not None else 2
        if named is None:
            match self.template.variants[0].missing.get("contact.first_name"):
                case Fallback(text):
                    named = text
                case Skip(reason):
                    return Skipped(reason, bits)
                case _:
                    return Broken((self._missing(),), bits)
        bits |= 4 if contact.get("plan") == "pro" else 8
        bits |= 16 << shown[0]
        bits |= 128 << min(len(deals), 2)
        rows = "".join(f"<tr><td>{escape(deal['name'])}</td></tr>" for deal in deals)
        link = f'<a href="{escape(values.get("unsubscribe_url", ""))}">Leave</a>'
        html = f"<p>Hi {escape(named)},</p><table>{rows}</table>{link}"
        subject = str(contact.get("subject", "News"))
        return Rendered(subject, "", html, f"Hi {named},\n", bits)

    def _missing(self) -> Finding:
        place = Span(10, 20, 5, 4)
        message = "contact.first_name is missing"
        return Finding("letter.missing", message, span=place, source=self.variant.source)
