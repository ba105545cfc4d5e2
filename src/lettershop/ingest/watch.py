"""The watched folder: files that appear in it are imported and moved away.

    inbox/NAME           imported when it is complete, with the mapping of `lettershop import`
    inbox/NAME.toml      a mapping, which stays
    inbox/done/          what was imported, each with NAME.txt that says what it held
    inbox/refused/       what could not be, with NAME.txt that says why; NAME.rows.csv: refused rows

A file is complete when nothing was written to it for `QUIET` seconds; one renamed into the folder
usually is at once. Nothing is remembered here: an import that was stored but whose file was not yet
moved is recognised by its content the next time, and the file moved then.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import structlog

from lettershop.ingest.report import ImportReport
from lettershop.model.errors import LettershopError, Unavailable, WorkspaceError

QUIET = 2.0
DONE, REFUSED = "done", "refused"
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", "~")
log = structlog.get_logger("lettershop.inbox")


class Importing(Protocol):
    """Imports one file, as `Workspace.import_file` does; refused rows go to `refused`."""

    def __call__(self, file: Path, refused: Path) -> ImportReport: ...


def watch_step(inbox: Path, importing: Importing, now: float) -> int:
    """Import every complete file, the oldest first; how many were moved. `now` in seconds since
    1970. Without the folder nothing happens.

    What is not a file's fault (the disk is full, the server stops) is raised in the end; the file
    stays and is tried again next time.
    """
    moved, trouble = 0, None
    for file in _complete(inbox, now):
        try:
            moved += _take(inbox, file, importing)
        except Exception as error:
            log.warning("inbox.left", file=file.name, error=str(error))
            trouble = trouble or error
    if trouble is not None:
        raise trouble
    return moved


def _take(inbox: Path, file: Path, importing: Importing) -> int:
    rows = inbox / REFUSED / f"{file.name}.rows.csv"
    rows.parent.mkdir(exist_ok=True)
    try:
        report = importing(file, rows)
    except (Unavailable, WorkspaceError):
        raise
    except (LettershopError, FileNotFoundError) as error:
        if not file.exists():
            return 0  # somebody took it back
        if isinstance(error, FileNotFoundError):
            raise
        _move(file, inbox / REFUSED, _why(error))
    else:
        _move(file, inbox / DONE, _what(report))
    return 1


def _complete(inbox: Path, now: float) -> list[Path]:
    found = sorted(_times(inbox))
    # A time in the future says nothing about now; waiting for it would be for ever.
    return [path for time, path in found if now - time >= QUIET or time > now + QUIET]


def _times(inbox: Path) -> Iterator[tuple[float, Path]]:
    try:
        entries = list(os.scandir(inbox))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        name = entry.name.lower()
        if name.startswith((".", "~")) or name.endswith((*_UNFINISHED, ".toml")):
            continue
        try:
            if entry.is_file():
                yield entry.stat().st_mtime, Path(entry.path)
        except FileNotFoundError:
            continue


def _move(file: Path, folder: Path, text: str) -> None:
    """The text first: a file that lies there is explained."""
    folder.mkdir(exist_ok=True)
    target = _free(folder, file.name)
    target.with_name(target.name + ".txt").write_text(text, "utf-8")
    file.rename(target)


def _free(folder: Path, name: str) -> Path:
    """`name`, or name-2, name-3 … where that is taken; endings are kept."""
    stem, dot, endings = name.partition(".")
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}{dot}{endings}"
    return target


def _why(error: LettershopError) -> str:
    return f"Not imported; nothing of this file was stored.\n\n{error}\n\nPut it right, and back.\n"


def _what(report: ImportReport) -> str:
    if report.repeated:
        return "Imported before, with the same mapping: nothing was done.\n"
    lines = [f"Imported: {report.rows:,} rows."]
    lines += [f"  {count:,} × {what}" for what, count in report.facts.items()]
    lines += [f"  left out {report.left_out:,}"] if report.left_out else []
    lines += [f"  refused {count:,}: {code}" for code, count in report.refused.items()]
    lines += [f"  see {report.refused_path}"] if report.refused_path else []
    for (scope, field), count in report.wrong.items():
        lines.append(f"  ill-typed, so missing: {count:,} × {scope} {field}")
    return "\n".join(lines) + "\n"
