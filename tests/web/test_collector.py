"""The collector says 200 to what is on disk, and why it refuses everything else."""

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clients.serving import EVERYTHING, KEY, Answer, ask, asked

from lettershop.ingest.log import LogReader, LogWriter
from lettershop.model.clock import FixedClock
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings
from lettershop.web.collector import Collector
from lettershop.web.collector.checking import MOST_EVENT
from lettershop.web.collector.reading import MOST_BODY
from lettershop.web.collector.serve import OneSource

CLOCK = FixedClock("2026-03-02T09:30Z")
EVENT = {"type": "track", "event": "Signed Up", "userId": "eva", "messageId": "m1"}
WITH_KEY = EVENT | {"writeKey": KEY}


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


class Shop:
    """A collector over a real log, asked without a socket."""

    def __init__(self, folder: Path, log: Any, settings: Settings | None = None) -> None:
        self.folder = folder
        settings = settings or Settings()
        self.app = Collector(log, OneSource(KEY), CLOCK, settings)

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        return ask(self.app, "POST", path, body, **headers)

    def logged(self) -> list[tuple[str, str, bytes]]:
        with LogReader(self.folder) as reader:
            return [(r.source, r.call, r.body) for r in reader.after(0, EVERYTHING)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with LogWriter(tmp_path, Settings(least_free="1MB"), CLOCK) as log:
        yield Shop(tmp_path, log)


SHORT = {
    "t": "track",
    "i": "identify",
    "g": "group",
    "p": "page",
    "s": "screen",
    "a": "alias",
    "b": "batch",
}
"""What analytics.js posts to."""

# --- taken --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "call"),
    [(f"/v1/{call}", call) for call in (*SHORT.values(), "import")]
    + [(f"/v1/{short}", call) for short, call in SHORT.items()]
    + [("/v1/track/", "track")],
)
def test_every_call_is_logged_as_it_came(shop: Shop, path: str, call: str) -> None:
    event = WITH_KEY | ({"batch": [EVENT, EVENT]} if call in ("batch", "import") else {})
    body = b" \n" + as_json(event)
    answer = shop.post(path, body)
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
    assert shop.logged() == [("test", call, body)]
    with LogReader(shop.folder) as reader:
        assert reader.after(0, 1)[0].received_at == CLOCK.now()
    counts = shop.app.counts
    assert (counts.requests, counts.bytes) == (1, len(body))
    assert counts.events == (2 if call in ("batch", "import") else 1)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (WITH_KEY, {}),
        (EVENT, {"authorization": basic(KEY)}),
        (EVENT, {"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}),
        (EVENT, {"authorization": f"Bearer {KEY}"}),
        (EVENT, {"authorization": f"bearer  {KEY} "}),
        (EVENT | {"writeKey": "another"}, {"authorization": basic(KEY)}),
        (WITH_KEY, {"content_type": "text/plain;charset=UTF-8"}),
        (WITH_KEY, {"content_encoding": "identity"}),
    ],
)
def test_all_ways_to_show_the_key(shop: Shop, body: Any, headers: dict[str, str]) -> None:
    assert shop.post("/v1/track", as_json(body), **headers).status == 200


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (EVENT, {}, "collector.no_key"),
        (EVENT | {"writeKey": ""}, {}, "collector.no_key"),
        (EVENT | {"writeKey": None}, {}, "collector.no_key"),
        (EVENT | {"writeKey": "nobody's"}, {}, "collector.unknown_key"),
        (EVENT | {"writeKey": KEY + " "}, {}, "collector.unknown_key"),
        (EVENT | {"writeKey": "Schlüssel"}, {}, "collector.unknown_key"),
        (EVENT | {"writeKey": KEY * 1000}, {}, "collector.unknown_key"),
        (WITH_KEY, {"authorization": basic("nobody's")}, "collector.unknown_key"),
        (EVENT, {"authorization": basic("")}, "collector.no_key"),
    ],
)
def test_without_a_known_key_nothing_is_taken(
    shop: Shop, body: Any, headers: dict[str, str], code: str
) -> None:
    answer = shop.post("/v1/track", as_json(body), **headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert shop.logged() == [] and shop.app.counts.refused == {code: 1}


def nested(levels: int, opening: str = "[", closing: str = "]") -> Any:
    return json.loads('{"a":' + opening * (levels - 1) + closing * (levels - 1) + "}")


def event_of(size: int) -> dict[str, str]:
    """Its JSON, written without spaces, has that many bytes."""
    return {"a": "x" * (size - len('{"a":""}'))}


def batch(*events: object, **more: object) -> bytes:
    return json.dumps({"writeKey": KEY, "batch": events} | more, separators=(",", ":")).encode()


FITS = {
    "no events": batch(),
    "2,500 events": batch(*[{}] * 2_500),
    "a long event": batch(event_of(MOST_EVENT)),
    "a deep event": batch(nested(32)),
    "brackets in a text": batch({"a": "[{" * 500, "b": 'quote \\" [' * 40}),
    "wide, not deep": batch({str(n): {"a": [n]} for n in range(200)}),
    "wide around the events": batch(EVENT, context={str(n): [] for n in range(200)}),
    "the longest body": batch(*[event_of(30_000)] * 16, event_of(MOST_BODY - 480_056)),
    "numbers nobody can hold": batch({"a": 1}).replace(b"1", b"1e999"),
    "letters of the world": json.dumps(
        {"writeKey": KEY, "batch": [{"a": "Ünïcödé 🎈"}]}, ensure_ascii=False
    ).encode(),
}


def test_the_longest_body_is_the_longest() -> None:
    assert len(FITS["the longest body"]) == MOST_BODY


@pytest.mark.parametrize("what", FITS)
def test_what_fits_is_taken(shop: Shop, what: str) -> None:
    assert shop.post("/v1/batch", FITS[what]).status == 200
    assert shop.logged() == [("test", "batch", FITS[what])]


# --- refused ------------------------------------------------------------------------------------

DEEP = b"[" * 2_000 + b"]" * 2_000
REFUSED = {
    "nothing": ("batch", b"", "json"),
    "not JSON": ("batch", b"hello", "json"),
    "half of it": ("batch", batch(EVENT)[:-1], "json"),
    "more behind it": ("batch", batch(EVENT) + b"x", "json"),
    "NaN": ("track", b'{"a": NaN}', "json"),
    "a lone surrogate": ("track", b'{"writeKey": "\\ud800"}', "json"),
    "a list": ("batch", b"[]", "shape"),
    "a list as an event": ("track", b"[]", "shape"),
    "null": ("track", b"null", "shape"),
    "no batch": ("batch", as_json(WITH_KEY), "shape"),
    "batch is null": ("batch", as_json({"batch": None}), "shape"),
    "batch is no list": ("batch", as_json({"batch": {}}), "shape"),
    "a number among events": ("batch", batch(EVENT, 7), "shape"),
    "key is a number": ("track", b'{"writeKey": 7}', "shape"),
    "not UTF-8": ("track", b'{"a": "\xff"}', "utf8"),
    "UTF-8 surrogates": ("track", b'{"a": "\xed\xa0\x80"}', "utf8"),
    "UTF-16": ("track", '{"a": 1}'.encode("utf-16"), "utf8"),
    "2,501 events": ("batch", batch(*[{}] * 2_501), "too_many"),
    "a long event": ("batch", batch(EVENT, event_of(MOST_EVENT + 1)), "event_too_large"),
    "a long single event": ("track", as_json(event_of(MOST_EVENT)), "event_too_large"),
    "a deep event": ("batch", batch(EVENT, nested(33)), "too_deep"),
    "deep in objects": ("batch", batch(EVENT, nested(33, '{"b":[', "]}")), "too_deep"),
    "a deep single event": ("track", as_json(WITH_KEY | nested(33)), "too_deep"),
    "deep around the events": ("batch", batch(EVENT, context=nested(40)), "too_deep"),
    "deeper than the decoder goes": ("track", b'{"a":' + DEEP + b"}", "too_deep"),
    "deeper in a batch": ("batch", b'{"batch":[' + DEEP + b"]}", "too_deep"),
    "a body too long": ("batch", FITS["the longest body"] + b" ", "body_too_large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_says_why(shop: Shop, what: str) -> None:
    call, body, code = REFUSED[what]
    answer = shop.post(f"/v1/{call}", body)
    said = json.loads(answer.body)
    assert (answer.status, said["code"], said["success"]) == (400, f"collector.{code}", False)
    assert len(said["message"]) > 20
    assert shop.logged() == []


def test_the_event_is_named(shop: Shop) -> None:
    said = json.loads(shop.post("/v1/batch", batch(EVENT, EVENT, nested(40))).body)
    assert said["where"] == "batch[2]" and "event 2" in said["message"]


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def test_gzip_is_unpacked_and_logged_plain(shop: Shop) -> None:
    body = batch(*[EVENT] * 100)
    for data in (packed(body), packed(body[:50]) + packed(b"") + packed(body[50:])):
        assert shop.post("/v1/batch", data, content_encoding="gzip").status == 200
    assert [logged for *_, logged in shop.logged()] == [body, body]


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        (packed(bytes(50_000_000)), "gzip", "body_too_large"),
        (packed(bytes(MOST_BODY)) + packed(b"1"), "GZIP", "body_too_large"),
        (packed(batch(EVENT))[:-9], "gzip", "gzip"),
        (packed(batch(EVENT)) + b"more", "gzip", "gzip"),
        (packed(b"") * 20_000, "gzip", "gzip"),
        (batch(EVENT), "gzip", "gzip"),
        (b"", "gzip", "gzip"),
        (zlib.compress(batch(EVENT)), "deflate", "encoding"),
        (batch(EVENT), "br", "encoding"),
    ],
)
def test_packed_bodies_that_are_no_good(shop: Shop, data: bytes, encoding: str, code: str) -> None:
    answer = shop.post("/v1/batch", data, content_encoding=encoding)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, f"collector.{code}")


