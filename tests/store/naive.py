"""What the tables must hold, worked out from the facts in plain Python."""

from collections.abc import Iterable
from typing import Any

from store.naive_who import NaiveWho

from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
    is_identified,
)
from lettershop.model.settings import Settings
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
        self.name = name
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
    """`tell` works everything out anew, from all facts heard so far and from who is who by now."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.who = NaiveWho(settings or Settings())
        self._number = 0
        self.tell()

    def load(self, facts: Iterable[AnyFact]) -> None:
        for fact in facts:
            self.who.hear(self._number, fact)
            self._number += 1
        self.who.settle()
        self.tell()

    def undo(self, nth: int) -> None:
        self.who.undo(nth)
        self.tell()

    def tell(self) -> None:
        self.types: dict[tuple[str, str], ValueType] = {}
        self.contacts: dict[str, Subject] = {}
        """By each of its identities."""
        for leader, ids in self.who.groups.items():
            self.contacts.update(dict.fromkeys(ids, Subject(leader)))
        self._named: set[str] = set()
        self.accounts: dict[str, Subject] = {}
        self.records: dict[tuple[str, str], Subject] = {}
        self.pairs: dict[tuple[str, str], list[tuple[Order, bool, str | None]]] = {}
        self.events: dict[str, tuple[EventFact, dict[str, Any]]] = {}
        for number, (fact, named) in enumerate(self.who.heard):
            self._tell(fact, named, (*fact.order, number))

    def _tell(self, fact: AnyFact, named: tuple[str, ...], order: Order) -> None:
        traits = fact.traits if isinstance(fact, ContactFact) else {}
        contact = self._contact(fact, named, order, traits) if named else None
        if isinstance(fact, EventFact | MembershipFact | RecordFact) and fact.account:
            self._account(fact.account, fact, order, {})
        match fact:
            case ContactFact():
                assert contact is not None
                self._say(contact, "contact", fact.traits, order)
                self._delete(contact, fact, order)
            case AccountFact():
                account = self._account(fact.account, fact, order, fact.traits)
                self._say(account, "account", fact.traits, order)
                self._delete(account, fact, order)
            case MembershipFact():
                assert contact is not None
                said = self.pairs.setdefault((contact.name, fact.account), [])
                said.append((order, fact.joined, fact.role))
            case EventFact():
                values = {
                    k: self._value("event:" + fact.name, k, raw)
                    for k, raw in fact.properties.items()
                }
                self.events[fact.message_id] = (fact, values)
            case RecordFact():
                self._record(fact, contact, order)

    def _record(self, fact: RecordFact, contact: Subject | None, order: Order) -> None:
        record = self.records.get((fact.kind, fact.id))
        if record is None:
            record = self.records[fact.kind, fact.id] = Subject(fact.id)
            if "id" not in fact.traits:
                record.write("id", order, self._value("record:" + fact.kind, "id", fact.id))
        record.seen.append(max(fact.ts, fact.received_at))
        if contact is not None:
            record.write("@contact", order, contact.name)
        if fact.account:
            record.write("@account", order, fact.account)
        self._say(record, "record:" + fact.kind, fact.traits, order)
        self._delete(record, fact, order)

    def _contact(self, fact: AnyFact, named: tuple[str, ...], order: Order, traits: Any) -> Subject:
        """The contact of the main identity; each identity is seen, and written when it is new."""
        moment = max(fact.ts, fact.received_at)
        for identity in named:
            whose = self.contacts[identity]
            whose.seen.append(moment)
            if is_identified(identity):
                whose.identified.append(moment)
            if identity in self._named:
                continue
            self._named.add(identity)
            kind, _, text = identity.partition(":")
            key = {"user": "user_id", "email": "email"}.get(kind)
            if key and key not in traits:
                whose.write(key, order, self._value("contact", key, text))
        return self.contacts[named[0]]

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
        me = self.contacts[fact.contact].name
        mine = [p[1] for p in self.pairs if p[0] == me and self.active(p, fact.ts)]
        return mine[0] if len(mine) == 1 else None
