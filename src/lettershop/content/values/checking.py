"""Variables that nothing is known of, and data that cannot be had: said before anybody is asked.

A typo must not become a value that everybody lacks and a fallback quietly fills.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import assert_never

import msgspec

from lettershop.content.conditions import event_condition, record_condition
from lettershop.content.letter import Path, Read
from lettershop.content.owners import Owners
from lettershop.content.template import (
    Data,
    Events,
    Items,
    LastEvent,
    Outside,
    Records,
    Template,
    Variant,
)
from lettershop.content.values.objects import event_fields, record_fields
from lettershop.content.values.records import ORDERED
from lettershop.content.values.trees import EACH
from lettershop.content.values.wanted import (
    TOP,
    account_fields,
    contact_fields,
    is_known,
    properties,
)
from lettershop.language import check
from lettershop.language.checking.findings import nearest
from lettershop.language.checking.values import NOUN
from lettershop.language.tree import Condition, Did, Events as EventsNode, HasRecord
from lettershop.language.words import plural, quote
from lettershop.model.catalog import Catalog, Fields
from lettershop.model.errors import DefinitionError, Finding, Span


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What there is besides the template. `matched`: properties the audience's segment gives, None
    where it is not known yet; `defaults`: names the segment has defaults for."""

    catalog: Catalog
    owners: Owners = Owners()
    matched: Collection[str] | None = None
    defaults: Collection[str] = ()


def check_reads(
    reads: Iterable[Read], variant: Variant, template: Template, known: Known
) -> list[Finding]:
    """A finding `letter.unknown_field` for each variable of a variant's letter that can have no
    value for anybody, with the line it stands in and what was probably meant."""
    found = []
    reads = list(reads)
    lists = {read.path[:n] for read in reads for n, key in enumerate(read.path) if key == EACH}
    for read in reads:
        if read.path in lists and len(read.path) > 1:
            continue  # what it is looked into for is read too
        problem = _unknown(read.path, template, known)
        if problem is not None and read.name not in known.defaults:
            message, hint = problem
            span = _span(read, variant, template)
            found.append(
                Finding("letter.unknown_field", message, "error", hint, span, variant.source)
            )
    return found


def _unknown(path: Path, template: Template, known: Known) -> tuple[str, str] | None:
    """What is not known about a variable, and a hint; None where nothing is wrong."""
    top, below, catalog = path[0], path[1:], known.catalog
    if top in template.data:
        return _unknown_data(top, below, template.data[top], catalog)
    match top:
        case "contact":
            return _unknown_field(top, below, contact_fields(catalog), catalog.account, "account")
        case "account":
            return _unknown_field(top, below, account_fields(catalog), catalog.contact, "contact")
        case "membership":
            return _unknown_field(top, below, catalog.membership, {}, "")
        case "owner":
            fields = known.owners.fields()
            if not below or not fields or below[0] in fields:
                return None
            return f"owners.toml says no “{below[0]}” of anybody", nearest(below[0], fields)
        case "matched":
            if known.matched is None or not below or below[0] in known.matched:
                return None
            hint = nearest(below[0], known.matched) or "it needs: did … with the same …"
            return f"the segment matches no “{below[0]}”", hint
        case "message" if template.stream == "marketing":
            hint = 'stream = "transactional" in the front matter, and POST /api/v1/messages'
            return "only transactional letters are given values by a program", hint
        case _:
            return None if top in TOP else _unknown_bare(path, template, known)


def _unknown_field(
    side: str, below: Path, fields: Fields, others: Fields, other: str
) -> tuple[str, str] | None:
    if is_known(below, fields):
        return None
    name = ".".join(below)
    if is_known(below, others):
        return f"{side}s have no field “{name}”", f"did you mean {other}.{name}?"
    near = nearest(name, fields)
    return f"{side}s have no field “{name}”", near.replace("did you mean ", f"did you mean {side}.")


def _unknown_bare(path: Path, template: Template, known: Known) -> tuple[str, str] | None:
    catalog = known.catalog
    if is_known(path, catalog.contact) or is_known(path, catalog.account):
        return None
    names = {*catalog.contact, *catalog.account, *template.data, *TOP}
    name = ".".join(path)
    return f"“{name}” is neither a field nor one of the data of this letter", nearest(name, names)


