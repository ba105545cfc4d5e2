"""The facts a well-known event makes, beside the event itself (`spec.toml` says which)."""

from collections.abc import Iterator

import msgspec

from lettershop.ingest.calls.call import Object
from lettershop.ingest.calls.spec import RecordPart, SpecEvent, said
from lettershop.ingest.calls.who import Names, Who
from lettershop.model.clock import format_instant
from lettershop.model.errors import InputError
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    MembershipFact,
    RecordFact,
)


class Said(msgspec.Struct, frozen=True):
    """A call as far as effects need it: whose it is, of which account, when it happened."""

    who: Who
    account: str | None
    properties: Object
    ts: int
    received_at: int
    message_id: str


def effects(event: SpecEvent, call: Said, names: Names) -> Iterator[AnyFact]:
    """First what needs no account. InputError (a note) for what could not be done."""
    yield from _person(event, call, names)
    if not event.needs_account:
        return
    if call.account is None:
        message = f"“{event.name}” names no account, so it was only noted as an event"
        raise InputError("call.no_account", message, hint="say the account in context.groupId")
    every = (call.ts, call.received_at, call.message_id)
    yield from _account(event, call, call.account, every)
    if event.record is not None:
        yield _record(event, event.record, call, call.account, names)


def _account(
    event: SpecEvent, call: Said, account: str, every: tuple[int, int, str]
) -> Iterator[AnyFact]:
    ts, received_at, message_id = every
    if event.account is not None:
        yield AccountFact(
            ts=ts,
            received_at=received_at,
            message_id=message_id,
            account=account,
            traits=event.account.values(call.properties),
            deleted=event.account.deleted,
        )
    if event.membership is not None and call.who.main is not None:
        role = said(call.properties, event.membership.role)
        yield MembershipFact(
            ts=ts,
            received_at=received_at,
            message_id=message_id,
            contact=call.who.main,
            account=account,
            joined=event.membership.joined,
            role=role if isinstance(role, str) else None,
        )


def _person(event: SpecEvent, call: Said, names: Names) -> Iterator[AnyFact]:
    part = event.person
    if part is None:
        return
    contact = _invited(event, part.contact, call, names) if part.contact else call.who.main
    traits = part.values(call.properties)
    if contact is None or not traits:
        return
    also = () if part.contact else call.who.also
    yield ContactFact(
        ts=call.ts,
        received_at=call.received_at,
        message_id=call.message_id,
        contact=contact,
        also=also,
        traits=traits,
    )


def _record(
    event: SpecEvent, part: RecordPart, call: Said, account: str, names: Names
) -> RecordFact:
    traits = part.values(call.properties)
    if part.caller and call.who.main is not None:
        traits[part.caller] = call.who.main.partition(":")[2]
    if part.time:
        traits[part.time] = format_instant(call.ts)
    contact = _invited(event, part.contact, call, names) if part.contact else None
    within = contact.partition(":")[2] if contact else str(said(call.properties, part.id) or "")
    return RecordFact(
        ts=call.ts,
        received_at=call.received_at,
        message_id=call.message_id,
        kind=part.kind,
        id=f"{account}/{within}" if within else account,
        contact=contact,
        account=account,
        traits=traits,
    )


def _invited(event: SpecEvent, name: str, call: Said, names: Names) -> str:
    found = names.address(said(call.properties, name))
    if found is None:
        message = f"“{event.name}” has no address in “{name}”, so nobody was invited"
        raise InputError("call.no_invitee", message)
    return found
