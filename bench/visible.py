"""`python -m bench.visible`: from 200 to a profile. A whole server, 1,000 events/s, real HTTP.

While batches arrive at the wanted rate, a probe sends one event of a person nobody has seen and
asks the API for that person until they are found: the time between the two. Aim: 2 s.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx
import msgspec

from lettershop.app.serving import Serving, read_serving

LETTERSHOP = [sys.executable, "-c", "from lettershop.cli import main; main()"]
BATCH = 100
AIM = 2.0
EVENTS = ("Signed In", "Report Opened", "Order Completed")


@contextmanager
def server(folder: Path) -> Iterator[Serving]:
    """A new workspace, served until the end of the `with`."""
    subprocess.run([*LETTERSHOP, "init", str(folder), "--json"], check=True, capture_output=True)
    with (folder / "server.log").open("wb") as log:
        command = [*LETTERSHOP, "up", "--port", "0", "-w", str(folder)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while (serving := read_serving(folder / "data")) is None and time.monotonic() < until:
            time.sleep(0.05)
        if serving is None:
            raise SystemExit("the server did not start:\n" + (folder / "server.log").read_text())
        yield serving
    finally:
        process.terminate()
        process.wait(60)


def write_key(api: httpx.Client) -> str:
    api.post("/sources", json={"name": "bench"}).raise_for_status()
    return str(api.post("/sources/bench/keys").raise_for_status().json()["key"])


class Load(threading.Thread):
    """Sends batches at a steady rate; `behind` is how far it ever fell behind it, in seconds."""

    def __init__(self, url: str, key: str, rate: int) -> None:
        super().__init__(daemon=True)
        self.url, self.key, self.rate = url, key, rate
        self.sent, self.behind = 0, 0.0
        self.over = threading.Event()

    def run(self) -> None:
        started = time.monotonic()
        with httpx.Client(trust_env=False, auth=(self.key, "")) as client:
            while not self.over.is_set():
                client.post(f"{self.url}/v1/batch", content=self._batch()).raise_for_status()
                self.sent += BATCH
                ahead = started + self.sent / self.rate - time.monotonic()
                self.behind = max(self.behind, -ahead)
                self.over.wait(max(0.0, ahead))

    def _batch(self) -> bytes:
        events = [
            {
                "type": "track",
                "event": EVENTS[n % 3],
                "userId": f"U{n * 7919 % 2000}",
                "messageId": f"load-{self.sent + n}",
                "properties": {"plan": "pro", "n": n, "amount": n / 4, "path": f"/docs/{n}"},
            }
            for n in range(BATCH)
        ]
        return msgspec.json.encode({"batch": events})


def probe(api: httpx.Client, url: str, key: str, number: int) -> float:
    """Seconds from the 200 of an event to its person's profile."""
    body = {"userId": f"probe-{number}", "event": "Probe", "messageId": f"probe-{number}"}
    api.post(f"{url}/v1/track", json=body, auth=(key, "")).raise_for_status()
    acknowledged = time.monotonic()
    while api.get(f"/contacts/probe-{number}").status_code != 200:
        if time.monotonic() - acknowledged > 60:
            raise SystemExit("an event was not visible after a minute")
        time.sleep(0.02)
    return time.monotonic() - acknowledged


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=int, default=1_000, help="events per second")
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--json", type=Path, help="write the figures to this file too")
    asked = arguments.parse_args()
    with TemporaryDirectory(prefix="lettershop-bench-") as folder:
        found = measure(Path(folder) / "shop", asked.rate, asked.seconds)
    print(json.dumps(found, indent=2))
    met = found["p99"] <= AIM
    print(
        f"from 200 to visible at {asked.rate:,} events/s: p99 {found['p99']:.2f} s,"
        f" aim {AIM:g} s: {'reached' if met else 'NOT reached'}"
    )
    if asked.json:
        asked.json.write_text(json.dumps(found), "utf-8")


def measure(folder: Path, rate: int, seconds: float) -> dict[str, float]:
    with server(folder) as serving:
        headers = {"authorization": f"Bearer {serving.token}"}
        base = f"{serving.url}/api/v1"
        with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as api:
            key = write_key(api)
            probe(api, serving.url, key, 0)  # the first event makes the tables
            load = Load(serving.url, key, rate)
            load.start()
            started, took = time.monotonic(), []
            while time.monotonic() - started < seconds:
                took.append(probe(api, serving.url, key, len(took) + 1))
                time.sleep(0.1)
            load.over.set()
            load.join()
    ordered = quantiles(took, n=100, method="inclusive")
    return {
        "events": load.sent,
        "sender_behind_seconds": round(load.behind, 3),
        "probes": len(took),
        "p50": round(median(took), 3),
        "p99": round(ordered[98], 3),
        "max": round(max(took), 3),
    }


if __name__ == "__main__":
    main()