def _unknown_data(name: str, below: Path, source: Data, catalog: Catalog) -> tuple[str, str] | None:
    """A property or field that the events or records do not have."""
    match source:
        case LastEvent() | Events():
            event = catalog.events.get(source.event)
            if event is None:
                return None  # check_data says so, once
            fields, whose = {**event_fields(event)}, quote(source.event)
            if below[-1:] == ("name",):
                return None
        case Records():
            record = catalog.records.get(source.kind)
            if record is None:
                return None
            fields, whose = {**record_fields(record)}, plural(source.kind)
        case Outside():
            return _unknown_answer(name, below, source)
        case Items():
            return None
        case _:
            assert_never(source)
    read = properties([below], fields, many=not isinstance(source, LastEvent))
    if read.leaves or not read.rest or (not isinstance(source, Records) and _is_list(below)):
        return None
    missing = max(read.rest, key=len)
    return f"{whose} have no “{missing}”", nearest(missing, fields)


def _is_list(below: Path) -> bool:
    """Whether the path looks into a list of objects, which the catalog does not describe."""
    return EACH in below[1:]


def _unknown_answer(name: str, below: Path, source: Outside) -> tuple[str, str] | None:
    said = ".".join(part for part in below if part != EACH)
    names = {*source.schema}
    if not said or any(f"{known}.".startswith(f"{said}.") for known in names):
        return None
    if any(f"{said}.".startswith(f"{known}.") for known in names):
        return None
    return f"the schema of “{name}” has no “{said}”", nearest(said, names)


# --- data -----------------------------------------------------------------------------------------


def check_data(template: Template, catalog: Catalog) -> list[Finding]:
    """What is wrong with the events and records that the front matter names: unknown ones, a
    condition that is none or does not fit, an order that cannot be."""
    found: list[Finding] = []
    for name, source in template.data.items():
        match source:
            case LastEvent() | Events():
                found += _check_where(name, source.where, _did(source.event), template, catalog)
            case Records():
                found += _check_where(name, source.where, _has(source.kind), template, catalog)
                found += _check_order(name, source, template, catalog)
            case Items() | Outside():
                pass
            case _:
                assert_never(source)
    return found


def _did(event: str) -> Did:
    return Did(EventsNode((event,)))


def _has(kind: str) -> HasRecord:
    return HasRecord(kind)


def _check_where(
    name: str, where: str, node: Did | HasRecord, template: Template, catalog: Catalog
) -> Iterator[Finding]:
    """As it would be checked in a segment: the condition of `did "X" where (…)`."""
    source = template.variants[0].source
    condition: Condition | None = None
    if where:
        read = event_condition if isinstance(node, Did) else record_condition
        try:
            condition = read(where)
        except DefinitionError as error:
            yield from (_told(name, finding, source) for finding in error.findings)
    if isinstance(node, Did):
        events = msgspec.structs.replace(node.events, where=condition)
        tree: Condition = msgspec.structs.replace(node, events=events)
    else:
        tree = msgspec.structs.replace(node, where=condition)
    for finding in check(tree, "contact", catalog, segments={}):
        yield _told(name, finding, source)


def _told(name: str, finding: Finding, source: str) -> Finding:
    """Said of the file; the reader of the front matter has the place of what is no condition."""
    message = f"data “{name}”: {finding.message}"
    return msgspec.structs.replace(finding, message=message, span=None, source=source)


def _check_order(
    name: str, source: Records, template: Template, catalog: Catalog
) -> Iterator[Finding]:
    info = catalog.records.get(source.kind)
    field = source.order.removeprefix("-")
    if info is None or not field:
        return
    fields = record_fields(info)
    where = template.variants[0].source
    if field not in fields:
        message = f"data “{name}”: {plural(source.kind)} have no “{field}” to be ordered by"
        yield Finding("letter.unknown_field", message, hint=nearest(field, fields), source=where)
    elif fields[field].type not in ORDERED:
        message = f"data “{name}”: “{field}” is {NOUN[fields[field].type]}, which has no order"
        yield Finding("letter.order", message, hint="a number, text, date or time", source=where)


# --- places ---------------------------------------------------------------------------------------


def _span(read: Read, variant: Variant, template: Template) -> Span | None:
    """Where the variable stands for the first time: its line, and the column where it is found."""
    text = template.said(variant.source)
    if not read.lines:
        return None
    line = min(read.lines)
    lines: Sequence[str] = text.split("\n") if text else ()
    if line > len(lines):
        return Span(0, 0, line, 1)
    before = sum(len(one) + 1 for one in lines[: line - 1])
    name = next((part for part in reversed(read.path) if part != EACH), "")
    column = max(lines[line - 1].find(name), 0)
    return Span(before + column, before + column + len(name), line, column + 1)
