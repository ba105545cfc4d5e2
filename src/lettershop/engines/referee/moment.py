"""The facts as of one instant: who is there, what is known of them, and since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from lettershop.engines.referee.calendar import Calendar, zone_named
from lettershop.engines.referee.history import Event, History, Order, Pair
from lettershop.model.catalog import Catalog, Fields, RecordInfo
from lettershop.model.facts import AccountFact, ContactFact, Fact, RecordFact, is_identified
from lettershop.model.settings import Settings
from lettershop.model.values import Known, Missing, ValueType, coerce

FIRST: Order = (-(10**18), 0, "")


@dataclass(frozen=True)
class Value:
    """What a field is at one moment: its type, and its value or None when that is missing."""

    kind: ValueType
    known: Known | None


@dataclass(frozen=True)
class Write:
    """A value that was written to a field at `ts` and was the last word of that moment."""

    ts: int
    value: Value


NOTHING = Value("text", None)


@dataclass(frozen=True)
class Record:
    """A record that exists, with its links and raw fields."""

    kind: str
    contact: str | None
    account: str | None
    fields: Mapping[str, Any]


class Moment:
    """Everything visible at `as_of`: facts that both happened and arrived by then."""

    def __init__(self, history: History, catalog: Catalog, settings: Settings, as_of: int) -> None:
        self.history, self.catalog, self.settings, self.as_of = history, catalog, settings, as_of
        self.workspace_zone = zone_named(settings.timezone) or ZoneInfo("UTC")

    # --- who is there -------------------------------------------------------------------------

    @cached_property
    def contacts(self) -> frozenset[str]:
        """Live, known, identified contacts."""
        return frozenset(
            contact
            for contact in self.contact_known_since
            if contact in self.identified and self.is_live(self.contact_facts(contact))
        )

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Live, known accounts."""
        return frozenset(
            account
            for account in self.account_known_since
            if self.is_live(self.account_facts(account))
        )

    @cached_property
    def people(self) -> Mapping[Pair, str | None]:
        """Active memberships (contact, account), each with its role."""
        found = {}
        for (contact, account), said in self.history.memberships.items():
            visible = [fact for fact in said if fact.visible(self.as_of)]
            if not visible or contact not in self.contacts or account not in self.accounts:
                continue
            last = max(visible, key=lambda fact: fact.order)
            ended = max(
                _last_deletion(self.contact_facts(contact)),
                _last_deletion(self.account_facts(account)),
            )
            if last.joined and ended < last.order:
                found[contact, account] = last.role
        return found

    def accounts_of(self, contact: str) -> list[str]:
        """The accounts the contact is in, the one joined first first."""
        mine = [account for member, account in self.people if member == contact]
        return sorted(mine, key=lambda account: (self.joined(contact, account), account))

    def people_of(self, account: str) -> list[Pair]:
        return [pair for pair in self.people if pair[1] == account]

    def joined(self, contact: str, account: str) -> int:
        said = self.history.memberships[contact, account]
        return min(fact.ts for fact in said if fact.joined and fact.visible(self.as_of))

    # --- since when -----------------------------------------------------------------------------

    @cached_property
    def contact_known_since(self) -> Mapping[str, int]:
        """The first moment at which a fact that names the contact was visible."""
        return self._since((c, n.fact) for n in self.history.namings for c in n.contacts)

    @cached_property
    def account_known_since(self) -> Mapping[str, int]:
        return self._since((a, n.fact) for n in self.history.namings for a in n.accounts)

    @cached_property
    def identified(self) -> frozenset[str]:
        """Contacts that a visible fact named by user id or address."""
        return frozenset(
            self.history.contact_of[identity]
            for naming in self.history.namings
            if naming.fact.visible(self.as_of)
            for identity in naming.identities
            if is_identified(identity)
        )

    def _since(self, named: Iterator[tuple[str, Fact]]) -> Mapping[str, int]:
        since: dict[str, int] = {}
        for subject, fact in named:
            if fact.visible(self.as_of):
                first = max(fact.ts, fact.received_at)
                since[subject] = min(first, since.get(subject, first))
        return since

    # --- what is known of them -------------------------------------------------------------------

    def contact_facts(self, contact: str) -> list[ContactFact]:
        said = self.history.contacts.get(contact, [])
        return [fact for fact in said if fact.visible(self.as_of)]

    def account_facts(self, account: str) -> list[AccountFact]:
        said = self.history.accounts.get(account, [])
        return [fact for fact in said if fact.visible(self.as_of)]

    def is_live(self, said: Sequence[ContactFact | AccountFact | RecordFact]) -> bool:
        spoken = [fact for fact in said if fact.deleted is not None]
        return not spoken or not max(spoken, key=lambda fact: fact.order).deleted

    def contact_writes(self, contact: str, key: str) -> list[Write]:
        return writes(self.contact_facts(contact), self.catalog.contact, key)

    def account_writes(self, account: str, key: str) -> list[Write]:
        return writes(self.account_facts(account), self.catalog.account, key)

    def membership_writes(self, contact: str, account: str, key: str) -> list[Write]:
        said = self.history.memberships.get((contact, account), [])
        visible = [fact for fact in said if fact.visible(self.as_of)]
        roles = [(fact.order, fact.role) for fact in visible]
        return last_words(roles, "text") if key == "role" else []

    # --- events and records ----------------------------------------------------------------------

    @cached_property
    def events(self) -> list[Event]:
        """All visible events, in the order in which they happened."""
        seen = [event for event in self.history.events if event.fact.visible(self.as_of)]
        return sorted(seen, key=lambda event: event.fact.order)

    @cached_property
    def records(self) -> list[Record]:
        """All records that exist, as they are now."""
        found = []
        for (kind, _), said in self.history.records.items():
            visible = sorted(
                (fact for fact in said if fact.visible(self.as_of)), key=lambda fact: fact.order
            )
            if visible and self.is_live(visible):
                contact = _last(fact.contact for fact in visible)
                known = self.catalog.records.get(kind, RecordInfo(kind=kind, table=""))
                fields: dict[str, Any] = {}
                for fact in visible:
                    fields |= flat(fact.traits, known.fields)
                found.append(
                    Record(
                        kind=kind,
                        contact=None if contact is None else self.history.contact_of[contact],
                        account=_last(fact.account for fact in visible),
                        fields=fields,
                    )
                )
        return found

    # --- zones -----------------------------------------------------------------------------------

    def contact_calendar(self, contact: str) -> Calendar:
        """In the contact's zone, else that of their only account, else the workspace's."""
        mine = self.accounts_of(contact)
        zone = self._zone(self.contact_writes(contact, self.settings.timezone_field))
        if zone is None and len(mine) == 1:
            return self.account_calendar(mine[0])
        return Calendar(self.as_of, zone or self.workspace_zone, self.workspace_zone)

    def account_calendar(self, account: str | None) -> Calendar:
        """In the account's zone, else the workspace's."""
        said = self.account_writes(account, self.settings.timezone_field) if account else []
        zone = self._zone(said) or self.workspace_zone
        return Calendar(self.as_of, zone, self.workspace_zone)

    def _zone(self, said: list[Write]) -> ZoneInfo | None:
        return zone_named(said[-1].value.known) if said else None


