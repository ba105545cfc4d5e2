"""Snapshots of a lake: the newest one, the next one, and those that nobody needs any more.

A snapshot is made when its manifest is there. `current.json`, by which readers find it, follows;
whoever wrote the manifest and died before that is helped on by the next writer.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from lettershop.lake.manifest import CURRENT, FORMAT, Manifest, path_of
from lettershop.lake.storage import Lake
from lettershop.model.clock import HOUR
from lettershop.model.errors import NotFound, Unavailable, WorkspaceError

KEPT: Final = 10
"""Snapshots that are kept at the least."""
KEPT_FOR: Final = HOUR
"""How long every snapshot is kept: readers may be at it."""


class Current(msgspec.Struct, frozen=True):
    """What stands in `current.json`."""

    snapshot: int


class _Format(msgspec.Struct):
    format: int


def newest(lake: Lake) -> Manifest | None:
    """What readers read: the manifest of the newest snapshot; None where nothing was exported."""
    number = current(lake)
    return snapshot(lake, number) if number else None


def snapshot(lake: Lake, number: int) -> Manifest:
    """NotFound `lake.no_snapshot` when it was never made, or is no longer kept; WorkspaceError
    `lake.format` for one that another version of Lettershop has written."""
    where = f"{lake.address}/{path_of(number)}"
    try:
        content = lake.read(path_of(number))
    except FileNotFoundError:
        kept = ", ".join(str(n) for n in numbers(lake)[-5:]) or "none"
        message = f"there is no snapshot {number} in this lake"
        raise NotFound("lake.no_snapshot", message, where=where, hint=f"kept are {kept}") from None
    try:
        found = msgspec.json.decode(content, type=_Format).format
        if found == FORMAT:
            return msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise WorkspaceError(
            "lake.damaged", f"the manifest cannot be read: {error}", where=where
        ) from None
    raise WorkspaceError(
        "lake.format",
        f"the snapshot has format {found}, this lettershop reads format {FORMAT}",
        where=where,
        hint="use the version that wrote it, or export into another folder",
    )


def numbers(lake: Lake) -> list[int]:
    """Of the snapshots that are kept, the oldest first."""
    return sorted(_numbers(lake))


def latest(lake: Lake) -> Manifest | None:
    """Where the next writer goes on: the newest manifest there is, `current.json` or not."""
    found = max(_numbers(lake), default=0)
    if not found:
        return None
    if current(lake) < found:
        _name(lake, found)
    return snapshot(lake, found)


def commit(lake: Lake, manifest: Manifest) -> None:
    """Make it the newest snapshot. Unavailable `lake.overtaken` when another has its number."""
    number = manifest.snapshot
    try:
        lake.create(path_of(number), msgspec.json.encode(manifest))
    except FileExistsError:
        raise Unavailable(
            "lake.overtaken",
            f"another process has written snapshot {number} meanwhile",
            where=lake.address,
            hint="one process at a time writes a lake: the owner of the facts",
        ) from None
    if current(lake) < number:
        _name(lake, number)


def vacuum(lake: Lake, now: int, kept: int = KEPT, kept_for: int = KEPT_FOR) -> int:
    """Remove snapshots that are neither among the last `kept` nor younger than `kept_for` (ms), and
    the parts that only they name; how many parts."""
    found = numbers(lake)
    going: list[Manifest] = []
    for number in found[: max(0, len(found) - max(kept, 1))]:
        old = snapshot(lake, number)
        if now - old.made_at < kept_for:
            break
        going.append(old)
    if not going:
        return 0
    first = snapshot(lake, found[len(going)])
    still = set(parts(first))  # part names are never used again: what it lacks, all later lack
    gone = {path for old in going for path in parts(old)} - still
    lake.remove(path_of(old.snapshot) for old in going)
    lake.remove(sorted(gone))
    return len(gone)


def sweep(lake: Lake) -> int:
    """Remove parts that no snapshot names: of writers that died. How many there were. Parts of a
    snapshot that is just being written are left alone."""
    found = numbers(lake)
    if not found:
        return 0
    named = {path for number in found for path in parts(snapshot(lake, number))}
    lost = [p for p in lake.list("data") if p not in named and written_for(p) <= found[-1]]
    lake.remove(lost)
    return len(lost)


def parts(manifest: Manifest) -> Iterator[str]:
    for table in manifest.tables.values():
        yield from table.paths


def part_path(table: str, key: str, number: int, token: str) -> str:
    """Of a part written for the snapshot `number`; the token keeps two writers apart. Readers take
    a folder `day=…` for a column `day`, which histories have already."""
    return f"data/{table}/{key.replace('=', '-')}/{number:08}-{token}.parquet"


def written_for(path: str) -> int:
    """The snapshot a part was written for."""
    number = path.rpartition("/")[2].partition("-")[0]
    return int(number) if number.isdigit() else 0


def current(lake: Lake) -> int:
    """The number of the newest snapshot; 0 where nothing was exported."""
    try:
        return msgspec.json.decode(lake.read(CURRENT), type=Current).snapshot
    except FileNotFoundError:
        return 0


def _name(lake: Lake, number: int) -> None:
    lake.write(CURRENT, msgspec.json.encode(Current(number)))


def _numbers(lake: Lake) -> Iterator[int]:
    for path in lake.list("snapshots"):
        name = path.rpartition("/")[2].removesuffix(".json")
        if name.isdigit():
            yield int(name)
