"""What a request for a link or a pixel said of itself, on disk before anything is made of it.

One line of JSON per hit, appended to a file of its quarter of a minute: no database and no fsync
stands between a click and its redirect (tens of microseconds). A killed process loses nothing; a
power cut may lose the last seconds. settling.py reads the files and moves them on.
"""

import ipaddress
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from lettershop.model.clock import SECOND

QUARTER: Final = 15 * SECOND
MOST: Final = 50_000_000
"""Bytes of hits in one quarter; what comes beyond is dropped rather than fill the disk."""
_NAME: Final = re.compile(r"hits-(\d{1,15})\.jsonl(\.done)?")
AGENT: Final = 300
"""Characters of a user agent that are kept."""


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`number`: of the link, 0 for the pixel. `at`: ms. `network`: the client's, cut to its first
    24 bits (IPv6: 48), since a whole address is about a person. `method`: GET or HEAD."""

    kind: Literal["click", "open"]
    row: int
    send: int
    at: int
    number: int = 0
    url: str = ""
    method: str = "GET"
    agent: str = ""
    network: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.row}-{self.number}-{self.at}"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Hit)


class HitFile(msgspec.Struct, frozen=True):
    """The hits of one quarter, which began at `since` (ms). `done`: they have been told."""

    path: Path
    since: int
    done: bool

    def hits(self) -> list[Hit]:
        """A line that a power cut tore is left out. None where the file has been forgotten."""
        found = []
        for line in self._content().splitlines():
            try:
                found.append(_decoder.decode(line))
            except msgspec.MsgspecError:
                continue
        return found

    def told(self) -> None:
        """Also when another process has told it meanwhile."""
        with suppress(FileNotFoundError):
            self.path.rename(self._told)

    @property
    def _told(self) -> Path:
        return self.path if self.done else self.path.with_name(self.path.name + ".done")

    def _content(self) -> bytes:
        """Also when it was told since it was listed."""
        for path in (self.path, self._told):
            with suppress(FileNotFoundError):
                return path.read_bytes()
        return b""


class HitFolder:
    """Safe from several threads and processes of one machine: lines are appended whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, hit: Hit) -> bool:
        """OSError when the disk does not take it. False when there are too many just now."""
        path = self._folder / f"hits-{hit.at // QUARTER * QUARTER}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(file).st_size > MOST:
                return False
            os.write(file, _encoder.encode(hit) + b"\n")
        finally:
            os.close(file)
        return True

    def files(self) -> Iterator[HitFile]:
        """By time."""
        found = []
        for path in self._folder.iterdir():
            if named := _NAME.fullmatch(path.name):
                found.append(HitFile(path, int(named[1]), bool(named[2])))
        yield from sorted(found, key=lambda file: (file.since, file.done))


def network(address: str) -> str:
    """`198.51.100.0/24`, `2001:db8:7::/48`; "" for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