def writes(said: Sequence[ContactFact | AccountFact], fields: Fields, key: str) -> list[Write]:
    """Every value of one field in order of time; of a field never seen there is none."""
    kind = type_of(fields, key)
    spoken = [(fact.order, flat(fact.traits, fields)) for fact in said]
    found = [(order, traits[key]) for order, traits in spoken if key in traits]
    return last_words(found, kind) if kind else []


def flat(traits: Mapping[str, Any], fields: Fields, prefix: str = "") -> dict[str, Any]:
    """An object is a group of fields: `address.city`; only a location is a value by itself."""
    found: dict[str, Any] = {}
    for key, raw in traits.items():
        name = prefix + key
        if isinstance(raw, Mapping) and type_of(fields, name) != "location":
            found |= flat(raw, fields, name + ".")
        else:
            found[name] = raw
    return found


def last_words(said: Sequence[tuple[Order, object]], kind: ValueType) -> list[Write]:
    """The writes in order; of several at one moment only the one that won."""
    last_word = {order[0]: raw for order, raw in sorted(said, key=lambda write: write[0])}
    return [Write(ts, value_of(raw, kind)) for ts, raw in last_word.items()]


def value_of(raw: object, kind: ValueType) -> Value:
    found = coerce(raw, kind)
    return Value(kind, None if isinstance(found, Missing) else found)


def type_of(fields: Fields, name: str) -> ValueType | None:
    """The field's type; None for a field that was never seen."""
    info = fields.get(name)
    return info.type if info else None


def at(said: Sequence[Write], moment: int) -> Value:
    """The value in effect at a moment."""
    until = [write.value for write in said if write.ts <= moment]
    return until[-1] if until else NOTHING


def _last(links: Iterator[str | None]) -> str | None:
    said = [link for link in links if link is not None]
    return said[-1] if said else None


def _last_deletion(said: Sequence[ContactFact | AccountFact]) -> Order:
    return max((fact.order for fact in said if fact.deleted), default=FIRST)
