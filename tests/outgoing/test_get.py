"""Data is asked for only where a setting says so, and only as long and as much as was agreed."""

import time
from collections.abc import Iterator

import pytest
from receiver import Receiver, Reply, receiver

from lettershop.outgoing import get as getting, places
from lettershop.outgoing.get import Got, get


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as listening:
        listening.replies = lambda _: Reply(body=b'{"a": 1}')
        yield listening


def ask(host: Receiver, seconds: float = 2.0) -> Got:
    return get(host.url("/a?b=%C3%A4"), [host.host], seconds)


def test_the_answer_of_a_host_that_is_named(host: Receiver) -> None:
    assert ask(host) == Got(b'{"a": 1}')
    (got,) = host.got
    assert (got.path, got.headers["Accept"]) == ("/a?b=%C3%A4", "application/json")


@pytest.mark.parametrize("hosts", [[], ["elsewhere.example"], ["127.0.0.1:1"]])
def test_no_other_host_is_asked(host: Receiver, hosts: list[str]) -> None:
    found = get(host.url(), hosts, 1.0)
    assert found.trouble == "refused" and "fetch_hosts" in found.message and host.got == []


def test_over_the_public_network_only_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getting, "addresses", lambda _: ["8.8.8.8"])
    found = get("http://api.example.com/", ["api.example.com"], 1.0)
    assert (found.trouble, found.message) == ("refused", "http is not encrypted: use https")


def test_redirects_lead_nowhere(host: Receiver) -> None:
    host.replies = lambda _: Reply(302, headers={"Location": "https://elsewhere.example/"})
    assert ask(host).trouble == "status"


@pytest.mark.parametrize("status", [204, 400, 404, 500, 503])
def test_only_200_is_an_answer(host: Receiver, status: int) -> None:
    host.replies = lambda _: Reply(status)
    assert ask(host) == Got(trouble="status", message=f"it answered with status {status}")


def test_who_is_slow_is_not_waited_for(host: Receiver) -> None:
    host.replies = lambda _: Reply(after=0.8)
    started = time.monotonic()
    found = ask(host, 0.2)
    assert (found.trouble, found.message) == ("slow", "no answer within 0.2 seconds")
    assert time.monotonic() - started < 0.7


def test_nobody_there() -> None:
    with receiver() as gone:
        pass
    assert ask(gone).trouble == "down"


def test_too_much_is_no_answer(host: Receiver) -> None:
    host.replies = lambda _: Reply(body=b"x" * (getting.MOST + 1))
    assert ask(host).trouble == "large"
    host.replies = lambda _: Reply(body=b"x" * getting.MOST)
    assert len(ask(host).body) == getting.MOST


def test_what_is_no_address_is_not_asked() -> None:
    assert get("file:///etc/passwd", ["etc"], 1.0).trouble == "refused"
    assert (
        get("https://user:secret@api.example.com/", ["api.example.com"], 1.0).trouble == "refused"
    )
    assert not places.is_public("127.0.0.1")
