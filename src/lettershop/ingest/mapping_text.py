"""TOML text → mapping, with everything that is wrong with it at once."""

import tomllib
from collections.abc import Callable, Mapping as Map
from typing import Any, NamedTuple, TypeVar, get_args

from lettershop.ingest import mapping as m
from lettershop.ingest.toml_lines import Path, nearest_line, toml_lines
from lettershop.ingest.value_text import read_value
from lettershop.model.errors import Finding, InputError, Span
from lettershop.planning.calendar import zone_or_none

T = TypeVar("T")
_SECTIONS = ("file", "contact", "account", "membership", "event", "record", "refuse")
_COMMON = ("where", "time", "received")
_OPS: frozenset[str] = frozenset(get_args(m.Op))


def read_mapping(text: str, source: str = "", *, folder: str = "") -> m.Mapping:
    """The mapping; raises InputError `mapping.invalid` that lists every finding with its line.

    `source` names the text in messages; `folder` is where `lookup` files are looked for.
    """
    mapping, findings = check_mapping(text, source, folder=folder)
    if mapping is None:
        raise InputError("mapping.invalid", "\n".join(map(str, findings)))
    return mapping


def check_mapping(
    text: str, source: str = "", *, folder: str = "", beside: tuple[str, ...] = ()
) -> tuple[m.Mapping | None, list[Finding]]:
    """The mapping, or None and what is wrong with it. `beside`: tables of the text that are not
    the mapping's."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        return None, [Finding("mapping.toml", f"this is not TOML: {problem}", source=source)]
    reader = Reader(text, source)
    own = {key: table for key, table in data.items() if key not in beside}
    mapping = _mapping(reader, own, text, folder)
    return (None if reader.findings else mapping), reader.findings


class Reader:
    """Collects findings while dictionaries become structs."""

    def __init__(self, text: str, source: str) -> None:
        self.source, self.lines, self.findings = source, toml_lines(text), list[Finding]()

    def say(self, path: Path, code: str, message: str, hint: str = "") -> None:
        span = Span(0, 0, nearest_line(self.lines, path), 1)
        self.findings.append(
            Finding(f"mapping.{code}", message, hint=hint, span=span, source=self.source)
        )

    def keys(self, table: Map[str, Any], path: Path, allowed: tuple[str, ...]) -> None:
        for key in table:
            if key not in allowed:
                self.say((*path, key), "unknown_key", f"“{key}” is not known here",
                         f"one of: {', '.join(allowed)}")  # fmt: skip

    def get(self, table: Map[str, Any], key: str, kind: type[T], path: Path, default: T) -> T:
        """The key's value if it has the type; a finding and the default otherwise."""
        found = table.get(key, default)
        if isinstance(found, kind) and (kind is bool or not isinstance(found, bool)):
            return found
        self.say((*path, key), "wrong_type", f"“{key}” must be {_KINDS[kind]}")
        return default

    def texts(self, table: Map[str, Any], key: str, path: Path) -> tuple[str, ...]:
        found = table.get(key, [])
        items = [found] if isinstance(found, str) else found
        if isinstance(items, list) and all(isinstance(i, str) for i in items):
            return tuple(items)
        self.say((*path, key), "wrong_type", f"“{key}” must be a text or a list of texts")
        return ()

    def zone(self, table: Map[str, Any], path: Path) -> str:
        zone = self.get(table, "timezone", str, path, "")
        if zone and zone_or_none(zone) is None:
            self.say((*path, "timezone"), "timezone", f"“{zone}” is not a time zone",
                     "an IANA name such as Europe/Berlin")  # fmt: skip
            return ""
        return zone


_KINDS: dict[type, str] = {str: "a text", bool: "true or false", int: "a whole number"}


class _Place(NamedTuple):
    """A table of the mapping with all that is needed to read it."""

    reader: Reader
    table: dict[str, Any]
    path: Path

    def value(self, key: str) -> m.Value | None:
        raw = self.table.get(key)
        return None if raw is None else read_value(self.reader, raw, (*self.path, key))

    def must(self, key: str) -> m.Value:
        found = self.value(key)
        if found is None:
            self.reader.say(self.path, "missing_key", f"“{key}” is missing in [{self.path[0]}]")
        return found or m.Value()

    def values(self, key: str) -> dict[str, m.Value]:
        path = (*self.path, key)
        raw = self.table.get(key, {})
        if not isinstance(raw, dict):
            self.reader.say(path, "wrong_type", f'“{key}” must be a table: field = "column"')
            return {}
        return {f: read_value(self.reader, v, (*path, f)) for f, v in raw.items()}

    def text(self, key: str, default: str) -> str:
        return self.reader.get(self.table, key, str, self.path, default)

    def flag(self, key: str, default: bool) -> bool:
        return self.reader.get(self.table, key, bool, self.path, default)

    def common(self) -> dict[str, Any]:
        undated = self.table.get("time") == "always"
        return {
            "where": conditions(self.reader, self.table.get("where"), (*self.path, "where")),
            "time": None if undated else self.value("time"),
            "received": self.value("received"),
            "undated": undated,
            "line": nearest_line(self.reader.lines, self.path),
        }


