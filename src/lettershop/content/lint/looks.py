"""Whether text can be read: contrast, text nobody sees, dark mode."""

import re
from collections.abc import Iterator

from lettershop.content.lint.look import Colour, contrast
from lettershop.content.lint.paper import Paper, Run, shown
from lettershop.content.lint.rule import Fault
from lettershop.content.lint.tree import Element

ENOUGH, ENOUGH_LARGE = 4.5, 3.0
"""WCAG 2.1, success criterion 1.4.3, level AA."""
LARGE, LARGE_BOLD = 24.0, 18.66
"""Pixels: 18 point, and 14 point in bold."""
THE_SAME = 1.1
"""A contrast nobody sees."""
BLACK, WHITE = Colour(0, 0, 0), Colour(1, 1, 1)
_LETTER = re.compile(r"\w")


def looks(paper: Paper) -> Iterator[Fault]:
    told = set[tuple[Colour, Colour]]()
    for run in paper.runs:
        if not run.seen:
            if reason := unseen(run, paper):
                yield Fault("lint.hidden_text", f"“{shown(run.text)}” ({reason})", run.text)
            continue
        colour, ground = run.look.colour, run.look.ground
        if colour is None or ground is None or (colour, ground) in told or not _is_text(run):
            continue
        ratio = contrast(colour, ground)
        said = f"“{shown(run.text, 40)}” in {colour} on {ground}"
        if ratio < THE_SAME:
            told.add((colour, ground))
            yield Fault("lint.hidden_text", said, run.text)
        elif ratio < _wanted(run):
            told.add((colour, ground))
            yield Fault("lint.contrast", f"{said} has {ratio:.1f}:1, {_wanted(run)}:1", run.text)


def unseen(run: Run, paper: Paper) -> str:
    """Why nobody sees a text, anywhere; "" for one that somebody does."""
    look = run.look
    if not run.seen:
        reason = look.hidden or f"font-size: {look.size:g}px"
        return "" if _shown_elsewhere(run.element, paper) else reason
    if look.colour is None or look.ground is None or contrast(look.colour, look.ground) >= THE_SAME:
        return ""
    return f"{look.colour} on {look.ground}"


def _is_text(run: Run) -> bool:
    """Bullets, arrows and bars between links are ornament."""
    return bool(_LETTER.search(run.text))


def _wanted(run: Run) -> float:
    size = run.look.size
    large = size is None or size >= LARGE or (run.look.bold and size >= LARGE_BOLD)
    return ENOUGH_LARGE if large else ENOUGH


def _shown_elsewhere(element: Element, paper: Paper) -> bool:
    """Hidden in most clients and shown by a rule for narrow screens or dark mode."""
    return any(
        name.lower() in paper.styled
        for one in (element, *element.above())
        for name in (*one.get("class").split(), one.get("id"))
    )


def dark(paper: Paper) -> Iterator[Fault]:
    """Hints for readers whose screens are dark."""
    said = any("color-scheme" in e.get("name") for e in paper.named("meta"))
    said = said or "color-scheme" in paper.styles
    said = said or any("color-scheme" in e.get("style") for e in paper.named("html", "body"))
    if not said:
        yield Fault("lint.dark_unsaid")
        return
    pure = (r for r in paper.runs if r.look.colour == BLACK and r.look.ground == WHITE)
    if "prefers-color-scheme" not in paper.styles and (run := next(pure, None)):
        yield Fault("lint.dark_pure", f"“{shown(run.text, 40)}”", run.text)
