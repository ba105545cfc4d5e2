"""Real processes of a cluster, each with a folder of its own as on machines of their own."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

import httpx
import msgspec
from postgres import Postgres

from lettershop.access.keys import create_key, create_source
from lettershop.access.principal import Principal
from lettershop.access.tokens import create_token
from lettershop.app import Workspace, records
from lettershop.app.settings import read_settings

PATIENCE: Final = 150.0
SECRET: Final = "the same on every machine of these tests, and long enough for it"


class Party:
    """One process; killed at the end of its `with` unless it has ended by then."""

    def __init__(self, kind: str, folder: Path, environ: dict[str, str], port: int = 0) -> None:
        self.kind, self.folder, self.url = kind, folder, ""
        self._log = folder / f"{kind}.log"
        command = [sys.executable, "-m", "lettershop.up", f"--as={kind}", f"--port={port}"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, str(folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | environ,
            )

    def __enter__(self) -> "Party":
        self.url = self._address()
        return self

    def _address(self) -> str:
        assert self.process.stdout is not None
        said = ""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            until = time.monotonic() + PATIENCE
            while ready.select(max(0.0, until - time.monotonic())):
                line = self.process.stdout.readline()
                said += line
                if found := re.search(r"(?:listens|stands by) on (\S+)", line):
                    return found[1]
                if not line:
                    break
        self.process.kill()
        raise AssertionError(f"{self.kind} did not start:\n{said}\n{self.log()}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, path: str, **said: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=said, trust_env=False, timeout=PATIENCE)

    def ready(self) -> bool:
        """Whether it leads (a loader), or takes requests (a web)."""
        try:
            return self.ask("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """In order; its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")[-4_000:]


class Site:
    """Where a cluster's processes are started: one database, one lake, one secret."""

    def __init__(self, path: Path, postgres: Postgres, name: str) -> None:
        self.path, self.records = path, postgres.database(name)
        self.key = self.token = ""
        self.environ = {
            "LETTERSHOP_RECORDS": self.records,
            "LETTERSHOP_LAKE": str(path / "lake"),
            "LETTERSHOP_LAKE_SECONDS": "1",
            "LETTERSHOP_SECRET_KEY": SECRET,
        }
        self._made = 0
        first = self.folder()
        records.connect(first, read_settings(first, self.environ))
        records.migrate()
        self.key = create_key(create_source("app", "server"))[1]
        self.token = create_token("tests", "owner", Principal("tests", "owner", "local"))[1]
        records.disconnect()

    def folder(self) -> Path:
        """A new machine: nothing but the settings and definitions."""
        self._made += 1
        return Workspace.init(self.path / f"machine-{self._made}")

    def party(self, kind: str, folder: Path | None = None, port: int = 0, **more: str) -> Party:
        """`more`: other settings, as in the environment."""
        return Party(kind, folder or self.folder(), self.environ | more, port)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """This process, to their records."""
        folder = self.path / "machine-1"
        records.connect(folder, read_settings(folder, self.environ))
        try:
            yield
        finally:
            records.disconnect()

    def track(self, url: str, event: str, number: int) -> int:
        """The status of one call; 0 when nothing was answered."""
        body = {"userId": f"u{number % 50}", "event": event, "messageId": f"{event}-{number}"}
        content = msgspec.json.encode(body)
        try:
            answer = httpx.post(
                f"{url}/v1/track", content=content, auth=(self.key, ""), trust_env=False, timeout=20
            )
        except httpx.TransportError:
            return 0
        return answer.status_code

    def count(self, url: str, event: str) -> int:
        """How many of these events there are, asked of the API."""
        answer = self.api(url, "/api/v1/events/names")
        assert answer.status_code == 200, answer.text
        return sum(one["count"] for one in answer.json()["items"] if one["name"] == event)

    def api(self, url: str, path: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return httpx.get(url + path, headers=headers, trust_env=False, timeout=PATIENCE)


def until(
    true: Callable[[], object], said: Callable[[], str] = str, seconds: float = PATIENCE
) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.1)
