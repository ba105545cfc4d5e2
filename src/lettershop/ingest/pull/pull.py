"""One pull: read what is new, load it batch by batch, each batch with how far it is.

Rows are read in the order of the high-water column, from the last value *inclusive* and a little
before it: a strict “greater than” would miss rows that share the last value, or were committed
after a later one had been read. What was loaded already is recognised by its content (a digest per
row, counted, so that two equal rows stay two). Rows, digests and high-water are one transaction:
whatever happens, every row is loaded once.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from lettershop.engines.duckdb.store import Store
from lettershop.ingest.files import import_file
from lettershop.ingest.kept import Kept, keep_file
from lettershop.ingest.mapping import Mapping as FileMapping
from lettershop.ingest.pull import rows, source, state
from lettershop.ingest.pull.definition import Pull
from lettershop.ingest.pull.state import High, Loaded
from lettershop.ingest.report import ImportReport
from lettershop.model.clock import Clock, FixedClock
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

Held = Callable[[], AbstractContextManager[Store]]
"""The store, for as long as the `with` lasts."""


class Facts(NamedTuple):
    """The store to ask, and the store to change: one writer at a time."""

    read: Held
    write: Held


class PullReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a pull did, or with `dry_run` its first batch would do. `rows` were new, `known` were
    read again and left out. `columns`: the query's, with the types taken for them (empty: learned
    from the values). `high_water`: the value it is at now."""

    name: str
    dry_run: bool = False
    columns: dict[str, str] = {}
    rows: int = 0
    known: int = 0
    facts: dict[str, int] = {}
    duplicates: int = 0
    left_out: int = 0
    refused: dict[str, int] = {}
    refused_path: str = ""
    new_contacts: int = 0
    new_accounts: int = 0
    merged: int = 0
    notes: dict[str, int] = {}
    high_water: str | None = None
    seconds: float = 0.0


class _DryRun(Exception):
    """Ends the transaction of a batch that only was to be tried."""


