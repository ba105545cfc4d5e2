"""Which mapping belongs to a file: the named one, the one beside it, or a guess without doubt."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lettershop.ingest.expand import all_values
from lettershop.ingest.guess import guess_mapping, mapping_for
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.errors import InputError, NotFound

SOURCES = "sources"


class GuessedMapping(NamedTuple):
    """Where a guessed mapping was written, and what is not certain about it."""

    path: Path
    doubts: tuple[str, ...]


def choose_mapping(
    workspace: Path, file: Path, said: str | os.PathLike[str] | Mapping | None = None
) -> Mapping:
    """`said` if there is one; else the TOML of the file's name beside it or in `sources/`; else a
    guess. InputError `mapping.needed` when that leaves doubts; NotFound for an absent one."""
    if isinstance(said, Mapping):
        return said
    found = _beside(workspace, file) if said is None else Path(said)
    return mapping_for(file) if found is None else mapping_in(found)


def mapping_in(path: Path) -> Mapping:
    """The mapping in a TOML file. NotFound `mapping.absent`, InputError."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("mapping.encoding", "is not UTF-8 text", where=str(path)) from None
    except FileNotFoundError:
        raise NotFound(
            "mapping.absent",
            "there is no such mapping file",
            where=str(path),
            hint="lettershop import FILE --guess writes one to start from",
        ) from None
    except OSError as error:
        raise InputError("mapping.unreadable", str(error.strerror), where=str(path)) from None
    return read_mapping(text, str(path), folder=str(path.parent))


def write_guess(
    path: str | os.PathLike[str], target: str | os.PathLike[str] | None = None
) -> GuessedMapping:
    """Write a mapping from a look at the file: to `target`, by default `FILE.toml` in the
    current folder. InputError when one is there already or nothing can be guessed."""
    written = Path(target or Path(path).name.partition(".")[0] + ".toml")
    if written.exists():
        hint = "--map FILE names another place; or remove it first"
        message = "this file exists already and was not changed"
        raise InputError("mapping.exists", message, where=str(written), hint=hint)
    found = guess_mapping(Path(path))
    written.write_text(found.text, "utf-8")
    return GuessedMapping(written, found.doubts)


def confined(mapping: Mapping, folder: Path) -> None:
    """InputError `mapping.lookup_outside` when a look-up would read files outside of `folder`:
    whoever may upload a mapping may not read the server's disk with it."""
    inside = folder.resolve()
    for value in all_values(mapping):
        if value.lookup and not (inside / value.lookup.file).resolve().is_relative_to(inside):
            hint = f"put it into the workspace's folder {SOURCES}/, and name it without a folder"
            message = "an uploaded mapping can only look up in files of the workspace"
            raise InputError("mapping.lookup_outside", message, where=value.lookup.file, hint=hint)


def with_found_lookups(mapping: Mapping, folders: Sequence[Path]) -> Mapping:
    """The mapping with look-ups by absolute path, for a server that stands in another folder."""
    plain = msgspec.to_builtins(mapping)
    _point_lookups(plain, folders)
    return msgspec.convert(plain, Mapping)


def _point_lookups(part: Any, folders: Sequence[Path]) -> None:
    match part:
        case {"lookup": {"file": str(file)}}:
            found = next((f / file for f in folders if (f / file).is_file()), None)
            if found is not None:
                part["lookup"]["file"] = str(found.absolute())
        case _:
            pass
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list | tuple):
            _point_lookups(inner, folders)


def refused_rows(workspace: Path, file: Path) -> Path:
    """Where refused rows of a file go unless told otherwise."""
    return workspace / "data" / "refused" / f"{file.name}.csv"


def _beside(workspace: Path, file: Path) -> Path | None:
    name = file.name.partition(".")[0] + ".toml"
    folders = (file.parent, workspace / SOURCES)
    return next((f / name for f in folders if (f / name).is_file()), None)
