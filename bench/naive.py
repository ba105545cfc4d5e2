"""The yardstick: each segment as one self-contained query, as one would write it by hand.

`SELECT id FROM contacts WHERE … AND id IN (SELECT contact FROM event_x … GROUP BY … HAVING …)`, on
the same tables. It shares nothing with `planning/` but the meaning, so equal sizes also prove our
answers at scale. Only what `segments.py` writes is understood; one time zone, all facts visible.
"""

from collections.abc import Iterator

from bench.naive_values import Columns, literal, value_test
from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition
from lettershop.language.walk import walk
from lettershop.model.catalog import Catalog
from lettershop.model.clock import DAY, HOUR

_HOW_LONG = {"hour": HOUR, "day": DAY, "week": 7 * DAY}
_COUNT = {"at least": ">=", "more than": ">", "exactly": "=", "at most": "<=", "fewer than": "<"}
_WHOSE = {"contact": Sql("c.id"), "account": Sql("a.id"), "pair": Sql("(c.id, a.id)")}
_KEYS = {"contact": Sql("contact"), "account": Sql("account"), "pair": Sql("contact, account")}
_FUNCTION = {"sum": "sum", "average": "avg", "minimum": "min", "maximum": "max"}


class Naive:
    """Writes the queries of a set of definitions that may refer to each other."""

    def __init__(self, definitions: list[Definition], catalog: Catalog, as_of: int) -> None:
        self.by_name = {d.name: d for d in definitions}
        self.catalog, self.as_of = catalog, as_of

    def query(self, name: str) -> Sql:
        """The ids of the segment's members, each once."""
        definition = self.by_name[name]
        if definition.subject == "account":
            holds = self.condition(definition.where, "account")
            return sql("SELECT a.id FROM accounts a WHERE {holds}", holds=holds)
        holds = self.condition(definition.where, "contact")
        if not _speaks_of_account(definition.where):
            return sql("SELECT c.id FROM contacts c WHERE {holds}", holds=holds)
        return sql(
            "SELECT DISTINCT c.id FROM contacts c LEFT JOIN people p ON p.contact = c.id"
            " AND p.active LEFT JOIN accounts a ON a.id = p.account WHERE {holds}",
            holds=holds,
        )

    def condition(self, node: Condition, place: str) -> Sql:
        """TRUE for the rows (c, a, p) of which the condition is true."""
        match node:
            case tree.And(parts=parts):
                return Sql(" AND ".join(f"({self.condition(p, place)})" for p in parts))
            case tree.Or(parts=parts):
                return Sql(" OR ".join(f"({self.condition(p, place)})" for p in parts))
            case tree.Not(part=part):
                return _not(self.condition(part, place))
            case tree.Did():
                return self._did(node, place)
            case tree.MeasureTest():
                return self._measure_test(node, place)
            case tree.EdgeTime(edge=edge, events=events, window=window):
                found = sql("{f}(ts)", f=_edge(edge))
                having = Sql(" AND ".join(self._window(found, window)))
                return self._having(events, having, place)
            case tree.TimeSince(edge=edge, events=events, op=">", duration=duration):
                having = sql("{f}(ts) < {t}", f=_edge(edge), t=self._back(duration))
                return self._having(events, having, place)
            case tree.EdgeValue():
                return self._edge_value(node, place)
            case tree.Sequence():
                return self._sequence(node)
            case tree.Rank():
                return self._rank(node)
            case tree.Moved():
                return self._moved(node)
            case tree.KnownFor(duration=duration):
                return sql("c.known_since <= {t}", t=self._back(duration))
            case tree.InSegment(name=name):
                return sql("c.id IN ({query})", query=self.query(name))
            case tree.People():
                return self._people(node)
            case tree.HasRecord():
                return self._has_record(node)
            case _:
                return value_test(node, self._field(place), self.as_of)

    # --- events ---------------------------------------------------------------------------------

    def _did(self, node: tree.Did, place: str) -> Sql:
        events = node.events
        grain = _grain(events, place)
        found = sql("count(*) {op} {n}", op=Sql(_COUNT[node.count]), n=literal(node.n))
        if node.days:
            found = sql("count(DISTINCT ts // 86400000) >= {n}", n=literal(node.n))
        if node.same is None:
            holds = self._having(events, found, place)
        else:
            same = self._folded(events, node.same)
            counts = sql(
                "SELECT {keys} FROM {rows} GROUP BY {keys}, {same} HAVING {found}",
                keys=_KEYS[grain],
                rows=self._rows(events, grain, known=node.same),
                same=same,
                found=found,
            )
            holds = sql("{whose} IN ({counts})", whose=_WHOSE[grain], counts=counts)
        return _not(holds) if node.negated else holds

    def _having(self, events: tree.Events, having: Sql, place: str, known: str = "") -> Sql:
        grain = _grain(events, place)
        return sql(
            "coalesce({whose} IN (SELECT {keys} FROM {rows} GROUP BY {keys} HAVING {h}), false)",
            whose=_WHOSE[grain],
            keys=_KEYS[grain],
            rows=self._rows(events, grain, known),
            h=having,
        )

    def _rows(self, events: tree.Events, grain: str, known: str = "") -> Sql:
        """`table WHERE …`, or all tables together."""
        if len(events.names) == 1:
            name = events.names[0]
            parts = self._parts(name, events, grain, known)
            table = self.catalog.events[name].table
            return sql("{t} WHERE {parts}", t=table, parts=Sql(" AND ".join(parts)))
        branches = [
            sql(
                "SELECT contact, account, ts FROM {t} WHERE {parts}",
                t=self.catalog.events[name].table,
                parts=Sql(" AND ".join(self._parts(name, events, grain, known))),
            )
            for name in (events.names or self.catalog.events)
        ]
        return sql("({all})", all=union_all(branches))

    def _parts(self, name: str, events: tree.Events, grain: str, known: str) -> Iterator[Sql]:
        yield from (sql("{k} IS NOT NULL", k=Sql(k)) for k in _KEYS[grain].split(", "))
        if events.window is not None:
            yield from self._window(Sql("ts"), events.window)
        properties = self.catalog.events[name].properties
        if known:
            yield sql("{c} IS NOT NULL", c=properties[known].column)
        if events.where is not None:
            yield sql("({w})", w=self._where(events.where, Columns(properties, "")))

    def _where(self, node: Condition, columns: Columns) -> Sql:
        match node:
            case tree.And(parts=parts):
                return Sql(" AND ".join(f"({self._where(p, columns)})" for p in parts))
            case tree.Or(parts=parts):
                return Sql(" OR ".join(f"({self._where(p, columns)})" for p in parts))
            case tree.Not(part=part):
                return _not(self._where(part, columns))
            case _:
                return value_test(node, columns, self.as_of)

    def _folded(self, events: tree.Events, field: str) -> Sql:
        return Columns(self.catalog.events[events.names[0]].properties, "").folded(field)

    def _edge_value(self, node: tree.EdgeValue, place: str) -> Sql:
        grain = _grain(node.events, place)
        field = node.test.field
        info = self.catalog.events[node.events.names[0]].properties[field]
        edge = sql(
            "SELECT {keys}, {f}({c}, (ts, received_at, message_id)) AS {c} FROM {rows}"
            " GROUP BY {keys}",
            keys=_KEYS[grain],
            f=Sql("arg_max" if node.edge == "last" else "arg_min"),
            c=info.column,
            rows=self._rows(node.events, grain, known=field),
        )
        return sql(
            "{whose} IN (SELECT {keys} FROM ({edge}) WHERE {test})",
            whose=_WHOSE[grain],
            keys=_KEYS[grain],
            edge=edge,
            test=value_test(node.test, Columns({field: info}, ""), self.as_of),
        )

    def _sequence(self, node: tree.Sequence) -> Sql:
        tables = [node.first.names[0], *(step.names[0] for step in node.steps)]
        joined = sql("{t} e0", t=self.catalog.events[tables[0]].table)
        for n, step in enumerate(node.steps, 1):
            here, before = Sql(f"e{n}"), Sql(f"e{n - 1}")
            gap = step.gap.n * _HOW_LONG[step.gap.unit] if step.gap else 0
            limit = sql(" AND {h}.ts <= {b}.ts + {g}", h=here, b=before, g=literal(gap))
            joined = sql(
                "{joined} JOIN {t} {h} ON {h}.contact = {b}.contact AND {h}.ts > {b}.ts{limit}",
                joined=joined,
                t=self.catalog.events[tables[n]].table,
                h=here,
                b=before,
                limit=limit if gap else Sql(""),
            )
        window = node.first.window
        parts = [Sql("true"), *(self._window(Sql("e0.ts"), window) if window else [])]
        for name in node.without:
            parts.append(
                sql(
                    "NOT EXISTS (SELECT 1 FROM {t} w WHERE w.contact = e0.contact"
                    " AND w.ts > e0.ts AND w.ts < {last}.ts)",
                    t=self.catalog.events[name].table,
                    last=Sql(f"e{len(node.steps)}"),
                )
            )
        found = sql("SELECT e0.contact FROM {j} WHERE {p}", j=joined, p=Sql(" AND ".join(parts)))
        return sql("c.id IN ({found})", found=found)

    # --- measures -------------------------------------------------------------------------------

    def _measure(self, measure: tree.Measure) -> tuple[tree.Events, Sql, str]:
        """Over which events, the aggregate, and the property that must be known."""
        match measure:
            case tree.CountOf(events=events, different=None):
                return events, Sql("count(*)"), ""
            case tree.CountOf(events=events, different=str() as field):
                return events, sql("count(DISTINCT {f})", f=self._folded(events, field)), field
            case tree.Aggregate(function=function, field=field, events=events):
                column = self.catalog.events[events.names[0]].properties[field].column
                return events, sql("{f}({c})", f=Sql(_FUNCTION[function]), c=column), field
            case _:
                raise NotImplementedError(measure)

    def _measure_test(self, node: tree.MeasureTest, place: str) -> Sql:
        if isinstance(node.measure, tree.RecordAggregate):
            measure = node.measure
            info = self.catalog.records[measure.kind].fields[measure.field]
            value = sql("{f}({c})", f=Sql(_FUNCTION[measure.function]), c=info.column)
            having = sql("{v} {op} {n}", v=value, op=Sql(node.op), n=literal(node.value))
            return self._records(measure.kind, measure.where, having)
        events, value, known = self._measure(node.measure)
        having = sql("{v} {op} {n}", v=value, op=Sql(node.op), n=literal(node.value))
        return self._having(events, having, place, known)

    def _rank(self, node: tree.Rank) -> Sql:
        if isinstance(node.measure, tree.Number):
            column = self.catalog.contact[node.measure.field].column
            values = sql(
                "SELECT id AS contact, {c} AS v FROM contacts WHERE v IS NOT NULL", c=column
            )
        else:
            events, value, known = self._measure(node.measure)
            rows = self._rows(events, "contact", known)
            values = sql("SELECT contact, {v} AS v FROM {r} GROUP BY contact", v=value, r=rows)
        most = sql("{n}", n=literal(node.n))
        if node.percent:
            most = sql("ceil({n} * count(*) OVER () / 100)", n=literal(node.n))
        return sql(
            "c.id IN (SELECT contact FROM ({values})"
            " QUALIFY rank() OVER (ORDER BY v {way}) <= {most})",
            values=values,
            way=Sql("DESC" if node.end == "top" else "ASC"),
            most=most,
        )

    def _moved(self, node: tree.Moved) -> Sql:
        rise = Sql("c.{f} - h.v") if node.direction == "rose" else Sql("h.v - c.{f}")
        return sql(
            "c.id IN (SELECT h.subject FROM (SELECT subject, arg_max(number, (ts, received_at,"
            " message_id)) AS v FROM contact_history WHERE key = {key} AND ts <= {then}"
            " GROUP BY subject) h JOIN contacts c ON c.id = h.subject"
            " WHERE {rise} >= {by} AND {rise} <> 0)",
            key=literal(node.field),
            then=self._back(node.duration),
            rise=sql(rise, f=self.catalog.contact[node.field].column),
            by=literal(node.by or 0),
        )

    # --- accounts -------------------------------------------------------------------------------

    def _people(self, node: tree.People) -> Sql:
        roles = sql("true")
        if node.roles:
            wanted = [literal(role) for role in node.roles]
            roles = sql("lower(trim(p.role)) IN ({w})", w=wanted)
        who = Sql("true") if node.who is None else self.condition(node.who, "person")
        crowd = sql(
            "SELECT p.account, coalesce({who}, false) AS hit FROM people p"
            " JOIN contacts c ON c.id = p.contact JOIN accounts a ON a.id = p.account"
            " WHERE p.active AND {roles}",
            who=who,
            roles=roles,
        )
        if (node.quantity, node.count, node.n) == ("count", "exactly", 0):
            return _not(sql("a.id IN (SELECT account FROM ({crowd}) WHERE hit)", crowd=crowd))
        hits = Sql("count(*) FILTER (hit)")
        if node.quantity == "percent":
            hits = sql("100 * {hits} / count(*)", hits=hits)
        return sql(
            "a.id IN (SELECT account FROM ({crowd}) GROUP BY account HAVING {hits} {op} {n})",
            crowd=crowd,
            hits=hits,
            op=Sql(_COUNT[node.count]),
            n=literal(node.n),
        )

    def _has_record(self, node: tree.HasRecord) -> Sql:
        having = sql("count(*) {op} {n}", op=Sql(_COUNT[node.count]), n=literal(node.n))
        return self._records(node.kind, node.where, having)

    def _records(self, kind: str, where: Condition | None, having: Sql) -> Sql:
        info = self.catalog.records[kind]
        test = Sql("true") if where is None else self._where(where, Columns(info.fields, ""))
        return sql(
            "coalesce(a.id IN (SELECT account FROM {t} WHERE account IS NOT NULL"
            " AND NOT deleted AND ({test}) GROUP BY account HAVING {having}), false)",
            t=info.table,
            test=test,
            having=having,
        )

    # --- times and fields -----------------------------------------------------------------------

    def _window(self, at: Sql, window: tree.Window) -> list[Sql]:
        match window:
            case tree.Last(duration=duration):
                return [
                    sql("{at} > {t}", at=at, t=self._back(duration)),
                    sql("{at} <= {t}", at=at, t=literal(self.as_of)),
                ]
            case tree.Ago(duration=duration):
                return [sql("{at} <= {t}", at=at, t=self._back(duration))]
            case _:
                raise NotImplementedError(window)

    def _back(self, duration: tree.Duration) -> Sql:
        return literal(self.as_of - duration.n * _HOW_LONG[duration.unit])

    def _field(self, place: str) -> Columns:
        own = self.catalog.account if place == "account" else self.catalog.contact
        return Columns(own, "a" if place == "account" else "c", self.catalog)


def _edge(edge: str) -> Sql:
    return Sql("max" if edge == "last" else "min")


def _not(condition: Sql) -> Sql:
    return sql("NOT coalesce(({c}), false)", c=condition)


def _grain(events: tree.Events, place: str) -> str:
    if place == "account" or events.scope == "account":
        return "account"
    return "pair" if place == "person" else "contact"


def _speaks_of_account(where: Condition) -> bool:
    for node in walk(where):
        if getattr(node, "field", "").startswith(("account.", "membership.")):
            return True
        if getattr(node, "scope", "own") != "own":
            return True
    return False
