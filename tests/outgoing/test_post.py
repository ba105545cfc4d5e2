"""Requests to addresses somebody typed in reach the public network, and nothing else."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from receiver import Receiver, Reply, receiver

from lettershop.model.errors import InputError
from lettershop.outgoing import post as posting
from lettershop.outgoing.places import is_public
from lettershop.outgoing.post import Answered, check_url, post

PEM = Path(__file__).with_name("hooks.example.com.pem")
HOST = "hooks.example.com"


PRIVATE = """
    127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.2.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fe80::1%eth0
    fc00::1 fd12:3456::1 fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1
    64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1::"""


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def names(monkeypatch: pytest.MonkeyPatch, **addresses: list[str]) -> list[str]:
    """What names lead to; the names that were asked for."""
    asked: list[str] = []
    really = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        asked.append(host)
        found = addresses.get(host.replace(".", "_"), [host])
        return [place for address in found for place in really(address, port, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c",
        "https://hooks.example.com:8443/",
        "https://8.8.8.8/hook",
        "https://[2606:4700::1111]/hook",
        "https://bücher.example/hook",
        "http://inside:8080/hook",
    ],
)
def test_addresses_that_can_be_asked(url: str) -> None:
    check_url(url, ["inside"])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com",
        "ftp://hooks.example.com",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: other",
        "https://hooks.example.com:99999/",
        "https://[::1/",
        "https://hooks.example.com/" + "x" * 2_000,
        "http://hooks.example.com/",
        "javascript:alert(1)",
    ],
)
def test_addresses_that_cannot(url: str) -> None:
    with pytest.raises(InputError) as error:
        check_url(url, ["inside"])
    assert error.value.code == "webhook.url" and error.value.hint
    assert post(url, b"{}", {}, ()).status is None


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    PRIVATE.split(),
)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_the_private_network_is_not_reached(hook: Receiver) -> None:
    for url in (hook.url(scheme="https"), hook.url(host="localhost", scheme="https")):
        said = post(url, b"{}", {}, ())
        assert said.status is None and "not in the public network" in said.message
    assert "not encrypted" in post(hook.url(), b"{}", {}, ["elsewhere"]).message
    other = f"127.0.0.1:{hook.port + 1}"
    assert "not encrypted" in post(hook.url(), b"{}", {}, [other]).message
    assert hook.got == []


@pytest.mark.parametrize("odd", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_nor_by_odd_spellings(odd: str, hook: Receiver) -> None:
    assert post(hook.url(host=odd, scheme="https"), b"{}", {}, ()).status is None
    assert hook.got == []


def test_one_hidden_address_among_public_ones_is_enough(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, mixed_example=["8.8.8.8", "127.0.0.1"])
    said = post(hook.url(host="mixed.example", scheme="https"), b"{}", {}, ())
    assert said.message.startswith("mixed.example is 127.0.0.1, which is not in the public")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:{port}", " 127.0.0.1:{port} "])
def test_what_the_setting_names_is_reached(hook: Receiver, allowed: str) -> None:
    said = post(hook.url(), b'{"a": 1}', {"X": "y"}, [allowed.format(port=hook.port)])
    assert (said.status, said.message, said.taken) == (200, "thanks", True)
    (got,) = hook.got
    assert (got.json, got.headers["X"], got.path) == ({"a": 1}, "y", "/hook")
    assert got.headers["Host"] == hook.host


def test_a_name_is_looked_up_once_and_the_answer_is_gone_to(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, inside_example=["127.0.0.1"])
    said = post(hook.url(host="Inside.example"), b"{}", {}, ["inside.example"])
    assert said.taken and hook.got[0].headers["Host"] == f"inside.example:{hook.port}"
    assert [name for name in asked if name != "127.0.0.1"] == ["inside.example"]


def test_a_second_address_is_tried(hook: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, inside_example=["127.0.0.2", "127.0.0.1"])
    url = hook.url(host="inside.example")
    if not post(url, b"{}", {}, ["inside.example"]).taken:
        pytest.fail("nobody listens at 127.0.0.2, so 127.0.0.1 should have been tried")


def test_the_certificate_must_be_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, hooks_example_com=["127.0.0.1"], other_example=["127.0.0.1"])
    trusted = ssl.create_default_context(cafile=str(PEM))
    allowed = [HOST, "other.example"]
    with receiver(str(PEM)) as hook:
        right = post(hook.url(host=HOST, scheme="https"), b"{}", {}, allowed, trusted)
        wrong = post(hook.url(host="other.example", scheme="https"), b"{}", {}, allowed, trusted)
        unknown = post(hook.url(host=HOST, scheme="https"), b"{}", {}, allowed)
    assert right.taken and hook.got[0].headers["Host"] == f"{HOST}:{hook.port}"
    assert "other.example" in wrong.message and wrong.status is None
    assert "certificate" in unknown.message.lower() and len(hook.got) == 1


def ask(hook: Receiver) -> Answered:
    return post(hook.url(), b"{}", {}, [hook.host])


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(hook: Receiver, status: int) -> None:
    with receiver() as other:
        hook.replies = lambda _: Reply(status, headers={"Location": other.url()})
        said = ask(hook)
    assert (said.status, said.taken, other.got) == (status, False, [])


def test_large_and_endless_answers_are_cut(hook: Receiver) -> None:
    hook.replies = lambda _: Reply(500, b"no \x00<b>\n" * 1_000_000)
    said = ask(hook)
    assert said.status == 500 and said.message.startswith("no <b> no <b>")
    assert len(said.message) <= 200 and said.milliseconds < 5_000


def test_slow_answers_are_given_up(hook: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LIMITS", posting.LIMITS._replace(step=0.2))
    hook.replies = lambda _: Reply(after=0.6)
    said = ask(hook)
    assert said.status is None and said.message.startswith("ReadTimeout")


def test_nobody_there(hook: Receiver) -> None:
    with receiver() as gone:
        pass
    said = ask(gone)
    assert said.status is None and said.message.startswith("ConnectError")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), ("x", None), ("", None), ("-1", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0)],
)
def test_when_to_come_again(hook: Receiver, said: str, seconds: int | None) -> None:
    hook.replies = lambda _: Reply(503, headers={"Retry-After": said})
    assert ask(hook).retry_after == seconds


def test_proxies_of_the_environment_are_not_used(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(hook).taken
