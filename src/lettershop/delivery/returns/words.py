"""By which words returned mails are known: knowledge/words.toml, compiled."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final

import msgspec

from lettershop.delivery.returns.rules import compiled

FILE: Final = "words.toml"

Patterns = tuple[str, ...]


class _Bounce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    daemons: Patterns
    subjects: Patterns
    bodies: Patterns


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    texts: Patterns


class _Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    marks: Patterns
    quotes: Patterns
    boilerplate: Patterns = ()


class _AutoReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subjects: Mapping[str, Patterns]
    bodies: Patterns
    polite: Patterns


class _Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    from_: Patterns = msgspec.field(name="from")
    until: Patterns


class Words(msgspec.Struct, frozen=True, dict=True):
    bounce: _Bounce
    delayed: _Texts
    copy: _Copy
    auto_reply: _AutoReply
    challenge: _Texts
    unsubscribe: Mapping[str, Patterns | str]
    back: _Back

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern with its place (`auto_reply.subjects.de`)."""
        return _each(msgspec.to_builtins(self), "")

    @cached_property
    def daemon(self) -> Any:
        return _any(self.bounce.daemons)

    @cached_property
    def bounce_subject(self) -> Any:
        return _any(self.bounce.subjects)

    @cached_property
    def bounce_body(self) -> Any:
        return _spaced(self.bounce.bodies)

    @cached_property
    def waits(self) -> Any:
        return _spaced(self.delayed.texts)

    @cached_property
    def mark(self) -> Any:
        return _any(self.copy.marks)

    @cached_property
    def quote(self) -> Any:
        return _any(self.copy.quotes)

    @cached_property
    def boilerplate(self) -> Any:
        return _any(self.copy.boilerplate)

    @cached_property
    def auto_subject(self) -> Any:
        return _any(tuple(p for said in self.auto_reply.subjects.values() for p in said))

    @cached_property
    def auto_body(self) -> Any:
        return _spaced(self.auto_reply.bodies)

    @cached_property
    def auto_polite(self) -> Any:
        return _spaced(self.auto_reply.polite)

    @cached_property
    def asks_who(self) -> Any:
        return _spaced(self.challenge.texts)

    @cached_property
    def leave(self) -> Any:
        """The whole of a short text."""
        said = [
            p for value in self.unsubscribe.values() if not isinstance(value, str) for p in value
        ]
        return compiled(rf"(?m)^(?:{'|'.join(f'(?:{p})' for p in said)})$")

    @cached_property
    def greeting(self) -> Any:
        said = self.unsubscribe["greetings"]
        return compiled(said if isinstance(said, str) else "|".join(said))


@cache
def words() -> Words:
    text = resources.files(__package__).joinpath("knowledge", FILE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Words)


def _spaced(patterns: Patterns) -> Any:
    """For running text, whose lines break anywhere."""
    return _any(tuple(one.replace(" ", r"\s") for one in patterns))


def _any(patterns: Patterns) -> Any:
    return compiled("(?m)" + ("|".join(f"(?:{one})" for one in patterns) or r"\z."))


def _each(said: Any, place: str) -> Iterator[tuple[str, str]]:
    match said:
        case str():
            yield place, said
        case dict():
            for key, value in said.items():
                yield from _each(value, f"{place}.{key}" if place else str(key))
        case _:
            for value in said:
                yield from _each(value, place)
