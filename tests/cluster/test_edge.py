"""A process without facts, inside this one: what it answers itself, and what it hands over."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings

from lettershop.app import Workspace
from lettershop.app.cluster.edge import Edge
from lettershop.app.cluster.guide import address_of
from lettershop.app.cluster.token import cluster_token
from lettershop.app.public import tokens
from lettershop.cluster import shared_log
from lettershop.compliance.models import Suppression
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings
from lettershop.web.edge import URLS, _front
from lettershop.web.front import Front
from lettershop.web.handed import Handed
from lettershop.web.handing import HandOver
from lettershop.web.public.parties import set_public
from tests.cluster.leaders import leading
from tests.cluster.letters import letter
from tests.cluster.parties import until

TOKEN = "t" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Workspace.init(tmp_path / "edge")


@pytest.fixture
def edge(folder: Path, shared: Settings) -> Iterator[Front]:
    made, before = Edge(folder, shared, SystemClock()), django_settings.ROOT_URLCONF
    django_settings.ROOT_URLCONF = URLS
    yield _front(made)
    django_settings.ROOT_URLCONF = before
    set_public(None)
    made.log.close()


def asked(app: Any, method: str, path: str, **said: Any) -> httpx.Response:
    return asked_each(app, [(method, path)], **said)[0]


def asked_each(app: Any, calls: list[tuple[str, str]], **said: Any) -> list[httpx.Response]:
    """One after the other, each by another visitor."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app, client=("198.51.100.7", 5))
        answers = []
        for method, path in calls:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as one:
                answers.append(await one.request(method, path, **said))
        if isinstance(app, HandOver):
            await app.close()
        return answers

    return asyncio.run(ask())


def test_what_is_not_there_is_said_without_pages_that_need_facts(edge: Front) -> None:
    assert asked(edge, "GET", "/static/nothing.css").status_code == 404
    assert asked(edge, "GET", "/u/nobody-signed-this").status_code == 404
    assert (
        asked(edge, "GET", "/c/nobody-signed-this?u=https://elsewhere.example").status_code == 404
    )


def test_nobody_leads_for_people_and_for_programs(edge: Front) -> None:
    page = asked(edge, "GET", "/segments", headers={"accept": "text/html"})
    assert page.status_code == 503 and page.headers["retry-after"] == "5"
    assert "nobody owns the facts" in page.text.lower() and "<html" in page.text
    problem = asked(edge, "POST", "/api/v1/contacts", json={})
    assert problem.status_code == 503 and problem.json()["code"] == "cluster.no_leader"


def test_before_the_shared_log_is_open_it_is_not_ready(edge: Front) -> None:
    said = asked(edge, "GET", "/readyz")
    assert said.status_code == 503
    assert said.json()["problems"] == {"log": "no lettershop loader has opened the shared log yet"}
    assert asked(edge, "GET", "/healthz").status_code == 200


