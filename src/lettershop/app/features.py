"""The numbers behind segments as a Parquet file: a row per subject, a column per metric.

definitions -> evaluation (by whichever engine the workspace asks) -> its dense columns -> Parquet

Rows are contacts, accounts, or contacts in accounts: the last for people, and where conditions of a
contact segment speak of its accounts (a contact without one has an empty account).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt

from lettershop.app.workspace import Workspace
from lettershop.engines.dense.evaluation import Evaluation
from lettershop.engines.duckdb.compose import Sql, name, sql
from lettershop.language.definition import Definition
from lettershop.model.errors import UsageError
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.metrics import AnyMetric, Grain, grain_of
from lettershop.planning.naming import Kind, Named, named

_VALUE: Final[dict[Kind, Sql]] = {
    "count": Sql("{v}"),
    "number": Sql("CASE WHEN {k} THEN {v} / 1000000 END"),
    "time": Sql("CASE WHEN {k} THEN make_timestamp({v} * 1000) END"),
    "date": Sql("CASE WHEN {k} THEN DATE '1970-01-01' + {v}::INTEGER END"),
    "truth": Sql("{v} = 1"),
}
"""From the integers of a metric (planning/naming.py: Kind) to what people read."""


class FeatureColumn(msgspec.Struct, frozen=True, kw_only=True):
    """`name` ends with the unit, where there is one; `type` is DuckDB's word for it."""

    name: str
    type: str


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: a row per subject."""

    path: str
    rows: int
    columns: tuple[FeatureColumn, ...]


class _Chosen(NamedTuple):
    """A column of the file, one value per slot of the rows' grain."""

    title: str
    kind: Kind
    value: npt.NDArray[Any]
    known: Bits


def write_features(
    workspace: Workspace,
    names: Sequence[str],
    as_of: int | None,
    target: Path,
    *,
    members_only: bool = False,
) -> Features:
    """Whole or not at all. One row for everybody a segment of these is drawn from, or for those
    alone who are in one (`members_only`); truths say in which.

    UsageError `features.nothing`, `features.subjects`; errors of `Workspace.segment`."""
    definitions = workspace.needed(names)
    subjects = {d.subject for d in definitions if d.name in names}
    if len(subjects) != 1:
        raise _refused(names)
    found = workspace.evaluate(as_of, definitions)
    wanted = [d for name in dict.fromkeys(names) for d in definitions if d.name == name]
    grain = _grain(found, wanted)
    columns = [*_memberships(found, wanted, grain), *_metrics(found, grain)]
    slots = _slots(found, wanted, grain, members_only=members_only)
    _write(_identities(found, grain, slots), columns, slots, target)
    return read_features(target)


def read_features(path: Path) -> Features:
    """What such a file holds."""
    with duckdb.connect() as con:
        found = con.read_parquet(str(path))
        columns = zip(found.columns, found.types, strict=True)
        return Features(
            path=str(path),
            rows=len(found),
            columns=tuple(FeatureColumn(name=title, type=str(kind)) for title, kind in columns),
        )


def _refused(names: Sequence[str]) -> UsageError:
    if not names:
        return UsageError("features.nothing", "name the segments whose numbers are wanted")
    message = "one file is of contacts, accounts or people; these segments are of several"
    return UsageError("features.subjects", message, hint="write a file for each")


def _grain(found: Evaluation, wanted: Sequence[Definition]) -> Grain:
    subject = wanted[0].subject
    if subject != "contact":
        return "pair" if subject == "people" else "account"
    return "contact" if all(grain_of(m) == "contact" for m in found.plan.metrics) else "pair"


def _memberships(
    found: Evaluation, wanted: Sequence[Definition], grain: Grain
) -> Iterator[_Chosen]:
    for definition in wanted:
        bits = _lifted(found, found.truth.results[definition.name].bits, definition.subject, grain)
        known = np.ones(len(bits), np.bool_)
        yield _Chosen(f"in segment {definition.name}", "truth", bits.astype(np.int8), known)


def _lifted(found: Evaluation, values: npt.NDArray[Any], of: str, grain: Grain) -> Any:
    own: Grain = "pair" if of == "people" else of  # type: ignore[assignment]
    return values if own == grain else found.frame.lift(values, own)


def _metrics(found: Evaluation, grain: Grain) -> Iterator[_Chosen]:
    """Of accounts only their own: what is counted over their people is not theirs."""
    taken: set[str] = set()
    for metric, said in _in_order(found):
        own = grain_of(metric)
        if own != grain and grain != "pair":
            continue
        column = found.truth.at.get(metric)
        title = said.title
        while title.casefold() in taken:
            title += "’"
        taken.add(title.casefold())
        value, known = column.value, column.known
        if own != grain:
            value = found.frame.lift(value, own).astype(np.int64, copy=False)
            known = found.frame.lift(known, own).astype(np.bool_, copy=False)
        yield _Chosen(title, said.kind, value, known)


def _in_order(found: Evaluation) -> list[tuple[AnyMetric, Named]]:
    said = [(metric, named(metric, found.context.catalog)) for metric in found.plan.metrics]
    return sorted(said, key=lambda one: one[1].title)


def _slots(
    found: Evaluation, wanted: Sequence[Definition], grain: Grain, *, members_only: bool
) -> Ints:
    frame, subject = found.frame, wanted[0].subject
    match grain:
        case "contact":
            there = frame.contacts.live
        case "account":
            there = frame.accounts.live
        case "pair":
            there = frame.contacts.live[frame.pair_contact]
            if subject == "people":
                there = there & (frame.pair_account >= 0)
    if members_only:
        inside = [_lifted(found, found.truth.results[d.name].bits, subject, grain) for d in wanted]
        there = there & np.logical_or.reduce(inside)
    return np.flatnonzero(there).astype(np.int64)


def _identities(found: Evaluation, grain: Grain, slots: Ints) -> dict[str, npt.NDArray[Any]]:
    """Dense ids, as everywhere in the lake, and the names they stand for."""
    frame = found.frame
    if grain != "pair":
        return {f"{grain}_id": slots, grain: _told(found, f"{grain}s", slots)}
    contact = frame.pair_contact[slots].astype(np.int64)
    account = frame.pair_account[slots].astype(np.int64)
    return {
        "contact_id": contact,
        "contact": _told(found, "contacts", contact),
        "account_id": account,
        "account": _told(found, "accounts", account),
    }


def _told(found: Evaluation, wide: str, ids: Ints) -> npt.NDArray[Any]:
    known = found.identities(wide)
    return np.array([known.get(int(one), "") for one in ids], dtype=object)


def _write(
    who: dict[str, npt.NDArray[Any]], columns: Sequence[_Chosen], slots: Ints, target: Path
) -> None:
    arrays = dict(who)
    nobody = {"account_id": Sql("-1"), "account": Sql("''")}
    shown = [
        sql("nullif({c}, {none}) AS {c}", c=title, none=nobody.get(title, Sql("NULL")))
        for title in who
    ]
    for number, column in enumerate(columns):
        value, known = f"v{number}", f"k{number}"
        arrays |= {value: column.value[slots].astype(np.int64), known: column.known[slots]}
        made = _VALUE[column.kind].format(v=name(value), k=name(known))
        shown.append(sql("{made} AS {title}", made=Sql(made), title=column.title))
    part = target.with_name(target.name + ".part")
    try:
        with duckdb.connect() as con:
            con.execute("SET pandas_analyze_sample = 0")
            con.register("rows", arrays)
            con.sql(sql("SELECT {shown} FROM rows", shown=shown)).write_parquet(
                str(part), compression="zstd"
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
