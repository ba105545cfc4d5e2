"""How much may wait to be loaded, and how full the disk may be."""

import os
import re
import shutil
from collections import deque
from pathlib import Path

from lettershop.model.errors import InputError, Unavailable

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]?)(i?)B", re.IGNORECASE)
LATER = 10
"""Seconds after which a client may try again when there is no room."""


def parse_size(text: str, setting: str) -> int:
    """Bytes of "2GB" (10⁹), "500 MB" or "1GiB" (2³⁰). InputError `settings.size`."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        message = f"“{text}” is not an amount of bytes"
        raise InputError("settings.size", message, where=setting, hint='write "2GB" or "500MB"')
    number, unit, binary = found.groups()
    power = " KMGT".index(unit.upper() or " ")
    return int(float(number) * (1024 if binary else 1000) ** power)


class Room:
    """Kept by the writer's thread; `refusal` may be read by any."""

    def __init__(self, folder: Path, most_unloaded: int, least_free: int) -> None:
        self._folder, self._most, self._least = folder, most_unloaded, least_free
        self._written: deque[tuple[int, int]] = deque()
        self.unloaded = 0
        """Bytes of requests that wait to be loaded."""
        self.refusal: Unavailable | None = None
        """Why requests are refused at the moment."""

    def add(self, seq: int, size: int) -> None:
        """Up to `seq`, that many more bytes are in the log."""
        self._written.append((seq, size))
        self.unloaded += size

    def loaded(self, seq: int) -> None:
        """Everything up to `seq` has become facts."""
        while self._written and self._written[0][0] <= seq:
            self.unloaded -= self._written.popleft()[1]

    def look(self) -> None:
        """Decide anew whether there is room."""
        if self.unloaded > self._most:
            self.refusal = Unavailable(
                "intake.unloaded",
                "too many requests wait to be loaded",
                hint="see whether the loader runs; the setting most_unloaded is the limit",
                retry_after=LATER,
            )
        elif free_bytes(self._folder) < self._least:
            self.refusal = Unavailable(
                "intake.disk",
                "the disk is nearly full, or cannot be reached",
                hint="make room; the setting least_free is the limit",
                retry_after=LATER,
            )
        else:
            self.refusal = None


def free_bytes(folder: Path) -> int:
    """What this account may still write there; -1 when that cannot be found out."""
    try:
        if os.name == "nt":
            return shutil.disk_usage(folder).free
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize
    except OSError:
        return -1
