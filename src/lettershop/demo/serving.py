"""The demo's server: `lettershop up` in a process of its own that ends with whoever began it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from lettershop.app.settings import read_settings
from lettershop.model.errors import UsageError

LOG: Final = "server.log"
"""Below data/: what the server writes."""
GRACE: Final = 60.0
"""Seconds it gets to end: what was accepted is still loaded, senders finish their letters."""
_LISTENS: Final = re.compile(r"listens on (\S+)")


class Server:
    """`url`: where it listens, on this machine."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process, self.url = process, url

    def wait(self) -> int:
        """Until it ends or somebody presses Ctrl-C. Its exit code; 0 when it was asked to end."""
        try:
            return self.process.wait()
        except KeyboardInterrupt:
            return 0


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[Server]:
    """The workspace `folder` is served, at the setting `port` or, when that is taken, at any other;
    `port` wins over both. SIGTERM and a closed terminal end us as Ctrl-C does, and the server too.

    UsageError `demo.server` when it does not start; its log says why.
    """
    chosen = port if port is not None else free_port(folder)
    log = folder / "data" / LOG
    with log.open("ab") as file, _told_to_end():
        process = subprocess.Popen(  # noqa: S603  (ours)
            [sys.executable, "-m", "lettershop.up", f"--port={chosen}", str(folder)],
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
        try:
            yield Server(process, _address(process, log))
        finally:
            _end(process)


def free_port(folder: Path) -> int:
    """The setting; 0 for any when another program has that."""
    settings = read_settings(folder, os.environ)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError:
            return 0
    return settings.port


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    if process.stdout is not None:
        for line in process.stdout:
            if found := _LISTENS.search(line):
                return found[1]
    message = "the demo's server does not start"
    raise UsageError("demo.server", message, where=str(log), hint="its log says why")


def _end(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C has reached it already where it came from a terminal; twice does no harm."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Signals that would end us at once let us end the server first."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    named = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in named}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