@pytest.mark.parametrize("value", ["", "Basic", "Basic ü", "Basic !!!", "Basic /w==", "Digest x"])
def test_an_unreadable_authorization_is_said_so(shop: Shop, value: str) -> None:
    answer = shop.post("/v1/track", as_json(WITH_KEY), authorization=value)
    assert answer.status in (400, 401)
    assert json.loads(answer.body)["code"] in ("collector.authorization", "collector.no_key")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/track", 405),
        ("PUT", "/v1/batch", 405),
        ("DELETE", "/v1/m", 405),
        ("POST", "/v1/trakc", 404),
        ("POST", "/v1", 404),
        ("GET", "/v1/projects/nobody/settings", 401),
        ("GET", "/v1/projects/a/b/settings", 404),
        ("GET", "/v1/health", 200),
        ("HEAD", "/v1/health", 200),
        ("POST", "/v1/m", 200),
    ],
)
def test_other_ways(shop: Shop, method: str, path: str, status: int) -> None:
    answer = ask(shop.app, method, path, b"{}")
    assert answer.status == status and shop.logged() == []
    assert ("allow" in answer.headers) == (status == 405)


# --- no room ------------------------------------------------------------------------------------

Done = Callable[[Unavailable | None], None]


class Held:
    """A log that answers when told to, or refuses."""

    def __init__(self, refusal: Unavailable | None = None) -> None:
        self.refusal = refusal
        self.held: list[Done] = []

    def append(self, source: str, call: str, body: bytes, received_at: int, on_done: Done) -> None:
        if self.refusal:
            raise self.refusal
        self.held.append(on_done)