def _mapping(reader: Reader, data: dict[str, Any], text: str, folder: str) -> m.Mapping:
    reader.keys(data, (), _SECTIONS)
    mapping = m.Mapping(
        file=next(iter(_each(reader, data, "file", _file)), m.FileSection()),
        contacts=_each(reader, data, "contact", _contact),
        accounts=_each(reader, data, "account", _account),
        memberships=_each(reader, data, "membership", _membership),
        events=_each(reader, data, "event", _event),
        records=_each(reader, data, "record", _record),
        refuse=_each(reader, data, "refuse", _refuse),
        text=text,
        folder=folder,
    )
    _names(reader, mapping)
    return mapping


def _each(
    reader: Reader, data: dict[str, Any], key: str, read: Callable[[_Place], T]
) -> tuple[T, ...]:
    raw = data.get(key, [])
    if isinstance(raw, dict):
        return (read(_Place(reader, raw, (key,))),)
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        reader.say((key,), "wrong_type", f"“{key}” must be a table: [{key}]")
        return ()
    return tuple(read(_Place(reader, item, (key, n))) for n, item in enumerate(raw))


def _file(place: _Place) -> m.FileSection:
    reader, table, path = place
    reader.keys(table, path, m.FileSection.__struct_fields__)
    written = place.text("format", "")
    known: tuple[m.Format, ...] = get_args(m.Format)
    format_: m.Format | None = next((f for f in known if f == written), None)
    if written and not format_:
        reader.say((*path, "format"), "format", f"“{written}” is not a format",
                   f"one of: {', '.join(known)}")  # fmt: skip
    delimiter = place.text("delimiter", "")
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        reader.say((*path, "delimiter"), "delimiter", "a delimiter is one character, not a quote")
    return m.FileSection(
        format=format_,
        delimiter=delimiter,
        encoding=place.text("encoding", ""),
        timezone=reader.zone(table, path),
        header=reader.texts(table, "header", path),
        skip=max(0, reader.get(table, "skip", int, path, 0)),
        time=place.value("time"),
        received=place.value("received"),
        where=conditions(reader, table.get("where"), (*path, "where")),
    )


def _contact(place: _Place) -> m.ContactSection:
    ids = ("user_id", "email", "anonymous_id")
    place.reader.keys(
        place.table, place.path, (*ids, *_COMMON, "as", "required", "deleted", "traits")
    )
    if not any(key in place.table for key in ids):
        place.reader.say(
            place.path, "no_identity", "a contact needs user_id, email or anonymous_id",
            'user_id = "column"',
        )  # fmt: skip
    return m.ContactSection(
        **place.common(),
        name=place.text("as", "contact"),
        user_id=place.value("user_id"),
        email=place.value("email"),
        anonymous_id=place.value("anonymous_id"),
        required=place.flag("required", True),
        deleted=place.value("deleted"),
        traits=place.values("traits"),
    )


def _account(place: _Place) -> m.AccountSection:
    place.reader.keys(
        place.table, place.path, ("id", *_COMMON, "as", "required", "deleted", "traits")
    )
    return m.AccountSection(
        **place.common(),
        name=place.text("as", "account"),
        id=place.must("id"),
        required=place.flag("required", True),
        deleted=place.value("deleted"),
        traits=place.values("traits"),
    )


def _membership(place: _Place) -> m.MembershipSection:
    place.reader.keys(
        place.table, place.path, (*_COMMON, "contact", "account", "role", "joined", "left")
    )
    return m.MembershipSection(
        **place.common(),
        contact=place.text("contact", "contact"),
        account=place.text("account", "account"),
        role=place.value("role"),
        joined=place.value("joined"),
        left=place.value("left"),
    )


def _event(place: _Place) -> m.EventSection:
    place.reader.keys(
        place.table, place.path, ("name", *_COMMON, "contact", "account", "id", "properties")
    )
    raw = place.table.get("name")
    name = m.Value(constant=raw) if isinstance(raw, str) else place.must("name")
    if isinstance(raw, str) and not raw.strip():
        place.reader.say((*place.path, "name"), "name", "the name of an event is empty")
    ids = place.table.get("id", [])
    each = ids if isinstance(ids, list) else [ids]
    section = m.EventSection(
        **place.common(),
        event=name,
        contact=place.text("contact", "contact"),
        account=place.text("account", "account"),
        id=tuple(read_value(place.reader, v, (*place.path, "id")) for v in each),
        properties=place.values("properties"),
    )
    if section.undated:
        place.reader.say((*place.path, "time"), "event_time", "an event needs a time")
    return section


