"""A TOML table, asked key by key. Whatever is wrong is put on the file's pile, with its place.

What a file may say is then one function that asks; keys nobody asked for are told by `close`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec
from rapidfuzz import process

from lettershop.language.places import Path, Places
from lettershop.model.errors import Finding, Level, Span


class Page(msgspec.Struct, kw_only=True):
    """A file that is being read: how it is called, where things stand in it, what is wrong."""

    source: str
    places: Places
    findings: list[Finding] = []

    def say(
        self,
        code: str,
        message: str,
        path: Path = (),
        hint: str = "",
        *,
        span: Span | None = None,
        level: Level = "error",
    ) -> None:
        """A finding about the key at `path`, or about `span`."""
        found = span or self.places.key(path)
        self.findings.append(Finding(code, message, level, hint, found, self.source))

    @property
    def sound(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


class Table:
    """A table of a file. Each question notes its key, so that `close` finds those nobody asked."""

    def __init__(self, page: Page, path: Path, values: Mapping[str, Any]) -> None:
        self.page, self.path, self.values = page, path, values
        self._asked: dict[str, None] = {}

    def say(self, code: str, message: str, key: str = "", hint: str = "") -> None:
        self.page.say(code, message, (*self.path, key) if key else self.path, hint)

    def need(self, *keys: str) -> None:
        for key in keys:
            if key not in self.values:
                self.say("toml.missing", f"“{key}” is missing")

    def close(self, other_words: Mapping[str, str] | None = None) -> None:
        """Tell of the keys nobody asked for. `other_words`: what people write -> what is meant."""
        for key in self.values:
            if key not in self._asked:
                meant = (other_words or {}).get(key)
                near = meant or nearest(key, [*self._asked])
                hint = f"did you mean “{near}”?" if near else f"known are {', '.join(self._asked)}"
                self.say("toml.unknown_key", f"unknown key “{key}”", key, hint)

    def text(self, key: str, default: str = "") -> str:
        """A text, trimmed; the default when it is absent or none."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, str) and value.strip():
            return value.strip()
        said = "is blank" if isinstance(value, str) else "is a text, so it stands in quotes"
        self.say("toml.wrong_type", f"“{key}” {said}", key)
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; one text is a list of one."""
        value = self.get(key)
        if value is None:
            return default
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and all(isinstance(t, str) and t.strip() for t in found):
            return tuple(t.strip() for t in found)
        self.say("toml.wrong_type", f"“{key}” is a text or a list of texts", key)
        return default

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.say("toml.wrong_type", f"“{key}” is true or false, without quotes", key)
        return False

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.say("toml.range", f"“{key}” is a whole number from {low:,} to {high:,}", key)
        return default

    def decimal(self, key: str, default: float, low: float, high: float) -> float:
        value = self.get(key)
        if value is None:
            return default
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and low <= value <= high:
            return float(value)
        self.say("toml.range", f"“{key}” is a number from {low:g} to {high:g}", key)
        return default

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if value in choices:
            return value
        self.say_unknown(key, value, choices)
        return default

    def choices(
        self, key: str, choices: Sequence[str], default: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Any of the choices, each at most once."""
        values = self.texts(key, default) if self.get(key) != [] else ()
        for value in values:
            if value not in choices:
                self.say_unknown(key, value, choices)
                return default
        return tuple(dict.fromkeys(values))

    def mapping(self, key: str) -> Self | None:
        """A table within."""
        value = self.get(key)
        if isinstance(value, dict):
            return type(self)(self.page, (*self.path, key), value)
        if value is not None:
            self.say("toml.wrong_type", f"“{key}” is a table", key)
        return None

    def get(self, key: str) -> Any:
        """The value as TOML has it; None: absent."""
        self._asked[key] = None
        return self.values.get(key)

    def say_unknown(self, key: str, value: str, choices: Sequence[str]) -> None:
        near = nearest(value, choices)
        hint = f"did you mean “{near}”?" if near else ""
        message = f"“{key}” is one of {', '.join(choices)}; “{value}” is not"
        self.say("toml.unknown_value", message, key, hint)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """What was probably meant, if anything."""
    near = process.extractOne(word, known, score_cutoff=60)
    return near[0] if near else None
