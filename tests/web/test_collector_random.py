"""Whatever is sent: never a 500, never a redirect, and what got 200 is in the log byte for byte."""

import asyncio
import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from clients.serving import EVERYTHING, KEY, Answer, asked
from hypothesis import HealthCheck, given, settings, strategies as st

from lettershop.ingest.log import LogReader, LogWriter
from lettershop.model.clock import SystemClock
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.web.collector import Collector
from lettershop.web.collector.app import CALLS
from lettershop.web.collector.checking import MOST_NESTED, check, depth
from lettershop.web.collector.serve import OneSource

RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
values = st.recursive(
    atoms,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
events = st.dictionaries(st.sampled_from(["event", "userId", "properties", "type"]), values)
keyed = st.fixed_dictionaries({"writeKey": st.just(KEY)})
bodies = (
    st.builds(lambda event, key: event | key, events, keyed)
    | st.builds(lambda batch, key: {"batch": batch} | key, st.lists(events, max_size=5), keyed)
    | st.fixed_dictionaries({"writeKey": values, "batch": values})
    | values
)
texts = st.one_of(
    st.builds(lambda body: json.dumps(body).encode(), bodies),
    st.builds(lambda body: json.dumps(body, ensure_ascii=False, indent=1).encode(), bodies),
    st.binary(max_size=200),
    st.builds(
        lambda body, at, byte: body[: at % len(body)] + byte + body[at % len(body) + 1 :],
        st.builds(lambda body: json.dumps(body).encode(), bodies),
        st.integers(0, 10_000),
        st.binary(max_size=2),
    ),
)
basic = b"Basic " + base64.b64encode(f"{KEY}:".encode())
headers = st.lists(
    st.sampled_from(
        [
            (b"authorization", basic),
            (b"authorization", b"Bearer " + KEY.encode()),
            (b"content-encoding", b"gzip"),
            (b"content-encoding", b"identity"),
            (b"origin", b"https://example.com"),
            (b"content-type", b"text/plain"),
        ]
    )
    | st.tuples(
        st.sampled_from([b"authorization", b"content-encoding", b"origin", b"host", b"x"]),
        st.binary(max_size=20),
    ),
    max_size=4,
)
paths = st.sampled_from([*CALLS, "/v1/m", f"/v1/projects/{KEY}/settings", "/lettershop.js"])
methods = st.sampled_from(["POST"] * 6 + ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "BREW"])


class Shop:
    def __init__(self, log: LogWriter, reader: LogReader) -> None:
        self.app = Collector(log, OneSource(KEY), SystemClock(), Settings())
        self.reader = reader
        self.runner = asyncio.Runner()

    def ask(self, *request: Any) -> Answer:
        return self.runner.run(asked(self.app, *request))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("random") / "intake"
    with (
        LogWriter(folder, Settings(least_free="1MB"), SystemClock()) as log,
        LogReader(folder) as reader,
    ):
        shop = Shop(log, reader)
        with shop.runner:
            yield shop


def judge(shop: Shop, method: str, path: str, answer: Answer, before: int, body: bytes) -> None:
    assert 200 <= answer.status < 300 or 400 <= answer.status < 500
    logged = [request.body for request in shop.reader.after(before, EVERYTHING)]
    taken = answer.status == 200 and method == "POST" and path in CALLS
    assert logged == ([body] if taken else [])
    if answer.status >= 400:
        said = json.loads(answer.body)
        assert said["code"].startswith("collector.") and said["message"]


@RELAXED
@given(
    methods, paths | st.text(max_size=20).map("/v1/{}".format), headers, texts, st.integers(1, 9)
)
def test_anything_is_answered(
    shop: Shop, method: str, path: str, headers: Any, body: bytes, size: int
) -> None:
    encodings = [value for name, value in headers if name == b"content-encoding"]
    packed = gzip.compress(body) if encodings[-1:] == [b"gzip"] else body
    parts = [packed[:size], packed[size:]]
    before = shop.reader.last_seq()
    answer = shop.ask(method, path, headers, parts)
    judge(shop, method, path.rstrip("/"), answer, before, body)


@RELAXED
@given(events)
def test_sound_json_with_a_key_is_taken(shop: Shop, body: dict[str, Any]) -> None:
    """Unless it is deeper than allowed, which these are not."""
    raw = json.dumps(body | {"writeKey": KEY}).encode()
    before = shop.reader.last_seq()
    answer = shop.ask("POST", "/v1/track", [], [raw])
    assert answer.status == 200
    judge(shop, "POST", "/v1/track", answer, before, raw)


def levels(value: object) -> int:
    match value:
        case dict():
            return 1 + max(map(levels, value.values()), default=0)
        case list():
            return 1 + max(map(levels, value), default=0)
        case _:
            return 0


deep = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text('[]{}"\\', max_size=3), inner, max_size=2)
    ),
    max_leaves=12,
)


@RELAXED
@given(deep, st.integers(0, 40), st.booleans())
def test_depth_is_counted_as_it_is(value: object, more: int, lists: bool) -> None:
    for _ in range(more):
        value = [value, "]}"] if lists else {"{[": value}
    value = {"a": value}
    assert depth(json.dumps(value).encode()) == min(levels(value), MOST_NESTED + 1)
    try:
        check("track", json.dumps(value).encode())
        fits = True
    except InputError:
        fits = False
    assert fits == (levels(value) <= MOST_NESTED)
