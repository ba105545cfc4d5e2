"""The two doors of the lint: a template's source, and a finished letter."""

from collections.abc import Callable, Iterable, Iterator

from lettershop.content.letter import Page, Rendered
from lettershop.content.lint.access import access
from lettershop.content.lint.clients import clients, size
from lettershop.content.lint.heads import heads, texts
from lettershop.content.lint.images import images
from lettershop.content.lint.legal import legal, sender
from lettershop.content.lint.links import links
from lettershop.content.lint.looks import dark, looks
from lettershop.content.lint.paper import Paper
from lettershop.content.lint.places import Spots
from lettershop.content.lint.rule import RULES, Fault, as_finding
from lettershop.content.lint.wording import wording
from lettershop.content.template import Stream, Template, Variant
from lettershop.model.errors import Finding

MOST = 5
"""Findings of one code: who mends these finds the others."""

Check = Callable[[Paper], Iterator[Fault]]
EVERYWHERE: tuple[Check, ...] = (
    heads, links, images, looks, dark, clients, access, wording, texts, legal,
)  # fmt: skip
LETTERS: tuple[Check, ...] = (size, sender)
"""What a template does not tell."""


def lint_template(template: Template, variant: Variant, page: Page) -> list[Finding]:
    """What is wrong in any case, whoever reads it: all branches are judged side by side, and what
    hangs on values is left to finished letters. Nothing of a page that could not be made."""
    if not page.html:
        return []
    spots = Spots(template, variant)
    paper = Paper.of_page(variant, page, template.stream)
    faults = (fault for fault in _faults(paper, EVERYWHERE) if not RULES[fault.code].only)
    if "unsubscribe_url" in page.html:  # in a variable, a condition, a filter
        faults = (fault for fault in faults if fault.code != "letter.no_unsubscribe")
    return [as_finding(fault, spots.of(fault.quote), variant.source) for fault in _few(faults)]


def lint_rendered(
    made: Rendered,
    *,
    stream: Stream,
    unsubscribe_url: str,
    postal_address: str,
    sender: str = "",
    language: str = "",
    source: str = "",
) -> list[Finding]:
    """What is wrong with one letter: some milliseconds. `postal_address`, `sender`: as the settings
    say; `language`: the variant's, "" where it is not known; `source`: the template's file."""
    paper = Paper.of_rendered(
        made,
        stream=stream,
        language=language,
        unsubscribe_url=unsubscribe_url,
        postal_address=postal_address,
        sender=sender,
    )
    faults = _few(_faults(paper, (*EVERYWHERE, *LETTERS)))
    return [as_finding(fault, source=source) for fault in faults]


def _faults(paper: Paper, checks: Iterable[Check]) -> Iterator[Fault]:
    for check in checks:
        yield from check(paper)


def _few(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Each once, and not more of a code than help."""
    told, counts = set[tuple[str, str]](), dict[str, int]()
    for fault in faults:
        if (fault.code, fault.about) in told:
            continue
        told.add((fault.code, fault.about))
        counts[fault.code] = counts.get(fault.code, 0) + 1
        if counts[fault.code] <= MOST:
            yield fault