def test_recipients_are_answered_from_records_alone(edge: Front, folder: Path) -> None:
    shared_log.open_log(0)
    until(lambda: asked(edge, "GET", "/readyz").status_code == 200)
    Suppression.objects.all().delete()
    signed = tokens(folder / "data")
    address = f"/u/{signed.sign('leave', letter())}"
    assert "a…@example.com" in asked(edge, "GET", address).text
    assert asked(edge, "POST", address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    (kept,) = Suppression.objects.all()
    assert (kept.reason, kept.source) == ("unsubscribe", "one-click")
    (told,) = shared_log.after(0, 10**6)
    assert told.item[1] == "lettershop" and b"Unsubscribed" in told.item[3]


def handed(find: Callable[[], str | None], token: str = TOKEN) -> HandOver:
    return HandOver(find, token)


def test_requests_go_over_whole_and_answers_come_back_whole() -> None:
    with leading() as leader:
        over = handed(lambda: leader.url)
        answer = asked(
            over,
            "POST",
            "/echo/a%2Fb?x=1&y=%20",
            content=b"body",
            headers={
                "x-one": "1",
                "cookie": "sessionid=s",
                "connection": "x-drop, close",
                "x-drop": "me",
                "x-forwarded-for": "203.0.113.1",
                "te": "trailers",
            },
        )
        assert answer.status_code == 201
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert answer.headers["x-answer"] == "yes" and "keep-alive" not in answer.headers
        (seen,) = leader.asked
        assert (seen.method, seen.target, seen.body) == ("POST", "/echo/a%2Fb?x=1&y=%20", b"body")
        assert seen.headers["x-one"] == "1" and seen.headers["cookie"] == "sessionid=s"
        assert seen.headers["host"] == "localhost"
        gone = {"x-drop", "te", "x-forwarded-for"} & seen.headers.keys()
        assert not gone and "close" not in seen.headers.get("connection", "")
        assert seen.headers["x-lettershop-client"] == "198.51.100.7"


def test_nothing_of_one_answer_is_in_the_next_request() -> None:
    with leading() as leader:
        asked_each(handed(lambda: leader.url), [("GET", "/echo"), ("GET", "/echo")])
        assert [("cookie" in one.headers) for one in leader.asked] == [False, False]


def test_a_large_body_goes_through_in_pieces() -> None:
    async def pieces() -> Any:
        for _ in range(64):
            yield b"x" * 65_536

    with leading() as leader:
        over = handed(lambda: leader.url)
        assert asked(over, "POST", "/echo", content=pieces()).status_code == 201
        assert len(leader.asked[0].body) == 64 * 65_536


def test_no_one_there_is_unavailable_and_one_that_breaks_off_is_not_repeated() -> None:
    assert asked(handed(lambda: None), "GET", "/x").json()["code"] == "cluster.no_leader"
    closed = handed(lambda: "http://127.0.0.1:9")
    assert asked(closed, "GET", "/x").status_code == 503
    with leading() as leader:
        broken = asked(handed(lambda: leader.url), "POST", "/hang-up", content=b"1")
        assert (broken.status_code, broken.json()["code"]) == (502, "cluster.broken_off")
        assert len(leader.asked) == 1


async def _said(scope: Any, receive: Any, send: Any) -> None:
    """Says who it thinks is asking."""
    body = f"{scope['client'][0]} {scope['scheme']} {len(scope['headers'])}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize(
    ("token", "who"),
    [(TOKEN, "203.0.113.9 https"), ("wrong", "198.51.100.7 http"), ("", "198.51.100.7 http")],
)
def test_only_who_shows_the_token_is_believed(token: str, who: str) -> None:
    said = {"x-lettershop-client": "203.0.113.9", "x-lettershop-scheme": "https"}
    headers = said | ({"x-lettershop-cluster": token} if token else {})
    answer = asked(Handed(_said, TOKEN), "GET", "/", headers=headers)
    assert answer.text.startswith(who)
    plain = asked(Handed(_said, TOKEN), "GET", "/")
    assert plain.text.rpartition(" ")[2] == answer.text.rpartition(" ")[2], "ours are taken off"


def test_a_visitor_cannot_say_who_asks() -> None:
    with leading() as leader:
        asked(
            handed(lambda: leader.url),
            "GET",
            "/echo",
            headers={"x-lettershop-client": "203.0.113.9", "X-Lettershop-Cluster": "guess"},
        )
        (seen,) = leader.asked
        assert seen.headers["x-lettershop-client"] == "198.51.100.7"
        assert seen.headers["x-lettershop-cluster"] == TOKEN


def test_the_token_follows_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETTERSHOP_SECRET_KEY", "a" * 60)
    one = cluster_token(tmp_path)
    assert one == cluster_token(tmp_path / "elsewhere") and len(one) == 64
    monkeypatch.setenv("LETTERSHOP_SECRET_KEY", "b" * 60)
    assert cluster_token(tmp_path) != one


def test_the_address_others_use() -> None:
    assert address_of(Settings(), 8460) == "http://127.0.0.1:8460"
    assert address_of(Settings(host="::1"), 1) == "http://[::1]:1"
    assert address_of(Settings(advertise="https://a.example/"), 1) == "https://a.example"
    assert "0.0.0.0" not in address_of(Settings(host="0.0.0.0"), 1)  # noqa: S104
