"""A real `lettershop up` in a process of its own, for tests."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx
import msgspec

from lettershop.access.keys import create_key, create_source
from lettershop.app import Workspace, records
from lettershop.app.serving import read_serving
from lettershop.app.settings import read_settings

PATIENCE = 60.0


def workspace_with_key(path: Path, kind: str = "server") -> tuple[Path, str]:
    """A new workspace and the write key of its source `app`."""
    folder = Workspace.init(path)
    records.connect(folder, read_settings(folder, {}))
    records.migrate()
    key = create_key(create_source("app", kind))[1]
    records.disconnect()
    return folder, key


class Up:
    """Started with the `with`, stopped with SIGTERM at its end (unless `kill`ed)."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self._environ = {**os.environ, **environ}
        self.url = ""
        self.output = ""

    def __enter__(self) -> "Up":
        program = "from lettershop.cli import main; main()"
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, "up", "--port", "0", "-w", str(self.folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self._environ,
            )
        self.url = self._first_line()
        return self

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            until = time.monotonic() + PATIENCE
            while ready.select(max(0.0, until - time.monotonic())):
                line = self.process.stdout.readline()
                self.output += line
                if found := re.search(r"listens on (\S+)", line):
                    return found[1]
                if not line:
                    break
        self.process.kill()
        raise AssertionError(f"the server did not start:\n{self.output}\n{self.log()}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def log(self) -> str:
        return (self.folder / "server.log").read_text("utf-8")

    def api(self) -> httpx.Client:
        """A client that is a command on this machine."""
        serving = read_serving(self.folder / "data")
        assert serving is not None
        headers = {"authorization": f"Bearer {serving.token}"}
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers=headers,
            timeout=PATIENCE,  # two tests share two cores with servers of their own
            trust_env=False,
        )

    def settled(self) -> None:
        """Wait until everything acknowledged is loaded."""
        until = time.monotonic() + PATIENCE
        with self.api() as client:
            while time.monotonic() < until:
                found = client.get(f"{self.url}/metrics").text
                if re.search(r"^lettershop_loader_behind_requests 0\.0$", found, re.M):
                    return
                time.sleep(0.05)
        raise AssertionError("the loader is behind")


def post(client: httpx.Client, url: str, key: str, call: str, body: object) -> int:
    """The status of a tracking call."""
    content = msgspec.json.encode(body)
    return client.post(f"{url}/v1/{call}", content=content, auth=(key, "")).status_code
