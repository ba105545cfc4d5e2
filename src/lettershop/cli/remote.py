"""The same answers from a running server: its API, asked with the token of this machine's owner."""

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from lettershop.app.address import AddressExplained
from lettershop.app.answers import (
    Card,
    Checked,
    Listing,
    MembersAnswer,
    MergeAnswer,
    Row,
    SegmentAnswer,
)
from lettershop.app.backup import BackupReport, Tell as Shown
from lettershop.app.changes import Changed, SizeHistory
from lettershop.app.definitions import check_definitions
from lettershop.app.derived import Computed
from lettershop.app.features import Features, read_features
from lettershop.app.imports import ImportJob
from lettershop.app.lake import Exported, LakeStatus, Vacuumed
from lettershop.app.mappings import choose_mapping, refused_rows, with_found_lookups
from lettershop.app.segment import Overlap
from lettershop.app.serving import Serving
from lettershop.app.shop import Moment, Tell
from lettershop.app.traits import TraitExplanation, Traits
from lettershop.app.uncertain import FeedsAnswer
from lettershop.cli.following import follow
from lettershop.cli.problems import problem, unreachable
from lettershop.engines.duckdb.refresh.tables import CAUSES
from lettershop.ingest.pull.pull import PullReport
from lettershop.ingest.pull.step import PullState
from lettershop.ingest.report import ImportReport
from lettershop.ingest.scan import digest
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError
from lettershop.planning.explain import Explanation
from lettershop.profile.hygiene.report import AddressReport
from lettershop.profile.hygiene.verdict import Verdict

Answer = TypeVar("Answer")
PAGE = 500
LONGEST = httpx.Timeout(10.0, read=3600.0, write=600.0)
"""Seconds; a segment over years of events may take its time."""
POLL = 0.02, 0.5
"""Seconds between two looks at a running import: at first, and at most."""


class _Newest(msgspec.Struct):
    instant: int | None


class _Page(msgspec.Struct):
    size: int
    columns: tuple[str, ...]
    items: tuple[Row, ...]
    next: str | None


class _Merges(msgspec.Struct):
    items: list[MergeAnswer]
    next: str | None


class _Changes(msgspec.Struct):
    items: list[Changed]
    next: str | None


class _Pulls(msgspec.Struct):
    items: list[PullState]


class _Verdicts(msgspec.Struct):
    items: list[Verdict]


class _Sql(msgspec.Struct):
    sql: str


class _Rates(msgspec.Struct):
    rates: int


