"""The fields a section writes, each with its type: stated, known to the store, or learned."""

import msgspec

from lettershop.ingest.cells import stated_type
from lettershop.ingest.learn import key
from lettershop.ingest.mapping import Value, Values
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.values import ValueType


class Field(msgspec.Struct, frozen=True):
    name: str
    value: Value
    kind: ValueType
    currency: str | None = None
    """The sibling field that holds the currency, "" for a constant one, None for no money."""


class Typing:
    """What is known about types before and after a look at the data."""

    def __init__(self, catalog: Catalog) -> None:
        self._known = {(scope, field.name): field.type for scope, field in catalog.everything()}
        self._events = _by_property(catalog)
        self.learned: dict[bytes, ValueType] = {}

    def stated(self, scope: str, field: str, value: Value) -> ValueType | None:
        """The type without looking at the data. `events:…` are events whose names are data."""
        found = stated_type(value) or self._known.get((scope, field))
        if found is None and scope.startswith("events:"):
            found = self._events.get(field)
        return found

    def fields(self, scope: str, values: Values) -> list[Field]:
        found: list[Field] = []
        for field, value in with_currencies(values).items():
            kind = self.stated(scope, field, value) or self.learned[key(value)]
            found.append(Field(field, value, kind, _currency(values, field, value)))
        return found


def with_currencies(values: Values) -> dict[str, Value]:
    """The fields and, for amounts whose currency is a column no field reads, a field for it."""
    found = dict(values)
    for field, value in values.items():
        if value.currency_column:
            wanted = currency_field(values, field, value)
            found.setdefault(wanted, Value(column=value.currency_column, type="text"))
    return found


def currency_field(values: Values, field: str, value: Value) -> str:
    """The field that reads the currency's column: an existing one, else `currency`, else
    `<field>_currency`."""
    for other, source in values.items():
        if source.column == value.currency_column:
            return other
    return "currency" if "currency" not in values else f"{field}_currency"


def _currency(values: Values, field: str, value: Value) -> str | None:
    if value.currency:
        return ""
    return currency_field(values, field, value) if value.currency_column else None


def _by_property(catalog: Catalog) -> dict[str, ValueType]:
    """The type a property has in the event that has most values of it."""
    best: dict[str, FieldInfo] = {}
    for event in catalog.events.values():
        for field in event.properties.values():
            if field.name not in best or field.known > best[field.name].known:
                best[field.name] = field
    return {name: field.type for name, field in best.items()}
