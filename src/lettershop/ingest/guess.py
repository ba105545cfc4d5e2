"""A mapping from a look at the file: what it is about, which column is which, and why."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from lettershop.ingest.guess_columns import Look, look_at
from lettershop.ingest.guess_segment import is_segment, segment_mapping
from lettershop.ingest.guess_text import Chosen, write_mapping
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.errors import InputError

PEOPLE = "user|customer|contact|person|member|lead|client|subscriber|buyer|recipient"
COMPANIES = "account|company|organi[sz]ation|org|group|tenant|workspace|firm"
RECORDS = {
    "opportunity": "deal",
    "deal": "deal",
    "ticket": "ticket",
    "case": "ticket",
    "subscription": "subscription",
    "contract": "contract",
    "task": "task",
    "quote": "quote",
    "churn event": "churn",
    "usage": "usage",
}
_AMOUNT = r"(.* )?(revenue|amount|total|value|price|mrr|arr|cost|spend|sales)( .*)?"


class Guess(msgspec.Struct, frozen=True):
    """The mapping as TOML, and what is not certain about it; without doubts it can be used as it
    is."""

    text: str
    doubts: tuple[str, ...] = ()


def guess(path: Path) -> str:
    """A commented mapping for the file, to be read by a person before it is used.

    Raises InputError `mapping.no_guess` when nothing in the file looks like a contact, account,
    event or record, and the errors of `open_source`.
    """
    return guess_mapping(path).text


def mapping_for(path: Path) -> Mapping:
    """The guessed mapping, if it is free of doubt. Raises InputError `mapping.needed`."""
    found = guess_mapping(path)
    if found.doubts:
        raise InputError(
            "mapping.needed",
            "it is not certain how to read this file: " + "; ".join(found.doubts),
            where=str(path),
            hint="write a mapping with --guess, look at it, and import with --map",
        )
    return read_mapping(found.text, "the guessed mapping", folder=str(path.parent))


def guess_mapping(path: Path) -> Guess:
    format_, looks = look_at(path)
    names = [look.name for look in looks]
    types = next((look.samples for look in looks if look.name == "type"), ())
    if is_segment(names, types):
        return Guess(segment_mapping(names))
    chosen = choose(looks)
    if chosen is None:
        raise InputError(
            "mapping.no_guess",
            "no column looks like a contact, an account, an event or a record",
            where=str(path),
            hint=f"write a mapping yourself; the columns are: {', '.join(names[:30])}",
        )
    return Guess(write_mapping(path.name, format_, looks, chosen), tuple(_doubts(chosen)))


def choose(looks: list[Look]) -> Chosen | None:
    """Which column plays which part; None when no subject is found."""
    address = _find(looks, r"(.* )?e ?mail( address)?", lambda look: look.is_address) or _one(
        look for look in looks if look.is_address
    )
    user = _find(looks, rf"({PEOPLE})( ?id| ?no| ?number| ?key)", _is_id) or _find(
        looks, rf"({PEOPLE})", lambda look: _is_id(look) and not look.is_address
    )
    account = _find(looks, rf"({COMPANIES})( ?id| ?key| ?number)", _is_id) or _find(
        looks, rf"({COMPANIES})( ?name| ?domain)?", lambda look: look.type == "text"
    )
    record, kind = _record(looks)
    event = _find(looks, r"event( ?name| ?type)?|action|activity", lambda x: x.type == "text")
    taken = {look.name for look in (address, user, account, record, event) if look}
    time = _time(looks, taken)
    amount = _find(looks, _AMOUNT, lambda look: look.type == "number")
    currency = _find(looks, r"(.* )?currency( ?code)?", lambda look: look.type == "text")
    if not (user or address or account or record):
        own = _find(looks, r"id", _is_id)
        if own is None:
            return None
        user = own
    is_order = bool((user or address) and time and amount and not record and not event)
    if event and not time:
        event = None
    return Chosen(
        user=user,
        address=address,
        account=account,
        record=record,
        kind=kind,
        event=event,
        is_order=is_order,
        time=time if (event or is_order) else None,
        amount=amount,
        currency=currency,
        role=_find(looks, r"role|member role", lambda look: look.type == "text"),
    )


def _find(looks: list[Look], pattern: str, good: Callable[[Look], bool]) -> Look | None:
    return _one(look for look in looks if re.fullmatch(pattern, look.words) and good(look))


def _one(found: Iterable[Look]) -> Look | None:
    return next(iter(found), None)


def _is_id(look: Look) -> bool:
    return look.type in ("text", "number") and look.known > 0


def _record(looks: list[Look]) -> tuple[Look | None, str]:
    for word, kind in RECORDS.items():
        found = _find(looks, rf"{word}( ?id| ?number| ?key)", _is_id)
        if found and found.full and len(found.samples) >= min(found.rows, 200):
            return found, kind
    return None, ""


def _time(looks: list[Look], taken: set[str]) -> Look | None:
    """The fullest of the times, by name first."""
    times = [look for look in looks if look.is_time and look.name not in taken]
    by_name = r"(.* )?(timestamp|time|date|at|day|when)"
    times.sort(key=lambda look: (-look.known, not re.fullmatch(by_name, look.words)))
    return times[0] if times else None


def _doubts(chosen: Chosen) -> list[str]:
    doubts = []
    if chosen.time and len(chosen.time.formats) > 1:
        formats = " or ".join(f"“{f}”" for f in chosen.time.formats)
        doubts.append(f"the dates in “{chosen.time.name}” may be {formats}")
    if chosen.is_order:
        doubts.append("the rows look like orders, but no column names an event")
    if chosen.user and chosen.user.words == "id":
        doubts.append("the column “id” may or may not be a contact's id")
    if chosen.event and not chosen.contact_known and not chosen.account:
        doubts.append("nobody is named to whom the events belong")
    if chosen.contact_known and not chosen.identity_full and not chosen.account:
        doubts.append("some rows name no contact")
    return doubts
