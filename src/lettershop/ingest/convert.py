"""A raw column → a value of its type, as one SQL expression.

The result equals `model.values.coerce` (a property test compares them). An easy shape is judged by
SQL alone; the rare odd one goes through `functions.py`. Every expression yields NULL for what is
not of the type, and `present` says whether there was anything at all: both together tell an
ill-typed value from a missing one.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, assert_never

from lettershop.engines.duckdb.stage import SQL_TYPE
from lettershop.ingest.local_time import epoch_ms, to_instant
from lettershop.ingest.mapping import Value
from lettershop.ingest.source import Family
from lettershop.ingest.sql import Expr, call, cases, coalesce, every, literal, texts, tree
from lettershop.model.values import WHITESPACE, ValueType

_NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_LOCAL = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T]{_CLOCK})?"
_OFFSET = "[+-]([01][0-9]|2[0-3]):[0-5][0-9]"
EPOCHS = {"epoch": 1000, "epoch_ms": 1}
"""Formats for times written as seconds or milliseconds since 1970."""


class Raw(NamedTuple):
    """A column of the source, as an expression, and what it is made of."""

    expr: Expr
    family: Family


def trimmed(text: Expr) -> Expr:
    """Without the white space `str.strip` knows. A set of 29 characters is slow to look for, so
    it is looked for only where a text does not begin and end with a printable ASCII character."""
    return tree(
        "CASE WHEN ord(trim($x)) BETWEEN 33 AND 126 AND ord(right(trim($x), 1)) BETWEEN 33 AND 126"
        " THEN trim($x) ELSE trim($x, $blank) END",
        x=text,
        blank=WHITESPACE,
    )


def _not_blank(text: Expr) -> Expr:
    return tree(
        "CASE WHEN ord($x) BETWEEN 33 AND 126 THEN TRUE"
        " ELSE coalesce(trim($x, $blank) <> '', FALSE) END",
        x=text,
        blank=WHITESPACE,
    )


def as_text(raw: Raw) -> Expr:
    """The text of a scalar; NULL for what has none (lists, objects, JSON's null)."""
    match raw.family:
        case "text":
            return raw.expr
        case "json":
            scalar = tree(
                "left($x, 1) NOT IN ('[', '{', 'n')", x=tree("CAST($x AS VARCHAR)", x=raw.expr)
            )
            return cases([(scalar, call("json_extract_string", raw.expr, "$"))])
        case "list" | "other":
            return tree("CAST(NULL AS VARCHAR)")
        case "integer" | "float" | "decimal" | "boolean" | "date" | "timestamp" | "instant":
            return tree("CAST($x AS VARCHAR)", x=raw.expr)
        case _:
            assert_never(raw.family)


def identity_text(raw: Raw) -> Expr:
    """The text of an id: trimmed, NFC, NULL when blank. A whole number kept as a float (a column
    of integers with gaps, as data frames have it, also in a CSV) is written without its point."""
    text = trimmed(as_text(raw))
    if raw.family in ("float", "text"):
        whole = "CASE WHEN regexp_full_match($x, '[0-9]+[.]0') THEN left($x, -2) ELSE $x END"
        text = tree(whole, x=text)
    return tree("NULLIF(nfc_normalize($x), '')", x=text)


def is_present(raw: Raw) -> Expr:
    """Whether there is anything: not NULL, not JSON's null, not a blank text."""
    match raw.family:
        case "text":
            return _not_blank(raw.expr)
        case "json":
            return tree(
                "coalesce(CAST($j AS VARCHAR) <> 'null' AND $known, FALSE)",
                j=raw.expr,
                known=_not_blank(call("json_extract_string", raw.expr, "$")),
            )
        case _:
            return tree("$x IS NOT NULL", x=raw.expr)


def prepared_text(value: Value, raw: Raw) -> Expr:
    """The text after the mapping's replacements; NULL where it names the text as missing."""
    text = as_text(raw)
    if value.missing:
        text = cases([(tree("$t NOT IN ($m)", t=trimmed(text), m=_in(value.missing)), text)])
    if value.values:
        branches = [
            (tree("$t = $old", t=trimmed(text), old=old), literal(new))
            for old, new in value.values.items()
        ]
        text = cases(branches, text)
    return text


def _in(words: tuple[str, ...]) -> Expr:
    return tree("SELECT unnest($w)", w=texts(words))


Keep: TypeAlias = Callable[[Expr], Expr]
"""Gives a result a name, so that it is computed once although it is used often."""


def typed(value: Value, raw: Raw, kind: ValueType, zone: str, keep: Keep) -> Expr:
    """`raw` as a `kind`; `zone` is the zone of times that do not state one."""
    text = prepared_text(value, raw)
    if raw.family != "text" or value.values or value.missing:
        text = keep(text)
    match kind:
        case "number":
            return (
                _null(kind) if raw.family == "boolean" else number(_plain_number(value, text), keep)
            )
        case "text":
            return _text(text, trim=value.trim)
        case "boolean":
            return _boolean(value, text, keep)
        case "time":
            return time(value, raw, text, value.timezone or zone, keep)
        case "date":
            return _date(value, raw, text, keep)
        case "list":
            return _list(value, raw, text, keep)
        case "location":
            return _location(raw, text, keep)
        case _:
            assert_never(kind)


def _null(kind: ValueType) -> Expr:
    return tree(f"CAST(NULL AS {SQL_TYPE[kind]})")


def _plain_number(value: Value, text: Expr) -> Expr:
    if value.thousands:
        text = tree("replace($x, $t, '')", x=text, t=value.thousands)
    return tree("replace($x, $d, '.')", x=text, d=value.decimal) if value.decimal != "." else text


def number(text: Expr, keep: Keep) -> Expr:
    t = keep(trimmed(text))
    easy = tree("regexp_full_match($t, $easy)", t=t, easy=_NUMBER)
    maybe = tree("regexp_full_match($t, '[0-9+.eE-]+')", t=t)
    return cases(
        [
            (easy, tree("TRY_CAST($t AS DECIMAL(18, 6))", t=t)),
            (maybe, tree("TRY_CAST($t AS DECIMAL(18, 6))", t=call("lettershop_number", t))),
        ]
    )


def _text(text: Expr, *, trim: bool) -> Expr:
    kept = trimmed(text) if trim else text
    return cases([(_not_blank(text), tree("nfc_normalize($x)", x=kept))])


def _boolean(value: Value, text: Expr, keep: Keep) -> Expr:
    word = keep(tree("lower($t)", t=trimmed(text)))
    yes = value.true or ("true", "yes")
    no = value.false or ("false", "no")
    return cases(
        [
            (tree("list_contains($w, $x)", w=_lower(yes), x=word), literal(True)),
            (tree("list_contains($w, $x)", w=_lower(no), x=word), literal(False)),
        ]
    )


def _lower(words: tuple[str, ...]) -> Expr:
    return texts([w.strip().lower() for w in words])


def time(value: Value, raw: Raw, text: Expr, zone: str, keep: Keep) -> Expr:
    """Milliseconds since 1970. A time without zone, and a bare date, is local to `zone`."""
    match raw.family:
        case "instant":
            return epoch_ms(
                tree("CAST($x AS TIMESTAMP)", x=tree("timezone('UTC', $x)", x=raw.expr))
            )
        case "timestamp" | "date":
            return to_instant(keep(epoch_ms(tree("CAST($x AS TIMESTAMP)", x=raw.expr))), zone)
        case _:
            if value.format:
                t = keep(trimmed(text))
                return in_range(keep(_formatted(value.format, t, zone, keep)))
            if raw.family == "json":
                text = cases([(tree("left(CAST($j AS VARCHAR), 1) = '\"'", j=raw.expr), text)])
            elif raw.family != "text":
                return _null("time")
            return _iso(keep(trimmed(text)), zone, keep)


def _formatted(formats: tuple[str, ...], t: Expr, zone: str, keep: Keep) -> Expr:
    """Tried in order. `%z` in a format means the text states its zone."""
    tried: list[Expr] = []
    for written in formats:
        if written in EPOCHS:
            tried.append(_epoch(t, EPOCHS[written]))
        elif "%z" in written or "%Z" in written:
            moment = call("timezone", "UTC", call("try_strptime", t, written))
            tried.append(epoch_ms(moment))
        else:
            tried.append(to_instant(keep(epoch_ms(keep(call("try_strptime", t, written)))), zone))
    return coalesce(*tried)


def _epoch(t: Expr, unit: int) -> Expr:
    """A number of milliseconds times `unit`; fractions are rounded down."""
    n = tree("floor(TRY_CAST($t AS DECIMAL(38, 6)) * $k)", t=t, k=unit)
    fits = tree("regexp_full_match($t, '-?[0-9]{1,16}([.][0-9]*)?')", t=t)
    return cases([(fits, tree("TRY_CAST($n AS BIGINT)", n=n))])


def _iso(t: Expr, zone: str, keep: Keep) -> Expr:
    easy_local, easy_utc, easy_offset = (
        tree("regexp_full_match($t, $p) AND NOT starts_with($t, '0000')", t=t, p=pattern)
        for pattern in (_LOCAL, f"{_LOCAL[:-1]}Z", f"{_LOCAL[:-1]}{_OFFSET}")
    )
    shift = tree(
        "CAST(substr($t, -6, 1) || '1' AS BIGINT) * 60000"
        " * (CAST(right(left($t, -3), 2) AS BIGINT) * 60 + CAST(right($t, 2) AS BIGINT))",
        t=t,
    )
    maybe = tree("length($t) BETWEEN 8 AND 60 AND left($t, 1) BETWEEN '0' AND '9'", t=t)
    shape = keep(cases([(easy_local, literal(1)), (easy_utc, literal(2)), (easy_offset, literal(3)),
                        (maybe, literal(4))]))  # fmt: skip
    cut = {1: 0, 2: 1, 3: 6}
    moment = keep(
        cases(
            [
                (tree("$s = $n", s=shape, n=n), tree("TRY_CAST(left($t, $e) AS TIMESTAMP)", t=t,
                 e=tree("length($t) - $c", t=t, c=c)))
                for n, c in cut.items()
            ]
        )
    )  # fmt: skip
    ms = keep(epoch_ms(moment))
    local = keep(cases([(tree("$s = 1", s=shape), ms),
                        (tree("$s = 4", s=shape), call("lettershop_local", t))]))  # fmt: skip
    return cases(
        [
            (tree("$s = 2", s=shape), ms),
            (tree("$s = 3", s=shape), tree("$ms - $shift", ms=ms, shift=shift)),
            (tree("$l IS NOT NULL", l=local), to_instant(local, zone)),
            (tree("$s = 4", s=shape), call("lettershop_instant", t)),
        ]
    )


def in_range(instant: Expr) -> Expr:
    """NULL outside of the years 1 to 9999."""
    return cases([(tree("$i BETWEEN -62135596800000 AND 253402300799999", i=instant), instant)])


def _date(value: Value, raw: Raw, text: Expr, keep: Keep) -> Expr:
    if raw.family in ("date", "timestamp"):
        return tree("CAST($x AS DATE)", x=raw.expr)
    t = keep(trimmed(text))
    if value.format:
        parsed = coalesce(*(call("try_strptime", t, f) for f in value.format))
        return tree("CAST($p AS DATE)", p=parsed)
    fits = tree("regexp_full_match($t, '[0-9]{4}-[0-9]{2}-[0-9]{2}')", t=t)
    return cases(
        [
            (
                every([fits, tree("NOT starts_with($t, '0000')", t=t)]),
                tree("TRY_CAST($t AS DATE)", t=t),
            )
        ]
    )


def _list(value: Value, raw: Raw, text: Expr, keep: Keep) -> Expr:
    if raw.family == "list":
        items = tree("TRY_CAST($x AS VARCHAR[])", x=raw.expr)
    elif value.split:
        items = tree(
            "list_transform(str_split($x, $by), lambda v: trim(v, $blank))",
            x=text,
            by=value.split,
            blank=WHITESPACE,
        )
    elif raw.family == "json":
        items = _json_list(raw.expr)
    else:
        return _null("list")
    known = keep(
        tree(
            "list_filter(list_transform($l, lambda v: nfc_normalize(v)),"
            " lambda v: v IS NOT NULL AND trim(v, $blank) <> '')",
            l=items,
            blank=WHITESPACE,
        )
    )
    return cases([(tree("len($k) > 0", k=known), known)])


def _json_list(json: Expr) -> Expr:
    items = tree(
        "list_transform(TRY_CAST($j AS JSON[]), lambda v:"
        " CASE WHEN left(CAST(v AS VARCHAR), 1) NOT IN ('[', '{', 'n') THEN $text END)",
        j=json,
        text=call("json_extract_string", tree("v"), "$"),
    )
    return cases([(tree("left(CAST($j AS VARCHAR), 1) = '['", j=json), items)])


def _location(raw: Raw, text: Expr, keep: Keep) -> Expr:
    parts = keep(tree("str_split($t, ',')", t=text))
    lat, lon = (keep(number(keep(call("list_extract", parts, i)), keep)) for i in (1, 2))
    written = cases([(tree("len($p) = 2", p=parts), place(lat, lon))])
    if raw.family != "json":
        return written
    sides = (keep(_either(raw.expr, keys)) for keys in _PLACE_KEYS)
    lat, lon = (keep(number(keep(as_text(Raw(side, "json"))), keep)) for side in sides)
    is_object = tree("left(CAST($j AS VARCHAR), 1) = '{'", j=raw.expr)
    return cases([(is_object, place(lat, lon))], written)


_PLACE_KEYS = (("lat", "latitude"), ("lon", "longitude"))


def _either(json: Expr, keys: tuple[str, str]) -> Expr:
    return coalesce(*(call("json_extract", json, f"/{key}") for key in keys))


def place(lat: Expr, lon: Expr) -> Expr:
    """A location of two numbers in degrees; NULL when one is missing or out of range."""
    return tree(
        "CASE WHEN $lat BETWEEN -90 AND 90 AND $lon BETWEEN -180 AND 180"
        " THEN {'lat': CAST($lat AS DOUBLE), 'lon': CAST($lon AS DOUBLE)} END",
        lat=lat,
        lon=lon,
    )


def product(factors: list[Expr], keep: Keep) -> Expr:
    """Rounded to six places after each factor, halves away from zero."""
    result = factors[0]
    for factor in factors[1:]:
        result = keep(tree("TRY_CAST(round($a * $b, 6) AS DECIMAL(18, 6))", a=result, b=factor))
    return result
