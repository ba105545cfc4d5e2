"""The keys of a workspace: `data/dkim/DOMAIN/SELECTOR.pem`, readable by its owner alone.

From when a key signs stands above it in its file (`active-from: 2026-12-01T00:00Z`), where readers
of PEM ignore it; a file without that line, as other programs make them, signs at once.
"""

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from lettershop.delivery.dkim.keys import (
    USUAL_BITS,
    Generated,
    Key,
    Kind,
    generate,
    host_name,
    read_key,
)
from lettershop.model.clock import DAY, format_instant, parse_instant
from lettershop.model.errors import InputError, UsageError

FOLDER: Final = "dkim"
"""Below `data/`."""
WAIT: Final = 2 * DAY
"""How long a key that follows another one waits, so that DNS says it everywhere first."""
_LARGEST: Final = 64_000
_FROM: Final = re.compile(r"^active-from:\s*(\S+)\s*$", re.M)


class KeyFile(msgspec.Struct, frozen=True):
    """`open_to_others`: its file can be read by other users of the machine."""

    key: Key
    path: Path
    open_to_others: bool


def keys_of(folder: Path) -> Sequence[KeyFile]:
    """All keys, by domain, in the order in which they begin to sign. None for no folder.

    InputError `dkim.name`, `dkim.key`, `dkim.active_from` with the file.
    """
    found = [_read(path) for path in sorted(folder.glob("*/*.pem"))]
    return sorted(found, key=lambda one: (one.key.domain, one.key.active_from, one.key.selector))


def create(
    folder: Path,
    domain: str,
    selector: str = "",
    *,
    now: int,
    kind: Kind = "rsa",
    bits: int = USUAL_BITS,
    active_from: int | None = None,
) -> KeyFile:
    """A new key in its file. Without `active_from` the first key of a domain signs at once, one
    that follows another of its kind after WAIT. `selector` "" makes one of the month.

    InputError `dkim.name`, `dkim.bits`, `dkim.exists`, and those of `keys_of`.
    """
    domain = host_name(domain)
    mine = [one.key for one in keys_of(folder) if one.key.domain == domain]
    selector = host_name(selector) if selector else _free(now, kind, {key.selector for key in mine})
    if active_from is None:
        follows = any(key.kind == kind for key in mine)
        active_from = now + WAIT if follows else now
    made = generate(domain, selector, bits, kind=kind)
    path = folder / domain / f"{selector}.pem"
    _write(path, made, active_from)
    return _read(path)


def _free(now: int, kind: Kind, taken: set[str]) -> str:
    """`ls202611`, `ls202611b` …; of Ed25519 `ls202611e`, `ls202611eb` …"""
    month = f"ls{format_instant(now)[:7].replace('-', '')}{'e' if kind == 'ed25519' else ''}"
    tries = (month, *(f"{month}{letter}" for letter in "bcdfghijklmnopqrstuvwxyz"))
    found = next((name for name in tries if name not in taken), "")
    return found or f"{month}-{secrets.token_hex(4)}"


def _write(path: Path, made: Generated, active_from: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = f"{made.dns}\nactive-from: {format_instant(active_from)}\n".encode("ascii")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(head + made.pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename never over a key that signs already
    except FileExistsError:
        said = f"there is a key “{path.stem}” of {path.parent.name} already"
        raise InputError("dkim.exists", said, hint="take another --selector") from None
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> KeyFile:
    with path.open("rb") as file:
        said, mode = file.read(_LARGEST), os.fstat(file.fileno()).st_mode
    where = str(path)
    found = _FROM.search(said.partition(b"-----BEGIN")[0].decode("utf-8", "replace"))
    try:
        active_from = parse_instant(found[1]) if found else 0
    except UsageError as error:
        raise InputError("dkim.active_from", error.message, where=where, hint=error.hint) from None
    domain, selector = path.parent.name, path.stem
    key = read_key(domain, selector, said, active_from=active_from, where=where)
    return KeyFile(key, path, open_to_others=bool(mode & 0o077))