BUSY = Unavailable("intake.busy", "too many requests at once", retry_after=1)
FULL = Unavailable("intake.disk", "the disk is nearly full", retry_after=10)


@pytest.mark.parametrize(("refusal", "status"), [(BUSY, 429), (FULL, 503)])
def test_no_room_asks_to_come_back_later(tmp_path: Path, refusal: Unavailable, status: int) -> None:
    shop = Shop(tmp_path, Held(refusal))
    answer = shop.post("/v1/batch", batch(EVENT))
    assert (answer.status, answer.headers["retry-after"]) == (status, str(refusal.retry_after))
    assert ask(shop.app, "GET", "/v1/health").status == status


@pytest.mark.parametrize(("outcome", "status"), [(None, 200), (FULL, 503)])
def test_the_answer_waits_for_the_disk(
    tmp_path: Path, outcome: Unavailable | None, status: int
) -> None:
    log = Held()
    shop = Shop(tmp_path, log)

    async def story() -> Answer:
        body = [batch(EVENT)]
        asking = asyncio.create_task(asked(shop.app, "POST", "/v1/batch", [], body))
        await asyncio.sleep(0.05)
        assert log.held and not asking.done()
        await asyncio.to_thread(log.held[0], outcome)
        return await asyncio.wait_for(asking, 5)

    assert asyncio.run(story()).status == status
    assert shop.app.counts.requests == (outcome is None)


