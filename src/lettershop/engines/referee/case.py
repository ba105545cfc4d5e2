"""One case to decide: the subject at hand, and what can be read of it."""

from dataclasses import dataclass
from typing import Literal

from lettershop.engines.referee.calendar import Calendar
from lettershop.engines.referee.history import Event
from lettershop.engines.referee.moment import (
    NOTHING,
    Moment,
    Record,
    Value,
    Write,
    at,
    flat,
    type_of,
    value_of,
)
from lettershop.language.tree import Scope, Subject

ACCOUNT, MEMBERSHIP = "account.", "membership."


@dataclass(frozen=True)
class Case:
    """The contact and the account at hand, at one moment.

    A contact is asked once with each of their accounts, or with None when they have none.
    `inside`: within `people who (…)`, where own events are those in this account.
    """

    moment: Moment
    subject: Subject
    contact: str | None
    account: str | None
    inside: bool = False

    def writes(self, path: str) -> list[Write]:
        """Every value the field was given, in order of time."""
        contact, account = self.contact, self.account
        if path.startswith(MEMBERSHIP):
            if contact is None or account is None:
                return []
            return self.moment.membership_writes(contact, account, path.removeprefix(MEMBERSHIP))
        if path.startswith(ACCOUNT) or contact is None:
            key = path.removeprefix(ACCOUNT)
            return self.moment.account_writes(account, key) if account is not None else []
        return self.moment.contact_writes(contact, path)

    def value(self, path: str, when: int | None = None) -> Value:
        """The field's value at `when`, by default now."""
        return at(self.writes(path), self.moment.as_of if when is None else when)

    def calendar(self, scope: Scope = "own") -> Calendar:
        """In the zone of whoever it is about."""
        if scope == "account" or self.contact is None:
            return self.moment.account_calendar(self.account)
        return self.moment.contact_calendar(self.contact)

    def field_calendar(self, path: str) -> Calendar:
        return self.calendar("account" if path.startswith(ACCOUNT) else "own")

    def events(self, scope: Scope) -> list[Event]:
        """The events of that scope, whatever their name, in the order in which they happened."""
        events = self.moment.events
        if scope == "account" or self.contact is None:
            return [e for e in events if e.account is not None and e.account == self.account]
        own = [e for e in events if e.contact == self.contact]
        if scope == "here" or self.inside:
            return [e for e in own if e.account is not None and e.account == self.account]
        return own

    def records(self, kind: str, scope: Literal["own", "account"]) -> list[Record]:
        records = [record for record in self.moment.records if record.kind == kind]
        if scope == "account" or self.contact is None:
            return [r for r in records if r.account is not None and r.account == self.account]
        return [r for r in records if r.contact == self.contact]

    def property(self, event: Event, name: str) -> Value:
        info = self.moment.catalog.events.get(event.fact.name)
        kind = type_of(info.properties, name) if info else None
        if info is None or kind is None:
            return NOTHING
        return value_of(flat(event.properties, info.properties).get(name), kind)

    def record_field(self, record: Record, name: str) -> Value:
        info = self.moment.catalog.records.get(record.kind)
        kind = type_of(info.fields, name) if info else None
        return value_of(record.fields.get(name), kind) if kind else NOTHING
