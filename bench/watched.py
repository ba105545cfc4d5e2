"""What processes need while they work, memory and processor: whole process groups together."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.2
"""Seconds between two looks."""


class Watch(threading.Thread):
    """`peak`: the most bytes that the groups held at one time. Pages they share count twice."""

    def __init__(self, groups: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self.groups, self.peak = frozenset(groups), 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(EVERY):
            self.peak = max(self.peak, held(self.groups))

    def stop(self) -> None:
        self._over.set()
        self.join()


def held(groups: frozenset[int]) -> int:
    """Bytes of memory held now by all processes of the groups (Linux)."""
    return sum(_resident(place) for place in _members(groups))


def processor_seconds(groups: frozenset[int]) -> float:
    """Seconds that processors worked for the groups so far, and for their ended children."""
    return sum(sum(map(int, _stat(place)[11:15])) for place in _members(groups)) / TICKS


def watched(command: Sequence[str], environment: Mapping[str, str], beside: Sequence[int]) -> int:
    """Runs the command to its end; peak bytes of it and of the groups `beside`.

    RuntimeError, with the last it said, when it fails."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, stderr=pipe, text=True, start_new_session=True
    ) as process:
        watch = Watch([process.pid, *beside])
        watch.start()
        try:
            _, said = process.communicate()
        finally:
            watch.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{said[-4000:]}")
    return watch.peak


def _members(groups: frozenset[int]) -> list[Path]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        said = _stat(place)
        if said and int(said[2]) in groups:
            found.append(place)
    return found


def _stat(place: Path) -> list[str]:
    """What Linux says of a process, from its state on; nothing of one that is gone."""
    try:
        return (place / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident(place: Path) -> int:
    try:
        return int((place / "statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0
