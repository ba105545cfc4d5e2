"""Words: what was never written, and what filters count."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from lettershop.content.lint.paper import OUTPUT, TAG, Paper, shown
from lettershop.content.lint.quick import marks
from lettershop.content.lint.rule import Fault, data, texts

PLACEHOLDERS = re.compile(
    "|".join(rf"(?:{text})" for text in texts(data("words.toml")["placeholders"]))
)
_LANGUAGES = msgspec.convert(data("spam.toml"), dict[str, dict[str, int]])
_SOME, _MANY = 3, 6
"""Weights together from which phrases are told, and from which they are a warning."""


def _pattern(phrases: Mapping[str, int]) -> re.Pattern[str]:
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


_PHRASES = {language: _pattern(phrases) for language, phrases in _LANGUAGES.items()}


def wording(paper: Paper) -> Iterator[Fault]:
    parts = (paper.subject, paper.preheader, paper.seen, paper.text)
    found = next((f.group() for part in parts if (f := PLACEHOLDERS.search(part))), None)
    if found:
        yield Fault("lint.placeholder", shown(found), found)
    written = (paper.subject, paper.preheader, paper.html, paper.text)
    yield from (Fault("letter.mark", name, first) for name, first in marks(*written))
    yield from _spam(paper)


def _spam(paper: Paper) -> Iterator[Fault]:
    """Each phrase counts once; in the subject twice its weight."""
    known = paper.language.partition("-")[0].lower()
    chosen = [known] if known in _PHRASES else [] if known else [*_PHRASES]
    plain = f"{paper.seen}\n{paper.preheader}".replace(OUTPUT, " ").replace(TAG, " ").casefold()
    subject, weights = paper.subject.casefold(), dict[str, int]()
    for language in chosen:
        phrases = _LANGUAGES[language]
        weights |= {text: phrases[text] for text in _PHRASES[language].findall(plain)}
        weights |= {text: 2 * phrases[text] for text in _PHRASES[language].findall(subject)}
    total = sum(weights.values())
    if total >= _SOME:
        said = ", ".join(f"“{text}”" for text in sorted(weights, key=lambda t: -weights[t])[:6])
        first = max(weights, key=lambda text: weights[text])
        yield Fault("lint.spam", said, first, "warning" if total >= _MANY else "info")
