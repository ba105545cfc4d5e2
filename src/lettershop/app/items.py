"""What can be written by name: one contact, account or record, and the facts it stands for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias, assert_never

import msgspec

from lettershop.ingest.calls.times import happened
from lettershop.ingest.calls.who import Names
from lettershop.model.errors import InputError
from lettershop.model.facts import AccountFact, AnyFact, ContactFact, MembershipFact, RecordFact
from lettershop.model.values import clean

MOST_FIELDS: Final = 500
"""Fields of one item: each new one becomes a column for ever."""
LONGEST_NAME: Final = 200
"""Characters of a record kind or field name."""

Name = str | int
"""Ids may be numbers in JSON; they are the same as their digits."""


class AccountLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`joined` false: the contact left the account."""

    account: Name
    role: str | None = None
    joined: bool = True


class ContactUpsert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of `user_id`, `email`, `anonymous_id` is needed; several are one person.

    `traits`: only what is sent is written; null ends a value. `deleted` true ends the contact,
    false creates it again. `at` in ISO 8601 with a zone; default: now.
    """

    user_id: Name | None = None
    email: str | None = None
    anonymous_id: Name | None = None
    traits: dict[str, Any] = {}
    accounts: list[AccountLink] = []
    deleted: bool | None = None
    at: str | None = None


class AccountUpsert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`id` is the group id. See ContactUpsert for the rest."""

    id: Name
    traits: dict[str, Any] = {}
    deleted: bool | None = None
    at: str | None = None


class RecordUpsert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`contact` is a user id, an address or an identity; `account` a group id. A link that is not
    sent stays as it is."""

    id: Name
    contact: Name | None = None
    account: Name | None = None
    fields: dict[str, Any] = {}
    deleted: bool | None = None
    at: str | None = None


AnyItem: TypeAlias = ContactUpsert | AccountUpsert | RecordUpsert


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """When and by what an item was said: `message_id` orders items of one millisecond. `kind` is
    the record kind."""

    now: int
    message_id: str
    names: Names
    kind: str = ""


def facts_of(item: AnyItem, said: Said) -> Iterator[AnyFact]:
    """The facts an item stands for. InputError, its place relative to the item."""
    when: dict[str, Any] = {
        "ts": happened(item.at, None, said.now),
        "received_at": said.now,
        "message_id": said.message_id,
    }
    match item:
        case ContactUpsert():
            who, also = _identities(item, said.names)
            traits = _named(item.traits, "traits")
            yield ContactFact(contact=who, also=also, traits=traits, deleted=item.deleted, **when)
            for number, link in enumerate(item.accounts):
                account = _id(link.account, f"accounts[{number}].account", said.names)
                yield MembershipFact(
                    contact=who, account=account, joined=link.joined, role=link.role, **when
                )
        case AccountUpsert():
            traits = _named(item.traits, "traits")
            account = _id(item.id, "id", said.names)
            yield AccountFact(account=account, traits=traits, deleted=item.deleted, **when)
        case RecordUpsert():
            yield RecordFact(
                kind=said.kind,
                id=_id(item.id, "id", said.names),
                contact=None if item.contact is None else _identity(item.contact, said.names),
                account=None if item.account is None else _id(item.account, "account", said.names),
                traits=_named(item.fields, "fields"),
                deleted=item.deleted,
                **when,
            )
        case _:
            assert_never(item)


def record_kind(text: str) -> str:
    """The stored form. InputError `record.kind` when it is blank, too long or not printable."""
    kind = clean(text).strip()
    if not kind or len(kind) > LONGEST_NAME or not kind.isprintable():
        message = f"a record kind has 1 to {LONGEST_NAME} visible characters"
        raise InputError("record.kind", message, where="kind", hint="for instance deal or ticket")
    return kind


def _identities(item: ContactUpsert, names: Names) -> tuple[str, tuple[str, ...]]:
    if item.email is not None and names.address(item.email) is None:
        message = f"“{item.email[:60]}” is not an address that stands for one person"
        raise InputError("email.invalid", message, where="email")
    who = names.who(item.user_id, item.email, item.anonymous_id)
    if who.main is None:
        hint = "send user_id, email or anonymous_id"
        raise InputError("contact.missing", "this says nothing about who it is", hint=hint)
    return who.main, who.also


def _identity(said: Name, names: Names) -> str:
    """The identity somebody names: as it is, else an address, else a user id."""
    text = str(said).strip()
    sort, colon, rest = text.partition(":")
    if colon and sort in ("user", "anon"):
        return f"{sort}:{_id(rest, 'contact', names)}"
    if colon and sort == "email":
        address = names.address(rest)
        if address is None:
            message = f"“{rest[:60]}” is not an address that stands for one person"
            raise InputError("email.invalid", message, where="contact")
        return address
    address = names.address(text) if "@" in text else None
    return address or f"user:{_id(text, 'contact', names)}"


def _id(said: Name, place: str, names: Names) -> str:
    found = names.id(said)
    if found is None:
        hint = "send the real id; setting blocked_ids lists what is ignored"
        message = f"“{said}” can be no single one’s id"
        raise InputError("identity.blocked", message, where=place, hint=hint)
    return found


def _named(values: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    if len(values) > MOST_FIELDS:
        message = f"{len(values)} fields; {MOST_FIELDS} are the most"
        raise InputError("item.too_many_fields", message, where=place)
    for name in values:
        if not name.strip() or len(name) > LONGEST_NAME or name.startswith("@"):
            message = f"“{name[:60]}” cannot name a field"
            hint = f"1 to {LONGEST_NAME} characters, not beginning with @"
            raise InputError("item.field_name", message, where=place, hint=hint)
    return values
