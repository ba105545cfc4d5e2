"""What has arrived and was not yet taken in: one file each, durable before anybody is told that we
have it. Level-triggered: whatever lies there is due."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from lettershop.model.errors import Unavailable

FOLDER: Final = "returns"
"""Where it lies in data/ of a workspace."""
MOST_TRIES: Final = 5
"""After so many failures a mail is laid aside in `failed/`."""


class Held(msgspec.Struct, frozen=True):
    """A mail in the spool. `envelope`: whom it was delivered to."""

    path: Path
    envelope: tuple[str, ...]
    mail: bytes


class Spool:
    """`folder` is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._failed = folder / "failed"
        self._failed.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, mail: bytes, envelope: Sequence[str]) -> Path:
        """On the disk when this returns. OSError: it is not there."""
        name = secrets.token_hex(16)
        part = self.folder / f"{name}.part"
        head = msgspec.json.encode([*envelope]) + b"\n"
        try:
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                file.write(head + mail)
                file.flush()
                os.fsync(file.fileno())
            path = self.folder / f"{name}.mail"
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _sync(self.folder)
        return path

    def waiting(self) -> Iterator[Held]:
        """Oldest first. A file that cannot be read is laid aside."""
        for path in sorted(self.folder.glob("*.mail"), key=_age):
            try:
                head, _, mail = path.read_bytes().partition(b"\n")
                envelope = msgspec.json.decode(head, type=tuple[str, ...])
            except (OSError, msgspec.DecodeError):
                self._aside(path)
                continue
            yield Held(path, envelope, mail)

    def count(self) -> int:
        """Mails that wait."""
        return sum(1 for _ in self.folder.glob("*.mail"))

    def work(self, take: Callable[[bytes, Sequence[str]], object], most: int = 1_000) -> int:
        """Take in what is there, each at least once; how many were. An error of `take` leaves the
        mail for the next time, MOST_TRIES times, and then aside; the others are still taken, and
        the last error is raised at the end. Unavailable is no fault of the mail: all wait."""
        done, wrong = 0, None
        for held in self.waiting():
            if done >= most:
                break
            tries = self._tries(held.path)
            try:
                take(held.mail, held.envelope)
            except Unavailable:
                raise
            except Exception as error:
                self._missed(held.path, tries)
                wrong = error
                continue
            held.path.unlink(missing_ok=True)
            self._note(held.path).unlink(missing_ok=True)
            done += 1
        if wrong is not None:
            raise wrong
        return done

    def _note(self, path: Path) -> Path:
        return path.with_suffix(".tries")

    def _tries(self, path: Path) -> int:
        try:
            return int(self._note(path).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def _missed(self, path: Path, tries: int) -> None:
        if tries + 1 >= MOST_TRIES:
            self._aside(path)
        else:
            self._note(path).write_text(str(tries + 1), "ascii")

    def _aside(self, path: Path) -> None:
        self._note(path).unlink(missing_ok=True)
        path.rename(self._failed / path.name)


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
