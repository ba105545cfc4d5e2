"""Calls that cannot be loaded, each between two good ones: these load, the reason is kept."""

import itertools
from collections.abc import Iterator

import pytest
from ingest.logged import NOON, Logged

from lettershop.engines.duckdb.refusals import prune_refusals, refusals
from lettershop.engines.duckdb.store import Store

GOOD = (
    b'{"type":"track","event":"Seen","userId":"U1","messageId":"%d",'
    b'"timestamp":"2026-03-02T11:00:00Z"}'
)
TRACK = '{"type":"track","userId":"U1","event":"Seen"'

POISON: dict[str, tuple[str | bytes, str]] = {
    "infinity": (TRACK + ',"properties":{"n":1e999}}', "call.number"),
    "NaN": (TRACK + ',"properties":{"n":NaN}}', "call.number"),
    "400 digits": (TRACK + ',"properties":{"n":' + "9" * 400 + "}}", "call.number"),
    "5,000 digits": (TRACK + ',"properties":{"n":' + "9" * 5000 + "}}", "call.number"),
    "half a character": (TRACK + ',"properties":{"t":"a\\ud800b"}}', "call.broken_text"),
    "half a character in a name": (TRACK + ',"properties":{"\\udc00":1}}', "call.broken_text"),
    "not UTF-8": (TRACK.encode() + b',"properties":{"t":"\xff"}}', "call.not_utf8"),
    "nested 33 deep": (TRACK + ',"properties":' + '{"a":' * 33 + "1" + "}" * 34, "call.too_deep"),
    "nested 500 deep": (TRACK + ',"x":' + "[" * 500 + "]" * 500 + "}", "call.too_deep"),
    "too large": (TRACK + ',"properties":{"t":"' + "x" * 33_000 + '"}}', "call.too_large"),
    "no object": ("[1,2]", "call.not_an_object"),
    "properties no object": (TRACK + ',"properties":[1]}', "call.not_an_object"),
    "context no object": (TRACK + ',"context":"x"}', "call.not_an_object"),
    "unknown type": ('{"type":"trak","userId":"U1","event":"Seen"}', "call.unknown_type"),
    "no type": ('{"userId":"U1","event":"Seen"}', "call.unknown_type"),
    "no name": ('{"type":"track","userId":"U1"}', "call.no_name"),
    "blank name": (GOOD.replace(b"Seen", b"  ") % 9, "call.no_name"),
    "long name": (
        '{"type":"track","userId":"U1","event":"' + "x" * 256 + '"}',
        "call.name_too_long",
    ),
    "long property": (TRACK + ',"properties":{"' + "x" * 256 + '":1}}', "call.name_too_long"),
    "long id": (
        '{"type":"track","event":"Seen","userId":"' + "x" * 1001 + '"}',
        "call.id_too_long",
    ),
    "an id that is a list": ('{"type":"track","event":"Seen","userId":[1]}', "call.id"),
    "an id that is half a number": ('{"type":"track","event":"Seen","userId":1.5}', "call.id"),
    "nobody": ('{"type":"track","event":"Seen"}', "call.no_identity"),
    "everybody": ('{"type":"track","event":"Seen","userId":"N/A"}', "identity.blocked"),
    "identify nobody": ('{"type":"identify","traits":{"a":1}}', "call.no_identity"),
    "no time": (TRACK + ',"timestamp":"yesterday"}', "call.time"),
    "a time that is a list": (TRACK + ',"timestamp":[1]}', "call.time"),
    "far future": (TRACK + ',"timestamp":"2099-01-01T00:00:00Z"}', "call.time_range"),
    "before 1970": (TRACK + ',"timestamp":"0001-01-01T00:00:00Z"}', "call.time_range"),
    "a group of nothing": ('{"type":"group","userId":"U1"}', "call.no_group"),
    "a group called null": ('{"type":"group","userId":"U1","groupId":"null"}', "call.no_group"),
    "an alias of nothing": ('{"type":"alias","userId":"U1"}', "call.no_previous"),
}
numbers = itertools.count()