# --- browsers -----------------------------------------------------------------------------------


def test_any_page_may_send_by_default(shop: Shop) -> None:
    answer = shop.post("/v1/p", as_json(WITH_KEY), origin="https://www.example.com")
    assert answer.headers["access-control-allow-origin"] == "*"
    before = ask(shop.app, "OPTIONS", "/v1/p", origin="https://www.example.com")
    assert before.status == 204 and before.headers["access-control-allow-origin"] == "*"
    assert "content-type" in before.headers["access-control-allow-headers"]
    refused = shop.post("/v1/p", b"", origin="https://www.example.com")
    assert refused.headers["access-control-allow-origin"] == "*"  # so that the page can read why


def test_only_named_pages_may_send_when_some_are_named(tmp_path: Path) -> None:
    shop = Shop(tmp_path, Held(FULL), Settings(cors_origins=("https://www.example.com/",)))
    ours = shop.post("/v1/p", as_json(WITH_KEY), origin="https://www.example.com")
    assert ours.headers["access-control-allow-origin"] == "https://www.example.com"
    for origin in ("https://evil.example", "null", "https://www.example.com.evil.example"):
        theirs = shop.post("/v1/p", as_json(WITH_KEY), origin=origin)
        assert (theirs.status, json.loads(theirs.body)["code"]) == (403, "collector.origin")
        assert "access-control-allow-origin" not in theirs.headers
    assert shop.post("/v1/p", as_json(WITH_KEY)).status == 503  # servers have no origin


@pytest.mark.parametrize(
    ("settings", "host", "where"),
    [
        (Settings(), "shop.example:8460", "shop.example:8460/v1"),
        (Settings(), "[::1]:8460", "[::1]:8460/v1"),
        (Settings(), 'x"><script>', "127.0.0.1:8460/v1"),
        (Settings(public_url="https://in.example.com/"), "internal:1", "in.example.com/v1"),
    ],
)
def test_analytics_js_is_told_where_to_send(
    tmp_path: Path, settings: Settings, host: str, where: str
) -> None:
    shop = Shop(tmp_path, Held(), settings)
    answer = ask(shop.app, "GET", f"/v1/projects/{KEY}/settings", host=host)
    integration = json.loads(answer.body)["integrations"]["Segment.io"]
    assert (integration["apiKey"], integration["apiHost"]) == (KEY, where)


def test_the_script_is_served_and_kept(shop: Shop) -> None:
    first = ask(shop.app, "GET", "/lettershop.js", accept_encoding="br, gzip")
    plain = ask(shop.app, "GET", "/lettershop.js")
    assert gzip.decompress(first.body) == plain.body and b"lettershop" in plain.body
    assert plain.headers["content-type"].startswith("text/javascript")
    again = ask(shop.app, "GET", "/lettershop.js", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
