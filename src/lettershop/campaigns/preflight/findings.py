"""What a check says: it holds, it fails, or it was not asked; words and keys in one place."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from lettershop.campaigns.preflight.rules import Level, rule
from lettershop.campaigns.said import Check

EXAMPLES: Final = 5
"""Identities that are named of those a check is about."""
SHOWN: Final = 3


def holds(name: str, said: str, people: int = 0, *, examples: Sequence[str] = ()) -> Check:
    one = rule(name)
    return Check(
        rule=name,
        level=one.level,
        title=one.title,
        held="holds",
        said=said,
        people=people,
        examples=tuple(examples[:EXAMPLES]),
        source=one.source,
    )


def not_asked(name: str, why: str, fix: str = "") -> Check:
    """`why`: it does not apply, or cannot be known here."""
    one = rule(name)
    return Check(
        rule=name,
        level=one.level,
        title=one.title,
        held="not_asked",
        said=why,
        fix=fix,
        source=one.source,
    )


def fails(
    name: str,
    said: str,
    people: int = 0,
    *,
    examples: Sequence[str] = (),
    about: Iterable[str] = (),
    level: Level | None = None,
    fix: str = "",
) -> Check:
    """`about`: what was found, apart from how many: what an acceptance is for. `level`, `fix`:
    instead of the rule's own."""
    one = rule(name)
    return Check(
        rule=name,
        level=level or one.level,
        title=one.title,
        held="fails",
        said=said,
        people=people,
        examples=tuple(examples[:EXAMPLES]),
        fix=fix or one.fix,
        source=one.source,
        key=key(name, about, people),
    )


def key(name: str, about: Iterable[str], people: int) -> str:
    """`MSG-9:4f1c22aa`: changes with what was found, and when it is about twice as many: who
    accepts something for three people has not accepted it for three thousand."""
    said = "\n".join([name, str(people.bit_length()), *sorted(set(about))])
    return f"{name}:{hashlib.blake2b(said.encode(), digest_size=4).hexdigest()}"


def listed(counts: Counter[str]) -> str:
    """`a (12), b (3) and 4 more`, the most first."""
    told = [f"{name} ({count:,})" for name, count in counts.most_common(SHOWN)]
    more = len(counts) - len(told)
    return ", ".join(told) + (f" and {more:,} more" if more > 0 else "")


def letters(number: int) -> str:
    return f"{number:,} letter{'' if number == 1 else 's'}"


def percent(part: int, whole: int) -> str:
    """With two digits where it is small: complaints are counted in hundredths."""
    share = 100 * part / whole if whole else 0.0
    return f"{share:.2f} %" if share < 1 else f"{share:.1f} %"