class RemoteShop:
    """A `Shop` that a server has open. Use `with`; everything else is as with the folder."""

    def __init__(self, path: Path, serving: Serving) -> None:
        self._path = path
        self._url = serving.url
        self._client = httpx.Client(
            base_url=f"{serving.url}/api/v1",
            headers={"Authorization": f"Bearer {serving.token}"},
            timeout=LONGEST,
            trust_env=False,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # unused; loading roots takes 100 ms
        )

    def __enter__(self) -> "RemoteShop":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._client.close()

    def answers(self, seconds: float) -> bool:
        """Whether the server says in that time that it is alive."""
        try:
            return self._client.get(f"{self._url}/healthz", timeout=seconds).is_success
        except httpx.HTTPError:
            return False

    @property
    def path(self) -> Path:
        return self._path

    def catalog(self) -> Catalog:
        return self._get("/catalog", Catalog)

    def newest(self) -> int | None:
        return self._get("/catalog/newest", _Newest).instant

    def check(self, paths: Sequence[Path] | None) -> Checked:
        return check_definitions(self._path, self.catalog(), paths)

    def count(self, text: str, subject: Subject, as_of: Moment) -> SegmentAnswer:
        body = {"text": _sound(text), "subject": subject, "as_of": format_instant(as_of)}
        return self._ask("POST", "/conditions/count", SegmentAnswer, content=_json(body))

    def listing(self, as_of: Moment) -> Listing:
        return self._get("/segments", Listing, as_of=format_instant(as_of))

    def card(self, name: str, as_of: Moment) -> Card:
        return self._get(self._segment(name, as_of), Card, as_of=format_instant(as_of))

    def members(self, name: str, as_of: Moment, limit: int) -> MembersAnswer:
        path = self._segment(name, as_of) + "/members"
        rows: list[Row] = []
        cursor: str | None = ""
        while True:
            size = min(PAGE, limit - len(rows)) if limit else PAGE
            asked = {"limit": size, "as_of": format_instant(as_of), "cursor": cursor}
            page = self._get(path, _Page, **asked)
            rows += page.items
            cursor = page.next
            if cursor is None or len(rows) == limit:
                return MembersAnswer(size=page.size, columns=page.columns, members=tuple(rows))

    def write_members(self, name: str, as_of: Moment, target: Path) -> int:
        path = self._segment(name, as_of) + "/members.csv"
        return int(self._download(path, target, as_of=format_instant(as_of)))

    def explain(self, name: str, who: str, as_of: Moment) -> Explanation:
        path = self._segment(name, as_of) + "/explain"
        return self._get(path, Explanation, who=_sound(who), as_of=format_instant(as_of))

    def overlap(self, names: Sequence[str], as_of: Moment) -> Overlap:
        said = [_sound(name) for name in names]
        return self._get("/overlap", Overlap, names=said, as_of=format_instant(as_of))

    def sql(self, name: str, as_of: Moment) -> str:
        path = self._segment(name, as_of) + "/sql"
        return self._get(path, _Sql, as_of=format_instant(as_of)).sql

    def features(
        self, names: Sequence[str], as_of: Moment, target: Path, *, members_only: bool
    ) -> Features:
        asked = {"names": [_sound(name) for name in names], "members_only": members_only}
        self._download("/features.parquet", target, as_of=format_instant(as_of), **asked)
        return read_features(target)

    def changes(self, name: str, limit: int) -> list[Changed]:
        path, found = self._segment(name, 0) + "/transitions", list[Changed]()
        cursor: str | None = ""
        while cursor is not None and len(found) < limit:
            size = min(PAGE, limit - len(found))
            page = self._get(path, _Changes, limit=size, cursor=cursor)
            found += page.items
            cursor = page.next
        return found

    def follow(self, name: str, *, after: int) -> Iterator[Changed]:
        return follow(self._client, {"segment": _sound(name), "cause": CAUSES}, after)

    def history(self, name: str, start: Moment | None, end: Moment, points: int) -> SizeHistory:
        asked = {"until": format_instant(end), "points": points}
        if start is not None:
            asked["since"] = format_instant(start)
        return self._get(self._segment(name, end) + "/history", SizeHistory, **asked)

    def import_rates(self, path: Path) -> int:
        digest(path)  # says what is wrong with the file in the words of this side
        with path.open("rb") as file:
            return self._ask("POST", "/rates", _Rates, files={"file": (str(path), file)}).rates

    def backup(self, target: Path | None, version: str) -> BackupReport:
        body = {"target": "" if target is None else str(target)}
        return self._ask("POST", "/backups", BackupReport, content=_json(body))

    def lake_export(
        self, address: str = "", tell: Shown | None = None, *, anew: bool = False
    ) -> Exported:
        body = {"address": address, "anew": anew}
        return self._ask("POST", "/lake/snapshots", Exported, content=_json(body))

    def lake_status(self, address: str = "") -> LakeStatus:
        return self._get("/lake", LakeStatus, address=address)

    def lake_vacuum(self, address: str = "") -> Vacuumed:
        body = {"address": address}
        return self._ask("POST", "/lake/vacuum", Vacuumed, content=_json(body))

    def merges(self, limit: int) -> list[MergeAnswer]:
        found: list[MergeAnswer] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < limit:
            size = min(PAGE, limit - len(found))
            page = self._get("/merges", _Merges, limit=size, cursor=cursor)
            found += page.items
            cursor = page.next
        return found

    def undo_merge(self, number: int) -> MergeAnswer:
        return self._ask("POST", f"/merges/{number}/undo", MergeAnswer)

    def pulls(self) -> list[PullState]:
        return self._get("/pulls", _Pulls).items

    def feeds(self, as_of: Moment) -> FeedsAnswer:
        return self._get("/feeds", FeedsAnswer, as_of=format_instant(as_of))

    def run_pull(self, name: str, *, dry_run: bool) -> PullReport:
        path = f"/pulls/{quote(_sound(name), safe='')}/run"
        return self._ask("POST", path, PullReport, content=_json({"dry_run": dry_run}))

    def traits(self) -> Traits:
        return self._get("/traits", Traits)

    def explain_trait(self, name: str, who: str, as_of: Moment) -> TraitExplanation:
        path = f"/traits/{quote(_sound(name), safe='')}/explain"
        return self._get(path, TraitExplanation, who=_sound(who), as_of=format_instant(as_of))

    def compute_traits(self, as_of: Moment) -> list[Computed]:
        message = "a server has this workspace, and it keeps derived traits current by itself"
        raise UsageError("trait.kept", message, hint="lettershop trait list shows them")

    def check_addresses(self, addresses: Sequence[str]) -> list[Verdict]:
        found: list[Verdict] = []
        for start in range(0, len(addresses), PAGE):
            said = [_sound(address) for address in addresses[start : start + PAGE]]
            body = _json({"addresses": said})
            found += self._ask("POST", "/addresses/check", _Verdicts, content=body).items
        return found

    def address_report(self) -> AddressReport:
        return self._get("/addresses/report", AddressReport)

    def explain_address(self, who: str) -> AddressExplained:
        return self._get("/addresses/explain", AddressExplained, who=_sound(who))

    def import_file(
        self,
        path: Path,
        mapping: Path | None,
        *,
        again: bool,
        allow_refused: bool,
        refused: Path | None,
        progress: Tell,
    ) -> ImportReport:
        """Upload the file and wait; mapping, look-ups and refused rows are files of this side."""
        read = choose_mapping(self._path, path, mapping)
        digest(path)
        target = refused_rows(self._path, path) if refused is None else refused
        said = {
            "name": str(path),
            "mapping_json": _json(with_found_lookups(read, (Path(read.folder), path.parent))),
            "again": str(again).lower(),
            "allow_refused": str(allow_refused).lower(),
            "refused_as": str(target),
        }
        with path.open("rb") as file:
            job = self._ask(
                "POST", "/imports", ImportJob, data=said, files={"file": (path.name, file)}
            )
        job = self._finished(job, progress)
        if job.refused:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._download(f"/imports/{job.id}/refused", target)
        if job.error is not None:
            raise job.error.error()
        if job.report is None:
            raise unreachable("the import has ended without saying how")
        report = job.report.report()
        return msgspec.structs.replace(report, refused_path=target if job.refused else None)

    def _finished(self, job: ImportJob, progress: Tell) -> ImportJob:
        pause, most = POLL
        while job.state in ("waiting", "running"):
            time.sleep(pause)
            pause = min(most, pause * 1.5)
            job = self._get(f"/imports/{job.id}", ImportJob)
            if job.progress is not None:
                progress(job.progress)
        return job

    def ask(self, method: str, path: str, kind: type[Answer], **body: Any) -> Answer:
        """Ask an operation of the API; errors are those it answered with."""
        return self._ask(method, path, kind, **body)

    def _segment(self, name: str, as_of: Moment) -> str:
        """The path of a segment. What can be no segment's name is asked for where it is said."""
        if not name.strip():
            self.overlap([name], as_of)
        return f"/segments/{quote(_sound(name), safe='')}"

    def _get(self, path: str, kind: type[Answer], **asked: Any) -> Answer:
        return self._ask("GET", path, kind, params=asked)

    def _ask(self, method: str, path: str, kind: type[Answer], **body: Any) -> Answer:
        if "content" in body:
            body["headers"] = {"Content-Type": "application/json"}
        try:
            response = self._client.request(method, path, **body)
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__) from None
        if not response.is_success:
            raise problem(response)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.DecodeError as error:
            raise unreachable(f"its answer cannot be read ({error})") from None

    def _download(self, path: str, target: Path, **asked: Any) -> str:
        """Write a file: all of it or nothing. The header with the number of its rows."""
        part = target.with_name(target.name + ".part")
        try:
            with self._client.stream("GET", path, params=asked) as response:
                if not response.is_success:
                    response.read()
                    raise problem(response)
                with part.open("wb") as out:
                    for block in response.iter_bytes():
                        out.write(block)
            part.replace(target)
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__) from None
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        return str(response.headers.get("X-Total-Count", "0"))


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _sound(text: str) -> str:
    """Arguments may hold bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError("usage", "an argument is not valid text", where=ascii(text)) from None
    return text
