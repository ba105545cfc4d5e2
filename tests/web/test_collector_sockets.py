"""The collector on a socket: slow, vanishing, babbling and impatient clients."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from clients.serving import KEY, There, collecting
from hypothesis import HealthCheck, given, settings, strategies as st

BODY = b'{"writeKey": "%s", "event": "x"}' % KEY.encode()
HEAD = b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    folder = tmp_path_factory.mktemp("there") / "intake"
    with collecting(folder, seconds=0.5) as there:
        yield there


def say(there: There, *parts: bytes, pause: float = 0.0, end: bool = False) -> bytes:
    """Everything the server answers until it closes or falls silent for a while."""
    with socket.create_connection(("127.0.0.1", there.port), timeout=2) as client:
        heard = b""
        try:
            for part in parts:
                client.sendall(part)
                time.sleep(pause)
            if end:
                client.shutdown(socket.SHUT_WR)
            client.settimeout(2.0)
            while part := client.recv(65_536):
                heard += part
                if heard.count(b"HTTP/1.1 ") == heard.count(b"}") > 0 and not end:
                    break
        except (TimeoutError, ConnectionError):
            pass
        return heard


def alive(there: There) -> bool:
    return httpx.post(f"{there.url}/v1/track", content=BODY).status_code == 200


def test_requests_on_one_connection_are_all_answered(there: There) -> None:
    before = len(there.requests())
    with httpx.Client(base_url=there.url) as client:
        for _ in range(20):
            answer = client.post("/v1/track", content=BODY)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [r.body for r in there.requests(before)] == [BODY] * 20


def test_requests_sent_without_waiting_too(there: There) -> None:
    before = len(there.requests())
    whole = HEAD % len(BODY) + BODY
    heard = say(there, whole * 5, b"", pause=0.3, end=True)
    assert heard.count(b"HTTP/1.1 200 OK") == 5 == len(there.requests(before))


def test_a_body_in_pieces_is_one_body(there: There) -> None:
    before = len(there.requests())
    answer = httpx.post(f"{there.url}/v1/track", content=iter([BODY[:5], BODY[5:9], BODY[9:]]))
    assert answer.status_code == 200
    assert [r.body for r in there.requests(before)] == [BODY]


@pytest.mark.parametrize("size", [500_001, 3_000_000])
def test_a_body_too_large_is_answered(there: There, size: int) -> None:
    answer = httpx.post(f"{there.url}/v1/batch", content=b" " * size)
    assert (answer.status_code, answer.json()["code"]) == (400, "collector.body_too_large")


def test_an_endless_body_is_not_read_to_its_end(there: There) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1_000):
            yield b" " * 1_000_000

    try:
        answer = httpx.post(f"{there.url}/v1/batch", content=endless(), timeout=5)
        assert answer.status_code == 400
    except httpx.TransportError:
        pass  # closed while still sending
    assert alive(there)


def test_a_slow_body_is_given_up(there: There) -> None:
    with socket.create_connection(("127.0.0.1", there.port), timeout=10) as client:
        client.sendall(HEAD % 100 + b'{"a"')
        assert client.recv(65_536) == b""  # closed; when it stays open this times out


def test_a_slow_head_is_given_up(there: There) -> None:
    with socket.create_connection(("127.0.0.1", there.port), timeout=10) as client:
        client.sendall(b"POST /v1/track HTTP/1.1\r\nHo")
        assert client.recv(65_536) == b""  # closed; when it stays open this times out


def test_a_head_dribbled_on_a_used_connection_too(there: There) -> None:
    with socket.create_connection(("127.0.0.1", there.port), timeout=10) as client:
        client.sendall(HEAD % len(BODY) + BODY)
        assert b"200 OK" in client.recv(65_536)
        client.sendall(b"POST")
        assert client.recv(65_536) == b""


def test_a_head_too_long_is_refused(there: There) -> None:
    heard = say(there, b"POST /v1/track HTTP/1.1\r\n", *[b"X: " + b"y" * 60_000 + b"\r\n"] * 3)
    assert heard == b"" or heard.startswith(b"HTTP/1.1 400")
    assert alive(there)


def test_nothing_of_a_client_that_vanishes_is_logged(there: There) -> None:
    before = len(there.requests())
    with socket.create_connection(("127.0.0.1", there.port)) as client:
        client.sendall(HEAD % 1_000 + BODY)
    time.sleep(0.05)
    assert alive(there)
    assert len(there.requests(before)) == 1


def test_it_says_go_on_when_asked(there: There) -> None:
    head = HEAD.replace(b"Host", b"Expect: 100-continue\r\nHost") % len(BODY)
    heard = say(there, head, BODY, pause=0.05, end=True)
    assert heard.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


words = st.sampled_from(
    [
        *(b"POST ", b"GET ", b"/v1/batch", b" HTTP/1.1\r\n", b"Host: x\r\n", b"\r\n", b"{}"),
        *(b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        *(b"%zz", b"\xff\x00"),
    ]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(words | st.binary(max_size=20), max_size=12))
def test_babble_is_survived(there: There, parts: list[bytes]) -> None:
    heard = say(there, b"".join(parts), end=True)
    assert b"HTTP/1.1 5" not in heard and b"HTTP/1.1 3" not in heard
    assert alive(there)
