"""kill -9, twenty times under load: what was acknowledged is there, once, numbered without gaps."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from clients.serving import KEY

from lettershop.ingest.log import LogReader, LogWriter
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings

if sys.platform == "win32":
    pytest.skip("there is no kill -9", allow_module_level=True)

TIMES = 20
CLIENTS = 4

# Imports once, then forks a server for every line it reads: a restart takes milliseconds.
NURSERY = """
import os, sys
from lettershop.web.collector import serve
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        serve.main()
        os._exit(0)
    os.waitpid(child, 0)
"""


class Server:
    def __init__(self, nursery: "subprocess.Popen[str]") -> None:
        self._nursery = nursery

    def start(self) -> tuple[int, int]:
        """(process id, port)"""
        assert self._nursery.stdin and self._nursery.stdout
        self._nursery.stdin.write("start\n")
        self._nursery.stdin.flush()
        port, pid = self._nursery.stdout.readline().split()
        return int(pid), int(port)


@contextmanager
def nursery(folder: Path) -> Iterator[Server]:
    command = [sys.executable, "-c", NURSERY, str(folder), KEY]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield Server(process)
        finally:
            process.stdin.close()


class Client(threading.Thread):
    """Sends small batches until the server is gone, and keeps what was acknowledged."""

    def __init__(self, port: int, numbers: "count[int]") -> None:
        super().__init__()
        self.port, self.numbers = port, numbers
        self.acknowledged: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            while True:
                ids = [f"m{next(self.numbers)}" for _ in range(1 + next(self.numbers) % 3)]
                events = [{"messageId": i, "pad": "x" * (next(self.numbers) % 900)} for i in ids]
                body = json.dumps({"writeKey": KEY, "batch": events})
                connection.request("POST", "/v1/batch", body)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged += ids
        except (OSError, http.client.HTTPException):
            connection.close()


def one_life(server: Server, numbers: "count[int]", seconds: float) -> list[str]:
    """Message ids acknowledged until the server was killed."""
    pid, port = server.start()
    clients = [Client(port, numbers) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    threading.Event().wait(seconds)
    os.kill(pid, signal.SIGKILL)
    for client in clients:
        client.join(10)
    return [i for client in clients for i in client.acknowledged]


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    folder, numbers = tmp_path / "intake", count()
    acknowledged: list[str] = []
    with nursery(folder) as server:
        for life in range(TIMES):
            acknowledged += one_life(server, numbers, 0.1 + life * 0.01)
            torn = max(folder.glob("*.sqlite-wal"))
            if life % 3 == 2:  # what a power cut leaves of a write that was under way
                with torn.open("ab") as file:
                    file.write(os.urandom(3_000))
    LogWriter(folder, Settings(least_free="1MB"), SystemClock()).close()
    with LogReader(folder) as reader:
        requests = reader.after(0, 1 << 40)
    found = Counter(e["messageId"] for r in requests for e in json.loads(r.body)["batch"])
    assert len(acknowledged) > 1_000
    assert [i for i in acknowledged if found[i] != 1] == []
    assert set(found.values()) == {1}
    assert [r.seq for r in requests] == [*range(1, len(requests) + 1)]
