"""A Spark standalone cluster of this machine's own: one master, workers beside it, each a process.

PySpark brings Spark's programs, the machine brings Java. Everything listens on 127.0.0.1.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

HOST: Final = "127.0.0.1"
PATIENCE: Final = 120.0
"""Seconds a process may take until it has said that it is ready."""
_MASTER: Final = "org.apache.spark.deploy.master.Master"
_WORKER: Final = "org.apache.spark.deploy.worker.Worker"
_DAEMON_OPTIONS: Final = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
_GUARDED: Final = ("sh", "-c", '"$@" & cat; kill -9 0', "sh")
"""Its whole group ends when whoever started it ends, however that happens."""
_ADDRESS: Final = re.compile(r"Starting Spark master at (spark://\S+)")
_REGISTERED: Final = re.compile(r"Successfully registered with master")


class Daemon(NamedTuple):
    """A master or worker, leader of a process group: its executors are in the same one."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self, wanted: re.Pattern[str]) -> re.Match[str] | None:
        return wanted.search(self.log.read_text("utf-8", "replace"))

    def freeze(self) -> None:
        """The daemon and its executors do nothing any more, and nobody is told."""
        os.killpg(self.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """The daemon and its executors, as when their machine is switched off."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.communicate()  # closes its input, too


class Cluster(NamedTuple):
    """`address`: `spark://127.0.0.1:…`. `environment`: what a driver process is started with."""

    address: str
    master: Daemon
    workers: Sequence[Daemon]
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return driver_environment(self.folder)

    @property
    def events(self) -> Path:
        """Where drivers write what happened: one file of JSON lines each."""
        return self.folder / "events"


@contextmanager
def standalone(
    folder: Path, workers: int = 2, megabytes: int = 1024, options: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Started, every worker registered; ended with everything they started.

    `folder`: new; logs, conf and scratch files go there. `megabytes`: of each worker, all for its
    one executor of one core. `options`: Spark's, for the drivers. TimeoutError with the end of the
    log when a process does not get ready."""
    memory, shuffled = f"{megabytes}m", str(2 * workers)
    said = {"spark.executor.memory": memory, "spark.sql.shuffle.partitions": shuffled}
    configure(folder, {**said, **(options or {})})
    with ExitStack() as stack:
        arguments = ["--host", HOST, "--port", "0", "--webui-port", "0"]
        master = stack.enter_context(_daemon(folder, "master", _MASTER, arguments))
        address = _until(lambda: master.said(_ADDRESS), master)[1]
        each = [*arguments, "--cores", "1", "--memory", f"{megabytes}M"]
        started = [
            stack.enter_context(
                _daemon(folder, name, _WORKER, [*each, "--work-dir", str(folder / name), address])
            )
            for name in (f"worker-{number}" for number in range(workers))
        ]
        for worker in started:
            _until(lambda worker=worker: worker.said(_REGISTERED), worker)  # type: ignore[misc]
        yield Cluster(address, master, started, folder)


def java_found() -> bool:
    """Whether `java` answers on this machine."""
    try:
        return subprocess.run(["java", "-version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def configure(folder: Path, options: Mapping[str, str]) -> None:
    """Options that drivers read on their own, however they make their session; they write their
    events to `events` in the folder, and what they need room for to `scratch`."""
    for name in ("conf", "events", "scratch"):
        (folder / name).mkdir(parents=True)
    said = {
        "spark.executor.cores": "1",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        **options,
    }
    lines = "".join(f"{name} {value}\n" for name, value in said.items())
    (folder / "conf" / "spark-defaults.conf").write_text(lines, "utf-8")


def driver_environment(folder: Path) -> dict[str, str]:
    """What a driver, or a daemon, has to be started with to find what `configure` wrote."""
    return dict(os.environ) | {
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _DAEMON_OPTIONS,
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }


def spark_home() -> Path:
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise SystemExit("PySpark is not installed: pip install 'lettershop[spark]'")
    return Path(found.origin).parent


@contextmanager
def _daemon(folder: Path, name: str, program: str, arguments: Sequence[str]) -> Iterator[Daemon]:
    log = folder / f"{name}.log"
    command = [*_GUARDED, str(spark_home() / "bin" / "spark-class"), program, *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=driver_environment(folder),
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=file,
            cwd=folder,
            start_new_session=True,
        )
    daemon = Daemon(process, log)
    try:
        yield daemon
    finally:
        daemon.kill()  # their files are scratch, and executors are asked by nobody


def _until(
    found: Callable[[], re.Match[str] | None], daemon: Daemon, patience: float = PATIENCE
) -> re.Match[str]:
    end = time.monotonic() + patience
    while (match := found()) is None:
        if time.monotonic() > end or daemon.process.poll() is not None:
            last = daemon.log.read_text("utf-8", "replace")[-2000:]
            raise TimeoutError(f"{daemon.log.name} is not ready:\n{last}")
        time.sleep(0.05)
    return match
