"""One slip of the hand: which of the known names was meant, and what kind of slip it was.

Candidates are found by leaving letters out: two names that differ by one letter more, less, other
or two letters swapped share a name with one letter left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, Literal

Kind = Literal["swapped", "doubled", "undoubled", "missing", "extra", "neighbour"]
"""swapped: gmial; doubled: gmaill; undoubled: yaho; missing: gmal; extra: gmaikl; neighbour (on
the keyboard): hotmaik."""

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _near() -> dict[str, str]:
    """Letter -> the letters beside it, and above and below between which it lies."""
    near: dict[str, str] = defaultdict(str)
    for row in _ROWS:
        for left, right in pairwise(row):
            near[left] += right
            near[right] += left
    for above, below in pairwise(_ROWS):
        for place, letter in enumerate(below):
            for other in above[place : place + 2]:
                near[letter] += other
                near[other] += letter
    return dict(near)


_NEAR: Final = _near()


class Names:
    """Known names, to be found by what somebody typed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._places: dict[str, list[str]] = defaultdict(list)
        for name in dict.fromkeys(names):
            for variant in set(_variants(name)):
                self._places[variant].append(name)

    def near(self, typed: str) -> dict[str, Kind]:
        """The names that are one slip away, other than `typed` itself."""
        found: dict[str, Kind] = {}
        for variant in set(_variants(typed)):
            for name in self._places.get(variant, ()):
                kind = slip(typed, name)
                if kind is not None:
                    found[name] = kind
        return found


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (name[:i] + name[i + 1 :] for i in range(len(name)))


def slip(typed: str, meant: str) -> Kind | None:
    """The one slip that makes `typed` of `meant`. None when it takes another kind or more; the
    first letter is hardly ever mistaken: only swapped or doubled."""
    start = _common(typed, meant)
    most = min(len(typed), len(meant)) - start
    end = min(most, _common(typed[::-1], meant[::-1]))
    more, less = typed[start : len(typed) - end], meant[start : len(meant) - end]
    match len(more), len(less):
        case 2, 2 if more == less[::-1]:
            return "swapped"
        case 1, 0:
            if start and more == typed[start - 1]:
                return "doubled"
            return (
                "extra" if start and end and _beside(more, typed[start - 1], meant[start]) else None
            )
        case 0, 1:
            if start and less == meant[start - 1]:
                return "undoubled"
            return "missing" if start else None
        case 1, 1:
            return "neighbour" if start and less in _NEAR.get(more, "") else None
        case _:
            return None


def _beside(letter: str, *others: str) -> bool:
    return any(letter in _NEAR.get(other, "") for other in others)


def _common(one: str, other: str) -> int:
    """How many letters are the same from the start."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
