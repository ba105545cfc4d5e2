"""Imports of a running server: uploaded files that wait, are imported, or are done.

    data/uploads/<id>/   job.json (how it is), order.json (what was wanted), body/NAME until it is
                         imported, refused.csv when rows were refused; draft.json while somebody
                         still says how it is to be read (drafts.py)

The state is on disk, so a restart forgets nothing: what waited goes on, what was under way is
“interrupted”, and being one transaction left nothing behind. `step` is called by the clock.
"""

import re
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from lettershop.app.answers import Failure, ImportAnswer, failure, import_answer
from lettershop.app.engine import Engine
from lettershop.app.workspace import DATABASE
from lettershop.ingest.log.room import parse_size
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.report import Progress
from lettershop.model.clock import Clock, format_instant
from lettershop.model.errors import (
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
    WorkspaceError,
)

UPLOADS = "uploads"
MOST_BYTES = 20 * 1024**3
"""Of one uploaded file."""
REMEMBERED = 200
"""Finished imports that can still be asked about."""

State = Literal["waiting", "running", "done", "failed", "interrupted"]
_FINISHED: tuple[State, ...] = ("done", "failed", "interrupted")
_INTERRUPTED = Failure(
    exit_code=Unavailable.exit_code,
    code="import.interrupted",
    message="the server stopped while this was being imported; nothing of it was stored",
    hint="run it again",
)
_CANCELLED = Failure(
    exit_code=UsageError.exit_code,
    code="import.cancelled",
    message="somebody cancelled it; nothing of it was stored",
    hint="",
)
_ID = re.compile(r"[0-9]{14}-[0-9a-f]{8}")
_JOB, _ORDER, _REFUSED, _BODY = "job.json", "order.json", "refused.csv", "body"
DRAFT = "draft.json"
log = structlog.get_logger("lettershop.imports")


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: what the file is called by whoever sent it; `size` in bytes. `refused`: there is a
    file of refused rows. `report` when it is done, `error` when it failed or was interrupted.
    `dry_run`: it was only tried, nothing was stored."""

    id: str
    name: str
    state: State
    by: str
    size: int
    created_at: str
    finished_at: str | None = None
    progress: Progress | None = None
    report: ImportAnswer | None = None
    refused: bool = False
    error: Failure | None = None
    dry_run: bool = False


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be imported. `refused_as`: what the file of refused rows is called in
    messages. `dry_run`: the file is kept, nothing else."""

    mapping: Mapping
    again: bool = False
    allow_refused: bool = False
    dry_run: bool = False
    refused_as: str = ""


class Upload:
    """A file that is being received; `path` is where it goes."""

    def __init__(self, folder: Path, file: str, least_free: int) -> None:
        self.folder, self.path, self._least = folder, folder / _BODY / file, least_free
        self.size = 0

    def write(self, blocks: Iterable[bytes]) -> None:
        """InputError `request.too_large`; Unavailable `import.disk_full` while something is left
        for the rest of the server."""
        with self.path.open("wb") as out:
            for block in blocks:
                self.size += len(block)
                if self.size > MOST_BYTES:
                    message = f"a file of more than {MOST_BYTES // 1024**3} GB cannot be uploaded"
                    raise InputError("request.too_large", message, hint="cut it into several")
                if shutil.disk_usage(self.folder).free - len(block) < self._least:
                    hint = "make room; the setting least_free is the limit"
                    message = "there is too little room on the disk for this file"
                    raise Unavailable("import.disk_full", message, hint=hint, retry_after=60)
                out.write(block)


