"""Who is in which segment, in the lake: what a refresh came to, for other readers.

    members/current.json                    names the runs, the newest last; replaced as a whole
    members/<number>-<as_of>/0000.parquet   one run; never changed

A row per segment and range of dense ids (RANGE, as in the wide tables): the ids of its members,
and of those who entered and left since the run before, as serialised roaring bitmaps. Ranges in
which nobody is and nobody moved have no row. Whoever is gone from a segment that is no longer kept
is in `left`, and the segment not in the run any more.

    segment VARCHAR, version BIGINT, subject VARCHAR, range BIGINT,
    members BLOB, entered BLOB, left BLOB
"""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import msgspec
from pyroaring import BitMap

from lettershop.lake.manifest import RANGE
from lettershop.lake.storage import Lake
from lettershop.language.tree import Subject
from lettershop.model.errors import NotFound

RUNS: Final = "members/current.json"
FORMAT: Final = 1
KEPT: Final = 96
"""Runs that are kept, and their files: a day of one every quarter of an hour."""
LARGEST: Final = 1 << 26
"""Bytes of bitmaps in one file."""
_COLUMNS: Final = (
    ("segment", "VARCHAR"),
    ("version", "BIGINT"),
    ("subject", "VARCHAR"),
    ("range", "BIGINT"),
    ("members", "BLOB"),
    ("entered", "BLOB"),
    ("left", "BLOB"),
)


