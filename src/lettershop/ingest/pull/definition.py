"""A pull as its author writes it, in sources/NAME.pull.toml.

[pull]
url_from = "CRM_DATABASE_URL"     # the environment variable that holds the address
query = "SELECT id, email, plan, updated_at FROM customers"
high_water = "updated_at"         # a column that only grows: a time, or a counter
every = "15 minutes"
mapping = "customers.toml"        # or the mapping's sections below, as in any mapping
# overlap = "1 minute"            # read so much again, for what was committed late
# batch = 10000                   # rows per transaction
# timeout = "1 minute"            # for the query, and for each batch of rows

[contact]
user_id = "id"
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from lettershop.ingest.mapping import Mapping
from lettershop.ingest.mapping_text import check_mapping
from lettershop.model.errors import Finding, InputError, LettershopError, NotFound

ENDING: Final = ".pull.toml"
SHORTEST: Final = 60
"""Seconds between two pulls, at least."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SPAN = re.compile(r"\s*(\d+)\s*(second|minute|hour|day)s?\s*")
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [pull] as it is written."""

    url_from: str
    query: str
    high_water: str
    every: str
    mapping: str = ""
    overlap: str = ""
    batch: int = 10_000
    timeout: str = "1 minute"
    timezone: str = ""
    allow_refused: bool = False


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """`every`, `overlap` and `timeout` in seconds; `overlap` None: the usual one of its kind."""

    name: str
    url_from: str
    query: str
    high_water: str
    every: int
    mapping: Mapping
    overlap: int | None = None
    batch: int = 10_000
    timeout: int = 60
    allow_refused: bool = False


def pull_names(sources: Path) -> list[str]:
    return sorted(p.name.removesuffix(ENDING) for p in sources.glob(f"*{ENDING}"))


def read_pulls(sources: Path) -> Iterator[tuple[str, Pull | LettershopError]]:
    """(name, what it says or what is wrong with it) of every pull in the folder, by name."""
    for name in pull_names(sources):
        try:
            yield name, read_pull(sources, name)
        except LettershopError as error:
            yield name, error


def read_pull(sources: Path, name: str) -> Pull:
    """NotFound `pull.unknown`; InputError `pull.invalid`, `mapping.…`."""
    path = sources / f"{name}{ENDING}"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(pull_names(sources)) or "none: write sources/NAME.pull.toml"
        raise NotFound("pull.unknown", f"there is no pull “{name}”", hint=f"known are {known}")
    shown = f"{sources.name}/{path.name}"
    try:
        text = path.read_text("utf-8-sig")
        data = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("pull.invalid", f"this is not TOML: {error}", where=shown) from None
    said = _said(data, shown)
    return Pull(
        name=name,
        url_from=said.url_from,
        query=said.query.strip().rstrip(";").strip(),
        high_water=said.high_water,
        every=max(SHORTEST, _seconds(said.every, "every", shown)),
        mapping=_mapping(said, data, text, path, shown),
        overlap=_seconds(said.overlap, "overlap", shown) if said.overlap else None,
        batch=said.batch,
        timeout=max(1, _seconds(said.timeout, "timeout", shown)),
        allow_refused=said.allow_refused,
    )


def _said(data: dict[str, Any], shown: str) -> Said:
    if not isinstance(data.get("pull"), dict):
        hint = "it begins with [pull], see docs/how-to/crm-and-sql.md"
        raise InputError("pull.invalid", "there is no table [pull]", where=shown, hint=hint)
    try:
        said = msgspec.convert(data["pull"], Said)
    except msgspec.ValidationError as error:
        raise InputError("pull.invalid", f"[pull]: {_lower(str(error))}", where=shown) from None
    for key in ("url_from", "query", "high_water"):
        if not getattr(said, key).strip():
            raise InputError("pull.invalid", f"[pull]: “{key}” is blank", where=shown)
    if not said.url_from.isidentifier():
        hint = 'url_from = "CRM_DATABASE_URL", and the address in that environment variable'
        message = "[pull]: “url_from” names an environment variable; addresses hold passwords"
        raise InputError("pull.invalid", message, where=shown, hint=hint)
    if not 1 <= said.batch <= 1_000_000:
        raise InputError("pull.invalid", "[pull]: “batch” is 1 to 1,000,000 rows", where=shown)
    return said


def _seconds(text: str, key: str, shown: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        message = f"[pull]: “{key}” is not a span of time: “{text}”"
        raise InputError("pull.invalid", message, where=shown, hint='write "15 minutes"')
    return int(found[1]) * _SECONDS[found[2]]


def _mapping(said: Said, data: dict[str, Any], text: str, path: Path, shown: str) -> Mapping:
    inline = [key for key in data if key != "pull"]
    if bool(inline) == bool(said.mapping):
        message = "a mapping is needed: either mapping = “FILE”, or its sections in this file"
        raise InputError("pull.invalid", message, where=shown)
    source = shown
    beside: tuple[str, ...] = ("pull",)
    if said.mapping:
        source, beside = said.mapping, ()
        try:
            text = (path.parent / said.mapping).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            message = "the mapping of the pull cannot be read"
            where = str(path.parent / said.mapping)
            raise NotFound("mapping.absent", message, where=where) from None
    mapping, findings = check_mapping(text, source, folder=str(path.parent), beside=beside)
    if mapping is None:
        raise InputError("mapping.invalid", "\n".join(map(str, findings)))
    return _without_file(mapping, said, findings, shown)


def _without_file(mapping: Mapping, said: Said, findings: list[Finding], shown: str) -> Mapping:
    """What a mapping says of how a file is written has no meaning for rows of a database."""
    file = mapping.file
    if file.format or file.delimiter or file.encoding or file.header or file.skip:
        message = "[file] of a pull's mapping may say time, received, timezone and where only"
        raise InputError("pull.invalid", message, where=shown)
    zone = said.timezone or file.timezone
    return msgspec.structs.replace(
        mapping, file=msgspec.structs.replace(file, format="jsonl", timezone=zone)
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
