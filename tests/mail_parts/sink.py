"""Postfix's smtp-sink, writing down each letter it took.

A file is there for good once the final dot has come, whether or not anybody heard the answer; that
of a letter without its dot is taken away when its connection ends. So files are an exact count.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.mail_parts.programs import free_port, own_folder, program, running, until

BACKLOG = "100"
STILL = 40
"""Looks without a change after which it has come to rest."""
_WHO = re.compile(rb"^X-Rcpt-Args: <([^>]*)>", re.M)
_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.M | re.I)


class Sink(msgspec.Struct, frozen=True):
    port: int
    folder: Path

    def count(self) -> int:
        """With those that are just coming in."""
        return sum(1 for _ in self.folder.iterdir())

    def mails(self) -> Mapping[str, list[bytes]]:
        """By recipient, as they were written down: behind some lines of its own, with LF."""
        found: dict[str, list[bytes]] = {}
        for path in self.folder.iterdir():
            said = path.read_bytes()
            who = _WHO.search(said)
            assert who is not None, said[:500]
            found.setdefault(who[1].decode(), []).append(said)
        return found

    def quiet(self) -> None:
        """Until nothing changes any more: the connections that were killed have ended."""
        seen: list[set[Path]] = []

        def same() -> bool:
            seen.append({*self.folder.iterdir()})
            return len(seen) > STILL and seen[-1] == seen[-STILL]

        until(same)


def message_id(mail: bytes) -> str:
    found = _ID.search(mail)
    assert found is not None, mail[:500]
    return found[1].decode()


@contextmanager
def smtp_sink(*options: str) -> Iterator[Sink]:
    """`options`: more of its own, as `-q .`: the connection is lost at the final dot."""
    path, port = program("smtp-sink", "postfix"), free_port()
    with own_folder() as folder:
        taken = folder / "taken"
        taken.mkdir()
        shutil.chown(taken, "nobody")
        command = [path, "-u", "nobody", "-R", str(taken), "-d", "mail.", *options]
        with running([*command, f"127.0.0.1:{port}", BACKLOG], port, folder / "log"):
            yield Sink(port, taken)
