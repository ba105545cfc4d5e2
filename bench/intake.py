"""`python -m bench.intake`: what the collector takes in, measured with Debian's wrk.

Three servers in turn, with the same requests: one that reads the body and answers, one that checks
it like the collector but writes nothing, and the collector with its log, where 200 means on disk.
Ratios between them count; the absolute figures are those of this machine, shared with wrk.
"""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import uvicorn

from bench.report import Target
from lettershop.ingest.log import LogReader, LogWriter
from lettershop.model.clock import SystemClock
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings
from lettershop.web.collector import Collector
from lettershop.web.collector.contracts import Receive, Scope, Send
from lettershop.web.collector.reading import read_body
from lettershop.web.collector.replies import OK, send_reply
from lettershop.web.collector.serve import OneSource, config

KEY = "ls_wk_bench"
BATCH = 100
SERVERS = ("nothing", "parsing", "collector")
LATENCY = {"50%": "p50", "99%": "p99"}
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Figures(NamedTuple):
    """Of one server and one kind of request; latencies in milliseconds."""

    requests: float
    events: float
    p50: float
    p99: float
    refused: int


# --- the servers --------------------------------------------------------------------------------


class NoLog:
    """Takes everything, keeps nothing: what checking costs without writing."""

    refusal: Unavailable | None = None

    def append(
        self,
        source: str,
        call: str,
        body: bytes,
        received_at: int,
        on_done: Callable[[Unavailable | None], None],
    ) -> None:
        on_done(None)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive, None)
    await send_reply(send, OK)


def serve(kind: str, folder: Path) -> None:
    """In a process of its own; prints the port."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    clock, settings = SystemClock(), Settings(most_unloaded="100GB")
    if kind == "collector":
        with LogWriter(folder, settings, clock) as log:
            _run(Collector(log, OneSource(KEY), clock, settings), listening)
    elif kind == "parsing":
        _run(Collector(NoLog(), OneSource(KEY), clock, settings), listening)
    else:
        _run(nothing, listening)


def _run(app: object, listening: socket.socket) -> None:
    uvicorn.Server(config(app)).run(sockets=[listening])


@contextmanager
def server(kind: str, folder: Path) -> Iterator[int]:
    """Its port."""
    command = [sys.executable, "-m", "bench.intake", "--serve", kind, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else "")
        finally:
            process.terminate()


# --- the load -----------------------------------------------------------------------------------


def event(number: int) -> dict[str, Any]:
    """About 300 bytes of JSON."""
    return {
        "type": "track",
        "messageId": f"2f1c1e5a-0b1d-4a57-9d5e-{number:012x}",
        "timestamp": "2026-03-02T09:30:00.123Z",
        "userId": f"user-{number:05}",
        "event": "Report Exported",
        "properties": {"format": "pdf", "pages": number, "plan": "team", "seconds": 1.25},
        "context": {"groupId": "acme", "library": {"name": "bench", "version": "1"}},
    }


def wrk(port: int, body: bytes, path: str, seconds: int, folder: Path) -> str:
    """What wrk says about 32 connections that send the same request again and again."""
    script = folder / "request.lua"
    lines = 'wrk.method = "POST"\nwrk.headers = {["Content-Type"] = "application/json"}\n'
    script.write_text(f"{lines}wrk.body = [=[{body.decode()}]=]\n", "utf-8")
    url = f"http://127.0.0.1:{port}/v1/{path}"
    command = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", "-s", str(script), url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def figures(said: str, events: int) -> Figures:
    found = {
        LATENCY[share]: float(number) * UNITS[unit]
        for share, number, unit in re.findall(r"^\s+(\d+%)\s+([\d.]+)(us|ms|s)$", said, re.M)
        if share in LATENCY
    }
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", said, re.M)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if rate is None:
        raise SystemExit(f"wrk did not say how many requests it made:\n{said}")
    requests = float(rate[1])
    return Figures(requests, requests * events, **found, refused=int(refused[1]) if refused else 0)


def measure(seconds: int) -> dict[str, dict[str, Figures]]:
    """By kind of request, by server."""
    single = json.dumps(event(1) | {"writeKey": KEY}).encode()
    batch = json.dumps({"batch": [event(n) for n in range(BATCH)], "writeKey": KEY}).encode()
    loads = {"single": (single, "track", 1), "batched": (batch, "batch", BATCH)}
    found: dict[str, dict[str, Figures]] = {}
    for name, (body, path, events) in loads.items():
        for kind in SERVERS:
            with TemporaryDirectory(prefix="lettershop-bench-") as place:
                log = Path(place, "intake")
                with server(kind, log) as port:
                    wrk(port, body, path, 1, Path(place))
                    said = wrk(port, body, path, seconds, Path(place))
                found.setdefault(name, {})[kind] = figures(said, events)
                if kind == "collector":
                    _look_into(log, body)
    return found


def _look_into(log: Path, body: bytes) -> None:
    """The last request is on disk as it was sent."""
    with LogReader(log) as reader:
        (last,) = reader.after(reader.last_seq() - 1, 0)
    if last.body != body:
        raise SystemExit("the log does not hold what was sent")


def targets(found: dict[str, dict[str, Figures]]) -> list[Target]:
    single, batched = found["single"], found["batched"]
    durable, parsed = batched["collector"], batched["parsing"]
    alone, empty = single["collector"], single["nothing"]
    return [
        Target("batched, durable", durable.events, 150_000, "events/s", at_least=True),
        Target("batched / parsing only", durable.events / parsed.events, 0.3, "", at_least=True),
        Target("single, durable", alone.requests, 8_000, "/s", at_least=True),
        Target("single / doing nothing", alone.requests / empty.requests, 1 / 3, "", at_least=True),
        Target("p99 single", alone.p99, 50, "ms"),
        Target("p99 batched", durable.p99, 50, "ms"),
    ]


def print_table(found: dict[str, dict[str, Figures]]) -> None:
    print(f"{'':20} {'requests/s':>11} {'events/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'refused':>8}")
    for load, by_server in found.items():
        for kind, f in by_server.items():
            rates = f"{f.requests:11,.0f} {f.events:11,.0f}"
            print(f"{load + ', ' + kind:20} {rates} {f.p50:8.2f} {f.p99:8.2f} {f.refused:8}")
    print("\nAimed at")
    for t in targets(found):
        sign, word = "≥" if t.at_least else "≤", "met" if t.met else "not met"
        print(f"    {t.name:24} {t.value:12,.3f} {t.unit:9} {sign} {t.limit:,.3f}  {word}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--serve", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.serve:
        serve(asked.serve[0], Path(asked.serve[1]))
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk makes the load: apt install wrk, or your system's package of it")
    print_table(measure(asked.seconds))


if __name__ == "__main__":
    main()
