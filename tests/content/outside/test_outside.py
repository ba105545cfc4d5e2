"""A system that is slow, wrong or down never yields a wrong letter: real requests to a real server
on this machine."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from receiver import Receiver, Reply, receiver

from lettershop.content.outside.addresses import address, check
from lettershop.content.outside.answers import Wrong, read
from lettershop.content.outside.fetcher import FAILURES, Fetcher
from lettershop.content.template import Outside

Person = dict[str, Any]


def person(city: str) -> Person:
    return {"contact": {"city": city}}


@pytest.fixture
def api() -> Iterator[Receiver]:
    with receiver() as listening:
        listening.replies = lambda _: Reply(body=b'{"temperature": 21.5, "secret": "x"}')
        yield listening


@pytest.fixture
def fetcher(api: Receiver) -> Iterator[Fetcher]:
    found = Fetcher([api.host])
    yield found
    found.close()


def source(api: Receiver, **more: Any) -> Outside:
    said: dict[str, Any] = {"schema": {"temperature": "number"}, **more}
    return Outside(url=api.url("/weather?city={{ contact.city }}"), **said)


def test_everybody_gets_their_own_answer_and_nobody_is_asked_twice(
    api: Receiver, fetcher: Fetcher
) -> None:
    degrees = {"/weather?city=Bonn": 7, "/weather?city=K%C3%B6ln%26a": 9}
    api.replies = lambda n: Reply(
        body=json.dumps({"temperature": degrees[api.got[n].path]}).encode()
    )
    people = [person("Bonn"), person("Köln&a"), person("Bonn")]
    found = fetcher.fetch("weather", source(api), people[:1])
    found += fetcher.fetch("weather", source(api), people[1:])
    assert found == [{"temperature": 7}, {"temperature": 9}, {"temperature": 7}]
    assert sorted(got.path for got in api.got) == sorted(degrees)
    (report,) = fetcher.reports()
    assert (report.recipients, report.asked, report.failed) == (3, 2, {})


def test_only_what_was_agreed_comes_in(api: Receiver, fetcher: Fetcher) -> None:
    assert fetcher.fetch("w", source(api), [person("a")]) == [{"temperature": Decimal("21.5")}]


WRONG = [
    b"", b"[]", b"21", b"<html>", b"{", b'{"temperature": null}', b'{"temperature": "21"}',
    b'{"temperature": true}', b'{"temperature": NaN}', b'{"temperature": 1e999999}',
    b'{"temperature": ' + b"9" * 5_000 + b"}", b'{"other": 1}', b'{"temperature": {}}',
    b"[" * 100_000, b'{"temperature": "\xff"}', b'{"temperature": "  "}',
]  # fmt: skip


@pytest.mark.parametrize("body", WRONG, ids=[str(body[:24]) for body in WRONG])
def test_a_wrong_answer_is_none(api: Receiver, fetcher: Fetcher, body: bytes) -> None:
    api.replies = lambda _: Reply(body=body)
    assert fetcher.fetch("w", source(api), [person("a")]) == [None]
    spare = source(api, fallback={"temperature": 20})
    assert fetcher.fetch("w", spare, [person("b")]) == [{"temperature": 20}]
    assert fetcher.reports()[0].failed == {"wrong": 2}


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_error_is_none(api: Receiver, fetcher: Fetcher, status: int) -> None:
    api.replies = lambda _: Reply(status, b'{"temperature": 1}')
    assert fetcher.fetch("w", source(api), [person("a")]) == [None]
    (report,) = fetcher.reports()
    assert report.messages == {"status": f"it answered with status {status}"}


def test_slow_is_none_and_nobody_waits(api: Receiver, fetcher: Fetcher) -> None:
    api.replies = lambda _: Reply(body=b'{"temperature": 1}', after=0.6)
    started = time.monotonic()
    slow = source(api, timeout=0.2, fallback={"temperature": 3})
    assert fetcher.fetch("w", slow, [person("a"), person("b")]) == [{"temperature": 3}] * 2
    assert time.monotonic() - started < 1.5
    assert fetcher.reports()[0].failed == {"slow": 2}


def test_who_is_down_is_left_in_peace_and_asked_again_later() -> None:
    clock = [0.0]
    with receiver() as api:
        fetcher = Fetcher([api.host], seconds=lambda: clock[0])
    people = [person(str(n)) for n in range(200)]
    down = source(api, fallback={"temperature": 0})
    assert fetcher.fetch("w", down, people) == [{"temperature": 0}] * 200
    (report,) = fetcher.reports()
    assert set(report.failed) == {"down", "resting"} and sum(report.failed.values()) == 200
    assert FAILURES <= report.asked <= FAILURES + 8
    before = report.asked
    clock[0] += 31
    fetcher.fetch("w", down, people[-1:])
    assert fetcher.reports()[0].asked == before + 1
    fetcher.close()


def test_an_answer_is_remembered_as_long_as_agreed(api: Receiver) -> None:
    clock = [0.0]
    fetcher = Fetcher([api.host], seconds=lambda: clock[0])
    for at, asked in ((0, 1), (59, 1), (61, 2), (120, 2), (122, 3)):
        clock[0] = at
        fetcher.fetch("w", source(api, cache=60), [person("a")])
        assert len(api.got) == asked
    fetcher.close()


def test_without_a_value_nobody_is_asked(api: Receiver, fetcher: Fetcher) -> None:
    assert fetcher.fetch("w", source(api), [{"contact": {}}, {}]) == [None, None]
    assert api.got == [] and fetcher.reports()[0].failed == {"unaddressed": 2}


def test_no_other_host_is_asked(api: Receiver) -> None:
    fetcher = Fetcher(["api.example.com"])
    assert fetcher.fetch("w", source(api), [person("a")]) == [None]
    assert fetcher.reports()[0].failed == {"refused": 1} and api.got == []
    fetcher.close()


HOSTILE = ["../../admin", "a&b=c", "a#b", "x/y", "@evil.example", "a b\r\nHost: x", "ä%2f", "\x00"]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_leads_elsewhere(value: str) -> None:
    asked = Outside(url="https://api.example.com/v1/{{ contact.city }}?q={{ contact.city }}")
    found = address(asked, person(value))
    assert found is not None and found.startswith("https://api.example.com/v1/")
    path, _, query = found.removeprefix("https://api.example.com/v1/").partition("?q=")
    assert path == query and not set(path) & set("/?#&@ \r\n\x00")


def test_a_default_stands_for_a_missing_value() -> None:
    asked = Outside(url='https://api.example.com/{{ contact.city | default: "Bonn" }}')
    assert address(asked, {}) == "https://api.example.com/Bonn"
    assert address(asked, person("Ulm")) == "https://api.example.com/Ulm"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://{{ contact.city }}/", "outside.host"),
        ("https://api.example.com{{ contact.city }}", "outside.host"),
        ("ftp://api.example.com/", "outside.host"),
        ("https://api.example.com/{% if a %}b{% endif %}", "outside.url"),
        ("https://api.example.com/{{ a | nonsense }}", "outside.url"),
        ("https://user:pass@api.example.com/", "outside.url"),
        ("https://other.example.com/", "outside.not_allowed"),
        ("https://api.example.com/{{ a.b.c | downcase }}?d={{ e }}", None),
        ("http://inside:8080/x", None),
    ],
)
def test_addresses_are_judged_beforehand(url: str, code: str | None) -> None:
    hosts = ["api.example.com", "inside"]
    found = [*check("weather", Outside(url=url), hosts, "spring.mjml")]
    assert [finding.code for finding in found] == ([code] if code else [])
    assert all(finding.hint and finding.source == "spring.mjml" for finding in found)


def test_what_a_schema_can_say() -> None:
    schema = {
        "a.text": "text", "n": "number", "ok": "boolean", "at": "time", "day": "time",
        "rows": "list", "note": "text?",
    }  # fmt: skip
    body = {
        "a": {"text": "Grüße", "b": 1}, "n": 3.0, "ok": False, "at": "2026-11-22T10:00:00+01:00",
        "day": "2026-11-22", "rows": [1, "x", {"a": 2.5, "b": None, "c": " "}], "note": "",
    }  # fmt: skip
    assert read(json.dumps(body).encode(), schema) == {
        "a": {"text": "Grüße"},
        "n": 3,
        "ok": False,
        "at": datetime(2026, 11, 22, 9, tzinfo=UTC),
        "day": date(2026, 11, 22),
        "rows": [1, "x", {"a": Decimal("2.5")}],
    }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("time", "2026-11-22T10:00:00"), ("time", "soon"), ("time", 5), ("list", {}),
        ("list", [[1]]), ("list", [{"a": {}}]), ("list", [1] * 101), ("text", 5),
        ("text", "x" * 10_001), ("boolean", 1), ("number", 10**15), ("text?", 5),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_wrong(kind: str, value: object) -> None:
    with pytest.raises(Wrong):
        read(json.dumps({"a": value}).encode(), {"a": kind})
