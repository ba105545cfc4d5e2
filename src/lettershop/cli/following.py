"""Server-Sent Events of a running server, read for as long as anybody wants."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec

from lettershop.app.changes import Changed
from lettershop.cli.problems import problem, unreachable

_WAIT = httpx.Timeout(10.0, read=60.0)
"""Seconds; the server says something every 15."""


def follow(client: httpx.Client, asked: Mapping[str, Any], after: int) -> Iterator[Changed]:
    """Everything after that id, as it happens; never ends by itself.

    A stream that ends (they do, now and then) is taken up again where it was. Unavailable
    `server.away` when nobody answers.
    """
    place = after
    while True:
        try:
            with client.stream(
                "GET",
                "/transitions/stream",
                params={**asked, "after": place},
                timeout=_WAIT,
            ) as response:
                if not response.is_success:
                    response.read()
                    raise problem(response)
                for at, data in _events(response):
                    place = at
                    if data:
                        yield _changed(data)
        except httpx.RemoteProtocolError:
            continue  # cut off in the middle: it may only have been restarted
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__) from None


def _events(response: httpx.Response) -> Iterator[tuple[int, str]]:
    """(id, data) of each event; without data for those that only move the place."""
    said: dict[str, str] = {}
    for line in response.iter_lines():
        field, _, value = line.partition(":")
        if line:
            said[field] = value.strip()
        else:
            if "id" in said:
                yield int(said["id"]), said.get("data", "")
            said = {}


def _changed(data: str) -> Changed:
    try:
        return msgspec.json.decode(data, type=Changed)
    except msgspec.DecodeError as error:
        raise unreachable(f"its answer cannot be read ({error})") from None
