"""Several machines that send, each a folder of its own with a worker: started, killed, cut off from
power, lost for ever, and started again as systemd would; and the mail server they hand letters to.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from lettershop.app import records
from tests.mail_parts.programs import until
from tests.whole.world import HERE, PROGRAM

SINK = HERE / "counting_sink.py"
ALONGSIDE = ("lettershop.toml", "consent.toml")
"""What is deployed to every machine, besides data/secret.key and data/dkim/."""


class Taken:
    """What the mail server has taken. `port`: where it listens."""

    def __init__(self, port: int, file: Path) -> None:
        self.port, self._file = port, file

    def count(self) -> int:
        return self._file.read_bytes().count(b"\n") if self._file.exists() else 0

    def ids(self) -> Mapping[str, list[str]]:
        """Message-IDs by recipient."""
        found: dict[str, list[str]] = defaultdict(list)
        for line in self._file.read_text("ascii").splitlines():
            recipient, number = line.split("\t")
            found[recipient].append(number)
        return found


@contextmanager
def counting_sink(folder: Path, slowest: float = 0.01) -> Iterator[Taken]:
    file = folder / "taken"
    command = [sys.executable, str(SINK), str(file), str(slowest)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        yield Taken(int(process.stdout.readline()), file)
        process.stdin.close()


class Machine:
    """`folder`: its workspace, with nothing in it but what is deployed; `log`: what its worker and
    its senders say. `start` as systemd does, again and again: only what has ended is started."""

    def __init__(self, folder: Path, owner: Path, senders: int) -> None:
        """`owner`: the folder of the owner of the facts, to deploy from."""
        self.folder, self.log = folder, folder / "worker.log"
        self._command = [*PROGRAM, "worker", "--senders", str(senders), "-w", str(folder)]
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        deploy(owner, folder)

    def start(self) -> None:
        if self.process is None or self.process.poll() is not None:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            self.starts += 1

    @property
    def journals(self) -> Path:
        return self.folder / "data" / "journal"

    def senders(self) -> list[int]:
        """Pids of its sender processes."""
        return _children(self.process.pid) if self.process is not None else []

    def sending(self) -> list[int]:
        """Those that have begun: they have a journal."""
        names = [path.name for path in self.journals.glob("*.lock")]
        return [pid for pid in self.senders() if any(f"-{pid}-" in name for name in names)]

    def kill_sender(self, random: Random) -> bool:
        """With -9, one that has begun; whether there was one."""
        begun = self.sending()
        if not begun:
            return False
        _kill(random.choice(begun))
        return True

    def kill_worker(self) -> bool:
        """With -9: its senders notice, and end in order."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.kill()
        self.process.wait()
        return True

    def cut(self) -> bool:
        """The power: worker and senders at once."""
        senders = self.senders()
        if not self.kill_worker():
            return False
        for pid in senders:
            _kill(pid)
        return True

    def lose(self) -> set[str]:
        """For ever, with its journals; the names of the senders it had them of."""
        self.cut()
        names = {path.stem for path in self.journals.glob("*.lock")}
        shutil.rmtree(self.journals)
        return names

    def stop(self) -> int:
        """Asked to end, once its senders have begun and it knows what that means; the exit code."""
        assert self.process is not None
        until(self.sending, said=self.said)
        self.process.terminate()
        return self.process.wait(60)

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")[-3_000:] if self.log.exists() else ""


def deploy(owner: Path, folder: Path) -> None:
    """What a machine needs to send: files of the checkout, the secret key, the DKIM keys."""
    (folder / "data").mkdir(parents=True)
    for name in ALONGSIDE:
        shutil.copy(owner / name, folder)
    shutil.copy(owner / "data" / records.SECRET, folder / "data")
    shutil.copytree(owner / "data" / "dkim", folder / "data" / "dkim")


@contextmanager
def fleet(owner: Path, folders: Sequence[Path], senders: int = 1) -> Iterator[list[Machine]]:
    """Machines at these folders, started; all their processes are gone at the end."""
    machines = [Machine(folder, owner, senders) for folder in folders]
    try:
        for one in machines:
            one.start()
        yield machines
    finally:
        for one in machines:
            one.cut()


def _children(pid: int) -> list[int]:
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:  # it has ended
        return []
    return [int(one) for one in said.split()]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
