"""What Liquid offers a letter, as people look it up (words.toml)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A filter or tag. `makes`: what the example becomes; "" of a tag."""

    says: str
    example: str
    makes: str = ""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """By name, in the order of the alphabet."""

    filter: Mapping[str, Word]
    tag: Mapping[str, Word]


@cache
def vocabulary() -> Vocabulary:
    text = (files("lettershop.content.liquid") / "words.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Vocabulary)
