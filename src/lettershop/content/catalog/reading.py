"""`catalog/NAME.toml` -> Definition, and everything that is wrong with it, each in its place."""

import codecs
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final, cast, get_args

import msgspec
from rapidfuzz import process

from lettershop.content.catalog.cells import known_currency
from lettershop.content.catalog.definition import (
    FIELD_TYPES,
    KNOWN,
    RESERVED,
    Definition,
    FieldType,
    Mention,
    PriceColumn,
    PriceFile,
)
from lettershop.language.places import Path, Places
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import Finding

LIMIT: Final = 1024 * 1024
LONGEST_NAME: Final = 100
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
FIELD: Final = re.compile(r"[^\W\d][\w-]*")
"""What can stand in a letter as `offer.NAME`."""

TEXTS: Final = (
    "title", "description", "file", "id", "encoding", "delimiter", "decimal", "separators",
    "currency", "interest",
)  # fmt: skip
TABLES: Final = ("fields", "types", "price", "prices", "bought", "viewed", "returned")
PRICE: Final = ("column", "currency", "currency_column")
PRICES: Final = tuple(PriceFile.__struct_fields__)
MENTION: Final = ("event", "item")


class Read(msgspec.Struct, frozen=True):
    """A file read. `definition` is None when something in it is an error."""

    name: str
    source: str
    definition: Definition | None
    places: Places
    findings: tuple[Finding, ...] = ()

    def finding(self, code: str, message: str, path: Path, hint: str = "") -> Finding:
        """Something to say about a key of it, that came out later."""
        return Finding(code, message, hint=hint, span=self.places.key(path), source=self.source)


def read_definition(path: FilePath, source: str) -> Read:
    """Read one file; whatever is wrong with it comes back in `findings`, nothing is raised."""
    name = path.stem
    try:
        if path.stat().st_size > LIMIT:
            return _refused(name, source, "definition.too_large", "the file is larger than 1 MB")
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        return _refused(name, source, "definition.unreadable", message)
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
        return _refused(name, source, "definition.encoding", message)
    return read_text(name, text, source)


