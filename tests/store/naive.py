"""What the tables must hold, worked out from the facts in plain Python."""

from collections.abc import Iterable
from typing import Any

from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
    is_identified,
)
from lettershop.model.values import Missing, ValueType, coerce, guess_type

Order = tuple[int, int, str, int]

NAMES = {
    ("contact", "user_id"),
    ("contact", "email"),
    ("account", "id"),
    ("record:deal", "id"),
    ("record:deal history", "id"),
}
"""Fields that name their subject are texts, whatever they look like."""


class Subject:
    """One contact, account or record: every write of every key, and when it was seen."""

    def __init__(self, name: str) -> None:
        self.names = [name]
        self.seen: list[int] = []
        self.identified: list[int] = []
        self.writes: dict[str, list[tuple[Order, Any]]] = {}

    def write(self, key: str, order: Order, value: Any) -> None:
        self.writes.setdefault(key, []).append((order, value))

    def now(self, key: str) -> Any:
        """What the last writer said; of equals the one that spoke later."""
        writes = reversed(self.writes.get(key, ()))
        return max(writes, key=lambda w: w[0], default=(None, None))[1]

    def deletions(self) -> list[Order]:
        return [order for order, gone in self.writes.get("@deleted", []) if gone]


class Naive:
    def __init__(self, facts: Iterable[AnyFact]) -> None:
        self.types: dict[tuple[str, str], ValueType] = {}
        self.contacts: dict[str, Subject] = {}
        self.accounts: dict[str, Subject] = {}
        self.records: dict[tuple[str, str], Subject] = {}
        self.pairs: dict[tuple[str, str], list[tuple[Order, bool, str | None]]] = {}
        self.events: dict[str, tuple[EventFact, dict[str, Any]]] = {}
        self.refused: list[int] = []
        for number, fact in enumerate(facts):
            self._tell(number, fact)

    def _tell(self, number: int, fact: AnyFact) -> None:
        order = (*fact.order, number)
        match fact:
            case ContactFact():
                owners = {
                    id(self.contacts[i]) for i in (fact.contact, *fact.also) if i in self.contacts
                }
                if len(owners) > 1:
                    self.refused.append(number)
                    return
                own = self._contact(fact, (fact.contact, *fact.also), order, fact.traits)
                self._say(own, "contact", fact.traits, order)
                self._delete(own, fact, order)
            case AccountFact():
                account = self._account(fact.account, fact, order, fact.traits)
                self._say(account, "account", fact.traits, order)
                self._delete(account, fact, order)
            case MembershipFact():
                contact = self._contact(fact, (fact.contact,), order, {})
                self._account(fact.account, fact, order, {})
                self.pairs.setdefault((contact.names[0], fact.account), []).append(
                    (order, fact.joined, fact.role)
                )
            case EventFact():
                if fact.message_id in self.events:
                    return
                if fact.contact:
                    self._contact(fact, (fact.contact,), order, {})
                if fact.account:
                    self._account(fact.account, fact, order, {})
                values = {
                    k: self._value("event:" + fact.name, k, raw)
                    for k, raw in fact.properties.items()
                }
                self.events[fact.message_id] = (fact, values)
            case RecordFact():
                self._record(fact, order)

    def _record(self, fact: RecordFact, order: Order) -> None:
        record = self.records.get((fact.kind, fact.id))
        if record is None:
            record = self.records[fact.kind, fact.id] = Subject(fact.id)
            if "id" not in fact.traits:
                record.write("id", order, self._value("record:" + fact.kind, "id", fact.id))
        record.seen.append(max(fact.ts, fact.received_at))
        if fact.contact:
            contact = self._contact(fact, (fact.contact,), order, {})
            record.write("@contact", order, contact.names[0])
        if fact.account:
            self._account(fact.account, fact, order, {})
            record.write("@account", order, fact.account)
        self._say(record, "record:" + fact.kind, fact.traits, order)
        self._delete(record, fact, order)

    def _contact(self, fact: AnyFact, ids: tuple[str, ...], order: Order, traits: Any) -> Subject:
        known = [self.contacts[i] for i in ids if i in self.contacts]
        contact = known[0] if known else Subject(ids[0])
        moment = max(fact.ts, fact.received_at)
        for identity in ids:
            if identity not in self.contacts:
                self.contacts[identity] = contact
                if identity not in contact.names:
                    contact.names.append(identity)
                kind, _, text = identity.partition(":")
                key = {"user": "user_id", "email": "email"}.get(kind)
                if key and key not in traits:
                    contact.write(key, order, self._value("contact", key, text))
            if is_identified(identity):
                contact.identified.append(moment)
        contact.seen.append(moment)
        return contact

    def _account(self, name: str, fact: AnyFact, order: Order, traits: Any) -> Subject:
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = Subject(name)
            if "id" not in traits:
                account.write("id", order, self._value("account", "id", name))
        account.seen.append(max(fact.ts, fact.received_at))
        return account

    def _delete(self, subject: Subject, fact: Any, order: Order) -> None:
        if fact.deleted is not None:
            subject.write("@deleted", order, fact.deleted)

    def _say(self, subject: Subject, scope: str, traits: Any, order: Order) -> None:
        for key, raw in traits.items():
            subject.write(key, order, self._value(scope, key, raw))

    def _value(self, scope: str, key: str, raw: Any) -> Any:
        kind = self.types.get((scope, key))
        if kind is None:
            kind = "text" if (scope, key) in NAMES else guess_type(raw)
            if kind is None or isinstance(coerce(raw, kind), Missing):
                return None
            self.types[scope, key] = kind
        value = coerce(raw, kind)
        return None if isinstance(value, Missing) else value

    def active(self, pair: tuple[str, str], ts: int | None = None) -> bool:
        """By membership facts and deletions only, counting those with their own time <= ts."""
        deletions = self.contacts[pair[0]].deletions() + self.accounts[pair[1]].deletions()
        facts = [f for f in self.pairs[pair] if ts is None or f[0][0] <= ts]
        if not facts:
            return False
        order, joined, _ = max(facts)
        ended = [d for d in deletions if (ts is None or d[0] <= ts) and d[:3] >= order[:3]]
        return joined and not ended

    def now_active(self, pair: tuple[str, str]) -> bool:
        contact, account = self.contacts[pair[0]], self.accounts[pair[1]]
        gone = contact.now("@deleted") or account.now("@deleted")
        return self.active(pair) and not gone and bool(contact.identified)

    def account_of(self, fact: EventFact) -> str | None:
        if fact.account or not fact.contact:
            return fact.account
        me = self.contacts[fact.contact].names[0]
        mine = [p[1] for p in self.pairs if p[0] == me and self.active(p, fact.ts)]
        return mine[0] if len(mine) == 1 else None
