"""Invented values in place of real ones, of the same shape: as long, with the same capitals,
digits, accents and signs, so that what escaping and layout make of them stays tested.

What is invented does not depend on what it replaces, only on its turn; the same text is replaced by
the same everywhere, so that what was equal stays equal.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from lettershop.content.proof.places import Place, leaves
from lettershop.content.template import Items, Template

_WORDS = tomllib.loads((Path(__file__).parent.parent / "words.toml").read_text("utf-8"))
IDENTITY = frozenset(_WORDS["identity"]["words"])
LINKS = {
    "unsubscribe_url": "https://example.com/unsubscribe",
    "preferences_url": "https://example.com/preferences",
}
PUBLIC = frozenset(("campaign", "sender", "workspace"))
"""What is the same for everybody and said by the workspace itself."""
_VOWELS, _CONSONANTS, _ACCENTS = "aeiou", "bdfgklmnprstv", "äéöñü"


class Standin:
    """`value` in place of what was there; `identity`: the real one may not stay under any
    circumstances."""

    __slots__ = ("identity", "value")

    def __init__(self, value: Any, *, identity: bool) -> None:
        self.value, self.identity = value, identity


def standins(values: Mapping[str, Any], template: Template) -> dict[Place, Standin]:
    """What to replace, by place. Numbers, truth values and dates stay, and so do catalog items and
    words that the template's own text has in quotes, unless they say who somebody is."""
    written = "\n".join(template.files.values())
    public = PUBLIC | {name for name, data in template.data.items() if isinstance(data, Items)}
    known: dict[str, str] = {}
    found: dict[Place, Standin] = {}
    for place, value in leaves(values):
        root = str(place[0])
        if root in LINKS:
            found[place] = Standin(LINKS[root], identity=True)
        elif root not in public:
            identity = is_identity(place)
            made = _instead(value, identity=identity, known=known, written=written)
            if made is not None:
                found[place] = Standin(made, identity=identity)
    return found


def is_identity(place: Place) -> bool:
    names = [key for key in place if isinstance(key, str)]
    last = names[-1].lower()
    return names[0] == "owner" or any(
        last == word or last.endswith((f"_{word}", f" {word}")) for word in IDENTITY
    )


def _instead(value: Any, *, identity: bool, known: dict[str, str], written: str) -> Any:
    match value:
        case bool():
            return None
        case str():
            quoted = f'"{value}"' in written or f"'{value}'" in written
            return None if quoted and not identity else known.setdefault(value, _text(value, known))
        case datetime() | date() if identity:
            return value.replace(year=1980, month=1, day=15)
        case int() if identity:
            return int(shaped(str(abs(value)), Random(len(known))))
        case _:
            return None


def _text(value: str, known: Iterable[str]) -> str:
    draw = Random(len(list(known)))
    local, at, domain = value.partition("@")
    if at and "." in domain and " " not in value:
        return f"{shaped(local, draw)}@example.com"
    scheme, colon, rest = value.partition("://")
    if colon and scheme in ("http", "https"):
        return f"{scheme}://example.com/{shaped(rest.partition('/')[2], draw)}"
    return shaped(value, draw)


def shaped(text: str, draw: Random) -> str:
    """Invented text of the same shape, letter by letter."""
    return "".join(_letter(one, draw) for one in text)


def _letter(one: str, draw: Random) -> str:
    if one.isdecimal():
        return draw.choice("123456789")
    if not one.isalpha():
        return one
    if not one.isascii():
        made = draw.choice(_ACCENTS)
    else:
        made = draw.choice(_VOWELS if one.lower() in _VOWELS else _CONSONANTS)
    return made.upper() if one.isupper() else made