class Held(NamedTuple):
    """One segment: dense ids of contacts, accounts or rows of `people`."""

    subject: Subject
    version: int
    members: BitMap


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One segment of a run, in numbers."""

    segment: str
    subject: Subject
    version: int
    size: int
    entered: int
    left: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """`as_of`: the moment the members are of (ms since 1970 UTC). `snapshot`: of the lake, from
    which they were evaluated. `paths` are relative to the lake."""

    number: int
    as_of: int
    made_at: int
    engine: str
    snapshot: int | None
    segments: tuple[Counted, ...]
    paths: tuple[str, ...]


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    runs: tuple[Run, ...] = ()


class _Row(NamedTuple):
    segment: str
    version: int
    subject: str
    range: int
    members: bytes
    entered: bytes
    left: bytes

    @property
    def bytes(self) -> int:
        return len(self.members) + len(self.entered) + len(self.left)


def read_runs(lake: Lake) -> tuple[Run, ...]:
    """The oldest first; none before the first refresh."""
    try:
        content = lake.read(RUNS)
    except FileNotFoundError:
        return ()
    return msgspec.json.decode(content, type=Runs).runs


def read_members(lake: Lake, run: Run | None = None) -> dict[str, Held]:
    """Who is in which segment after a run, by default the newest.

    NotFound `lake.no_members` when there is none; FileNotFoundError for one that is kept no more.
    """
    runs = read_runs(lake)
    if run is None and not runs:
        message = "no members were written to the lake yet"
        raise NotFound("lake.no_members", message, where=lake.address, hint="lettershop refresh")
    chosen = run or runs[-1]
    found = {
        one.segment: Held(one.subject, one.version, BitMap()) for one in chosen.segments
    }  # a segment that nobody is in has no row
    for row in _rows(lake, chosen.paths):
        if row.segment in found:
            found[row.segment].members.update(BitMap.deserialize(row.members))
    return found


def read_moves(lake: Lake, run: Run) -> dict[str, tuple[BitMap, BitMap]]:
    """By segment who entered and who left with a run; segments without any are left out."""
    found: dict[str, tuple[BitMap, BitMap]] = {}
    for row in _rows(lake, run.paths):
        entered, left = BitMap.deserialize(row.entered), BitMap.deserialize(row.left)
        if entered or left:
            before = found.setdefault(row.segment, (BitMap(), BitMap()))
            before[0].update(entered)
            before[1].update(left)
    return found


def write_run(
    lake: Lake,
    held: Mapping[str, Held],
    *,
    as_of: int,
    made_at: int,
    engine: str,
    snapshot: int | None,
    kept: int = KEPT,
) -> Run:
    """Adds a run; readers see it as a whole or not at all. The oldest beyond `kept` are removed.

    Only one process may write at a time: the owner of the facts."""
    runs = read_runs(lake)
    before = read_members(lake) if runs else {}
    number = runs[-1].number + 1 if runs else 1
    folder = f"members/{number:08}-{as_of}"
    run = Run(
        number=number,
        as_of=as_of,
        made_at=made_at,
        engine=engine,
        snapshot=snapshot,
        segments=tuple(_counted(name, one, before) for name, one in sorted(held.items())),
        paths=tuple(_write(lake, folder, _cut(held, before))),
    )
    stay = (*runs, run)[-max(1, kept) :]
    lake.write(RUNS, msgspec.json.encode(Runs(runs=stay)))
    paths = {path for one in stay for path in one.paths}
    lake.remove(p for p in lake.list("members") if p not in paths and _number(p) < number)
    return run


def _number(path: str) -> int:
    """Of the run a file was written for; what is none of a run stays."""
    said = path.split("/")[1].partition("-")[0]
    return int(said) if said.isdigit() else sys.maxsize


def _counted(name: str, held: Held, before: Mapping[str, Held]) -> Counted:
    was = _was(name, held.subject, before)
    return Counted(
        segment=name,
        subject=held.subject,
        version=held.version,
        size=len(held.members),
        entered=len(held.members - was),
        left=len(was - held.members),
    )


def _was(name: str, subject: Subject, before: Mapping[str, Held]) -> BitMap:
    """Who was in; a segment of the same name of others was another one."""
    found = before.get(name)
    return found.members if found is not None and found.subject == subject else BitMap()


def _cut(held: Mapping[str, Held], before: Mapping[str, Held]) -> Iterator[_Row]:
    """Range by range, the segments of one beside each other: who reads one reads few files."""
    nobody = {name: Held(one.subject, one.version, BitMap()) for name, one in before.items()}
    named = sorted((nobody | dict(held)).items())
    last = max(
        (int(one.members.max()) for one in [*held.values(), *before.values()] if one.members),
        default=-1,
    )
    for number in range(last // RANGE + 1):
        window = BitMap(range(number * RANGE, (number + 1) * RANGE))
        for name, one in named:
            members = one.members & window
            was = _was(name, one.subject, before) & window
            if members or was:
                bits = (members, members - was, was - members)
                yield _Row(name, one.version, one.subject, number, *(b.serialize() for b in bits))


def _write(lake: Lake, folder: str, rows: Iterable[_Row]) -> Iterator[str]:
    """Files of at most LARGEST, one at least; their paths."""
    waiting: list[_Row] = []
    size = number = 0
    for row in rows:
        if waiting and size + row.bytes > LARGEST:
            yield _file(lake, f"{folder}/{number:04}.parquet", waiting)
            waiting, size, number = [], 0, number + 1
        waiting.append(row)
        size += row.bytes
    yield _file(lake, f"{folder}/{number:04}.parquet", waiting)


def _file(lake: Lake, path: str, rows: list[_Row]) -> str:
    part = lake.folder / "members" if lake.folder is not None else None
    if part is not None:
        part.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=".part-", dir=part))  # where it can be moved from
    try:
        with duckdb.connect() as con:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in _COLUMNS)
            con.execute(f"CREATE TABLE rows ({columns})")
            if rows:
                con.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            con.table("rows").write_parquet(str(room / "rows.parquet"), compression="zstd")
        lake.put(room / "rows.parquet", path)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return path


def _rows(lake: Lake, paths: Iterable[str]) -> Iterator[_Row]:
    with tempfile.TemporaryDirectory() as room, duckdb.connect() as con:
        for path in paths:
            local = Path(room) / "rows.parquet"
            if lake.folder is not None:
                local = lake.folder / path
            else:
                lake.get(path, local)
            if not local.exists():
                raise FileNotFoundError(path)
            for row in con.read_parquet(str(local)).fetchall():
                yield _Row(*row)
