"""`spec.toml`, read and checked: what well-known events do besides happening."""

import re
import tomllib
from pathlib import Path

import msgspec

from lettershop.ingest.calls.call import Object

Fields = dict[str, str]
"""Field -> the property its value comes from."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    traits: Fields = {}
    always: dict[str, bool] = {}

    def values(self, properties: Object) -> Object:
        """What is to be written: an absent property writes nothing."""
        found = {field: said(properties, name) for field, name in self.traits.items()}
        return {field: value for field, value in found.items() if value is not None} | self.always


class AccountPart(_Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    deleted: bool | None = None


class PersonPart(_Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Traits of the caller or, with `contact`, of whose address that property holds.
    `email`: the property with one more address of the caller."""

    contact: str = ""
    email: str = ""


class MembershipPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`role`: the property it is in."""

    joined: bool
    role: str = ""


class RecordPart(_Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record `account/id`. `caller`, `time`: fields for the caller’s id and the time."""

    kind: str
    id: str
    contact: str = ""
    caller: str = ""
    time: str = ""


class SpecEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    account: AccountPart | None = None
    person: PersonPart | None = None
    membership: MembershipPart | None = None
    record: RecordPart | None = None
    mail: bool = False

    @property
    def needs_account(self) -> bool:
        return bool(self.account or self.membership or self.record)


class _Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: list[SpecEvent]


def said(properties: Object, name: str) -> object:
    """The property, in the spelling of the specification or in camelCase; None when absent."""
    found = properties.get(name)
    return properties.get(_camel(name)) if found is None else found


def snake(properties: Object) -> Object:
    """The properties with names in snake_case; where two become one, the one spelled so wins."""
    renamed = {_snake(name): value for name, value in properties.items()}
    return renamed | {name: value for name, value in properties.items() if name in renamed}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _read() -> dict[str, SpecEvent]:
    text = (Path(__file__).parent / "spec.toml").read_text("utf-8")
    spec = msgspec.convert(tomllib.loads(text), _Spec)
    return {event.name: event for event in spec.event}


SPEC = _read()
"""The well-known events by name."""
