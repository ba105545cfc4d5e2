"""`python -m bench.send`: letters rendered, signed, written down and accepted, per second.

The receiver is Postfix's smtp-sink, which takes everything. Beside Lettershop with one and with two
sender processes: Lettershop without its journal, smtp-source (Postfix's own generator, which builds
nothing: the limit of the wire), a loop with Django's send_mail, and a plain loop with the features
of ours. They take turns in rounds, so that a busy moment of the machine strikes all of them; ratios
count, the absolute figures are those of this machine, shared with the receiver.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from bench.report import Target, print_targets
from bench.send_letter import DOMAIN, SENDER, people, snapshot, template
from bench.send_others import django, plain
from lettershop.app import records
from lettershop.app.postoffice.senders import command
from lettershop.delivery import editions
from lettershop.delivery.dkim.folder import FOLDER, create
from lettershop.delivery.dkim.processor import quick_signing
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings

SIZE: Final = 10_000
"""Bytes of a message of smtp-source."""
POLICY: Final = '[purpose.newsletter]\nbasis = "legitimate_interest"\n'
SETTINGS: Final = Settings(
    public_url="https://letters.acme.example", return_address=f"returns@{DOMAIN}"
)


TWO: Final = "Lettershop, two processes"
SILENT: Final = "… without its journal"
ONE: Final = "Lettershop, one process"
DJANGO: Final = "Django send_mail, unsigned"
PLAIN: Final = "plain loop, same features"
SOURCE: Final = "smtp-source (the limit)"


class Sizes(NamedTuple):
    ours: int
    django: int
    plain: int
    source: int


class Measured(NamedTuple):
    """`rate`: letters a second; `cpu`: milliseconds of processor time for each, of those who send:
    the figure that a busy machine changes least."""

    rate: float
    cpu: float


class Way(NamedTuple):
    name: str
    send: Callable[[], Measured]


class Shop:
    """A workspace with a send of so many letters for every time it is asked."""

    def __init__(self, folder: Path, letters: int) -> None:
        self.folder, self.letters = folder, letters
        folder.joinpath("consent.toml").write_text(POLICY, "utf-8")
        said = f'public_url = "{SETTINGS.public_url}"\nreturn_address = "{SETTINGS.return_address}"'
        folder.joinpath("lettershop.toml").write_text(said, "utf-8")
        records.connect(folder, SETTINGS)
        records.migrate()
        self._now = SystemClock().now
        self.key = create(folder / "data" / FOLDER, DOMAIN, "b", now=0).path
        self._digest = editions.keep(template(), self._now())
        self._sends = 0

    def plan(self) -> int:
        """A send that is holding."""
        self._sends += 1
        said = SendContent(sender=SENDER, purpose="newsletter").json()
        at = self._now()
        send = planning.begin(
            f"campaign:{self._sends}:1",
            kind="campaign",
            name="bench",
            stream="marketing",
            at=at,
            content=said,
        ).id
        planning.plan(send, (self._row(*one) for one in people(self.letters)), at)
        return send

    def _row(self, address: str, said: dict[str, Any]) -> Planned:
        return Planned(
            contact=f"user:{said['contact']['id']}",
            address=address,
            account=f"acme-{said['contact']['id']}",
            provider="post.example",
            digest=self._digest,
            values=freeze(snapshot(said)),
        )

    def sent(self, port: int, processes: int, program: Sequence[str]) -> Measured:
        """From the start of the send until its last letter is in the ledger; the processes are
        there before."""
        send = self.plan()
        said = {"LETTERSHOP_SMTP": f"smtp://127.0.0.1:{port}", "LETTERSHOP_SENDERS": str(processes)}
        environment = quick_signing(os.environ) | said
        running = [
            subprocess.Popen(program, stdin=subprocess.PIPE, env=environment)
            for _ in range(processes)
        ]
        try:
            self._await(lambda: len([*self._journals()]) == processes, running)
            time.sleep(0.5)
            controls.start(send, self._now())
            begun, used = time.perf_counter(), sum(map(cpu_of, running))
            self._await(lambda: planning.send(send).ended_at != 0, running)
            seconds, used = time.perf_counter() - begun, sum(map(cpu_of, running)) - used
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.communicate(timeout=60)
        found = counting.counts(send)
        if found.states["accepted"] != self.letters:
            raise SystemExit(f"not all were accepted: {found.states}")
        return Measured(self.letters / seconds, used * 1_000 / self.letters)

    def _journals(self) -> Iterator[Path]:
        return (self.folder / "data" / "journal").glob("*.lock")

    @staticmethod
    def _await(holds: Callable[[], bool], running: Sequence["subprocess.Popen[bytes]"]) -> None:
        while not holds():
            if any(one.poll() is not None for one in running):
                raise SystemExit("a sender process has ended")
            time.sleep(0.02)


@contextmanager
def smtp_sink() -> Iterator[int]:
    """The port of a receiver that takes everything."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen([program("smtp-sink"), *as_nobody, address, "500"])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise SystemExit(f"{name} is needed: apt install postfix (it is not started)")
    return found


