"""What came in by another way than the raw log, kept so that `rebuild` can say it again.

    data/kept/000001/   kept.json (when, after which request of the log, how)
                        and the imported file under its own name, or facts.jsonl

A number is used once. A folder without kept.json is the remains of an interrupted attempt.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec

from lettershop.ingest.mapping import Mapping
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

FOLDER = "kept"
_NAME, _FACTS = "kept.json", "facts.jsonl"
_SORTS: dict[str, type[AnyFact]] = {
    sort.__name__: sort
    for sort in (ContactFact, AccountFact, MembershipFact, EventFact, RecordFact)
}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """`after`: the position of the raw log when it was taken in; `at`: the clock then (ms)."""

    kind: Literal["file", "facts"]
    at: int
    after: int
    name: str
    hash: str = ""
    mapping: Mapping | None = None
    allow_refused: bool = False


class Line(msgspec.Struct, frozen=True):
    sort: str
    fact: dict[str, object]


_WRITER = msgspec.json.Encoder(decimal_format="number")
_READER = msgspec.json.Decoder(Line, float_hook=Decimal)


def keep_file(data: Path, kept: Kept, file: Path) -> Path:
    """Keep a copy of an imported file; the folder it is in."""
    return _keep(data, kept, lambda body: _copy(file, body))


def keep_facts(data: Path, kept: Kept, facts: Sequence[AnyFact]) -> Path:
    """Keep facts that were said through the API; the folder they are in."""
    lines = (Line(type(f).__name__, msgspec.structs.asdict(f)) for f in facts)
    text = b"".join(_WRITER.encode(line) + b"\n" for line in lines)
    return _keep(data, kept, lambda body: body.write_bytes(text))


def everything(data: Path) -> Iterator[tuple[Kept, Path]]:
    """All that is kept with the path of its body, in the order in which it was taken in."""
    folders = sorted(data.joinpath(FOLDER).glob("[0-9]*"), key=lambda f: int(f.name))
    for folder in folders:
        if (folder / _NAME).is_file():
            kept = msgspec.json.decode((folder / _NAME).read_bytes(), type=Kept)
            yield kept, folder / _body(kept)


def read_facts(body: Path) -> Iterator[AnyFact]:
    """The facts of a kept body, as they were said."""
    with body.open("rb") as file:
        for line in file:
            said = _READER.decode(line)
            yield msgspec.convert(said.fact, _SORTS[said.sort])


def forget(folder: Path) -> None:
    """Take back what was kept: it was not taken in after all."""
    shutil.rmtree(folder, ignore_errors=True)


def _keep(data: Path, kept: Kept, write: Callable[[Path], object]) -> Path:
    folder = _next(data / FOLDER)
    body = folder / _body(kept)
    try:
        write(body)
        _synced(body)
        part = folder / (_NAME + ".part")
        part.write_bytes(msgspec.json.encode(kept))
        _synced(part)
        part.replace(folder / _NAME)
    except BaseException:
        forget(folder)
        raise
    return folder


def _body(kept: Kept) -> str:
    """What a file is may be told by its ending, so it keeps its name."""
    return _FACTS if kept.kind == "facts" else f"file {Path(kept.name).name}"


_used: dict[Path, int] = {}
"""The last number this process has given, by parent: a folder may hold very many."""


def _next(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    number = _used.get(parent)
    if number is None:
        number = max((int(f.name) for f in parent.glob("[0-9]*")), default=0)
    while True:
        number += 1
        folder = parent / f"{number:06d}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        _used[parent] = number
        return folder


def _copy(file: Path, body: Path) -> None:
    shutil.copyfile(file, body)


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
