"""One value of a mapping: `"Country"`, or a table that says more about how it is read."""

from collections.abc import Mapping as Map
from typing import Any, Protocol, TypeVar, get_args

from lettershop.ingest.mapping import Lookup, Value
from lettershop.ingest.toml_lines import Path
from lettershop.model.values import ValueType

T = TypeVar("T")
_KEYS = tuple(f for f in Value.__struct_fields__ if f != "currency_column")
_SOURCES = ("column", "constant", "multiply", "latitude")


class Reading(Protocol):
    """What reading a value needs: somewhere to put findings, and typed access."""

    def say(self, path: Path, code: str, message: str, hint: str = "") -> None: ...
    def keys(self, table: Map[str, Any], path: Path, allowed: tuple[str, ...]) -> None: ...
    def get(self, table: Map[str, Any], key: str, kind: type[T], path: Path, default: T) -> T: ...
    def texts(self, table: Map[str, Any], key: str, path: Path) -> tuple[str, ...]: ...
    def zone(self, table: Map[str, Any], path: Path) -> str: ...


def read_value(reader: Reading, raw: Any, path: Path) -> Value:
    """A column's name, or a table; anything else is a finding."""
    if isinstance(raw, str) and raw:
        return Value(column=raw)
    if not isinstance(raw, dict):
        reader.say(path, "value", f"“{path[-1]}” must be a column's name or a table",
                   '{ column = "Score", type = "number" }')  # fmt: skip
        return Value()
    reader.keys(raw, path, _KEYS)
    if sum(key in raw for key in _SOURCES) != 1:
        reader.say(path, "value", "exactly one of column, constant, multiply, latitude is needed")
    currency, currency_column = _currency(reader, raw, path)
    return Value(
        column=reader.get(raw, "column", str, path, ""),
        constant=_constant(reader, raw, path),
        multiply=_multiply(reader, raw, path),
        latitude=read_value(reader, raw["latitude"], path) if "latitude" in raw else None,
        longitude=_longitude(reader, raw, path),
        type=_type(reader, raw, path),
        format=reader.texts(raw, "format", path),
        timezone=reader.zone(raw, path),
        decimal=_one_character(reader, raw, "decimal", path) or ".",
        thousands=_one_character(reader, raw, "thousands", path),
        true=reader.texts(raw, "true", path),
        false=reader.texts(raw, "false", path),
        split=reader.get(raw, "split", str, path, ""),
        trim=reader.get(raw, "trim", bool, path, False),
        missing=reader.texts(raw, "missing", path),
        values=_replacements(reader, raw, path),
        lookup=_lookup(reader, raw, path),
        currency=currency,
        currency_column=currency_column,
    )


def _longitude(reader: Reading, raw: dict[str, Any], path: Path) -> Value | None:
    if ("longitude" in raw) != ("latitude" in raw):
        reader.say(path, "value", "latitude and longitude belong together")
        return None
    return read_value(reader, raw["longitude"], path) if "longitude" in raw else None


def _constant(reader: Reading, raw: dict[str, Any], path: Path) -> str | int | float | bool | None:
    found = raw.get("constant")
    if found is None or isinstance(found, str | int | float | bool):
        return found
    reader.say(path, "value", "a constant is a text, a number, or true or false")
    return None


def _multiply(reader: Reading, raw: dict[str, Any], path: Path) -> tuple[Value, ...]:
    factors = raw.get("multiply")
    if factors is None:
        return ()
    if not isinstance(factors, list) or not 2 <= len(factors) <= 4:
        reader.say(path, "value", "multiply wants two to four columns",
                   'multiply = ["Quantity", "Price"]')  # fmt: skip
        return ()
    return tuple(read_value(reader, factor, path) for factor in factors)


def _type(reader: Reading, raw: dict[str, Any], path: Path) -> ValueType | None:
    written = raw.get("type")
    known: tuple[ValueType, ...] = get_args(ValueType)
    found = next((t for t in known if t == written), None)
    if written is not None and found is None:
        reader.say(path, "type", f"“{written}” is not a type", f"one of: {', '.join(known)}")
    return found


def _one_character(reader: Reading, raw: dict[str, Any], key: str, path: Path) -> str:
    found = reader.get(raw, key, str, path, "")
    if len(found) > 1 or found.isdigit():
        reader.say(path, "value", f"“{key}” is one character that is not a digit")
        return ""
    return found


def _replacements(reader: Reading, raw: dict[str, Any], path: Path) -> dict[str, str]:
    found = raw.get("values", {})
    if isinstance(found, dict) and all(isinstance(v, str) for v in found.values()):
        return found
    reader.say(path, "value", "values replaces texts by texts", 'values = { "GTXPro" = "GTX Pro" }')
    return {}


def _lookup(reader: Reading, raw: dict[str, Any], path: Path) -> Lookup | None:
    found = raw.get("lookup")
    if found is None:
        return None
    wanted = Lookup.__struct_fields__
    if (
        isinstance(found, dict)
        and set(found) == set(wanted)
        and all(isinstance(v, str) for v in found.values())
    ):
        return Lookup(**found)
    reader.say(path, "value", "lookup needs file, match and take",
               'lookup = { file = "teams.csv", match = "agent", take = "manager" }')  # fmt: skip
    return None


def _currency(reader: Reading, raw: dict[str, Any], path: Path) -> tuple[str, str]:
    """(constant code, column of the code)."""
    found = raw.get("currency")
    match found:
        case None:
            return "", ""
        case str() if len(found) == 3 and found.isalpha():
            return found.upper(), ""
        case {"column": str() as column}:
            return "", column
        case _:
            reader.say(path, "currency", "a currency is a three-letter code or a column",
                       'currency = "EUR" or currency = { column = "Currency" }')  # fmt: skip
            return "", ""
