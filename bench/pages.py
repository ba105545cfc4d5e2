"""`python -m bench.pages`: how long each page of the web app takes on the sample company.

A served demo (`lettershop demo --no-serve`, then `lettershop up`) is walked as a signed-in owner:
from the first page along all links, a few examples of each kind of address. Then every page is
asked for in turn, in rounds, one at a time, as a browser would; what counts is the median and the
slowest of the rounds after the first, in milliseconds from request to the whole answer.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx

OWNER: Final = "owner@localhost"
PASSWORD: Final = "three calm words"  # noqa: S105  (of a demo that lives as long as the measurement)
EXAMPLES: Final = 2
"""Pages of one kind that are asked for: addresses that differ only in names and numbers."""
LIMIT: Final = 200.0
"""Milliseconds a page may take."""
PARTS: Final = re.compile(r'hx-get="([^"]+)"')
LINKS: Final = re.compile(r'<(?:a|iframe)\b[^>]*?\b(?:href|src)="([^"]+)"')
NAMED: Final = re.compile(r"[^/]*(?:[:@%]|\d)[^/]*|(?<=/segments/)[^/]+|(?<=/campaigns/)[^/]+")
LAST: Final = 400
"""Pages that are looked at for links."""


class Timed(NamedTuple):
    address: str
    first: float
    median: float
    slowest: float
    size: int


@contextmanager
def served(contacts: int) -> Iterator[str]:
    """A demo's address; the owner's password is PASSWORD."""
    with TemporaryDirectory() as folder:
        demo = str(Path(folder, "demo"))
        command = [sys.executable, "-c", "from lettershop.cli import main; main()"]
        made = [*command, "demo", demo, "--no-serve", "--contacts", str(contacts)]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        known = [*command, "user", "password", OWNER, "--stdin", "-w", demo]
        subprocess.run(known, check=True, input=PASSWORD, text=True, stdout=subprocess.DEVNULL)
        up = [*command, "up", "--port", "0", "-w", demo]
        server = subprocess.Popen(
            up, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ
        )
        try:
            lines = server.stdout or ()
            listens = next(line for line in lines if "listens on" in line)
            yield listens.split("listens on ")[1].split()[0]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def signed_in(url: str) -> httpx.Client:
    browser = httpx.Client(base_url=url, follow_redirects=True, timeout=60, trust_env=False)
    browser.get("/login")
    login = {"email": OWNER, "password": PASSWORD}
    login["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
    answer = browser.post("/login", data=login)
    if answer.url.path != "/":
        sys.exit(f"signing in was answered with {answer.status_code}")
    return browser


def walked(browser: httpx.Client) -> list[str]:
    """Addresses reached from the first page, at most EXAMPLES of a kind."""
    found, kinds, waiting = [], dict[str, int](), ["/"]
    seen = {"/"}
    for _ in range(LAST):
        if not waiting:
            break
        address = waiting.pop(0)
        answer = browser.get(address)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        found.append(address)
        for link in LINKS.findall(answer.text) + PARTS.findall(answer.text):
            to = unescape(link).partition("#")[0]
            to = f"{urlsplit(address).path}{to}" if to.startswith("?") else to
            inside = to.startswith("/") and not to.startswith(("/static", "/api", "/logout"))
            kind = NAMED.sub("*", to)
            if inside and to not in seen and kinds.get(kind, 0) < EXAMPLES:
                seen.add(to)
                kinds[kind] = kinds.get(kind, 0) + 1
                waiting.append(to)
    return found


def timed(browser: httpx.Client, addresses: list[str], rounds: int) -> list[Timed]:
    taken: dict[str, list[float]] = {address: [] for address in addresses}
    sizes = {}
    for _ in range(rounds + 1):
        for address in addresses:
            begun = time.perf_counter()
            sizes[address] = len(browser.get(address).content)
            taken[address].append((time.perf_counter() - begun) * 1_000)
    return [
        Timed(address, all_[0], median(all_[1:]), max(all_[1:]), sizes[address])
        for address, all_ in taken.items()
    ]


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    reader.add_argument("--contacts", type=int, default=2_000)
    reader.add_argument("--rounds", type=int, default=5)
    asked = reader.parse_args()
    with served(asked.contacts) as url:
        browser = signed_in(url)
        found = timed(browser, walked(browser), asked.rounds)
    print("   first  median slowest      bytes  address")
    for one in sorted(found, key=lambda t: -t.median):
        figures = f"{one.first:8.0f}{one.median:8.0f}{one.slowest:8.0f}{one.size:11,}"
        print(f"{figures}  {one.address}{'   over' if one.median > LIMIT else ''}")
    over = sum(one.median > LIMIT for one in found)
    middle = median(one.median for one in found)
    print(f"{len(found)} pages, median {middle:.0f} ms, {over} over {LIMIT:.0f} ms")


if __name__ == "__main__":
    main()