def _record(place: _Place) -> m.RecordSection:
    place.reader.keys(
        place.table,
        place.path,
        ("kind", "id", *_COMMON, "contact", "account", "deleted", "fields"),
    )
    kind = place.text("kind", "")
    if not kind.strip():
        place.reader.say(place.path, "missing_key", "“kind” is missing in [record]",
                         'kind = "deal"')  # fmt: skip
    return m.RecordSection(
        **place.common(),
        kind=kind,
        id=place.must("id"),
        contact=place.text("contact", "contact"),
        account=place.text("account", "account"),
        deleted=place.value("deleted"),
        fields=place.values("fields"),
    )


def _refuse(place: _Place) -> m.RefuseSection:
    place.reader.keys(place.table, place.path, ("where", "reason"))
    where = conditions(place.reader, place.table.get("where"), (*place.path, "where"))
    if not where:
        place.reader.say(place.path, "missing_key", "“where” is missing in [[refuse]]")
    return m.RefuseSection(where=where, reason=place.text("reason", "refused by the mapping"))


def conditions(reader: Reader, raw: Any, path: Path) -> m.Conditions:
    """`{ column = "Invoice", starts_with = "C" }`, or a list of such: all must hold."""
    items = [] if raw is None else raw if isinstance(raw, list) else [raw]
    return tuple(c for item in items for c in _condition(reader, item, path))


def _condition(reader: Reader, raw: Any, path: Path) -> list[m.Condition]:
    if not isinstance(raw, dict) or not isinstance(raw.get("column"), str):
        reader.say(path, "condition", "a condition names a column and a test",
                   '{ column = "Status", equals = "paid" }')  # fmt: skip
        return []
    reader.keys(raw, path, ("column", *get_args(m.Op)))
    tests = {op: value for op, value in raw.items() if op in _OPS}
    if not tests:
        reader.say(path, "condition", f"no test for “{raw['column']}”", f"one of: {_OPS_TEXT}")
    ops: tuple[m.Op, ...] = get_args(m.Op)
    return [
        m.Condition(column=raw["column"], op=op, value=_test_value(tests[op]))
        for op in ops
        if op in tests and _fits(reader, op, tests[op], path)
    ]


def _test_value(raw: Any) -> m.Constant | tuple[str, ...]:
    found: m.Constant | tuple[str, ...] = tuple(raw) if isinstance(raw, list) else raw
    return found


_OPS_TEXT = ", ".join(get_args(m.Op))


def _fits(reader: Reader, op: str, value: Any, path: Path) -> bool:
    match op:
        case "in" | "not_in":
            good, wanted = (
                isinstance(value, list) and all(isinstance(v, str) for v in value),
                "a list of texts",
            )
        case "known":
            good, wanted = isinstance(value, bool), "true or false"
        case "above" | "below":
            good = isinstance(value, int | float) and not isinstance(value, bool)
            wanted = "a number"
        case "equals" | "not":
            good, wanted = isinstance(value, str | int | float | bool), "a text or number"
        case _:
            good, wanted = isinstance(value, str), "a text"
    if not good:
        reader.say(path, "condition", f"“{op}” wants {wanted}")
    return good


def _names(reader: Reader, mapping: m.Mapping) -> None:
    """Sections that mention each other, and what a mapping cannot do without."""
    contacts = [c.name for c in mapping.contacts]
    accounts = [a.name for a in mapping.accounts]
    for names, kind in ((contacts, "contact"), (accounts, "account")):
        for n in sorted({n for n in names if names.count(n) > 1}):
            reader.say((kind,), "same_name", f"two [[{kind}]] sections are called “{n}”",
                       f'give one of them a name: as = "other {n}"')  # fmt: skip
    users: list[tuple[str, m.MembershipSection | m.EventSection | m.RecordSection]] = [
        *(("membership", s) for s in mapping.memberships),
        *(("event", s) for s in mapping.events),
        *(("record", s) for s in mapping.records),
    ]
    for kind, section in users:
        for wanted, known, default in (
            (section.contact, contacts, "contact"),
            (section.account, accounts, "account"),
        ):
            missing = wanted not in known
            if missing and (wanted != default or kind == "membership"):
                reader.say(
                    (kind,), "unknown_section", f"[{kind}] needs a [{default}] called “{wanted}”"
                )
        if kind == "event" and section.contact not in contacts and section.account not in accounts:
            reader.say((kind,), "no_subject", "an event needs a [contact] or an [account]")
        if kind == "event" and mapping.time_of(section) is None:
            reader.say((kind,), "event_time", "an event needs a time", 'time = "column"')
    if not (contacts or accounts or users):
        reader.say((), "empty", "the mapping has no contact, account, event or record",
                   "start from: lettershop import FILE --guess")  # fmt: skip
