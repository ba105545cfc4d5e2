"""What a tree says in DuckDB's words, in those that Spark and Sail share.

`_REWRITES` has one entry per kind of node, `_FUNCTIONS` one per function that sqlglot does not
know. Each gives an expression of the same value on every input that planning can produce; where
that takes more than another name, the reason is beside it.
"""

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from lettershop.engines.spark.casing import lowered
from lettershop.engines.spark.functions import MATCHES
from lettershop.model.values import WHITESPACE
from lettershop.planning.predicates import trim
from lettershop.planning.sources import col

SEPARATOR: Final = "\u2329"
"""Stored texts are in NFC, which has another character for this one (U+3008)."""
_WHOLE_DIGITS: Final = 20
_PLACES: Final = 6


def rewritten(tree: exp.Query) -> exp.Query:
    """A copy in other words."""
    found = tree.copy()
    for node in reversed(list(found.walk())):  # what is inside comes first
        rewrite = _REWRITES.get(type(node))
        other = rewrite(node) if rewrite else node
        if other is not node:
            node.replace(other)
    return found


def _picked(function: str) -> Callable[[exp.Expr], exp.Expr]:
    """ARG_MAX passes over rows without a value, MAX_BY does not."""

    def rewrite(node: exp.Expr) -> exp.Expr:
        value, order = node.this, node.expression
        if isinstance(order, exp.Tuple):
            order = exp.Struct(expressions=order.expressions)
        picked = exp.Anonymous(this=function, expressions=[value, order])
        if isinstance(value, exp.Struct):  # never NULL itself
            return picked
        known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
        return exp.Filter(this=picked, expression=exp.Where(this=known))

    return rewrite


def _sum(node: exp.Expr) -> exp.Expr:
    """Whole numbers are added up in 38 digits: Spark's 64 bits would overflow. A plain column is a
    DECIMAL(18, 6), and those add up in 28 digits anyway."""
    if isinstance(node.this, exp.Column):
        return node
    return exp.Sum(this=exp.Cast(this=node.this, to=exp.DataType.build("decimal(38,0)")))


def _column(node: exp.Expr) -> exp.Expr:
    """The lake keeps the order of loading in a column (lake/manifest.py)."""
    own = node.name == "rowid" and node.text("table") == "h"  # no trait of that name
    return col("ord", "h") if own else node


def _number(node: exp.Expr) -> exp.Expr:
    """A number that does not fit 38 digits, as one that compares alike with any DECIMAL(18, 6)."""
    whole, _, places = str(node.this).partition(".")
    if node.args.get("is_string") or len(whole) + len(places) <= _WHOLE_DIGITS + _PLACES:
        return node
    if len(whole) > _WHOLE_DIGITS:
        return exp.Literal.number("1" + "0" * _WHOLE_DIGITS)
    beyond = "5" if places[_PLACES:].strip("0") else ""
    return exp.Literal.number(f"{whole}.{places[:_PLACES]}{beyond}")


def _is_date(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type("date")


def _sub(node: exp.Expr) -> exp.Expr:
    """Days between two dates: Spark's minus gives an interval."""
    if _is_date(node.expression):
        return _call("datediff", node.this, node.expression)
    return node


def _add(node: exp.Expr) -> exp.Expr:
    return _call("date_add", node.this, node.expression) if _is_date(node.this) else node


def _regexp(node: exp.Expr) -> exp.Expr:
    return _call(MATCHES, node.this, node.expression)


def _lower(node: exp.Expr) -> exp.Expr:
    return lowered(node.this)


def _function(node: exp.Expr) -> exp.Expr:
    rewrite = _FUNCTIONS.get(str(node.this).lower())
    return rewrite(*node.expressions) if rewrite else node


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


# --- functions ------------------------------------------------------------------------------------


def _folded(text: exp.Expr) -> exp.Expr:
    return lowered(trim(text))


def _folded_items(items: exp.Expr) -> exp.Expr:
    """Not one by one: Sail cannot look for rows by a lambda. So they are joined by a character that
    no stored text has, folded together, and cut apart where it is, with the blanks around it."""
    joined = _call("array_join", items, exp.Literal.string(SEPARATOR))
    blanks = f"[{WHITESPACE}]*"
    return _call("split", _folded(joined), exp.Literal.string(blanks + SEPARATOR + blanks))


def _has_any(items: exp.Expr, wanted: exp.Expr) -> exp.Expr:
    return _call("arrays_overlap", items, wanted) if wanted.expressions else exp.false()


def _has_all(items: exp.Expr, wanted: exp.Expr) -> exp.Expr:
    """None of the wanted is left. They are made as the items are, for Sail takes two arrays for two
    types where only one may have NULLs."""
    if not wanted.expressions:
        return exp.Not(this=exp.Is(this=items, expression=exp.Null()))
    text = exp.Literal.string(SEPARATOR.join(str(one.this) for one in wanted.expressions))
    list_of = _call("split", text, exp.Literal.string(SEPARATOR))
    left = _call("size", _call("array_except", list_of, items))
    return exp.paren(exp.EQ(this=left, expression=exp.Literal.number(0)), copy=False)


def _instant(microseconds: exp.Expr) -> exp.Expr:
    """Always milliseconds times a thousand."""
    return _call("timestamp_millis", microseconds.this)


def _timezone(zone: exp.Expr, moment: exp.Expr) -> exp.Expr:
    """An instant to what clocks in the zone show, what they show to an instant: DuckDB tells the
    two apart by type. The second stands in `epoch_ms` only."""
    return _call("from_utc_timestamp", moment, zone)


def _months(number: exp.Expr) -> exp.Expr:
    return _call("make_ym_interval", exp.Literal.number(0), number)


def _epoch_ms(moment: exp.Expr) -> exp.Expr:
    if isinstance(moment, exp.Anonymous) and str(moment.this) == "from_utc_timestamp":
        moment = _call("to_utc_timestamp", *moment.expressions)
    return _call("unix_millis", moment)


_REWRITES: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.Add: _add,
    exp.Anonymous: _function,
    exp.ArgMax: _picked("max_by"),
    exp.ArgMin: _picked("min_by"),
    exp.Column: _column,
    exp.Literal: _number,
    exp.Lower: _lower,
    exp.RegexpLike: _regexp,
    exp.Sub: _sub,
    exp.Sum: _sum,
}

_FUNCTIONS: Final[dict[str, Callable[..., exp.Expr]]] = {
    "epoch_ms": _epoch_ms,
    "folded": _folded,
    "folded_items": _folded_items,
    "list_has_all": _has_all,
    "list_has_any": _has_any,
    "make_timestamptz": _instant,
    "timezone": _timezone,
    "to_months": _months,
    "trimmed": trim,
}
