"""The words that generated conditions are made of, and where in a definition they may stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lettershop.language import tree as t
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo, Fields, RecordInfo
from lettershop.model.values import ValueType

Types = Mapping[str, ValueType]

TRAITS: Types = {
    "title": "text",
    "plan": "text",
    "score": "number",
    "subscribed": "boolean",
    "created_at": "time",
    "birthday": "date",
    "tags": "list",
    "location": "location",
}
PURCHASE: Types = {
    "topic": "text",
    "revenue": "number",
    "currency": "text",
    "quantity": "number",
    "gift": "boolean",
    "due": "date",
    "shipped_at": "time",
    "labels": "list",
    "place": "location",
}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words trees are made of. A property name has the same type in every event.

    Compared by identity, so that strategies can be built once for each.

    `money` says which number field's currency stands in which sibling text field.
    The literal pools are small on purpose: tests should often hit equal values.
    """

    contact: Types = field(default_factory=lambda: dict(TRAITS))
    account: Types = field(
        default_factory=lambda: {
            "industry": "text",
            "employees": "number",
            "score": "number",
            "active": "boolean",
            "renewal_date": "date",
            "opened_at": "time",
            "segments": "list",
            "office": "location",
        }
    )
    membership: Types = field(default_factory=lambda: {"role": "text"})
    events: Mapping[str, Types] = field(
        default_factory=lambda: {
            "Order Completed": dict(PURCHASE),
            "Signed In": {"topic": "text", "quantity": "number"},
            "Plan Changed": {"plan": "text", "due": "date"},
        }
    )
    records: Mapping[str, Types] = field(
        default_factory=lambda: {
            "deal": {
                "stage": "text",
                "amount": "number",
                "currency": "text",
                "closed": "boolean",
                "close_date": "date",
            },
            "opportunity": {"stage": "text", "probability": "number"},
        }
    )
    segments: Mapping[str, t.Subject] = field(
        default_factory=lambda: {
            "VPs": "contact",
            "Key accounts": "account",
            "Champions": "people",
        }
    )
    roles: tuple[str, ...] = ("admin", "owner", "user")
    currencies: tuple[str, ...] = ("EUR", "USD")
    money: Mapping[str, str] = field(
        default_factory=lambda: {"revenue": "currency", "amount": "currency"}
    )
    texts: tuple[str, ...] = ("pro", "HR", "New Jersey", "admin", "Straße", " pro ", "x")
    numbers: tuple[int | float, ...] = (0, 1, 2, 3, 5, 10, 100, 12.5, -1, 0.000001)
    patterns: tuple[str, ...] = ("o", "^p", r"\bjersey$", "(a|e)d", "h.?r")
    dates: tuple[str, ...] = (
        "2025-01-01",
        "2025-03-30",
        "2025-06-15",
        "2025-10-26",
        "2025-06-15T10:30Z",
        "2025-06-15T12:30+02:00",
    )
    units: tuple[t.Unit, ...] = ("minute", "hour", "day", "week", "month", "year")
    salts: tuple[str, ...] = ("spring-holdout", "autumn")

    def catalog(self) -> Catalog:
        """The catalog of a workspace in which exactly these words have been seen."""
        return Catalog(
            contact=self._fields(self.contact),
            account=self._fields(self.account),
            membership=self._fields(self.membership),
            records={
                kind: RecordInfo(kind=kind, table=f"record_{n}", rows=1, fields=self._fields(types))
                for n, (kind, types) in enumerate(self.records.items())
            },
            events={
                name: EventInfo(name=name, table=f"e{n}", rows=1, properties=self._fields(types))
                for n, (name, types) in enumerate(self.events.items())
            },
            rates=tuple((a, b) for a in self.currencies for b in self.currencies if a != b),
        )

    def _fields(self, types: Types) -> Fields:
        infos = {}
        for n, (name, kind) in enumerate(types.items()):
            beside = self.money.get(name)
            paid = beside if beside in types else None
            infos[name] = FieldInfo(
                name=name,
                type=kind,
                column=f"c{n}",
                known=1,
                currency=paid,
                currencies=self.currencies if paid is not None else (),
            )
        return infos


DEFAULT = Vocabulary()


@dataclass(frozen=True)
class Place:
    """Where in a definition a condition stands: decides which fields and scopes are allowed."""

    words: Vocabulary
    subject: t.Subject
    inside: bool = False
    """Inside `people who (…)`."""
    history: bool = False
    """Whether to generate what needs recorded transitions (`check` refuses it for now)."""

    def types(self) -> Types:
        account = {f"account.{name}": kind for name, kind in self.words.account.items()}
        if self.subject == "account":
            return {**self.words.account, **account}
        membership = {f"membership.{name}": kind for name, kind in self.words.membership.items()}
        return {**self.words.contact, **account, **membership}

    def lasting(self) -> Types:
        """Fields whose history is kept."""
        return {k: v for k, v in self.types().items() if not k.startswith("membership.")}

    def own(self) -> Types:
        """The fields that contacts (accounts) are ranked by."""
        return self.words.account if self.subject == "account" else self.words.contact

    def scopes(self) -> list[t.Scope]:
        return ["own", "account"] if self.subject == "account" else ["own", "account", "here"]

    def halves(self) -> list[Any]:
        return ["own", "account"]


def names_of(types: Types, *kinds: ValueType) -> list[str]:
    return [name for name, kind in types.items() if kind in kinds]


def one_of(options: list[SearchStrategy[Any]]) -> SearchStrategy[Any]:
    return st.one_of(options)


def properties(words: Vocabulary, names: tuple[str, ...]) -> Types:
    chosen = names or tuple(words.events)
    return {name: kind for event in chosen for name, kind in words.events[event].items()}
