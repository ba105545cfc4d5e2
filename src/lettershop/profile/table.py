"""One TOML table, asked key by key. Whatever is wrong is put on the file's pile, with its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from rapidfuzz import process

from lettershop.language import parse
from lettershop.language.places import Path, Places
from lettershop.language.spans import Spans
from lettershop.language.text.parse import Parsed
from lettershop.language.tree import Condition, Duration, Everyone, Measure, Rank
from lettershop.model.errors import DefinitionError, Finding, Span
from lettershop.model.values import MICRO, NUMBER_LIMIT

_DURATION = re.compile(r"([1-9]\d{0,4}) (minute|hour|day|week|month|year)s?")
_RANKED = "among top 1 by "
"""A measure is read as part of the condition in which the language knows it."""


class Page(msgspec.Struct):
    """A file that is being read: how it is called, where things stand in it, what is wrong."""

    source: str
    places: Places
    findings: list[Finding] = []

    def say(
        self, code: str, message: str, path: Path, hint: str = "", span: Span | None = None
    ) -> None:
        found = span or self.places.key(path)
        self.findings.append(Finding(code, message, hint=hint, span=found, source=self.source))


class Written(msgspec.Struct, frozen=True):
    """A condition with where it stands: `skip` characters were put before it to be read."""

    table: "Table"
    key: str
    tree: Condition
    spans: Spans
    text: str
    skip: int = 0

    def place(self, finding: Finding) -> Finding:
        """A finding about the condition, in its file."""
        page = self.table.page
        path = (*self.table.path, self.key) if self.key else self.table.path
        span, skip = finding.span, self.skip
        if span is None:
            found = page.places.key(path)
        else:
            found = page.places.inside(path, max(0, span.start - skip), max(0, span.end - skip))
        return msgspec.structs.replace(finding, span=found, source=page.source)


class Table:
    """A table of a file. Each question notes its key, so that `close` finds those nobody asked."""

    def __init__(self, page: Page, path: Path, values: Mapping[str, Any]) -> None:
        self.page, self.path, self.values = page, path, values
        self._asked: set[str] = set()

    @property
    def line(self) -> int:
        return self.page.places.key(self.path).line

    def say(self, code: str, message: str, key: str = "", hint: str = "") -> None:
        self.page.say(code, message, (*self.path, key) if key else self.path, hint)

    def finding(self, code: str, message: str, key: str = "", hint: str = "") -> Finding:
        """One about this table that is not on the pile."""
        span = self.page.places.key((*self.path, key))
        return Finding(code, message, hint=hint, span=span, source=self.page.source)

    def close(self) -> None:
        for key in self.values:
            if key not in self._asked:
                near = process.extractOne(key, self._asked, score_cutoff=60)
                hint = f"did you mean “{near[0]}”?" if near else ""
                hint = hint or f"known are {', '.join(sorted(self._asked))}"
                self.say("trait.unknown_key", f"unknown key “{key}”", key, hint)

    def need(self, *keys: str) -> None:
        for key in keys:
            if key not in self.values:
                self.say("trait.missing", f"“{key}” is missing")

    def text(self, key: str, default: str = "") -> str:
        """A text, trimmed; the default when it is absent or none."""
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.say("trait.wrong_type", f"“{key}” is a text, so it stands in quotes", key)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text is a list of one."""
        value = self._get(key)
        found = [value] if isinstance(value, str) else [] if value is None else value
        if isinstance(found, list) and all(isinstance(t, str) and t.strip() for t in found):
            return tuple(t.strip() for t in found)
        self.say("trait.wrong_type", f"“{key}” is a text or a list of texts", key)
        return ()

    def number(self, key: str, default: int | None = None) -> int | None:
        """A number in micro-units; whole ones are meant to be written as 10, not as "10"."""
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool):
            exact = Decimal(str(value)) * MICRO
            if exact.is_finite() and abs(exact) < NUMBER_LIMIT and exact == int(exact):
                return int(exact)
        message = f"“{key}” is a number below a million with at most six decimals"
        self.say("trait.wrong_type", message, key)
        return default

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.say("trait.range", f"“{key}” is a whole number from {low} to {high}", key)
        return default

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.say("trait.wrong_type", f"“{key}” is true or false, without quotes", key)
        return False

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if value in choices:
            return value
        near = process.extractOne(value, choices, score_cutoff=60)
        hint = f"did you mean “{near[0]}”?" if near else ""
        self.say("trait.unknown_value", f"“{key}” is one of {', '.join(choices)}", key, hint)
        return default

    def duration(self, key: str, default: Duration | None = None) -> Duration | None:
        value = self.text(key)
        if not value:
            return default
        found = _DURATION.fullmatch(value)
        if found is None:
            message = f"“{value}” is not a length of time"
            self.say("trait.duration", message, key, "write it as “30 days” or “6 months”")
            return default
        unit: Any = found[2]
        return Duration(int(found[1]), unit)

    def condition(self, key: str) -> Written | None:
        """A condition of the segment language; None when it is absent or cannot be read."""
        return self._read(key, "")

    def made(self, tree: Condition, key: str = "") -> Written:
        """A condition nobody wrote, made of this table or one of its keys."""
        return Written(self, key, tree, Spans(), "")

    def measure(self, key: str) -> tuple[Written, Measure] | None:
        """`sum of revenue over "Order Completed"`, or the name of a number field."""
        written = self._read(key, _RANKED)
        if written is None:
            return None
        if not isinstance(written.tree, Rank):
            hint = 'one measure: lead_score, or sum of revenue over "Order Completed"'
            self.say("trait.measure", "this is a condition, not a measure", key, hint)
            return None
        return written, written.tree.measure

    def tables(self, key: str) -> Iterator["Table"]:
        """The tables of `[[…key]]`."""
        value = self._get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.say("trait.wrong_type", f"“{key}” is not a list of tables", key, f"[[…{key}]]")
            return
        for number, item in enumerate(value):
            yield Table(self.page, (*self.path, key, number), item)

    def mapping(self, key: str) -> "Table | None":
        """A table within, of any keys."""
        value = self._get(key)
        if isinstance(value, dict):
            return Table(self.page, (*self.path, key), value)
        if value is not None:
            self.say("trait.wrong_type", f"“{key}” is a table", key)
        return None

    def _get(self, key: str) -> Any:
        self._asked.add(key)
        return self.values.get(key)

    def _read(self, key: str, before: str) -> Written | None:
        """Places count in the text as it stands in the file, so it is not trimmed."""
        if not self.text(key):
            return None
        text = self.values[key]
        try:
            parsed: Parsed = parse(before + text)
        except DefinitionError as error:
            nothing = Written(self, key, Everyone(), Spans(), text, len(before))
            self.page.findings += [nothing.place(finding) for finding in error.findings]
            return None
        return Written(self, key, parsed.tree, parsed.spans, text.strip(), len(before))
