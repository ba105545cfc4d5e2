"""What is known of one recipient, read from the facts one after the other: slow and obvious."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, Literal, NamedTuple

from lettershop.content.conditions import event_condition, record_condition
from lettershop.content.template import Events, LastEvent, Records
from lettershop.engines.referee.calendar import zone_named
from lettershop.engines.referee.case import Case
from lettershop.engines.referee.compare import where_holds
from lettershop.engines.referee.history import Event, load
from lettershop.engines.referee.moment import Moment, Record, Value
from lettershop.model.catalog import Catalog, Fields
from lettershop.model.clock import ALWAYS, from_ms
from lettershop.model.facts import AnyFact
from lettershop.model.settings import Settings
from lettershop.model.values import MICRO, fold


class Person(NamedTuple):
    contact: str
    account: str | None


class Naive:
    def __init__(
        self, facts: Sequence[AnyFact], catalog: Catalog, settings: Settings, as_of: int
    ) -> None:
        self.catalog, self.settings = catalog, settings
        self.moment = Moment(load(facts, settings), catalog, settings, as_of)

    def people(self) -> list[Person]:
        """Everybody in each of their accounts, and those in none."""
        found = []
        for contact in sorted(self.moment.contacts):
            for account in self.moment.accounts_of(contact) or [None]:
                found.append(Person(contact, account))
        return found

    def zone(self, who: Person) -> tzinfo:
        for path in ("timezone", "account.timezone"):
            known = self._case(who).value(path).known
            zone = zone_named(known) if isinstance(known, str) else None
            if zone is not None:
                return zone
        return self.moment.workspace_zone

    def _case(self, who: Person) -> Case:
        return Case(self.moment, "contact", who.contact, who.account)

    def side(self, who: Person, side: Literal["contact", "account"]) -> dict[str, Any]:
        fields = self.catalog.contact if side == "contact" else self.catalog.account
        prefix = "" if side == "contact" else "account."
        return self._object(who, fields, lambda name: self._case(who).value(prefix + name))

    def _object(self, who: Person, fields: Fields, value: Callable[[str], Value]) -> dict[str, Any]:
        zone = self.zone(who)
        found = {name: shown(value(name), zone) for name in fields}
        return {name: known for name, known in found.items() if known is not None}

    def membership(self, who: Person) -> dict[str, Any]:
        if who.account is None:
            return {}
        role = self._case(who).value("membership.role").known
        joined = instant(self.moment.joined(who.contact, who.account), self.zone(who))
        said = {"role": role, "joined": joined}
        return {name: known for name, known in said.items() if known is not None}

    def events(self, who: Person, source: LastEvent | Events) -> list[dict[str, Any]]:
        where = event_condition(source.where) if source.where else None
        case, scope = self._case(who), "account" if source.by_account else "own"
        rows = [
            event
            for event in case.events(scope)  # type: ignore[arg-type]
            if event.fact.name == source.event
            and where_holds(where, partial(case.property, event), case.calendar(scope))  # type: ignore[arg-type]
        ]
        limit = source.limit if isinstance(source, Events) else 1
        return [self._event(who, event) for event in reversed(rows)][:limit]

    def _event(self, who: Person, event: Event) -> dict[str, Any]:
        case, info = self._case(who), self.catalog.events[event.fact.name]
        found = self._object(who, info.properties, partial(case.property, event))
        at = instant(event.ts, self.zone(who))
        return {"name": event.fact.name, **({"at": at} if at else {}), **found}

    def records(self, who: Person, source: Records) -> list[dict[str, Any]]:
        where = record_condition(source.where) if source.where else None
        case = self._case(who)
        ids: dict[int, str] = {}
        found = []
        for record_id, record in self._records(source.kind):
            scope = self._scope(who, record)
            if scope is not None:
                read = partial(case.record_field, record)
                if where_holds(where, read, case.calendar(scope)):
                    found.append(record)
                    ids[id(record)] = record_id
        found.sort(key=lambda record: ids[id(record)])
        if source.order:
            field, down = source.order.removeprefix("-"), source.order.startswith("-")
            known = [r for r in found if case.record_field(r, field).known is not None]
            known.sort(key=lambda r: comparable(case.record_field(r, field)), reverse=down)
            found = known + [r for r in found if r not in known]
        fields = self.catalog.records[source.kind].fields
        return [
            {"id": ids[id(r)], **self._object(who, fields, partial(case.record_field, r))}
            for r in found[: source.limit]
        ]

    def _records(self, kind: str) -> Iterator[tuple[str, Record]]:
        """The records that exist, each alone, so that it is clear which one it is."""
        for key, said in self.moment.history.records.items():
            if key[0] == kind:
                alone = replace(self.moment.history, records={key: said})
                moment = Moment(alone, self.catalog, self.settings, self.moment.as_of)
                yield from ((key[1], record) for record in moment.records)

    def _scope(self, who: Person, record: Record) -> Literal["own", "account"] | None:
        """As whose the record is shown, None when it is not."""
        if who.account is not None and record.account == who.account:
            return "account"
        if record.contact == who.contact and (record.account is None or who.account is None):
            return "own"
        return None


def comparable(value: Value) -> Any:
    return fold(value.known) if isinstance(value.known, str) else value.known


def instant(ms: int, zone: tzinfo) -> datetime | None:
    try:
        return None if ms == ALWAYS else from_ms(ms).astimezone(zone)
    except OverflowError:
        return None


def shown(value: Value, zone: tzinfo) -> Any:
    match value.known, value.kind:
        case None, _:
            return None
        case int() as micros, "number":
            return Decimal(micros) / MICRO if micros % MICRO else micros // MICRO
        case int() as ms, "time":
            return instant(ms, zone)
        case tuple() as place, "location":
            return {"lat": Decimal(str(place[0])), "lon": Decimal(str(place[1]))}
        case tuple() as texts, _:
            return list(texts)
        case (date() | str() | bool()) as known, _:
            return known
        case other:
            raise AssertionError(other)
