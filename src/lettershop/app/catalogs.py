"""Catalogs of items: from the workspace's `catalog/` into the records.

definition (content/catalog/reading) -> rows -> prices, items, refused rows -> records, at once
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.content.catalog import storing
from lettershop.content.catalog.columns import column_findings, price_file_findings
from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.folder import FOLDER, Catalogs, load_catalogs
from lettershop.content.catalog.item import Item
from lettershop.content.catalog.making import Maker, Refusal, make_items, make_prices
from lettershop.content.catalog.reading import Read
from lettershop.content.catalog.rows import Row, Rows, digest, open_rows
from lettershop.content.models_catalog import CatalogRecord
from lettershop.ingest.files import FEW_ROWS, MOST_REFUSED
from lettershop.ingest.refusals import Refusals
from lettershop.model.errors import DefinitionError, Finding, InputError, NotFound, Span
from lettershop.model.settings import Settings

FORMAT: Final = "1"
"""Grows when the same file would become other items, so that it is imported again."""
EVERY: Final = 2_000
"""Rows between two words about how far it is."""
MOST_SHOWN: Final = 20
"""Refused rows of one catalog that a check shows."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is: rows read, or items written of how many (None: not known)."""

    catalog: str
    phase: Literal["reading", "saving"]
    done: int
    total: int | None = None


Tell = Callable[[Step], None]


class CatalogReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did. `repeated`: file and definition were as they are, nothing was done.
    `refused`: rows by reason; they are in `refused_path`."""

    name: str
    file: str
    repeated: bool = False
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    kept: int = 0
    refused: dict[str, int] = {}
    refused_path: str | None = None
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


class CatalogAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog as it is in the records. `items`: those that are not gone."""

    name: str
    title: str
    file: str
    items: int
    gone: int
    refused: int
    revision: int
    changed_at: int
    imported_at: int | None


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """How to import. `again`: also what has not changed. `keep_missing`: what the file no longer
    has stays. `allow_refused`: however many rows are refused."""

    again: bool = False
    keep_missing: bool = False
    allow_refused: bool = False


def import_catalogs(
    workspace: Path,
    settings: Settings,
    names: Sequence[str],
    choices: Choices,
    *,
    by: Principal,
    at: int,
    tell: Tell = lambda step: None,
) -> Iterator[CatalogReport]:
    """Import the named catalogs of the folder, or all: each as a whole or not at all.

    Raises DefinitionError when a definition of them has errors, NotFound `catalog.undefined`,
    InputError `file.…` and `import.mostly_refused`.
    """
    found = load_catalogs(workspace)
    wanted = [_named(found, name) for name in names] or [*found.files.values()]
    wrong = [f for read in wanted for f in read.findings if f.level == "error"]
    if wrong:
        raise DefinitionError(wrong)
    for read in wanted:
        job = _Import(workspace, found, read, settings, tell)
        yield job.run(choices, by, at)


def check_catalogs(
    workspace: Path, settings: Settings, names: Sequence[str] = ()
) -> Iterator[Finding]:
    """Everything there is to say about the definitions and their files; nothing is stored."""
    found = load_catalogs(workspace)
    for read in [_named(found, name) for name in names] or found.files.values():
        yield from read.findings
        if read.definition is None or not read.definition.file:
            continue
        job = _Import(workspace, found, read, settings, lambda step: None)
        try:
            job.read()
        except (InputError, NotFound) as error:
            where = error.where.replace(str(found.folder), FOLDER)
            yield Finding(error.code, error.message, hint=error.hint, source=where)
        except DefinitionError as error:
            yield from error.findings
            continue
        yield from job.notes
        for refusal in job.refusals[:MOST_SHOWN]:
            span, source = Span(0, 0, refusal.line, 1), f"{FOLDER}/{refusal.file}"
            yield Finding(refusal.code, refusal.message, "warning", "", span, source)
        if (more := len(job.refusals) - MOST_SHOWN) > 0:
            message = f"{more:,} more rows of {read.definition.file} are refused"
            yield Finding("item.more", message, "warning", source=read.source)


def catalogs() -> list[CatalogAnswer]:
    return [catalog_answer(record) for record in CatalogRecord.objects.all()]


def catalog_answer(record: CatalogRecord) -> CatalogAnswer:
    said = storing.definition_of(record)
    items = storing.items_of(record)
    here = items.filter(gone_at__isnull=True).count()
    return CatalogAnswer(
        name=record.name,
        title=said.title or record.name,
        file=said.file,
        items=here,
        gone=items.count() - here,
        refused=record.refused,
        revision=record.revision,
        changed_at=record.changed_at,
        imported_at=record.imported_at,
    )


def remove_catalog(name: str, *, by: Principal) -> int:
    """Forget a catalog and its items; how many. NotFound `catalog.unknown`."""
    with transaction.atomic():
        count = storing.remove_catalog(name)
        audit(by, "catalog.remove", name, items=count)
    return count


