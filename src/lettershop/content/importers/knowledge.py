"""What their names are called here: vendors/*.toml, and what the user said with --field."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

FOLDER = Path(__file__).with_name("vendors")
_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of vendors/. `fields`, `account`: their fields to our variables; `values`: what else
    they can say; `subject`: names of the subject; `lost`: what there is no counterpart of: why, and
    what to do instead."""

    name: str
    fields: Mapping[str, str]
    values: Mapping[str, str]
    lost: Mapping[str, tuple[str, str]]
    account: Mapping[str, str] = {}
    filters: Mapping[str, str] = {}
    subject: tuple[str, ...] = ()


class Field(NamedTuple):
    variable: str
    known: bool


class Knowledge:
    """A book, and `said`: their field to our variable, as the user wants it."""

    def __init__(self, book: Book, said: Mapping[str, str]) -> None:
        self.book = book
        self._said = {key.lower(): name for key, name in said.items()}
        self._fields = {key.lower(): name for key, name in book.fields.items()}
        self._account = {key.lower(): name for key, name in book.account.items()}

    def field(self, theirs: str) -> Field:
        """Of a contact; a field of their own is one of the contact here, too."""
        found = self._said.get(theirs.lower()) or self._fields.get(theirs.lower())
        return Field(found, True) if found else Field(f"contact.{snake(theirs)}", False)

    def account_field(self, theirs: str) -> Field:
        found = self._said.get(f"company.{theirs}".lower()) or self._account.get(theirs.lower())
        return Field(found, True) if found else Field(f"account.{snake(theirs)}", False)

    def knows(self, theirs: str) -> bool:
        return theirs.lower() in self._said or theirs.lower() in self._fields


@lru_cache
def book(vendor: str) -> Book:
    said = tomllib.loads((FOLDER / f"{vendor}.toml").read_text("utf-8"))
    return msgspec.convert(said, Book)


def snake(name: str) -> str:
    """`FavColor`, `Fav Color`, `FAV_COLOR` -> `fav_color`, `favcolor` of one word in capitals."""
    words = _WORDS.findall(_CAMEL.sub("_", name))
    found = "_".join(words).lower() or "field"
    return found if not found[0].isdigit() else f"field_{found}"
