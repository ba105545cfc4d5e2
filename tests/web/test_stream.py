"""The event stream over a real socket: at once, in order, from where the reader was, and no harm
from readers that are slow, many or gone."""

import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from moves import keep, write
from receiver import receiver
from served_shop import Served, serve_shop, wait_for
from serving import Up, post, workspace_with_key
from typer.testing import CliRunner

from lettershop.app import streams
from lettershop.cli import app
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import SystemClock, format_instant, parse_instant
from lettershop.model.facts import ContactFact

STREAM = "/api/v1/transitions/stream"
T0 = 1_700_000_000_000
SOON = httpx.Timeout(30.0)


class Event(NamedTuple):
    id: int
    name: str
    data: dict[str, Any]


class Reader:
    """Events of a stream, as they come; `beats` counts comments."""

    def __init__(self, response: httpx.Response) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.place, self.beats, self.ended = -2, 0, threading.Event()
        self._response = response
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def next(self, seconds: float = 5) -> Event:
        return self.events.get(timeout=seconds)

    def go(self) -> None:
        """Hang up."""
        line = self._response.extensions["network_stream"].get_extra_info("socket")
        with suppress(OSError):  # the other side was first
            line.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _read(self) -> None:
        said: dict[str, str] = {}
        try:
            for line in self._response.iter_lines():
                name, _, value = line.partition(": ")
                if line.startswith(":"):
                    self.beats += 1
                elif line:
                    said[name] = value
                elif said:
                    self._take(said)
                    said = {}
        except httpx.HTTPError:
            pass
        self.ended.set()

    def _take(self, said: dict[str, str]) -> None:
        self.place = int(said["id"])
        if "data" in said:
            self.events.put(Event(self.place, said["event"], json.loads(said["data"])))


@pytest.fixture
def served(tmp_path: Path, empty_records: Path) -> Iterator[Served]:
    with serve_shop(tmp_path / "shop", empty_records) as server:
        with server.shop.engine.write() as workspace:
            people = ("user:U0", "user:U1", "user:U2")
            load(
                workspace.store,
                [ContactFact(ts=T0, received_at=T0, message_id=who, contact=who) for who in people],
            )
            keep(workspace.store, "vips", "contact", T0)
            keep(workspace.store, "calm", "contact", T0)
        yield server
        server.shop.running.streams.stop()


@contextmanager
def reading(
    served: Served, headers: dict[str, str] | None = None, **query: Any
) -> Iterator[Reader]:
    token = f"Bearer {served.shop.running.local_token}"
    asked = {"Authorization": token, **(headers or {})}
    with (
        httpx.Client(base_url=served.url, timeout=SOON) as client,
        client.stream("GET", STREAM, params=query, headers=asked) as response,
    ):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        reader = Reader(response)
        wait_for(lambda: reader.place > -2)
        try:
            yield reader
        finally:
            reader.go()


def happen(served: Served, segment: str, cause: Cause, *moves: int) -> None:
    """A refresh is stored, and the streams are told."""
    with served.shop.engine.write() as workspace:
        last = write(workspace.store, T0 + 1_000, segment, cause, *moves)
    served.shop.running.streams.notify(last)


def test_what_happens_is_told_at_once_and_in_order(served: Served) -> None:
    happen(served, "vips", "event", 2)  # before anybody listens
    with reading(served) as reader:
        started = time.monotonic()
        happen(served, "vips", "event", 0)
        first = reader.next()
        assert time.monotonic() - started < 1
        happen(served, "calm", "time", ~1, 0)
        rest = [reader.next(), reader.next()]
    assert [(e.id, e.name) for e in (first, *rest)] == [(1, "entered"), (2, "left"), (3, "entered")]
    assert first.data == {
        "id": 1,
        "segment": "vips",
        "version": 1,
        "change": "entered",
        "subject": "contact",
        "contact": "user:U0",
        "identities": ["user:U0"],
        "account": None,
        "effective_at": "2023-11-14T22:13:21Z",
        "detected_at": "2023-11-14T22:13:21Z",
        "cause": "event",
    }
    assert [e.data["contact"] for e in rest] == ["user:U1", "user:U0"]


def test_repairs_and_edits_trigger_nothing_unless_asked_for(served: Served) -> None:
    with reading(served) as usual, reading(served, cause=["merge", "definition"]) as others:
        for cause in ("definition", "merge", "manual", "import", "trait"):
            happen(served, "vips", cause, 0)  # type: ignore[arg-type]
        assert usual.next().data["cause"] == "trait"
        assert [others.next().data["cause"] for _ in range(2)] == ["definition", "merge"]
        assert usual.events.empty() and others.events.empty()


def test_only_some_segments(served: Served) -> None:
    with reading(served, segment="calm") as calm, reading(served) as all_:
        happen(served, "trait:score", "event", 0)
        happen(served, "vips", "event", 0)
        happen(served, "calm", "event", 1)
        assert calm.next().id == 2
        assert [all_.next().id for _ in range(2)] == [1, 2]
    with reading(served, segment="trait:score", after=-1) as hidden:
        assert hidden.next().id == 0


def test_who_comes_again_misses_nothing(served: Served) -> None:
    for n in range(3):
        happen(served, "vips", "event", n)
    with reading(served, headers={"Last-Event-ID": "0"}, after=99) as reader:
        assert [reader.next().id for _ in range(2)] == [1, 2]
        happen(served, "vips", "event", ~0)
        assert reader.next().id == 3
    with reading(served, after=1_000_000) as ahead:  # a database from before
        assert ahead.place == 3
        happen(served, "vips", "event", 0)
        assert ahead.next().id == 4


