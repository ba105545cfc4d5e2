"""What came in by another way than the raw log, kept so that `rebuild` can say it again.

    data/kept/000001/               an imported file under its own name, and kept.json about it
    data/kept/calls-2026-11.jsonl   what was said through the API in that month, a line per request

Everything has a number that is used once; the numbers are the order in which it was taken in. A
folder without kept.json, or a last line without its end, is what an interrupted attempt left.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path

import msgspec

from lettershop.ingest.mapping import Mapping
from lettershop.model.clock import format_instant
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

Body = Path | list[AnyFact]
"""An imported file, or the facts of a request."""

FOLDER = "kept"
_NAME = "kept.json"
_SORTS: dict[str, type[AnyFact]] = {
    sort.__name__: sort
    for sort in (ContactFact, AccountFact, MembershipFact, EventFact, RecordFact)
}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """`after`: the position of the raw log when it was taken in; `at`: the clock then (ms).
    Of files: their hash, and how they were read."""

    at: int
    after: int
    name: str
    hash: str = ""
    mapping: Mapping | None = None
    allow_refused: bool = False


class _Said(msgspec.Struct, frozen=True):
    sort: str
    fact: dict[str, object]


class _Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request with its number; or the number of one that was not taken in after all."""

    number: int
    kept: Kept | None = None
    facts: tuple[_Said, ...] = ()


_WRITER = msgspec.json.Encoder(decimal_format="number")
_READER = msgspec.json.Decoder(_Line, float_hook=Decimal)


def keep_file(data: Path, kept: Kept, file: Path) -> int:
    """Keep a copy of an imported file; its number."""
    number = _next(data / FOLDER)
    folder = data / FOLDER / f"{number:06d}"
    folder.mkdir()
    try:
        # What a file is may be told by its ending, so it keeps its name.
        shutil.copyfile(file, folder / _file_name(kept))
        _synced(folder / _file_name(kept))
        part = folder / (_NAME + ".part")
        part.write_bytes(msgspec.json.encode(kept))
        _synced(part)
        part.replace(folder / _NAME)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return number


def keep_facts(data: Path, kept: Kept, facts: Sequence[AnyFact]) -> int:
    """Keep facts that are said through the API; their number. On disk when this returns."""
    said = tuple(_Said(type(fact).__name__, msgspec.structs.asdict(fact)) for fact in facts)
    number = _next(data / FOLDER)
    _append(data / FOLDER, kept.at, _Line(number=number, kept=kept, facts=said))
    return number


def forget_facts(data: Path, at: int, number: int) -> None:
    """Take back what was kept: it was not taken in after all."""
    _append(data / FOLDER, at, _Line(number=number))


def everything(data: Path) -> Iterator[tuple[Kept, Body]]:
    """All that is kept, in the order in which it was taken in."""
    found: dict[int, tuple[Kept, Body]] = {}
    for folder in data.joinpath(FOLDER).glob("[0-9]*"):
        if (folder / _NAME).is_file():
            kept = msgspec.json.decode((folder / _NAME).read_bytes(), type=Kept)
            found[int(folder.name)] = kept, folder / _file_name(kept)
    for line in _lines(data / FOLDER):
        if line.kept is None:
            found.pop(line.number, None)
        else:
            said = [msgspec.convert(s.fact, _SORTS[s.sort]) for s in line.facts]
            found[line.number] = line.kept, said
    yield from (found[number] for number in sorted(found))


def _file_name(kept: Kept) -> str:
    return f"file {Path(kept.name).name}"


def _lines(parent: Path) -> Iterator[_Line]:
    for path in sorted(parent.glob("calls-*.jsonl")):
        with path.open("rb") as file:
            yield from _whole(file)


def _whole(lines: Iterable[bytes]) -> Iterator[_Line]:
    """A line without its end was never acknowledged."""
    return (_READER.decode(line) for line in lines if line.endswith(b"\n"))


def _append(parent: Path, at: int, line: _Line) -> None:
    path = parent / f"calls-{format_instant(at)[:7]}.jsonl"
    with path.open("ab") as file:
        file.truncate(_sound(path))
        file.write(_WRITER.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _sound(path: Path) -> int:
    """Bytes up to the end of the last whole line; what follows was never acknowledged."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while size:
            start = max(0, size - 65_536)
            file.seek(start)
            end = file.read(size - start).rfind(b"\n")
            if end >= 0:
                return start + end + 1
            size = start
    return 0


_used: dict[Path, int] = {}
"""The last number this process has given, by parent. One process has a workspace open."""


def _next(parent: Path) -> int:
    parent.mkdir(parents=True, exist_ok=True)
    if parent not in _used:
        folders = (int(f.name) for f in parent.glob("[0-9]*"))
        _used[parent] = max(chain(folders, (line.number for line in _lines(parent))), default=0)
    _used[parent] += 1
    return _used[parent]


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
