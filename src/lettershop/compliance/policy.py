"""`consent.toml`: what a workspace decided about consent, topics, streams, caps, quiet hours.

bought = ["list of Contacts Ltd"]

[purpose.newsletter]
title = { en = "Newsletter", de = "Newsletter" }
basis = "consent"                # or legitimate_interest, contract
wording = "2026-01"              # a new one whenever the text changes
text = { en = "Yes, I want the newsletter …" }

[topic.events]
title = "Events near you"

[stream.marketing]
caps = [{ letters = 3, days = 7 }]
account_day = 5
quiet = { from = "20:00", until = "07:30", days = ["sat", "sun"], holidays = true }
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar, cast

from lettershop.compliance.countries import ELSEWHERE, known_countries, read_country
from lettershop.compliance.rules import (
    MARKETING,
    TRANSACTIONAL,
    Country,
    Policy,
    Purpose,
    Stream,
    Titles,
    Topic,
)
from lettershop.compliance.streams import read_stream
from lettershop.compliance.words import BASES, NAME, Basis
from lettershop.language.places import Places
from lettershop.language.tables import Page, Table
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import DefinitionError, Finding
from lettershop.model.values import fold

FILE: Final = "consent.toml"
LIMIT: Final = 1024 * 1024
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})*")

Kind = TypeVar("Kind")


def starter() -> str:
    """A fresh `consent.toml`."""
    return resources.files(__package__).joinpath("starter.toml").read_text("utf-8")


def load_policy(folder: Path) -> Policy:
    """What is said in the workspace `folder`; without a file: no purposes, no caps. DefinitionError
    with all that is wrong."""
    policy, findings = read_policy(folder)
    if any(finding.level == "error" for finding in findings):
        raise DefinitionError(findings)
    return policy


def read_policy(folder: Path) -> tuple[Policy, list[Finding]]:
    """The policy as far as it can be read, and all that is wrong with the file."""
    try:
        raw = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return no_policy(), []
    except OSError as error:
        return no_policy(), [_finding("consent.unreadable", f"cannot be read: {error.strerror}")]
    return policy_of(raw)


def policy_of(raw: bytes) -> tuple[Policy, list[Finding]]:
    """The policy of a `consent.toml` as far as it can be read, and all that is wrong with it."""
    if len(raw) > LIMIT:
        return no_policy(), [_finding("consent.too_large", "the file is larger than 1 MB")]
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except UnicodeDecodeError:
        return no_policy(), [_finding("consent.encoding", "is not UTF-8 text")]
    except RecursionError:
        return no_policy(), [_finding("consent.toml", "is nested too deeply")]
    except tomllib.TOMLDecodeError as error:
        said, span = toml_mistake(str(error), text)
        message = f"is not valid TOML: {said}"
        return no_policy(), [Finding("consent.toml", message, span=span, source=FILE)]
    page = Page(source=FILE, places=Places(text))
    return _policy(Table(page, (), data)), page.findings


def no_policy() -> Policy:
    """Nothing was decided: two streams, and no purpose that a marketing letter could have."""
    return _policy(Table(Page(source=FILE, places=Places("")), (), {}))


def _policy(table: Table) -> Policy:
    streams = _named(table, "stream", read_stream)
    usual = (Stream(name=MARKETING), Stream(name=TRANSACTIONAL, transactional=True))
    streams = {one.name: one for one in usual} | streams

    def purpose(name: str, inner: Table) -> Purpose:
        return _purpose(name, inner, streams)

    def topic(name: str, inner: Table) -> Topic:
        return _topic(name, inner, streams)

    countries = dict(known_countries())
    elsewhere = countries.pop(ELSEWHERE)
    found = Policy(
        purposes=_named(table, "purpose", purpose),
        topics=_named(table, "topic", topic),
        streams=streams,
        bought=frozenset(fold(source) for source in table.texts("bought")),
        elsewhere=elsewhere,
        countries=countries | _countries(table, countries, elsewhere),
    )
    table.close()
    return found


def _purpose(name: str, table: Table, streams: Mapping[str, Stream]) -> Purpose:
    table.need("basis")
    found = Purpose(
        name=name,
        titles=_titles(table, "title"),
        basis=cast(Basis, table.choice("basis", BASES, "consent")),
        stream=table.choice("stream", [*streams], MARKETING),
        wording=table.text("wording"),
        texts=_titles(table, "text"),
    )
    if table.values.get("basis") == "consent" and not found.wording:
        hint = "the version of the text people agree to, as “2026-01”"
        table.say("consent.wording", f"the purpose “{name}” has no wording", "wording", hint)
    table.close({"legal_basis": "basis"})
    return found


def _topic(name: str, table: Table, streams: Mapping[str, Stream]) -> Topic:
    wanted = table.flag("wanted") if "wanted" in table.values else True
    stream = table.choice("stream", [*streams], MARKETING)
    found = Topic(name=name, titles=_titles(table, "title"), stream=stream, wanted=wanted)
    table.close({"default": "wanted"})
    return found


def _titles(table: Table, key: str) -> Titles:
    """A text, or one per language."""
    value = table.get(key)
    if not isinstance(value, dict):
        text = table.text(key)
        return {"": text} if text else {}
    inner = Table(table.page, (*table.path, key), value)
    for tag in value:
        if not _LANGUAGE.fullmatch(tag):
            inner.say("consent.language", f"“{tag}” is not a language", tag, "en, de, pt-BR")
    return {tag: inner.text(tag) for tag in value}


def _named(table: Table, key: str, read: Callable[[str, Table], Kind]) -> dict[str, Kind]:
    outer = table.mapping(key)
    found: dict[str, Kind] = {}
    for name in outer.values if outer else ():
        inner = outer.mapping(name) if outer else None
        if not NAME.fullmatch(name):
            hint = "lower case letters, digits, - and _"
            table.page.say("consent.name", f"“{name}” is no name", (key, name), hint)
        elif inner is not None:
            found[name] = read(name, inner)
    return found


def _countries(
    table: Table, known: Mapping[str, Country], elsewhere: Country
) -> dict[str, Country]:
    outer = table.mapping("country")
    found: dict[str, Country] = {}
    for code in outer.values if outer else ():
        inner = outer.mapping(code) if outer else None
        if not re.fullmatch("[A-Z]{2}", code):
            said = f"“{code}” is no country code"
            table.page.say("consent.country", said, ("country", code), "two letters: DE")
        elif inner is not None:
            found[code] = read_country(inner, known.get(code, elsewhere))
    return found


def _finding(code: str, message: str) -> Finding:
    return Finding(code, message, source=FILE)
