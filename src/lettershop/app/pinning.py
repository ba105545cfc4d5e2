"""Pins between what people write and what the engine keeps: identities to dense ids, and back."""

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

import structlog
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.plans import PinAnswer, pin_answer
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.naming import (
    accounts_by_id,
    contacts_by_identity,
    pair_of,
    people_by_pair,
)
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.errors import NotFound, UsageError
from lettershop.planning.keep import Pin
from lettershop.segments.partition import Partition
from lettershop.segments.pins import add_pin, in_partitions, list_pins, remove_pin
from lettershop.segments.register import PinRow, in_force
from lettershop.segments.versions import Signed

log = structlog.get_logger("lettershop.pins")


def resolved(
    store: Store,
    pins: Sequence[PinRow],
    partitions: Sequence[Partition],
    stranger: Callable[[PinRow], None] | None = None,
) -> Mapping[str, tuple[Pin, ...]]:
    """What `planning.keep.Keep` wants, by segment: `pins` in force, the oldest first.

    A pin into a member of a partition keeps out of the others. A pin of somebody nobody knows
    (any more) does nothing; `stranger` is told, or else the log.
    """
    found = subject_ids(store, pins)
    told = stranger or _log
    known: list[tuple[str, Pin]] = []
    for row in pins:
        if row.id in found:
            known.append((row.segment, Pin(found[row.id], row.include)))
        else:
            told(row)
    return in_partitions(known, partitions)


def subject_ids(store: Store, pins: Sequence[PinRow]) -> dict[int, int]:
    """The dense id each pin is about, by the pin's number; strangers are left out."""
    if not pins:
        return {}
    sides = {row.id: _sides(row) for row in pins}
    contacts = contacts_by_identity(store, {c for c, _ in sides.values() if c})
    accounts = accounts_by_id(store, {a for _, a in sides.values() if a})
    pairs = {
        number: (contacts[contact], accounts[account])
        for number, (contact, account) in sides.items()
        if contact in contacts and account in accounts
    }
    people = people_by_pair(store, {*pairs.values()}) if pairs else {}
    found: dict[int, int | None] = {}
    for row in pins:
        match row.subject:
            case "contact":
                found[row.id] = contacts.get(row.who)
            case "account":
                found[row.id] = accounts.get(row.who)
            case "people":
                pair = pairs.get(row.id)
                found[row.id] = people.get(pair) if pair else None
            case _:
                assert_never(row.subject)
    return {number: subject for number, subject in found.items() if subject is not None}


def written(workspace: Workspace, subject: Subject, who: str) -> tuple[str, str]:
    """How a pin names whom somebody typed: (identity or group id, account of people in accounts).

    NotFound and UsageError as everywhere else that somebody is named.
    """
    number = workspace.subject_id(subject, who)
    store = workspace.store
    match subject:
        case "contact":
            return _identity(store, number, who), ""
        case "account":
            return store.account_names([number])[number], ""
        case "people":
            contact, account = pair_of(store, number)
            typed = who.rpartition("/")
            name = _identity(store, contact, typed[0] or typed[2])
            return name, store.account_names([account])[account]
        case _:
            assert_never(subject)


class Pinboard:
    """What may be asked about pins, and done to them, by one principal."""

    def __init__(self, workspace: Workspace, by: Principal) -> None:
        self.workspace, self.by = workspace, by

    def pins(self, segment: str | None = None, *, ended: bool = False) -> list[PinAnswer]:
        """Pins in force, the oldest first; `ended`: also those that are not any more."""
        rows = list_pins(self.workspace.moment(None), segment, ended=ended)
        known = subject_ids(self.workspace.store, rows)
        return [pin_answer(row, known=row.id in known) for row in rows]

    def pin(
        self, segment: str, who: str, reason: str, *, include: bool, expires_at: int | None = None
    ) -> PinAnswer:
        """Put somebody in, or keep them out, whatever the rule says; until `expires_at`.

        NotFound `segment.unknown` and for who is not there; UsageError `pin.reason`,
        `pin.expired`, `pin.catch_all`.
        """
        at = self.workspace.moment(None)
        now = in_force(at)
        definition = now.definitions().get(segment)
        if definition is None:
            hint = "lettershop apply publishes what is in the folder"
            message = f"there is no published segment “{segment}”"
            raise NotFound("segment.unknown", message, hint=hint)
        family = now.partition_of(segment)
        if family and not include and segment == family.members[-1]:
            message = f"“{segment}” holds whom no other segment of “{family.name}” holds"
            hint = "pin them into the one they belong to"
            raise UsageError("pin.catch_all", message, where=segment, hint=hint)
        name, account = written(self.workspace, definition.subject, who)
        by = Signed(self.by.name, at, reason)
        with transaction.atomic():
            row = add_pin(segment, name, account, include=include, by=by, expires_at=expires_at)
            audit(self.by, "segment.pin", segment, pin=row.id, who=_shown(row), include=include)
        return pin_answer(row, known=True)

    def unpin(self, number: int) -> PinAnswer:
        """End a pin. NotFound `pin.unknown`."""
        at = self.workspace.moment(None)
        with transaction.atomic():
            row = remove_pin(number, Signed(self.by.name, at))
            audit(self.by, "segment.unpin", row.segment, pin=row.id, who=_shown(row))
        return pin_answer(row, known=row.id in subject_ids(self.workspace.store, [row]))


def _shown(row: PinRow) -> str:
    return f"{row.who}/{row.account}" if row.account else row.who


def _identity(store: Store, contact: int, typed: str) -> str:
    """The identity that was meant, so that it goes with that one should a merge be undone."""
    known = store.identities_of(contact)
    wanted = typed.casefold()
    named = [i for i in known if wanted in (i.casefold(), i.partition(":")[2].casefold())]
    return (named or known)[0]


def _sides(row: PinRow) -> tuple[str, str]:
    match row.subject:
        case "contact":
            return row.who, ""
        case "account":
            return "", row.who
        case "people":
            return row.who, row.account
        case _:
            assert_never(row.subject)


def _log(row: PinRow) -> None:
    log.debug("pin.unknown", segment=row.segment, who=row.who, account=row.account)
