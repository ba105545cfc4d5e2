"""What a refusal means, by the rules of knowledge/bounces.toml; of bounces and of SMTP replies.

Addresses, links and host names are taken out of a text first: `spam@b.example said: user unknown`
is about an unknown user.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import msgspec
import re2

from lettershop.delivery.said import BounceClass
from lettershop.delivery.wire import Reply

FILE: Final = "bounces.toml"
MOST: Final = 3_000
"""Characters of a text that are looked at."""

_CODES: Final = re2.compile(r"^\W{0,3}([245]\d\d)\b[ :\-#]{0,3}")
_STATUS: Final = re2.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_AGAIN: Final = re2.compile(r"(^|\s)[245]\d\d[-:][ ]?")
_MASKS: Final = (
    # Exchange's own words look like hosts: RESOLVER.ADR.RecipNotFound
    (re2.compile(r"(?i)\b(resolver|storedrv|smtpsend)\.(\w+)\."), r"\1:\2:"),
    (re2.compile(r"(?i)\b(?:https?://|www\.)[^\s<>]+"), "@link"),
    (re2.compile(r"<?\"?[^\s<>()\[\],;:\"@]+\"?@[\w.-]*\w>?"), "@a"),
    (re2.compile(r"(?i)\bhost \S+ (?:said|refused to talk to me):"), " "),
    (re2.compile(r"(?i)\(in reply to [^)]{1,40}\)"), " "),
    (re2.compile(r"(?i)\b[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.[a-z]{2,18}\b"), "@host"),
    (
        re2.compile(
            r"(?i)\b(for|of|name=|named|host|domain|server|at|by|from) ?[a-z0-9_-]+\.[a-z]{2,18}\b"
        ),
        r"\1 @host",
    ),
)

When = Literal["", "permanent", "temporary"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the head of knowledge/bounces.toml."""

    id: str
    bounce_class: BounceClass = msgspec.field(name="class")
    source: str
    examples: tuple[str, ...]
    pattern: str = ""
    status: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    when: When = ""
    language: str = "en"


class Said(msgspec.Struct, frozen=True):
    """A refusal. `code`: 0 for none; `status`: "" for none; `text`: prepared (`prepared`).
    `waits`: it will be tried again, whatever the codes say."""

    code: int
    status: str
    text: str
    waits: bool = False

    @property
    def is_temporary(self) -> bool:
        """By the code, else by the status."""
        first = str(self.code)[0] if self.code else self.status[:1]
        return self.waits or first == "4"


class Verdict(msgspec.Struct, frozen=True):
    """`rule`: the id of the rule that decided, "" for none."""

    bounce_class: BounceClass
    rule: str


NOTHING: Final = Verdict("unclear", "")


class Rules:
    """The rules, compiled; safe to use from several threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._texts = [(one, compiled(one.pattern)) for one in rules if one.pattern]
        self._codes = [one for one in rules if not one.pattern]

    def by_text(self, said: Said) -> Verdict:
        """NOTHING where the text says nothing that is known."""
        for rule, pattern in self._texts:
            if _applies(rule, said) and pattern.search(said.text):
                return Verdict(rule.bounce_class, rule.id)
        return NOTHING

    def by_codes(self, said: Said) -> Verdict:
        code = str(said.code) if said.code else ""
        for rule in self._codes:
            if said.status and said.status.startswith(_dotted(rule.status, said.status)):
                return Verdict(rule.bounce_class, rule.id)
            if code and not said.status and code.startswith(rule.code or ("-",)):
                return Verdict(rule.bounce_class, rule.id)
        return NOTHING

    def classify(self, said: Said) -> Verdict:
        """The text first: codes are often the wrong ones, texts rarely."""
        found = self.by_text(said)
        return found if found is not NOTHING else self.by_codes(said)


@cache
def packaged() -> Rules:
    return Rules(loaded(packaged_text()))


def loaded(text: str) -> tuple[Rule, ...]:
    """msgspec.ValidationError or tomllib.TOMLDecodeError where it is not as it must be."""
    said: Any = tomllib.loads(text)
    return msgspec.convert(said.get("rule", []), tuple[Rule, ...])


def classify_reply(code: int, status: str, text: str) -> Verdict:
    """Of a refusal during sending."""
    return packaged().classify(spoken(text, code=code, status=status))


def classify(reply: Reply) -> BounceClass:
    """As senders and providers ask for it."""
    return classify_reply(reply.code, reply.status, reply.text).bounce_class


def spoken(text: str, *, code: int = 0, status: str = "", waits: bool = False) -> Said:
    """A text as it was said, with the codes in it; those given count where the text has none, and
    a status that says nothing (5.0.0) counts least."""
    words = " ".join(text[: 2 * MOST].split())
    named = _CODES.match(words)
    code = int(named[1]) if named else code
    every = [*_STATUS.findall(words)[:9], *([status] if status else [])]
    telling = [one for one in every if not one.endswith(".0.0")]
    return Said(code, next(iter(telling or every), ""), prepared(words), waits)


def prepared(text: str) -> str:
    """On one line, without codes at its beginning, addresses, links and host names."""
    words = _AGAIN.sub(" ", " ".join(text[: 2 * MOST].split()))
    for pattern, instead in _MASKS:
        words = pattern.sub(instead, words)
    words = _CODES.sub("", words.strip())
    return " ".join(_STATUS.sub(" ", words, 1).split())[:MOST]


def compiled(pattern: str) -> Any:
    """An RE2; re2.error where it is none."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)


def _applies(rule: Rule, said: Said) -> bool:
    if rule.unless and said.status.startswith(_dotted(rule.unless, said.status)):
        return False
    match rule.when:
        case "permanent":
            return not said.is_temporary
        case "temporary":
            return said.is_temporary
        case "":
            return True


def _dotted(beginnings: Sequence[str], status: str) -> tuple[str, ...]:
    """The beginnings that end where a number of the status ends: 5.1.1 is not one of 5.1.10."""
    found = [b for b in beginnings if status == b or b.endswith(".") or status.startswith(f"{b}.")]
    return tuple(found) or ("-",)


def packaged_text() -> str:
    return resources.files(__package__).joinpath("knowledge", FILE).read_text("utf-8")
