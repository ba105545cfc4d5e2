"""How commands find a running server: a small file beside the database, for its owner only."""

import os
from pathlib import Path

import msgspec

NAME = "server.json"


class Serving(msgspec.Struct, frozen=True):
    """Where the server listens, the token commands on this machine show, and who it is."""

    url: str
    token: str
    pid: int
    since: str


def write_serving(data: Path, serving: Serving) -> None:
    """Readable by its owner only from the first moment on."""
    part = data / (NAME + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(serving))
    part.replace(data / NAME)


def read_serving(data: Path) -> Serving | None:
    """What the file says; the server may have died since."""
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=Serving)
    except (OSError, msgspec.DecodeError):
        return None


def remove_serving(data: Path, pid: int) -> None:
    """Take the file away if it is that process's own."""
    found = read_serving(data)
    if found is not None and found.pid == pid:
        (data / NAME).unlink(missing_ok=True)