def read_text(name: str, text: str, source: str) -> Read:
    """The same of a text at hand."""
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return _refused(name, source, "definition.toml", "is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        said, span = toml_mistake(str(error), text)
        finding = Finding("definition.toml", f"is not valid TOML: {said}", span=span, source=source)
        return Read(name, source, None, Places(""), (finding,))
    reader = _Reader(source, Places(text))
    definition = reader.definition(name, data)
    sound = not any(finding.level == "error" for finding in reader.findings)
    return Read(name, source, definition if sound else None, reader.places, tuple(reader.findings))


def _refused(name: str, source: str, code: str, message: str) -> Read:
    return Read(name, source, None, Places(""), (Finding(code, message, source=source),))


class _Reader:
    def __init__(self, source: str, places: Places) -> None:
        self.source, self.places = source, places
        self.findings: list[Finding] = []

    def say(self, code: str, message: str, path: Path, hint: str = "") -> None:
        span = self.places.key(path)
        self.findings.append(Finding(code, message, hint=hint, span=span, source=self.source))

    def definition(self, name: str, data: Mapping[str, Any]) -> Definition:
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            message = f"“{name}” cannot name a catalog: it has lower case, digits, “-” and “_”"
            self.say("catalog.name", message, (), "rename the file, for instance offers.toml")
        texts = self.texts(data, (), TEXTS, TABLES)
        self.choices(texts)
        return Definition(
            name=name,
            **texts,
            fields=self.fields(self.table(data, "fields")),
            types=self.types(self.table(data, "types")),
            prices=tuple(self.prices(self.table(data, "price"), texts.get("currency", ""))),
            price_file=self.price_file(data, texts.get("currency", "")),
            bought=tuple(self.mentions(data, "bought")),
            viewed=tuple(self.mentions(data, "viewed")),
            returned=tuple(self.mentions(data, "returned")),
        )

    def texts(
        self, table: Mapping[str, Any], path: Path, keys: tuple[str, ...], other: tuple[str, ...]
    ) -> dict[str, str]:
        """The texts of a table; other keys than these are mistakes."""
        found = {}
        for key, value in table.items():
            if key in keys:
                if isinstance(value, str):
                    found[key] = value
                else:
                    message = f"“{key}” is a text, so it stands in quotes"
                    self.say("definition.wrong_type", message, (*path, key))
            elif key not in other:
                self.unknown(key, (*keys, *other), (*path, key))
        return found

    def unknown(self, key: str, known: tuple[str, ...], path: Path) -> None:
        near = process.extractOne(key, known, score_cutoff=60)
        hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(known)}"
        self.say("definition.unknown_key", f"unknown key “{key}”", path, hint)

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.say("definition.wrong_type", f"“{key}” is a table", (key,), f"[{key}]")
        return {}

    def choices(self, texts: dict[str, str]) -> None:
        if texts.get("decimal", ".") not in (".", ","):
            self.say("catalog.decimal", "“decimal” is “.” or “,”", ("decimal",))
        if "id" in texts and not texts["id"].strip():
            self.say("catalog.id", "“id” names the column of the id", ("id",))
        if len(texts.get("delimiter", ",")) > 1:
            self.say("catalog.delimiter", "“delimiter” is one character", ("delimiter",))
        try:
            codecs.lookup(texts.get("encoding", "utf-8"))
        except LookupError:
            hint = '"utf-8", "windows-1252" or "utf-16"'
            self.say("file.unknown_encoding", "this is no encoding", ("encoding",), hint)
        self.currency(texts.get("currency", ""), ("currency",))

    def currency(self, code: str, path: Path) -> str:
        if code and not known_currency(code):
            message = f"“{code}” is not a currency"
            self.say("catalog.currency", message, path, "three letters of ISO 4217, as EUR")
        return code

    def fields(self, table: Mapping[str, Any]) -> dict[str, str]:
        found = self.texts(table, ("fields",), tuple(table), ())
        for name in found:
            if name in RESERVED or not FIELD.fullmatch(name):
                hint = {"price": "prices have a table [price]", "id": 'write id = "…" at the top'}
                message = f"“{name}” cannot name a field"
                self.say("catalog.field", message, ("fields", name), hint.get(name, ""))
        return found

    def types(self, table: Mapping[str, Any]) -> dict[str, FieldType]:
        found = self.texts(table, ("types",), tuple(table), ())
        for name, kind in found.items():
            path = ("types", name)
            if name in (*KNOWN, *RESERVED):
                self.say("catalog.type", f"“{name}” has a type of its own", path)
            elif kind not in get_args(FieldType):
                near = process.extractOne(kind, FIELD_TYPES, score_cutoff=60)
                hint = f"did you mean “{near[0]}”?" if near else ""
                message = f"a type is one of {', '.join(FIELD_TYPES)}"
                self.say("catalog.type", message, path, hint)
        return cast(dict[str, FieldType], found)

    def prices(self, table: Mapping[str, Any], currency: str) -> Iterator[PriceColumn]:
        """`[price]` and `[price.MARKET]`."""
        markets = {key: value for key, value in table.items() if isinstance(value, dict)}
        everywhere = {key: value for key, value in table.items() if key not in markets}
        if everywhere:
            yield from self.price("", everywhere, ("price",), currency)
        for market, said in markets.items():
            inherited = everywhere.get("currency", currency)
            yield from self.price(market, said, ("price", market), inherited)

    def price(
        self, market: str, table: Mapping[str, Any], path: Path, currency: str
    ) -> Iterator[PriceColumn]:
        texts = self.texts(table, path, PRICE, ())
        self.currency(texts.get("currency", ""), (*path, "currency"))
        if not texts.get("column"):
            message = "“column” is missing: which column holds the price?"
            self.say("definition.missing", message, path, 'column = "price"')
            return
        own = texts.get("currency") or ("" if "currency_column" in texts else currency)
        texts["currency"] = own if isinstance(own, str) else ""
        yield PriceColumn(market=market.strip(), **texts)

    def price_file(self, data: Mapping[str, Any], currency: str) -> PriceFile | None:
        """`[prices]`."""
        if "prices" not in data:
            return None
        texts = self.texts(self.table(data, "prices"), ("prices",), PRICES, ())
        self.currency(texts.get("currency", ""), ("prices", "currency"))
        for key in ("file", "item"):
            if not texts.get(key):
                self.say("definition.missing", f"“{key}” is missing", ("prices",))
                return None
        if "file" not in data:
            message = "a file of prices needs a “file” of items"
            self.say("definition.missing", message, ("prices",))
        texts.setdefault("currency", "" if "currency_column" in texts else currency)
        return PriceFile(**texts)

    def mentions(self, data: Mapping[str, Any], key: str) -> Iterator[Mention]:
        """`[[bought]]`, `[[viewed]]` or `[[returned]]`."""
        tables = data.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.say("definition.wrong_type", f"“{key}” is a list of tables", (key,), f"[[{key}]]")
            return
        for number, table in enumerate(tables):
            texts = self.texts(table, (key, number), MENTION, ())
            missing = [name for name in MENTION if not texts.get(name)]
            for name in missing:
                self.say("definition.missing", f"“{name}” is missing", (key, number))
            if not missing:
                yield Mention(**texts)
