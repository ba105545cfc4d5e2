"""A translation while it is made: what was written, what was counted, what is to be said."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import Literal

import msgspec

from lettershop.content.importers.knowledge import Knowledge
from lettershop.content.markup.marks import pieces
from lettershop.content.template import Data, LastEvent, Policy, Skip
from lettershop.model.errors import Finding, Level, Span

Vendor = Literal["braze", "mautic", "mailchimp", "hubspot"]
SHOWN = 200
"""Characters of a foreign tag that are kept in its mark."""
UNCERTAIN = ("contact", "account", "membership", "owner", "event", "deals", "tickets")
_UNSAFE = (("{{", "{ {"), ("}}", "} }"), ("{%", "{ %"), ("%}", "% }"))


class Became(msgspec.Struct, frozen=True, kw_only=True):
    """Tags of the other tool that became the same here; `ours` is "" where they were left out."""

    theirs: str
    ours: str
    times: int


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """`text`: with our Liquid. `findings`: places are those of the original text; codes
    `import.untranslated`, `import.removed`, `import.field`, `import.meaning`, `import.liquid`.

    `missing`, `data`: suggestions for the front matter. `bare`: variables that stand somewhere
    without a default; the other tool left an empty place where they were missing.
    """

    vendor: Vendor
    text: str
    became: tuple[Became, ...]
    findings: tuple[Finding, ...]
    missing: Mapping[str, Policy] = {}
    data: Mapping[str, Data] = {}
    bare: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Nothing was left untranslated."""
        return not any(finding.code == "import.untranslated" for finding in self.findings)


class Lost(Exception):
    """There is no translation: `why`, and what to do `instead`."""

    def __init__(self, why: str, instead: str = "") -> None:
        super().__init__(why)
        self.why, self.instead = why, instead


class Draft:
    """Collects a translation piece by piece, in the order of the original text."""

    def __init__(
        self, text: str, vendor: Vendor, knowledge: Knowledge, source: str, event: str, subject: str
    ) -> None:
        self.original, self.vendor, self.knowledge = text, vendor, knowledge
        self.source, self.event, self.subject = source, event, subject
        self.parts: list[str] = []
        self.findings: dict[Finding, None] = {}
        self.missing: dict[str, Policy] = {}
        self.data: dict[str, Data] = {}
        self.bare: dict[str, None] = {}
        self._became: Counter[tuple[str, str]] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._lines = [0, *(m.end() for m in re.finditer(r"\n", text))]

    def keep(self, start: int, end: int) -> None:
        """This stretch stays as it is."""
        self.parts.append(self.original[start:end])

    def put(self, theirs: str, ours: str, text: str | None = None) -> None:
        """A tag became `ours`; `text`: where what is written is more than what is counted."""
        self._became[theirs, ours] += 1
        self.parts.append(ours if text is None else text)

    def lose(self, start: int, end: int, lost: Lost) -> None:
        """This stretch has no translation: its mark stands in its place."""
        self.parts.append(self.mark(self.original[start:end]))
        message = f"“{_short(self.original[start:end])}” has no translation: {lost.why}"
        self.say("import.untranslated", message, start, end, lost.instead, level="warning")

    def leave_out(self, theirs: str, start: int, end: int, why: str) -> None:
        """This stretch is dropped: said once of each kind of tag, counted always."""
        self._became[theirs, ""] += 1
        self.say_once("import.removed", theirs, f"{theirs} was left out: {why}", start, end)

    def field(self, theirs: str, start: int, end: int) -> str:
        """Our variable for a field of theirs; says so where it had to be guessed."""
        found = self.knowledge.field(theirs)
        if not found.known:
            message = f"the field “{theirs}” became {found.variable}"
            hint = f"--field {theirs}=account.plan says what it is called here instead"
            self.say_once("import.field", theirs, message, start, end, hint)
        return found.variable

    def repeat_subject(self, theirs: str, *, plain: bool) -> None:
        """The subject once more, in the text. Lost where it is not known."""
        if not self.subject.strip():
            raise Lost("the subject is not known", 'say it with --subject "…"')
        said = self.subject if plain else _as_html(self.subject)
        self.put(theirs, "the subject", said)

    def uses(self, variable: str) -> None:
        """It is written without a default. Some variables nobody who gets a letter lacks."""
        if variable.partition(".")[0] in UNCERTAIN and variable != "contact.email":
            self.bare[variable] = None

    def event_read(self) -> None:
        """The letter reads the event that starts it: `event`, the newest of that name."""
        self.data.setdefault("event", LastEvent(event=self.event))

    def skip(self, variable: str, reason: str) -> None:
        self.missing.setdefault(variable, Skip(reason))

    def say_once(
        self, code: str, about: str, message: str, start: int, end: int, hint: str = ""
    ) -> None:
        """Of many of a kind, the first."""
        if (code, about) not in self._told:
            self._told.add((code, about))
            self.say(code, message, start, end, hint)

    def say(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        hint: str = "",
        *,
        level: Level = "info",
    ) -> None:
        line = bisect_right(self._lines, start)
        span = Span(start, end, line, start - self._lines[line - 1] + 1)
        self.findings[Finding(code, message, level, hint, span, self.source)] = None

    @staticmethod
    def mark(said: str) -> str:
        """What stands where something could not be translated: no tag of ours, so the letter is an
        error until somebody decided what to do."""
        inner = said[2:-2] if said.startswith(("{{", "{%")) and len(said) > 4 else said
        said = _short(inner, SHOWN).replace('"', "'")
        for theirs, broken in _UNSAFE:
            said = said.replace(theirs, broken)
        return f'{{% untranslated "{said}" %}}'

    def done(self) -> Translation:
        became = [
            Became(theirs=theirs, ours=ours, times=n) for (theirs, ours), n in self._became.items()
        ]
        return Translation(
            vendor=self.vendor,
            text="".join(self.parts),
            became=tuple(became),
            findings=tuple(self.findings),
            missing=self.missing,
            data=self.data,
            bare=tuple(self.bare),
        )


def quoted(text: str) -> str:
    """A text as Liquid writes it. Lost where it cannot be: Liquid knows no escapes."""
    if "}}" in text or "%}" in text or ('"' in text and "'" in text):
        why = "Liquid cannot write this text within a tag"
        raise Lost(why, "write it without one kind of quotes")
    return f"'{text}'" if '"' in text else f'"{text}"'


def with_default(variable: str, text: str) -> str:
    """`{{ contact.first_name | default: "there" }}`; without the default where it is blank."""
    return f"{{{{ {variable} | default: {quoted(text)} }}}}" if text.strip() else bare(variable)


def bare(variable: str) -> str:
    return f"{{{{ {variable} }}}}"


def _as_html(text: str) -> str:
    """A text with its Liquid as it stands in HTML."""
    said, at = "", 0
    for mark in pieces(text):
        said += escape(text[at : mark.start], quote=False) + mark.text
        at = mark.start + len(mark.text)
    return said + escape(text[at:], quote=False)


def _short(said: str, most: int = 80) -> str:
    said = " ".join(said.split())
    return said if len(said) <= most else f"{said[: most - 1]}…"