def _named(found: Catalogs, name: str) -> Read:
    if name not in found.files:
        known = ", ".join(f"“{n}”" for n in found.files) or "there are none"
        message = f"there is no catalog/{name}.toml"
        raise NotFound("catalog.undefined", message, hint=f"defined catalogs: {known}")
    return found.files[name]


class _Import:
    """One catalog's way from its file to items."""

    def __init__(
        self, workspace: Path, found: Catalogs, read: Read, settings: Settings, tell: Tell
    ) -> None:
        if read.definition is None:
            raise DefinitionError([*read.findings])
        self.workspace, self.found, self.source = workspace, found, read
        self.definition: Definition = read.definition
        self.zone = ZoneInfo(settings.timezone)
        self.tell = tell
        self.rows = 0
        self.refusals: list[Refusal] = []
        self.notes: list[Finding] = []

    def run(self, choices: Choices, by: Principal, at: int) -> CatalogReport:
        started = time.monotonic()
        report = CatalogReport(name=self.definition.name, file=self.definition.file)
        content = self.content()
        if not choices.again and _is_known(report.name, content):
            return msgspec.structs.replace(report, repeated=True)
        items = self.read() if self.definition.file else []
        kept = self._keep_refused()
        if not choices.allow_refused:
            self._stop_if_mostly_refused(kept)
        with transaction.atomic():
            stored = self._store(items, content, choices, at)
            audit(by, "catalog.import", report.name, new=stored.new, gone=stored.gone)
        return msgspec.structs.replace(
            report,
            rows=self.rows,
            **msgspec.structs.asdict(stored),
            refused=dict(Counter(refusal.code for refusal in self.refusals)),
            refused_path=None if kept is None else str(kept),
            findings=tuple(self.notes),
            seconds=round(time.monotonic() - started, 3),
        )

    def content(self) -> str:
        """What the items are made of, as a digest."""
        said = self.definition
        files = [said.file, said.price_file.file if said.price_file else ""]
        found = [digest(self.found.path(file))[:16] if file else "-" for file in files]
        return ":".join([FORMAT, said.digest, *found])

    def read(self) -> list[Item]:
        """Both files. DefinitionError when they have not the columns that are named."""
        said = self.definition
        prices = None
        if said.price_file:
            second = self._open(said.price_file.file)
            self._judge(price_file_findings(self.source, said, second.columns or ()), second)
            prices = make_prices(said, self._counted(second.rows), self.refusals.append)
        rows = self._open(said.file)
        maker = Maker(said, self.zone)
        self._judge(column_findings(self.source, said, rows.columns or (), maker), rows)
        self.rows = 0
        return make_items(said, self._counted(rows.rows), self.zone, prices, self.refusals.append)

    def _open(self, file: str) -> Rows:
        said = self.definition
        return open_rows(self.found.path(file), said.encoding, said.delimiter)

    def _judge(self, findings: Iterable[Finding], rows: Rows) -> None:
        if rows.columns is None:
            return
        said = [*findings]
        self.notes += [finding for finding in said if finding.level != "error"]
        if wrong := [finding for finding in said if finding.level == "error"]:
            raise DefinitionError(wrong)

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            if self.rows % EVERY == 0:
                step = Step(catalog=self.definition.name, phase="reading", done=self.rows)
                self.tell(step)
            yield row

    def _keep_refused(self) -> Path | None:
        """Refused rows, as imports keep them: line, code, reason, row."""
        path = self.workspace / "data" / "refused" / f"catalog-{self.definition.name}.csv"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with Refusals(path) as kept:
            kept.add((r.line, f"{r.code}: {r.message}", r.original) for r in self.refusals)
            return kept.path

    def _stop_if_mostly_refused(self, kept: Path | None) -> None:
        mine = [r for r in self.refusals if r.file == self.definition.file]
        if len(mine) <= MOST_REFUSED * self.rows:
            return
        if self.rows <= FEW_ROWS and len(mine) < self.rows:
            return
        counts = Counter(refusal.code for refusal in mine)
        reasons = ", ".join(f"{code} {n:,}×" for code, n in counts.most_common(3))
        raise InputError(
            "import.mostly_refused",
            f"{len(mine):,} of {self.rows:,} rows are refused ({reasons})",
            where=str(self.found.path(self.definition.file)),
            hint=f"look at {kept}, or allow it with --allow-refused",
        )

    def _store(self, items: list[Item], content: str, choices: Choices, at: int) -> storing.Stored:
        said = self.definition
        if not said.file:
            storing.note_definition(said, content, at)
            return storing.Stored()

        def told(done: int, total: int) -> None:
            self.tell(Step(catalog=said.name, phase="saving", done=done, total=total))

        return storing.replace_items(
            said,
            items,
            digest=content,
            at=at,
            refused=len(self.refusals),
            keep_missing=choices.keep_missing,
            told=told,
        )


def _is_known(name: str, content: str) -> bool:
    return CatalogRecord.objects.filter(name=name, digest=content).exists()
