"""Import of a file: all of it or nothing, in bounded memory.

what is it, can it be read          scan, opening
which types have its columns        learn
row by row: what is refused, why    plan, refusals
facts into the store                stages, engines/duckdb/apply
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import structs

from lettershop.engines.duckdb.apply import apply_all
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.cells import Cells
from lettershop.ingest.expand import all_values, expand
from lettershop.ingest.fields import Typing, with_currencies
from lettershop.ingest.functions import functions
from lettershop.ingest.learn import key, learn_types
from lettershop.ingest.local_time import make_zones
from lettershop.ingest.lookups import Lookups
from lettershop.ingest.mapping import Mapping, Values
from lettershop.ingest.opening import open_source, reading
from lettershop.ingest.plan import event_scope, make_plan
from lettershop.ingest.prepared import PREPARED, Plan
from lettershop.ingest.refusals import Refusals
from lettershop.ingest.repeat import note_import, remember_ids, seen_before
from lettershop.ingest.report import ImportReport, Progress
from lettershop.ingest.scan import digest
from lettershop.ingest.source import LINES, Source
from lettershop.ingest.sql import count_where, create_table, from_table, name, text_of, tree
from lettershop.ingest.stages import fill
from lettershop.model.clock import Clock
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

CHUNK_ROWS = 5_000_000
MOST_REFUSED = 0.2
"""An import stops when more than this share of the rows is refused: the mapping is wrong, or the
file is not what it seems."""
FEW_ROWS = 10
"""Files of no more rows are stopped only when every row is refused."""


def import_file(
    store: Store,
    path: Path,
    mapping: Mapping,
    *,
    clock: Clock,
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
    refused_path: Path | None = None,
    chunk_rows: int = CHUNK_ROWS,
    again: bool = False,
    allow_refused: bool = False,
    shown: str = "",
    within: Callable[[ImportReport], None] | None = None,
    noted: bool = True,
) -> ImportReport:
    """Import one file in one transaction; on any error, and on Ctrl-C, nothing is stored.

    `refused_path`: where refused rows are written (line, code, reason, row); no file without them.
    `again`: import although the same file was imported with the same mapping; its events, known
    by their message ids, are not doubled. `allow_refused`: go on however many rows are refused.
    `shown`: what the file is called in the report. `within` is called with the report at the end
    of the transaction; what it writes is stored with the rows, and if it raises nothing is.
    `noted`: remember the file, so that it is recognised when it comes again.
    Raises InputError (`file.…`, `mapping.…`, `import.mostly_refused`) and NotFound `file.absent`.
    """
    started = time.monotonic()
    content = digest(path)
    hash_ = f"{content}-{sha256(mapping.text.encode()).hexdigest()[:16]}"
    same_mapping, any_mapping = seen_before(store.con, hash_, content)
    if same_mapping and not again:
        return ImportReport(path=shown or str(path), hash=hash_, repeated=True)
    job = _Import(store, path, content, clock.now(), progress or (lambda _: None))
    with (
        ctrl_c(),
        TemporaryDirectory(prefix="lettershop-") as folder,
        functions(store.con),
        store.transaction(),
        Refusals(refused_path) as refusals,
    ):
        plan = job.open(mapping, Path(folder), settings)
        if any_mapping:
            remember_ids(store, [stage.prefix for stage in plan.stages if stage.sort == "event"])
        job.load(plan, refusals, chunk_rows, unique=not any_mapping, limited=not allow_refused)
        report = structs.replace(job.report(hash_, refusals), path=shown or str(path))
        if noted:
            note_import(store.con, hash_, report, clock.now())
        if within:
            within(report)
        job.tell(Progress(phase="saving", done=job.total, total=job.total, rows=report.rows))
    return structs.replace(report, seconds=time.monotonic() - started)


class _Tried(Exception):
    """Ends the transaction of an import that only was to be tried."""


def try_file(store: Store, path: Path, mapping: Mapping, **how: Any) -> ImportReport:
    """What `import_file` would do, done and taken back."""
    reports: list[ImportReport] = []

    def within(report: ImportReport) -> None:
        reports.append(report)
        raise _Tried

    try:
        return import_file(store, path, mapping, within=within, **how)
    except _Tried:
        return reports[0]


@contextmanager
def ctrl_c() -> Iterator[None]:
    """DuckDB reports Ctrl-C within a query as RuntimeError: callers wait for KeyboardInterrupt."""
    try:
        yield
    except RuntimeError as problem:
        if "interrupted" not in str(problem).lower():
            raise
        raise KeyboardInterrupt from problem


class _Import:
    """One import under way: what it has counted so far."""

    def __init__(
        self, store: Store, path: Path, content: str, now: int, tell: Callable[[Progress], None]
    ) -> None:
        self.store, self.path, self.content, self.now, self.tell = store, path, content, now, tell
        self.con = store.con
        self.total = self.rows = self.left_out = self.duplicates = 0
        self.new_contacts = self.new_accounts = self.merged = 0
        self.notes: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.wrong: Counter[tuple[str, str]] = Counter()
        self.types: dict[tuple[str, str], str] = {}

    def open(self, mapping: Mapping, folder: Path, settings: Settings) -> Plan:
        self.tell(Progress(phase="reading"))
        source = open_source(self.con, self.path, mapping.file, folder)
        mapping = expand(mapping, source)
        zone = mapping.file.timezone or settings.timezone
        make_zones(self.con, [zone, *(v.timezone for v in all_values(mapping) if v.timezone)])
        cells = Cells(source, zone, Lookups(self.con, [Path(mapping.folder), self.path.parent]))
        typing = Typing(self.store.catalog())
        self._learn(mapping, source, cells, typing)
        self.total = source.total
        return make_plan(mapping, source, cells, typing, self.content)

    def _learn(self, mapping: Mapping, source: Source, cells: Cells, typing: Typing) -> None:
        unknown = {
            (scope, field): value
            for scope, values in field_groups(mapping)
            for field, value in with_currencies(values).items()
            if typing.stated(scope, field, value) is None
        }
        with reading(self.path):
            typing.learned = learn_types(self.con, source, cells, list(unknown.values()))
        self.types = {place: typing.learned[key(value)] for place, value in unknown.items()}

    def load(
        self, plan: Plan, refusals: Refusals, chunk_rows: int, *, unique: bool, limited: bool
    ) -> None:
        for first in range(0, self.total, chunk_rows):
            last = min(first + chunk_rows, self.total)
            self._prepare(plan, first, last)
            self._refuse(refusals)
            if limited:
                self._stop_if_mostly_refused(refusals, last)
            self._apply(plan, refusals, unique=unique)
            done = Progress(phase="loading", done=last, total=self.total, rows=self.rows,
                            refused=refusals.counts.total())  # fmt: skip
            self.tell(done)
        for table in (PREPARED, LINES):
            self.con.execute(f"DROP TABLE IF EXISTS {table}")

    def _prepare(self, plan: Plan, first: int, last: int) -> None:
        with reading(self.path):
            self.con.execute(create_table(PREPARED, plan.rows.query(first, last)))
        counts = [tree("count(*)"), count_where(tree("reason IS NULL AND NOT used"))]
        row = self.con.execute(text_of(from_table(PREPARED, counts))).fetchone() or (0, 0)
        self.rows, self.left_out = self.rows + row[0], self.left_out + row[1]

    def _refuse(self, refusals: Refusals) -> None:
        columns = [name("row"), name("reason"), name("raw")]
        query = from_table(PREPARED, columns, tree("reason IS NOT NULL")).order_by(name("row"))
        found = self.con.execute(text_of(query))
        while rows := found.fetchmany(10_000):
            refusals.add(rows)

    def _stop_if_mostly_refused(self, refusals: Refusals, last: int) -> None:
        """As soon as it is certain, not only at the end."""
        refused = refusals.counts.total()
        everything = self.rows + self.total - last
        if refused <= MOST_REFUSED * everything:
            return
        if everything <= FEW_ROWS and refused < everything:
            return
        reasons = ", ".join(f"{code} {n:,}×" for code, n in refusals.counts.most_common(3))
        raise InputError(
            "import.mostly_refused",
            f"{refused:,} of the first {self.rows:,} rows are refused ({reasons})",
            where=str(self.path),
            hint=f"look at {refusals.path}, or allow it" if refusals.path
            else "is the mapping right? Or allow it",
        )  # fmt: skip

    def _apply(self, plan: Plan, refusals: Refusals, *, unique: bool) -> None:
        filled = [
            found
            for n, stage in enumerate(plan.stages)
            if (found := fill(self.con, stage, n, unique=unique, now=self.now))
        ]
        if not filled:
            return
        applied = apply_all(self.store, [one.stage for one in filled])
        for one in filled:
            self.facts[one.scope] += one.rows
        self.facts["event"] -= applied.duplicates
        self.duplicates += applied.duplicates
        self.new_contacts += applied.contacts
        self.new_accounts += applied.accounts
        self.wrong.update(applied.wrong)
        self.merged += applied.merged
        self.notes.update(note.code for note in applied.notes)
        refusals.add((fact.row, f"{fact.code}: {fact.message}", None) for fact in applied.refused)

    def report(self, hash_: str, refusals: Refusals) -> ImportReport:
        return ImportReport(
            path=str(self.path),
            hash=hash_,
            rows=self.rows,
            left_out=self.left_out,
            refused=dict(refusals.counts),
            facts={scope: n for scope, n in self.facts.items() if n},
            duplicates=self.duplicates,
            new_contacts=self.new_contacts,
            new_accounts=self.new_accounts,
            merged=self.merged,
            notes=dict(self.notes),
            wrong=dict(self.wrong),
            types=self.types,
            refused_path=refusals.path,
        )


def field_groups(mapping: Mapping) -> list[tuple[str, Values]]:
    """(scope, fields) of every section, scopes as the catalog names them."""
    return [
        *(("contact", section.traits) for section in mapping.contacts),
        *(("account", section.traits) for section in mapping.accounts),
        *((f"record:{section.kind}", section.fields) for section in mapping.records),
        *((event_scope(section), section.properties) for section in mapping.events),
    ]