def cpu_of(process: "subprocess.Popen[bytes]") -> float:
    """Seconds of processor time it has had."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def source(port: int, count: int) -> int:
    command = [program("smtp-source"), "-s", "8", "-m", str(count), "-l", str(SIZE), "-d"]
    command += ["-f", f"eva@{DOMAIN}", "-t", "reader@post.example", f"127.0.0.1:{port}"]
    subprocess.run(command, check=True)
    return count


def timed(send: Callable[[], int]) -> Measured:
    """Of this process and those it has waited for."""
    begun, before = time.perf_counter(), os.times()
    count = send()
    seconds, after = time.perf_counter() - begun, os.times()
    used = sum(after[:4]) - sum(before[:4])
    return Measured(count / seconds, used * 1_000 / count)


def ways(shop: Shop, port: int, sizes: Sizes) -> list[Way]:
    sender = command(shop.folder)
    silent = [sys.executable, "-m", "bench.send_silent", str(shop.folder)]
    _, begin, key = shop.key.read_bytes().partition(b"-----BEGIN")
    return [
        Way(TWO, lambda: shop.sent(port, 2, sender)),
        Way(SILENT, lambda: shop.sent(port, 2, silent)),
        Way(ONE, lambda: shop.sent(port, 1, sender)),
        Way(DJANGO, lambda: timed(lambda: django(port, sizes.django))),
        Way(PLAIN, lambda: timed(lambda: plain(port, sizes.plain, begin + key))),
        Way(SOURCE, lambda: timed(lambda: source(port, sizes.source))),
    ]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    asked = _read(arguments)
    count = asked.letters
    sizes = Sizes(count, max(1, count // 10), max(1, count // 40), count)
    before = os.getloadavg()[0]
    with TemporaryDirectory(prefix="lettershop-bench-") as folder, smtp_sink() as port:
        shop = Shop(Path(folder), count)
        measured = ways(shop, port, sizes)
        rounds: dict[str, list[Measured]] = {way.name: [] for way in measured}
        for _ in range(asked.rounds):
            for way in measured:
                rounds[way.name].append(way.send())
        records.disconnect()
    found = {
        "letters": count,
        "load before": before,
        "per second": {name: median(one.rate for one in said) for name, said in rounds.items()},
        "cpu ms": {name: median(one.cpu for one in said) for name, said in rounds.items()},
        "rounds": {name: [one.rate for one in said] for name, said in rounds.items()},
    }
    print_found(found)
    if asked.json:
        reached = [target._asdict() | {"met": target.met} for target in targets(found)]
        asked.json.write_text(json.dumps(found | {"targets": reached}, indent=2), "utf-8")
    return found


def targets(found: dict[str, Any]) -> list[Target]:
    rate, cpu, rounds = found["per second"], found["cpu ms"], found["rounds"]
    each = zip(rounds[TWO], rounds[SILENT], strict=True)
    cost = median(1 - with_it / without for with_it, without in each)
    return [
        Target("two sender processes", rate[TWO], 1_500, "letters/s", True),
        Target("… / plain loop", rate[TWO] / rate[PLAIN], 15, "×", True),
        Target("… / Django send_mail", rate[TWO] / rate[DJANGO], 1, "×", True),
        Target("processor time, plain loop / ours", cpu[PLAIN] / cpu[TWO], 7.5, "×", True),
        Target("the journal costs", cost * 100, 15, "%"),
    ]


def print_found(found: dict[str, Any]) -> None:
    letters, load = found["letters"], found["load before"]
    print(f"{letters:,} letters of ours a round; load of the machine before: {load:.1f}")
    print(f"    {'':28} letters/s    CPU ms each    (rounds)")
    for name, rate in found["per second"].items():
        rounds = ", ".join(f"{one:,.0f}" for one in found["rounds"][name])
        print(f"    {name:28} {rate:9,.0f} {found['cpu ms'][name]:14.2f}    ({rounds})")
    print_targets(targets(found))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.send", description=__doc__)
    parser.add_argument("--letters", type=int, default=8_000, help="of ours, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