class Puller:
    """One run of a pull. `refused` is the file for rows that could not be used; `keep` the folder
    of data in which loaded rows are kept for `rebuild`."""

    def __init__(
        self,
        pull: Pull,
        facts: Facts,
        *,
        settings: Settings,
        clock: Clock,
        environ: Mapping[str, str],
        refused: Path,
        keep: Path | None = None,
    ) -> None:
        self.pull, self._facts, self._settings = pull, facts, settings
        self._clock, self._environ, self._refused = clock, environ, refused
        self._keep = keep
        self._before = 0

    def run(self, *, dry_run: bool = False) -> PullReport:
        """Raises the errors of `source.opened`, and those of an import: what was loaded before
        stays, the rest comes next time."""
        started = time.monotonic()
        report = PullReport(name=self.pull.name, dry_run=dry_run)
        with self._facts.read() as store:
            high, seen, self._before = state.reached(store, self.pull.name)
            self._refuse_another_column(state.column_of(store, self.pull.name))
        low = None if high is None else high.low(self._overlap(high))
        with source.opened(self.pull, self._environ) as database:
            with closing(database.batches(low)) as batches:
                for batch in islice(batches, 1 if dry_run else None):
                    report = self._batch(report, batch, seen, database.types)
            names = dict.fromkeys(database.columns, "")
        with self._facts.read() as store:
            reached, *_ = state.reached(store, self.pull.name)
        return msgspec.structs.replace(
            report,
            columns={**names, **report.columns},
            high_water=reached.text if reached else None,
            seconds=time.monotonic() - started,
        )

    def _refuse_another_column(self, column: str | None) -> None:
        """Values of one column say nothing about how far another is."""
        if column not in (None, self.pull.high_water):
            message = f"the high-water was “{column}” until now, and is “{self.pull.high_water}”"
            hint = (
                "give the file another name: a pull of a new name reads everything from the start"
            )
            raise InputError("pull.changed", message, where=self.pull.name, hint=hint)

    def _overlap(self, high: High) -> int:
        """Seconds to read again; only times can be counted back from."""
        if not high.timed:
            if self.pull.overlap:
                message = "“overlap” is for a high-water that is a time"
                raise InputError("pull.overlap", message, where=self.pull.name)
            return 0
        return state.OVERLAP if self.pull.overlap is None else self.pull.overlap

    def _batch(
        self,
        report: PullReport,
        batch: list[source.Row],
        seen: Counter[str],
        types: Mapping[str, int],
    ) -> PullReport:
        lines = [rows.line(row) for row in batch]
        fresh = [
            (row, line, mark)
            for row, line in zip(batch, lines, strict=True)
            if not _recognised(mark := rows.digest(line), seen)
        ]
        report = msgspec.structs.replace(report, known=report.known + len(batch) - len(fresh))
        if not fresh:
            return report
        loaded = [Loaded(mark, self._high(row, types)) for row, _, mark in fresh]
        columns = rows.Columns([row for row, _, _ in fresh], types)
        with TemporaryDirectory(prefix="lettershop-") as folder:
            path = Path(folder) / f"{self.pull.name}.jsonl"
            rows.write_lines((line for _, line, _ in fresh), str(path))
            done = self._load(path, columns, loaded, dry_run=report.dry_run)
        return _added(report, done, columns)

    def _load(
        self, path: Path, columns: rows.Columns, loaded: list[Loaded], *, dry_run: bool
    ) -> ImportReport:
        tried: list[ImportReport] = []

        def within(report: ImportReport) -> None:
            if dry_run:
                tried.append(report)
                raise _DryRun
            self._remember(store, loaded)
            if self._keep:
                keep_file(self._keep, self._kept(store, mapping, at.now()), path)

        at = FixedClock(self._clock.now())
        try:
            with self._facts.write() as store:
                state.prepare(store)
                mapping = rows.typed(self.pull.mapping, columns, _known(store))
                report = import_file(
                    store,
                    path,
                    mapping,
                    clock=at,
                    settings=self._settings,
                    refused_path=self._refused,
                    again=True,
                    allow_refused=self.pull.allow_refused,
                    shown=f"pull {self.pull.name}",
                    within=within,
                    noted=False,
                )
        except _DryRun:
            return tried[0]
        self._before += len(loaded)
        return report

    def _kept(self, store: Store, mapping: FileMapping, at: int) -> Kept:
        return Kept(
            at=at,
            after=int(store.meta("intake_seq") or 0),
            name=f"pull-{self.pull.name}.jsonl",
            mapping=mapping,
            allow_refused=self.pull.allow_refused,
        )

    def _remember(self, store: Store, loaded: list[Loaded]) -> None:
        overlap, now = self._overlap(loaded[-1].high), self._clock.now()
        state.remember(
            store,
            self.pull.name,
            loaded,
            column=self.pull.high_water,
            before=self._before,
            overlap=overlap,
            now=now,
        )

    def _high(self, row: Mapping[str, Any], types: Mapping[str, int]) -> High:
        value = row[self.pull.high_water]
        if isinstance(value, str) and types.get(self.pull.high_water) in rows.TIMED:
            hint = "leave such rows out in the query, or take another column"
            message = f"the high-water “{value}” is no moment in time"
            raise InputError("pull.high_water", message, where=self.pull.name, hint=hint)
        return High.of(value, self.pull.name)


def _recognised(mark: str, seen: Counter[str]) -> bool:
    """Whether the row was loaded before; each loaded one explains one that is read."""
    if seen[mark] <= 0:
        return False
    seen[mark] -= 1
    return True


def _known(store: Store) -> Callable[[str, str], bool]:
    known = {(scope, field.name) for scope, field in store.catalog().everything()}
    return lambda scope, field: (scope, field) in known


def _added(report: PullReport, done: ImportReport, columns: rows.Columns) -> PullReport:
    return msgspec.structs.replace(
        report,
        columns=dict(_types(columns)),
        rows=report.rows + done.rows,
        facts=dict(Counter(report.facts) + Counter(done.facts)),
        duplicates=report.duplicates + done.duplicates,
        left_out=report.left_out + done.left_out,
        refused=dict(Counter(report.refused) + Counter(done.refused)),
        refused_path=str(done.refused_path) if done.refused_path else report.refused_path,
        new_contacts=report.new_contacts + done.new_contacts,
        new_accounts=report.new_accounts + done.new_accounts,
        merged=report.merged + done.merged,
        notes=dict(Counter(report.notes) + Counter(done.notes)),
    )


def _types(columns: rows.Columns) -> Iterator[tuple[str, str]]:
    for name in columns.names:
        yield name, columns.type(name) or ""
