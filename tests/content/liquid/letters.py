"""Letters written in one line, for the stories of this folder."""

import re
from collections.abc import Mapping
from typing import Any

from lettershop.content.letter import Page
from lettershop.content.liquid.compiled import CompiledLetter, compile_letter
from lettershop.content.template import (
    Data,
    Fallback,
    Hide,
    Policy,
    Records,
    Skip,
    Template,
    Variant,
)
from lettershop.model.errors import DefinitionError

DATA: dict[str, Data] = {"deals": Records(kind="deal"), "tags": Records(kind="tag")}
POLICIES: dict[str, Policy] = {
    "contact.first_name": Fallback("colleague"),
    "contact.plan": Hide(),
    "account.renewal": Skip("no renewal date"),
    "deals[].name": Fallback("a deal"),
}


def letter(
    body: str,
    text: str | None = None,
    *,
    subject: str = "News",
    missing: Mapping[str, Policy] = POLICIES,
    language: str = "",
    sender: str = "",
    data: Mapping[str, Data] = DATA,
) -> CompiledLetter:
    """The body is line 4 of its file; the text part is the body where none is given."""
    variant = Variant(
        language=language,
        subject=subject,
        preheader="",
        markup="html",
        body=body,
        line=4,
        source="news.html",
        text=text,
        text_source="news.txt",
        missing=missing,
    )
    files = {"news.html": f"+++\nsubject = '{subject}'\n+++\n{body}", "news.txt": text or ""}
    template = Template(name="news", variants=(variant,), files=files, data=data, sender=sender)
    said = body if text is None else text
    page = Page(html=body, text=said, places=places(body), text_places=places(said))
    return compile_letter(template, variant, page)


def places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((m.start(), m.start()) for m in re.finditer(r"\{[{%]", text))


def said(body: str, values: Mapping[str, Any] | None = None, **more: Any) -> str:
    """The HTML, or what became of it: `skipped: reason`, `broken: codes`, `refused: codes`."""
    shown = more.pop("shown", ())
    try:
        result = letter(body, **more).render({"contact": {}, **(values or {})}, shown)
    except DefinitionError as error:
        errors = {f.code for f in error.findings if f.level == "error"}
        return "refused: " + ", ".join(sorted(errors))
    match result:
        case _ if hasattr(result, "html"):
            return str(result.html)
        case _ if hasattr(result, "reason"):
            return f"skipped: {result.reason}"
        case _:
            return "broken: " + ", ".join(sorted({f.code for f in result.findings}))


def classes(body: str, values: Mapping[str, Any], **more: Any) -> set[tuple[str, str]]:
    """(name, result) of the outcomes of one rendering."""
    shown = more.pop("shown", ())
    made = letter(body, **more)
    bits = made.render({"contact": {}, **values}, shown).outcomes
    return {(o.name, o.result) for i, o in enumerate(made.outcomes) if bits >> i & 1}