class Imports:
    """All imports of a server. Made once the workspace is open: what an earlier server left
    “running” was interrupted."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._folder = engine.workspace.path / DATABASE.parent / UPLOADS
        self._progress: dict[str, Progress] = {}
        self._stopping = False
        self._guard = threading.RLock()
        self._cancelled: set[str] = set()
        self._inside = ""
        """The id of the import that uses the writing connection."""
        self._recover()

    @contextmanager
    def receive(self, name: str) -> Iterator[Upload]:
        """A place for a file called `name`; taken away again when its import was not `order`ed."""
        least = parse_size(self._engine.workspace.settings.least_free, "least_free")
        folder = self._folder / self._new_id()
        (folder / _BODY).mkdir(parents=True)
        try:
            yield Upload(folder, _file_name(name), least)
        finally:
            if not ((folder / _JOB).exists() or (folder / DRAFT).exists()):
                shutil.rmtree(folder, ignore_errors=True)

    def order(self, upload: Upload, name: str, order: Order, by: str) -> ImportJob:
        """Import the received file when its turn comes."""
        return self.take(upload.folder.name, name, upload.size, order, by)

    def take(self, id_: str, name: str, size: int, order: Order, by: str) -> ImportJob:
        """The same for a file that lies there already, once more after it was only tried.
        UsageError `import.under_way`."""
        folder = self.folder(id_)
        with self._guard:
            earlier = self._read(folder)
            if earlier is not None and earlier.state not in _FINISHED:
                message = f"{name} is being imported already"
                raise UsageError("import.under_way", message, hint="wait, or cancel it")
            self._cancelled.discard(id_)
            (folder / _ORDER).write_bytes(msgspec.json.encode(order))
            job = ImportJob(
                id=id_,
                name=name,
                state="waiting",
                by=by,
                size=size,
                created_at=format_instant(self._clock.now()),
                dry_run=order.dry_run,
            )
            self._keep(job)
        self._forget_old()
        return job

    def folder(self, id_: str) -> Path:
        """Where everything of an import lies. NotFound `import.unknown`."""
        if not _ID.fullmatch(id_) or not (self._folder / id_).is_dir():
            raise NotFound(
                "import.unknown", f"there is no import “{id_[:40]}”", hint="GET /imports"
            )
        return self._folder / id_

    def body(self, id_: str) -> Path:
        """The uploaded file. WorkspaceError `import.no_file` when it is gone."""
        return self._body(self.folder(id_))

    def folders(self) -> list[Path]:
        """Of everything that was uploaded and is not forgotten."""
        return self._folders()

    def forget(self, id_: str) -> None:
        """Throw away what was uploaded. UsageError `import.under_way`."""
        folder = self.folder(id_)
        with self._guard:
            job = self._read(folder)
            if job is not None and job.state not in _FINISHED:
                raise UsageError("import.under_way", f"{job.name} is being imported", hint="cancel")
            shutil.rmtree(folder, ignore_errors=True)

    def cancel(self, id_: str) -> ImportJob:
        """End it; nothing of it is stored. UsageError `import.over` when it has ended by itself."""
        with self._guard:
            job = self.job(id_)
            if job.state in _FINISHED:
                raise UsageError("import.over", f"{job.name} is over already: {job.state}")
            self._cancelled.add(id_)
            if job.state == "waiting":
                self._finish(msgspec.structs.replace(job, state="interrupted", error=_CANCELLED))
            elif self._inside == id_:
                self._engine.workspace.store.con.interrupt()
            return self.job(id_)

    def jobs(self) -> list[ImportJob]:
        """The newest first."""
        return sorted(self._all(), key=lambda job: job.id, reverse=True)

    def job(self, id_: str) -> ImportJob:
        """NotFound `import.unknown`."""
        found = self._read(self._folder / id_) if _ID.fullmatch(id_) else None
        if found is None:
            raise NotFound("import.unknown", f"there is no import “{id_}”", hint="GET /imports")
        return found

    def refused(self, id_: str) -> Path:
        """The file of refused rows: line, code, reason, row. NotFound `import.nothing_refused`."""
        job = self.job(id_)
        if not job.refused:
            raise NotFound("import.nothing_refused", f"no rows of {job.name} were refused")
        return self._folder / id_ / _REFUSED

    def step(self) -> bool:
        """Import the oldest waiting file; False when there is none."""
        waiting = [job for job in self._all() if job.state == "waiting"]
        if not waiting or self._stopping:
            return False
        self._run(min(waiting, key=lambda job: job.id))
        return True

    def interrupt(self) -> None:
        """The server stops: what is under way ends at once, and is marked as interrupted."""
        self._stopping = True
        if self._progress:
            self._engine.workspace.store.con.interrupt()

    def _run(self, job: ImportJob) -> None:
        running = msgspec.structs.replace(job, state="running")
        with self._guard:
            if job.id in self._cancelled:
                return
            self._keep(running)
            (self._folder / job.id / _REFUSED).unlink(missing_ok=True)
            self._progress[job.id] = Progress(phase="reading")
        try:
            done = self._import(running)
        except LettershopError as error:
            cancelled = job.id in self._cancelled
            done = self._ended(running, error) if cancelled else self._failed(running, error)
        except BaseException as problem:
            ours = self._stopping or job.id in self._cancelled
            if not ours and not isinstance(problem, Exception):
                raise
            done = self._ended(running, problem)
        finally:
            self._progress.pop(job.id, None)
        self._finish(done)

    def _ended(self, job: ImportJob, problem: BaseException) -> ImportJob:
        """An end that is not the file's fault: the server stops, or there is a mistake in it."""
        if self._stopping:
            return msgspec.structs.replace(job, state="interrupted", error=_INTERRUPTED)
        if job.id in self._cancelled:
            return msgspec.structs.replace(job, state="interrupted", error=_CANCELLED)
        log.error("import.crashed", id=job.id, name=job.name, exc_info=problem)
        unknown = LettershopError("server.failed", "something went wrong on the server")
        return self._failed(job, unknown)

    def _import(self, job: ImportJob) -> ImportJob:
        folder = self._folder / job.id
        order = msgspec.json.decode((folder / _ORDER).read_bytes(), type=Order)
        with self._engine.write() as workspace, self._interruptible(job.id):
            report = workspace.import_file(
                self._body(folder),
                order.mapping,
                again=order.again,
                allow_refused=order.allow_refused,
                refused=folder / _REFUSED,
                progress=lambda progress: self._tell(job.id, progress),
                shown=job.name,
                dry_run=order.dry_run,
            )
        return msgspec.structs.replace(job, state="done", report=import_answer(report))

    @contextmanager
    def _interruptible(self, id_: str) -> Iterator[None]:
        """While it alone uses the connection: whoever cancels it interrupts nobody else."""
        with self._guard:
            self._inside = id_
        try:
            yield
        finally:
            with self._guard:
                self._inside = ""

    def _failed(self, job: ImportJob, error: LettershopError) -> ImportJob:
        folder = self._folder / job.id
        order = msgspec.json.decode((folder / _ORDER).read_bytes(), type=Order)
        renamed = {
            str(self._body(folder)): job.name,
            str(folder / _REFUSED): order.refused_as or f"/api/v1/imports/{job.id}/refused",
        }
        return msgspec.structs.replace(job, state="failed", error=failure(error, renamed))

    def _finish(self, job: ImportJob) -> None:
        folder = self._folder / job.id
        now = format_instant(self._clock.now())
        refused = (folder / _REFUSED).exists()
        self._keep(msgspec.structs.replace(job, finished_at=now, refused=refused))
        drafted = (folder / DRAFT).exists()
        if drafted and (job.dry_run or job.state != "done"):
            return  # it can be read otherwise, and tried again
        (folder / DRAFT).unlink(missing_ok=True)
        shutil.rmtree(folder / _BODY, ignore_errors=True)

    def _tell(self, id_: str, progress: Progress) -> None:
        if self._stopping or id_ in self._cancelled:
            raise KeyboardInterrupt
        self._progress[id_] = progress

    def _recover(self) -> None:
        for left in self._folder.glob("*.upload*"):
            left.unlink(missing_ok=True)  # a body that was being received when the server died
        for folder in self._folders():
            job = self._read(folder)
            if job is None and not (folder / DRAFT).exists():
                shutil.rmtree(folder, ignore_errors=True)
            elif job is not None and job.state == "running":
                self._finish(msgspec.structs.replace(job, state="interrupted", error=_INTERRUPTED))

    def _forget_old(self) -> None:
        old = [job for job in self.jobs() if job.state in _FINISHED][REMEMBERED:]
        for job in old:
            shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def _all(self) -> Iterator[ImportJob]:
        yield from (job for folder in self._folders() if (job := self._read(folder)))

    def _folders(self) -> list[Path]:
        return [f for f in self._folder.glob("*-*") if _ID.fullmatch(f.name)]

    def _read(self, folder: Path) -> ImportJob | None:
        try:
            job = msgspec.json.decode((folder / _JOB).read_bytes(), type=ImportJob)
        except (FileNotFoundError, NotADirectoryError):
            return None
        progress = self._progress.get(job.id)
        return msgspec.structs.replace(job, progress=progress) if progress else job

    def _keep(self, job: ImportJob) -> None:
        folder = self._folder / job.id
        part = folder / (_JOB + ".part")
        part.write_bytes(msgspec.json.encode(job))
        part.replace(folder / _JOB)

    def _new_id(self) -> str:
        """Ids sort by time, also where several arrive in one millisecond."""
        newest = max((int(f.name[:14]) for f in self._folders()), default=0)
        return f"{max(self._clock.now(), newest + 1):014d}-{secrets.token_hex(4)}"

    def _body(self, folder: Path) -> Path:
        found = next(iter((folder / _BODY).glob("*")), None)
        if found is None:
            raise WorkspaceError("import.no_file", "the uploaded file is gone", hint="run it again")
        return found


def _file_name(name: str) -> str:
    """The last part of a name, fit for any file system; its endings tell the format."""
    last = re.split(r"[/\\]", name)[-1]
    kept = re.sub(r"[^\w.\- ]", "_", last).strip(". ")
    return kept[-100:] or "upload"