@pytest.fixture(scope="module")
def shop() -> Iterator[Logged]:
    with Store.open(None) as store:
        yield Logged(store)


@pytest.mark.parametrize("name", POISON)
def test_poison_is_refused_and_its_neighbours_load(shop: Logged, name: str) -> None:
    said, code = POISON[name]
    poison = said.encode() if isinstance(said, str) else said
    before = len(shop.refused())
    body = b'{"batch":[' + b",".join([GOOD % next(numbers), poison, GOOD % next(numbers)]) + b"]}"
    shop.send(body)
    step = shop.loader.step()
    assert (step.events, step.refused, step.duplicates, step.notes) == (3, 1, 0, 0)
    [refusal] = shop.refused()[before:]
    assert (refusal.code, refusal.seq, refusal.index) == (code, len(shop.requests), 1)
    assert refusal.level == "error" and refusal.source == "site" and refusal.received_at == NOON
    kept = poison[: 32 * 1024].decode("utf-8", "replace")
    assert refusal.raw.replace(": ", ":").replace(", ", ",") == kept
    assert refusal.message and code not in refusal.message


def test_all_good_neighbours_are_there(shop: Logged) -> None:
    sent = sum(body.body.count(b'"Seen"') for body in shop.requests)
    assert shop.events("Seen")
    assert len(shop.events("Seen")) == 2 * len(shop.requests) <= sent
    assert set(shop.codes()) == {code for _, code in POISON.values()}


def test_a_body_that_is_nothing_is_one_refusal(shop: Logged) -> None:
    before = len(shop.refused())
    for body in (b"", b"[]", b'{"batch":7}', b'{"batch":[{"type"', b"\xff\xfe"):
        shop.send(body)
    for body in (b"", b"null", b'{"event":'):
        shop.send(body, call="track")
    assert shop.loader.step().refused == 8
    codes = [refusal.code for refusal in shop.refused()[before:]]
    assert codes == ["call.malformed"] * 6 + ["call.not_an_object", "call.malformed"]


def test_poison_in_traits_and_context_is_poison_too() -> None:
    with Store.open(None) as store:
        shop = Logged(store)
        shop.send(b'{"userId":"U1","traits":{"n":1e999}}', call="identify")
        shop.send(b'{"userId":"U1","groupId":"g","traits":{"t":"\\ud800"}}', call="group")
        shop.send(b'{"userId":"U1","event":"Seen","context":{"traits":7}}', call="track")
        assert shop.loader.step().refused == 3
        assert shop.codes() == ["call.number", "call.broken_text", "call.not_an_object"]


def test_odd_but_sound_values_load() -> None:
    odd = {
        "nul": "a\u0000b",
        "large": 10**30,
        "small": 1e-300,
        "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
        "list": [1, [2, [3]], {"a": [None]}],
        "": "no name",
        "_": "\U0001f600",
        "ID": 1,
        "id": 2,
        "ts": "ours",
        "rest": "ours, too",
    }
    with Store.open(None) as store:
        shop = Logged(store)
        shop.load({"type": "track", "event": "Odd", "userId": "U1", "properties": odd})
        shop.load({"type": "track", "event": "Odd", "userId": "U1", "properties": odd})
        assert shop.codes() == []
        assert shop.events("Odd", "nul", "_", "deep.a.b.c.d.e") == [
            ("a\u0000b", "\U0001f600", 1),
            ("a\u0000b", "\U0001f600", 1),
        ]


def test_refusals_are_paged_and_forgotten(shop: Logged) -> None:
    every = refusals(shop.store, 1000)
    page = refusals(shop.store, 5)
    assert page == every[:5]
    assert refusals(shop.store, 5, before=page[-1].id) == every[5:10]
    shop.send(b"{}", call="track", at=NOON + 1000)
    shop.loader.step()
    assert prune_refusals(shop.store, NOON + 1) == len(every)
    [left] = refusals(shop.store)
    assert left.id == every[0].id + 1
