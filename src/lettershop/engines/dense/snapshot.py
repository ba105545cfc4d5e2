"""The values as they stood at a moment: the wide tables when all is visible, else rebuilt.

A wide table holds the last values of *all* facts. At a moment before the newest fact it would know
too much; then the fields that are asked for are taken from the history instead, into a temporary
table of the same shape. With `only` (partial.py) such a table holds the few subjects in
`only_contact`, `only_account` and `only_pair`, and their records.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from lettershop.engines.dense.asking import Asker
from lettershop.model.catalog import Catalog, Fields
from lettershop.planning.histories import LAST_WORD, VALUE_COLUMN, latest
from lettershop.planning.metrics import AnyMetric, FieldTest, FieldValue, RecordMetric
from lettershop.planning.sources import among, col, not_null, table
from lettershop.planning.zones import integer

WIDE = {"contact": "contacts", "account": "accounts", "membership": "people"}
_OWN = {
    "contact": ("id", "key", "identity", "known_since", "identified_since"),
    "account": ("id", "key", "identity", "known_since"),
    "record": ("id", "identity", "known_since"),
}


def current_tables(
    asker: Asker,
    catalog: Catalog,
    metrics: Iterable[AnyMetric],
    as_of: int,
    zone_field: str,
    *,
    only: bool = False,
) -> dict[str, str]:
    """Scope to the table that holds its values at `as_of`: wide, or made for the occasion."""
    metrics = list(metrics)
    kinds = {m.kind for m in metrics if isinstance(m, RecordMetric) and m.kind in catalog.records}
    found = {}
    for scope in ("contact", "account"):
        fields = {"contact": catalog.contact, "account": catalog.account}[scope]
        wanted = _wanted(metrics, scope) | {zone_field}
        found[scope] = WIDE[scope]
        if not _all_visible(catalog, (scope,), as_of):
            chosen = {name: info for name, info in fields.items() if name in wanted}
            few = f"only_{scope}" if only else None
            found[scope] = _rebuild(asker, scope, WIDE[scope], chosen, as_of, few)
    found["membership"] = WIDE["membership"]
    if not _all_visible(catalog, ("contact", "account", "membership"), as_of):
        found["membership"] = _rebuild_people(asker, as_of, only=only)
    for kind in sorted(kinds):
        info = catalog.records[kind]
        found[f"record:{kind}"] = info.table
        if not _all_visible(catalog, (f"record:{kind}",), as_of):
            few = _few_records(asker, info.table) if only else None
            found[f"record:{kind}"] = _rebuild(asker, "record", info.table, info.fields, as_of, few)
    return found


def _few_records(asker: Asker, wide: str) -> str:
    """A table of the records that were ever linked to one of the few subjects."""
    links = [
        exp.select(exp.alias_(col("subject", "h"), "id", quoted=True, copy=False))
        .from_(table(f"{wide}_history", "h"), copy=False)
        .where(
            col("key", "h").eq(exp.Literal.string(f"@{side}")),
            among(col("ref", "h"), f"only_{side}"),
            copy=False,
        )
        for side in ("contact", "account")
    ]
    asker.create(f"only_{wide}", exp.union(*links, distinct=True))
    return f"only_{wide}"


def _wanted(metrics: Iterable[AnyMetric], scope: str) -> set[str]:
    names = set()
    for metric in metrics:
        if isinstance(metric, FieldTest) and metric.scope == scope:
            names.add(metric.test.field)
        elif isinstance(metric, FieldValue) and metric.scope == scope:
            names.add(metric.field)
    return names


def _all_visible(catalog: Catalog, scopes: Iterable[str], as_of: int) -> bool:
    return all(catalog.last_visible.get(scope, as_of) <= as_of for scope in scopes)


def _rebuild(
    asker: Asker, sort: str, wide: str, fields: Fields, as_of: int, few: str | None
) -> str:
    """A table like `wide`, with the given fields as the history tells them; `few`: of the subjects
    in that table."""
    name = f"{wide}_then" if few is None else f"only_{wide}_then"
    history = f"{sort}_history" if sort != "record" else f"{wide}_history"
    sql = exp.select(*(col(c, "w") for c in _OWN[sort])).from_(table(wide, "w"), copy=False)
    if few is not None:
        sql = sql.where(among(col("id", "w"), few), copy=False)
    columns = {info.column: (key, VALUE_COLUMN[info.type]) for key, info in fields.items()}
    columns["deleted"] = ("@deleted", "flag")
    if sort == "record":
        columns |= {"contact": ("@contact", "ref"), "account": ("@account", "ref")}
    for number, (column, (key, value)) in enumerate(columns.items()):
        alias = f"k{number}"
        found = latest(history, key, value, as_of, as_of, few).subquery(alias, copy=False)
        on = col("subject", alias).eq(col("id", "w"))
        sql = sql.join(found, on=on, join_type="left", copy=False)
        sql = sql.select(exp.alias_(col("v", alias), column, quoted=True, copy=False), copy=False)
    asker.create(name, sql)
    return name


def _rebuild_people(asker: Asker, as_of: int, *, only: bool) -> str:
    """Who was an active member at `as_of`: the last word on each pair, unless a deletion of its
    account or contact came later."""
    order = exp.Tuple(expressions=[col(n, "h") for n in ("ts", *LAST_WORD)])
    visible = [col(n, "h") <= integer(as_of) for n in ("ts", "received_at")]
    last = exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name), expression=col(name, "h"))
            for name in ("joined", "role")
        ]
    )
    first_joined = exp.Filter(
        this=exp.Min(this=col("ts", "h")), expression=exp.Where(this=col("joined", "h"))
    )
    pairs = (
        exp.select(
            *(col(n, "h") for n in ("pair", "contact", "account")),
            exp.alias_(exp.ArgMax(this=last, expression=order), "last", quoted=True, copy=False),
            exp.alias_(exp.Max(this=_stamp("h")), "stamp", quoted=True, copy=False),
            exp.alias_(first_joined, "joined", quoted=True, copy=False),
        )
        .from_(table("people_history", "h"), copy=False)
        .where(*visible, *_few_of("pair", "id", only=only), copy=False)
        .group_by(*(col(n, "h") for n in ("pair", "contact", "account")), copy=False)
    )
    sql = exp.select(
        exp.alias_(col("pair", "p"), "id", quoted=True, copy=False),
        col("contact", "p"),
        col("account", "p"),
        col("joined", "p"),
        exp.alias_(
            exp.Dot(
                this=exp.paren(col("last", "p"), copy=False), expression=exp.to_identifier("role")
            ),
            "role",
            quoted=True,
            copy=False,
        ),
    ).from_(pairs.subquery("p", copy=False), copy=False)
    active: list[exp.Expr] = [
        exp.Dot(
            this=exp.paren(col("last", "p"), copy=False), expression=exp.to_identifier("joined")
        )
    ]
    for side in ("contact", "account"):
        alias = f"{side}_end"
        on = col("subject", alias).eq(col(side, "p"))
        sql = sql.join(
            _deletions(side, visible, only=only).subquery(alias, copy=False),
            on=on,
            join_type="left",
            copy=False,
        )
        ended = exp.Coalesce(
            this=exp.paren(col("stamp", alias) >= col("stamp", "p"), copy=False),
            expressions=[exp.false()],
        )
        active.append(exp.Not(this=ended))
    sql = sql.select(
        exp.alias_(exp.and_(*active, copy=False), "active", quoted=True, copy=False), copy=False
    )
    name = "only_people_then" if only else "people_then"
    asker.create(name, sql)
    return name


def _few_of(column: str, of_pair: str, *, only: bool) -> list[exp.Expr]:
    return [among(col(column, "h"), "only_pair", of_pair)] if only else []


def _deletions(side: str, visible: Sequence[exp.Expr], *, only: bool) -> exp.Select:
    """The last visible deletion of each contact or account."""
    return (
        exp.select(
            col("subject", "h"),
            exp.alias_(exp.Max(this=_stamp("h")), "stamp", quoted=True, copy=False),
        )
        .from_(table(f"{side}_history", "h"), copy=False)
        .where(
            col("key", "h").eq(exp.Literal.string("@deleted")),
            col("flag", "h"),
            not_null("flag", "h"),
            *(part.copy() for part in visible),
            *_few_of("subject", side, only=only),
            copy=False,
        )
        .group_by(col("subject", "h"), copy=False)
    )


def _stamp(alias: str) -> exp.Expr:
    """(ts, received_at, message_id) as one comparable value."""
    names: Mapping[str, str] = {"a": "ts", "b": "received_at", "c": "message_id"}
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(key), expression=col(name, alias))
            for key, name in names.items()
        ]
    )
