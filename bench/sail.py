"""Sail, a Spark Connect server that is not Spark, as a process of its own.

`python -m bench.sail CORES` serves on a port of its choosing, says it, and stays.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pysail.spark import SparkConnectServer

HOST = "127.0.0.1"


@contextmanager
def sail(cores: int) -> Iterator[tuple[str, int]]:
    """Its address and process (leader of its group), allowed so many processor cores."""
    command = [sys.executable, "-m", "bench.sail", str(cores)]
    pipe = subprocess.PIPE  # it ends when nobody holds the other end of its input any more
    quiet = dict(os.environ) | {"RUST_LOG": "error"}
    with subprocess.Popen(
        command, env=quiet, stdin=pipe, stdout=pipe, start_new_session=True
    ) as process:
        try:
            yield (process.stdout or sys.stdin.buffer).readline().decode().strip(), process.pid
        finally:
            process.kill()


def keep_to(cores: int) -> None:
    """This process, and what it starts, may use only the first so many cores it has."""
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine[:cores])


def _serve(cores: int) -> None:
    keep_to(cores)
    server = SparkConnectServer(HOST, 0)
    server.start(background=True)
    print(f"sc://{HOST}:{server.listening_address[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
