"""Where rows come from: the events, records and histories a metric reads, as SQL trees.

Every sub-query carries the same column names: the key columns of its grain, then `ts`, and
`received_at`, `message_id`, `zone` and the value `v` where asked for.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp

from lettershop.language.tree import Condition
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo, Fields
from lettershop.model.clock import DAY
from lettershop.model.settings import Settings
from lettershop.model.values import ValueType
from lettershop.planning.metrics import FieldScope, Grain, Rows
from lettershop.planning.predicates import Sight, Value, compared, holds, not_
from lettershop.planning.windows import zoned
from lettershop.planning.zones import QueryClock, days_to_date, double, integer, needs_local

KEYS: dict[Grain, tuple[str, ...]] = {
    "contact": ("contact",),
    "account": ("account",),
    "pair": ("contact", "account"),
}

MICROS = exp.Literal.number(1_000_000)


class Context(NamedTuple):
    """Everything queries depend on besides the metrics."""

    catalog: Catalog
    settings: Settings
    as_of: int
    zones: tuple[str, ...]
    """Zones in use; with several, the tables `zone_of_contact` and `zone_of_account` exist."""
    current: Mapping[str, str]
    """Scope (`contact`, `account`, `membership`, `record:deal`) to the table of its values now."""
    only: bool = False
    """Of a few subjects alone: those in the tables `only_contact(id)`, `only_account(id)` and
    `only_pair(id, contact, account)` of the connection."""
    asof: bool = True
    """Whether the engine knows ASOF joins."""

    def clock(self, alias: str | None = None) -> QueryClock:
        number = exp.column("zone", alias) if len(self.zones) > 1 and alias else None
        zones = self.zones if number is not None else self.zones[:1]
        return QueryClock(self.as_of, self.settings.timezone, zones, number)

    def fields(self, scope: FieldScope) -> Fields:
        match scope:
            case "contact":
                return self.catalog.contact
            case "account":
                return self.catalog.account
            case "membership":
                return self.catalog.membership


def col(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table, quoted=True)


def table(name: str, alias: str) -> exp.Expr:
    named = exp.Table(this=exp.to_identifier(name, quoted=True))
    return exp.alias_(named, alias, table=True, copy=False)


def value_of(fields: Fields, name: str, alias: str) -> Value | None:
    """The column of a field, or None when there is no such field."""
    info = fields.get(name)
    return Value(col(info.column, alias), info.type) if info else None


def join_zone(query: exp.Select, grain: Grain, alias: str, context: Context) -> exp.Select:
    """Brings in the zone number of the subject as `z.zone`."""
    side: FieldScope = "account" if grain == "account" else "contact"
    return join_zone_of(query, side, col(side, alias), context)


def join_zone_of(
    query: exp.Select, side: FieldScope, subject: exp.Expr, context: Context
) -> exp.Select:
    name = f"only_zone_of_{side}" if context.only else f"zone_of_{side}"
    return query.join(table(name, "z"), on=col("id", "z").eq(subject), copy=False)


def only(grain: Grain, alias: str, context: Context) -> list[exp.Expr]:
    """Rows of the few subjects a query is restricted to, by the key columns of the grain."""
    if not context.only:
        return []
    keys = KEYS[grain]
    if len(keys) == 1:
        return [among(col(keys[0], alias), f"only_{grain}")]
    return [among(exp.Tuple(expressions=[col(key, alias) for key in keys]), "only_pair", *keys)]


def among(subject: exp.Expr, name: str, *columns: str) -> exp.Expr:
    """The subject (or tuple of them) stands in a table: as a semi-join, which is cheap."""
    rows = exp.select(*(col(c, "o") for c in columns or ("id",))).from_(
        table(name, "o"), copy=False
    )
    return exp.In(this=subject, query=exp.Subquery(this=rows))


def event_tables(rows: Rows, context: Context) -> Iterator[tuple[EventInfo, list[exp.Expr]]]:
    """The tables a set of event names lives in, with conditions that names alone imply."""
    events = context.catalog.events
    if rows.names:
        yield from ((events[name], []) for name in dict.fromkeys(rows.names) if name in events)
        return
    for name, info in events.items():
        if name in context.settings.ignored_events:
            continue
        yield info, _not_by_machine(info, context)


def _not_by_machine(info: EventInfo, context: Context) -> list[exp.Expr]:
    grade = value_of(info.properties, "grade", "e")
    if info.name not in context.settings.graded_events or grade is None or grade.type != "text":
        return []
    return [not_(compared(grade).eq(exp.Literal.string("machine")))]


def visible(info_last: int | None, as_of: int, alias: str) -> list[exp.Expr]:
    """Only facts known at as_of; nothing to ask when all of them are."""
    if info_last is not None and info_last <= as_of:
        return []
    return [col(name, alias) <= integer(as_of) for name in ("ts", "received_at")]


def conditions(rows: Rows, info: EventInfo, clock: QueryClock) -> list[exp.Expr]:
    """What rows of this table must fulfil: window and `where`."""
    found = clock.within(col("ts", "e"), rows.window)
    if rows.where is not None:
        sight = Sight(lambda name: value_of(info.properties, name, "e"), clock)
        found.append(holds(rows.where, sight))
    return found


def wants_zone(rows: Rows, context: Context) -> bool:
    return len(context.zones) > 1 and (zoned(rows.window) or needs_local(rows.where))


def event_rows(
    rows: Rows,
    grain: Grain,
    context: Context,
    value: str | None = None,
    *,
    day: bool = False,
    zone: bool = False,
    ordered: bool = False,
    start: int | None = None,
) -> exp.Query | None:
    """All events of a set as one sub-query. `value` names a property (only rows where it is known,
    under the first type it has), `day` asks for the local day as `v`, `zone` for the zone number,
    `ordered` for all that says which came first; nothing before `start` is wanted.
    None when there is no such event (or property) at all."""
    kind = property_type(rows, value, context) if value is not None else None
    parts = []
    for info, extra in event_tables(rows, context):
        v: exp.Expr | None = None
        if value is not None:
            found = value_of(info.properties, value, "e")
            if found is None or found.type != kind:
                continue
            v = found.sql
        if start is not None:
            extra = [*extra, col("ts", "e") >= integer(start)]
        parts.append(
            _rows_of(info, extra, rows, grain, context, v, day=day, zone=zone, ordered=ordered)
        )
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)


def property_type(rows: Rows, name: str, context: Context) -> ValueType | None:
    types = (i.properties.get(name) for i, _ in event_tables(rows, context))
    return next((info.type for info in types if info is not None), None)


def _rows_of(
    info: EventInfo,
    extra: list[exp.Expr],
    rows: Rows,
    grain: Grain,
    context: Context,
    value: exp.Expr | None,
    *,
    day: bool,
    zone: bool,
    ordered: bool,
) -> exp.Select:
    several = len(context.zones) > 1
    joined = several and (day or zone or wants_zone(rows, context))
    clock = context.clock("z" if joined else None)
    columns = [*KEYS[grain], "ts", *(("received_at", "message_id") if ordered else ())]
    query = exp.select(*(col(name, "e") for name in columns)).from_(
        table(info.table, "e"), copy=False
    )
    if joined:
        query = join_zone(query, grain, "e", context)
    if several and zone:
        query = query.select(col("zone", "z"), copy=False)
    if day:
        local = _local_day(info, clock)
        query = query.select(exp.alias_(local, "v", quoted=True, copy=False), copy=False)
    query = query.where(
        *(not_null(key, "e") for key in KEYS[grain]),
        *visible(info.last_visible, context.as_of, "e"),
        *only(grain, "e", context),
        *extra,
        *conditions(rows, info, clock),
        copy=False,
    )
    if value is not None:
        query = query.select(exp.alias_(value, "v", quoted=True, copy=False), copy=False)
        query = query.where(
            exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null())), copy=False
        )
    return query


def _local_day(info: EventInfo, clock: QueryClock) -> exp.Expr:
    if info.first_ts is None or info.last_ts is None:  # no rows: all were duplicates
        return exp.cast(exp.Null(), "bigint")
    return clock.local_day(col("ts", "e"), info.first_ts, info.last_ts + 1)


def not_null(name: str, alias: str) -> exp.Expr:
    return exp.Not(this=exp.Is(this=col(name, alias), expression=exp.Null()))


def amount(info: FieldInfo, fields: Fields, alias: str, currency: str) -> tuple[exp.Expr, exp.Expr]:
    """A number field as BIGINT micro-units of `currency`, by the rate joined as `rate.rate`.

    The second part is the row's own currency, for `join_rate`.
    """
    plain = to_micros(col(info.column, alias))
    own = _currency_of(info, fields, alias)
    converted = exp.Cast(
        this=exp.Floor(
            this=exp.Cast(
                this=exp.Cast(this=col(info.column, alias), to=exp.DataType.build("decimal(19,6)"))
                * col("rate", "rate"),
                to=exp.DataType.build("decimal(38,12)"),
            )
            * MICROS.copy()
            + exp.Literal.number("0.5")
        ),
        to=exp.DataType.build("bigint"),
    )
    same = own.copy().eq(exp.Literal.string(currency.lower()))
    return exp.Case().when(same, plain).else_(converted), own


def _currency_of(info: FieldInfo, fields: Fields, alias: str) -> exp.Expr:
    sibling = value_of(fields, info.currency, alias) if info.currency else None
    if sibling is not None:
        return compared(sibling)
    # Where the sibling was never said, neither was the currency: what was seen is no constant.
    constant = info.currencies[0].lower() if info.currency == "" and info.currencies else None
    return exp.Literal.string(constant) if constant else exp.Null()


def join_rate(
    query: exp.Select, own: exp.Expr, currency: str, day: exp.Expr, context: Context
) -> exp.Select:
    """The last rate dated on or before `day`, which differs from row to row, or none."""
    on: list[exp.Expr] = [own.copy().eq(col("source", "rate")), day >= col("day", "rate")]
    rates = _rates(currency, col("day", "r"), col("rate", "r"))
    if not context.asof:
        rates = rates.select(_until(), copy=False)
        last = exp.Is(this=col("until", "rate"), expression=exp.Null())
        on.append(exp.or_(last, day.copy() < col("until", "rate"), copy=False))
    return query.join(
        rates.subquery("rate", copy=False),
        on=exp.and_(*on, copy=False),
        join_type="asof left" if context.asof else "left",
        copy=False,
    )


def _until() -> exp.Expr:
    """The day of the next rate, up to which one holds."""
    following = exp.Window(
        this=exp.func("lead", col("day", "r")),
        partition_by=[exp.Lower(this=col("source", "r"))],
        order=exp.Order(expressions=[exp.Ordered(this=col("day", "r"))]),
    )
    return exp.alias_(following, "until", quoted=True, copy=False)


def join_rate_of(query: exp.Select, own: exp.Expr, currency: str, day: int) -> exp.Select:
    """The last rate dated on or before one `day` (since 1970), or none."""
    last = exp.ArgMax(this=col("rate", "r"), expression=col("day", "r"))
    rates = (
        _rates(currency, exp.alias_(last, "rate", quoted=True, copy=False))
        .where(col("day", "r") <= days_to_date(day), copy=False)
        .group_by(exp.Lower(this=col("source", "r")), copy=False)
        .subquery("rate", copy=False)
    )
    return query.join(rates, on=own.copy().eq(col("source", "rate")), join_type="left", copy=False)


def _rates(currency: str, *columns: exp.Expr) -> exp.Select:
    source = exp.alias_(exp.Lower(this=col("source", "r")), "source", quoted=True, copy=False)
    wanted = exp.Literal.string(currency.lower())
    return (
        exp.select(source, *columns)
        .from_(table("rates", "r"), copy=False)
        .where(exp.Lower(this=col("target", "r")).eq(wanted), copy=False)
    )


def utc_day(instant: exp.Expr) -> exp.Expr:
    days = exp.Cast(
        this=exp.Floor(this=exp.Div(this=instant, expression=double(DAY))),
        to=exp.DataType.build("int"),
    )
    return exp.Add(this=days_to_date(0), expression=days)


def micros(number: exp.Expr) -> exp.Expr:
    """A row's DECIMAL(18, 6) as the integer it is stored as; for what was summed see `to_micros`.

    In two halves, because DuckDB keeps the product of a DECIMAL(18, 6) within 18 digits.
    """
    bigint = exp.DataType.build("bigint")
    whole = exp.Cast(this=number, to=bigint)
    rest = exp.paren(exp.paren(number.copy() - whole.copy()) * MICROS.copy())
    return whole * MICROS.copy() + exp.Cast(this=rest, to=bigint.copy())


def to_micros(number: exp.Expr) -> exp.Expr:
    """A DECIMAL(18, 6) as the integer it is stored as."""
    wide = exp.Cast(this=number, to=exp.DataType.build("decimal(38,6)"))
    return exp.Cast(
        this=exp.paren(wide * MICROS.copy(), copy=False), to=exp.DataType.build("bigint")
    )


def where_sight(fields: Fields, alias: str, clock: QueryClock) -> Sight:
    return Sight(lambda name: value_of(fields, name, alias), clock)


def maybe(condition: Condition | None, sight: Sight) -> list[exp.Expr]:
    return [] if condition is None else [holds(condition, sight)]
