"""Mail programs of Debian, started by a test: on loopback, with folders and a configuration of its
own, never as services of the machine. Each is ended by the process that was started."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 90.0
"""Seconds a program has for its first answer, on a machine that is busy."""
GRACE = 0.5
"""Seconds it has for its end: Dovecot would wait five for its idle processes."""


def program(name: str, package: str) -> str:
    """Where it is. The test is skipped when it is not there; when CI=true it fails."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        missing(f"{name} is not installed (Debian: {package})")
    if os.geteuid() != 0:
        missing(f"{name} is started by root only")
    return str(found)


def missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def own_folder() -> Iterator[Path]:
    """Others may read it: the programs give up being root."""
    folder = Path(tempfile.mkdtemp(prefix="parts-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def user(name: str) -> tuple[int, int]:
    """Its number and that of its group."""
    found = pwd.getpwnam(name)
    return found.pw_uid, found.pw_gid


@contextmanager
def running(command: Sequence[str], place: int | Path, log: Path) -> Iterator[int]:
    """From when it listens at a port or a socket file; its pid. What it says goes into the log."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            start_new_session=True,
        )
    try:
        _listens(place, process, log)
        yield process.pid
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With all that it has started: they are a session of their own, and nothing is kept."""
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _listens(place: int | Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    family = socket.AF_UNIX if isinstance(place, Path) else socket.AF_INET
    address = str(place) if isinstance(place, Path) else ("127.0.0.1", place)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.socket(family) as one:
                one.connect(address)
                return
        except OSError:
            said = log.read_text("utf-8", "replace")[-3_000:]
            assert process.poll() is None and time.monotonic() < end, said
            time.sleep(0.02)


def until(happened: object, seconds: float = PATIENCE, said: object = "") -> None:
    """Wait for a callable to say yes; `said` is asked for words when it never does."""
    end = time.monotonic() + seconds
    while not (happened() if callable(happened) else happened):
        assert time.monotonic() < end, said() if callable(said) else said
        time.sleep(0.02)
