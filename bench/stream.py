"""`python -m bench.stream`: from an acknowledged event to its transition on the event stream.

A whole server keeps segments current while batches arrive at the wanted rate. Probes send one event
of a person nobody has seen; a reader of the stream notes when that person entered. Aim: 3 s.
"""

import argparse
import json
import random
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx

from bench.visible import EVENTS, LETTERSHOP, Load, server, write_key
from lettershop.app.serving import Serving

AIM = 3.0
PROBED = "probed"
LONGEST = 60.0
"""Seconds after which a probe is lost."""

SEGMENTS = {
    PROBED: 'did "Probe" at least 1 times',
    **{
        f"{what} {days}": f"{condition} within last {days} days"
        for days in (1, 7, 30, 90)
        for what, condition in {
            "signed in": 'did "Signed In" at least 3 times',
            "readers": 'did "Report Opened" at least 5 times where plan = "pro"',
            "buyers": 'sum of amount over "Order Completed"',
            "explorers": 'count of different path over "Report Opened"',
            "quiet": 'did not "Signed In"',
        }.items()
    },
}
"""Of about twenty, most count what the load says."""


class Listener(threading.Thread):
    """Reads the stream; `entered`: who entered, and when that was read."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(daemon=True)
        self.serving = serving
        self.entered: dict[str, float] = {}
        self.listening = threading.Event()

    def run(self) -> None:
        headers = {"authorization": f"Bearer {self.serving.token}"}
        url = f"{self.serving.url}/api/v1/transitions/stream"
        with (
            httpx.Client(headers=headers, trust_env=False, timeout=LONGEST) as client,
            client.stream("GET", url, params={"segment": PROBED}) as answer,
        ):
            answer.raise_for_status()
            for line in answer.iter_lines():
                self.listening.set()
                if line.startswith("data: "):
                    arrived = time.monotonic()
                    for identity in json.loads(line.removeprefix("data: "))["identities"]:
                        self.entered.setdefault(identity, arrived)


def publish(folder: Path) -> None:
    """Write the segments into the workspace's folder, and put them in force."""
    for number, (name, condition) in enumerate(SEGMENTS.items()):
        aim = " >= 2" if " of " in condition else ""
        text = f"name = \"{name}\"\nwhere = '''{condition}{aim}'''\n"
        (folder / "segments" / f"bench-{number}.toml").write_text(text, "utf-8")
    command = [*LETTERSHOP, "apply", "--yes", "--json", "-w", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def probe(client: httpx.Client, number: int) -> float:
    """Send one event of a new person; when the server had it."""
    body = {"userId": f"probe-{number}", "event": "Probe", "messageId": f"probe-{number}"}
    client.post("/v1/track", json=body).raise_for_status()
    return time.monotonic()


def measure(folder: Path, rate: int, seconds: float) -> dict[str, float]:
    with server(folder) as serving:
        headers = {"authorization": f"Bearer {serving.token}"}
        base = f"{serving.url}/api/v1"
        with (
            httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=LONGEST) as api,
            httpx.Client(base_url=serving.url, trust_env=False, timeout=LONGEST) as client,
        ):
            client.auth = (key := write_key(api), "")
            load = Load(serving.url, key, rate)
            load.start()
            probe(client, 0)
            _wait_until_known(api)
            publish(folder)
            _wait_until_kept(api)
            listener = Listener(serving)
            listener.start()
            if not listener.listening.wait(LONGEST):
                raise SystemExit("the stream says nothing")
            sent = _probes(client, seconds)
        took = _arrivals(listener, sent)
        load.over.set()
        load.join()
    ordered = quantiles(took, n=100, method="inclusive")
    return {
        "events": load.sent,
        "sender_behind_seconds": round(load.behind, 3),
        "segments": len(SEGMENTS),
        "probes": len(took),
        "p50": round(median(took), 3),
        "p99": round(ordered[98], 3),
        "max": round(max(took), 3),
    }


def _wait_until_known(api: httpx.Client) -> None:
    """Events have to be known before segments speak of them."""
    until = time.monotonic() + LONGEST
    while True:
        catalog = api.get("/catalog").raise_for_status().text
        if all(name in catalog for name in ("Probe", *EVENTS)):
            return
        if time.monotonic() > until:
            raise SystemExit("the events are not loaded")
        time.sleep(0.2)


def _wait_until_kept(api: httpx.Client) -> None:
    """Who is in when a segment is computed for the first time has not entered by an event."""
    until = time.monotonic() + LONGEST
    while any(api.get(f"/segments/{name}/history").status_code != 200 for name in SEGMENTS):
        if time.monotonic() > until:
            raise SystemExit("the segments are not kept")
        time.sleep(0.2)


def _probes(client: httpx.Client, seconds: float) -> dict[str, float]:
    """When each was acknowledged."""
    sent: dict[str, float] = {}
    irregular = random.Random(1)
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        number = len(sent) + 1
        sent[f"user:probe-{number}"] = probe(client, number)
        time.sleep(irregular.uniform(0.05, 0.35))
    return sent


def _arrivals(listener: Listener, sent: dict[str, float]) -> list[float]:
    until = time.monotonic() + LONGEST
    while not sent.keys() <= listener.entered.keys():
        if time.monotonic() > until or not listener.is_alive():
            lost = sent.keys() - listener.entered.keys()
            some = ", ".join(sorted(lost)[:5])
            raise SystemExit(f"{len(lost)} of {len(sent)} transitions never came: {some}")
        time.sleep(0.05)
    return [listener.entered[who] - at for who, at in sent.items()]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1_000, help="events per second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="lettershop-bench-") as folder:
        found = measure(Path(folder) / "shop", asked.rate, asked.seconds)
    print(json.dumps(found, indent=2))
    met = found["p99"] <= AIM
    print(
        f"from 200 to the stream at {asked.rate:,} events/s: p99 {found['p99']:.2f} s,"
        f" aim {AIM:g} s: {'reached' if met else 'NOT reached'}"
    )
    if asked.json:
        asked.json.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