def test_a_reader_far_behind_gets_everything_once(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "TAIL", 40)
    monkeypatch.setattr(streams, "PAGE", 16)
    happen(served, "vips", "event", *[0, ~0] * 60)
    happen(served, "calm", "definition", *[1, ~1] * 30)
    with reading(served, after=-1) as reader:
        found = [reader.next().id for _ in range(120)]
        happen(served, "vips", "event", *[0, ~0] * 40)
        found += [reader.next().id for _ in range(80)]
        assert reader.events.empty()
    assert found == [*range(120), *range(180, 260)]


def test_while_nothing_happens_it_says_that_it_is_there(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    with reading(served, segment="vips") as reader:
        wait_for(lambda: reader.beats >= 2)
        happen(served, "calm", "event", 0)
        wait_for(lambda: reader.place == 0)  # moved on without an event
        with served.shop.engine.write() as workspace:  # and somebody forgot to tell
            write(workspace.store, T0, "vips", "event", 1)
        assert reader.next().id == 1


def test_a_stream_ends_in_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST", 0.2)
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    with reading(served) as reader:
        assert reader.ended.wait(5)
    wait_for(lambda: served.shop.running.streams.open == 0)


def test_who_goes_away_is_forgotten(served: Served) -> None:
    open_ = served.shop.running.streams
    with reading(served), reading(served):
        assert open_.open == 2
        names = {vital.name: vital.value for vital in open_.figures()}
        assert names["streams_open"] == 2
    wait_for(lambda: open_.open == 0)


def test_so_many_and_no_more(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 1)
    headers = {"Authorization": f"Bearer {served.shop.running.local_token}"}
    with reading(served):
        refused = httpx.get(served.url + STREAM, headers=headers, timeout=SOON)
    assert refused.status_code == 503 and refused.json()["code"] == "stream.full"
    assert refused.headers["Retry-After"] == "10"
    wait_for(lambda: served.shop.running.streams.open == 0)
    with reading(served):
        pass


def test_a_reader_that_does_not_read_hurts_nobody(served: Served) -> None:
    with reading(served, after=-1) as quick:
        token = f"Bearer {served.shop.running.local_token}"
        with (
            httpx.Client(base_url=served.url, timeout=SOON) as client,
            client.stream("GET", STREAM, headers={"Authorization": token}) as stuck,
        ):
            assert stuck.status_code == 200
            for _ in range(10):
                happen(served, "vips", "event", *[0, ~0] * 500)
            for _ in range(10_000):
                quick.next()
            began = time.monotonic()
            headers = {"Authorization": token}
            assert httpx.get(f"{served.url}/api/v1/me", headers=headers).status_code == 200
            assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Last-Event-ID": "x"}, {}, 422),
        ({"Last-Event-ID": "9" * 30}, {}, 422),
        ({}, {"after": "x"}, 422),
        ({}, {"cause": "weather"}, 422),
        ({"Authorization": "Bearer nobody"}, {}, 401),
    ],
)
def test_wrong_questions(
    served: Served, headers: dict[str, str], query: dict[str, str], status: int
) -> None:
    token = {"Authorization": f"Bearer {served.shop.running.local_token}"}
    told = httpx.get(served.url + STREAM, params=query, headers=token | headers, timeout=SOON)
    assert told.status_code == status
    assert told.headers["Content-Type"] == "application/problem+json"


def test_from_an_event_to_the_stream_and_the_webhook_and_to_the_end(tmp_path: Path) -> None:
    folder, key = workspace_with_key(tmp_path / "shop")
    (folder / "segments" / "lookers.toml").write_text(
        "where = 'did \"Pricing Viewed\" at least 2 times within last 1 minutes'\n", "utf-8"
    )
    with receiver() as hook:
        with (folder / "lettershop.toml").open("a") as file:
            file.write(f'webhook_hosts = ["{hook.host}"]\n')
        with Up(folder) as up, up.api() as api, httpx.Client(timeout=SOON) as client:
            for command in (
                ("apply", "--yes"),
                ("webhook", "add", "crm", hook.url(), "--segment", "lookers"),
            ):
                done = CliRunner().invoke(app, [*command, "-w", str(folder)])
                assert done.exit_code == 0, done.output
            wait_for(lambda: api.get("/segments/lookers/history").is_success, 30)  # it is kept
            with api.stream("GET", "/transitions/stream", timeout=SOON) as response:
                reader = Reader(response)
                wait_for(lambda: reader.place > -2)
                now = SystemClock().now()
                event = {
                    "userId": "U1",
                    "event": "Pricing Viewed",
                    "timestamp": format_instant(now - 52_000),
                    "sentAt": format_instant(now),
                }
                for n in range(2):
                    assert post(client, up.url, key, "track", event | {"messageId": f"m{n}"}) == 200
                acknowledged = time.monotonic()
                entered, left = reader.next(20), reader.next(20)
                took = time.monotonic() - acknowledged
                assert took < 25
                wait_for(lambda: len(hook.ids) == 2, 20)
                up.process.terminate()
                assert reader.ended.wait(8), "streams end before the server is out of patience"
                reader.go()
    assert (entered.name, entered.data["contact"]) == ("entered", "user:U1")
    assert (left.name, left.data["cause"]) == ("left", "time")
    late = parse_instant(left.data["effective_at"]) - (now - 52_000 + 60_000)
    assert 0 <= late < 1_000, "the minute of the first of the two had passed"
    assert hook.ids == [entered.id, left.id]
