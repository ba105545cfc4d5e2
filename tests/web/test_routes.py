"""Every address there is, walked by everybody: anonymous, viewer, editor, owner.

What each needs is said in one place: pages in `web/urls.py`, the API in `web/api/roles.py`.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from opened_shop import Shop

from lettershop.access.principal import ROLES, Role
from lettershop.web.api import api
from lettershop.web.api.roles import ROLES as API_ROLES

WHO: tuple[Role | None, ...] = (None, *ROLES)


class Route(NamedTuple):
    method: str
    path: str
    needs: str


def filled(route: str) -> str:
    """An address with something in every place; nothing of that name exists."""
    number = re.sub(r"<int:\w+>", "987654", route)
    return re.sub(r"<[^>]+>|\{[^}]+\}", "nothing-here", number)


def patterns() -> list[URLPattern]:
    return [p for p in get_resolver().url_patterns if isinstance(p, URLPattern)]


def pages() -> Iterator[Route]:
    for pattern in patterns():
        view: Any = pattern.callback
        for method in view.methods:
            yield Route(method, "/" + filled(str(pattern.pattern)), view.needs)


def operations() -> Iterator[Route]:
    """As the OpenAPI document has them."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield Route(method.upper(), filled(path), operation["x-role"])


def allowed(who: Role | None, needs: str) -> bool:
    if needs == "anyone":
        return True
    return who is not None and ROLES.index(who) >= [*ROLES].index(needs)  # type: ignore[arg-type]


@pytest.fixture
def clients(shop: Shop) -> dict[Role | None, Client]:
    return {who: shop.client(who) for who in WHO}


def test_every_page_says_what_it_needs(shop: Shop) -> None:
    assert [str(p.pattern) for p in patterns() if not hasattr(p.callback, "needs")] == []
    assert len(patterns()) >= 15
    open_to_all = {route.path for route in pages() if route.needs == "anyone"}
    for_recipients = {"/c/nothing-here", "/o/nothing-here.gif", "/u/nothing-here"}
    for_recipients.add("/u/nothing-here/topics")
    for_providers = {"/hooks/mail/nothing-here"}
    for_all = {"/login", "/logout", "/static/nothing-here"}
    assert open_to_all == for_all | for_recipients | for_providers


def test_every_page_lets_in_whom_it_should(shop: Shop, clients: dict[Role | None, Client]) -> None:
    wrong = []
    for route in pages():
        for who, client in clients.items():
            if route.path == "/logout" and who is not None:
                continue
            status = client.generic(route.method, route.path).status_code
            if who is None and route.needs != "anyone":
                right = status == 302
            elif allowed(who, route.needs):
                right = status in (200, 302, 400, 404, 429)
            else:
                right = status == 403
            if not right:
                wrong.append((route, who, status))
    assert wrong == []


def test_anonymous_visitors_are_sent_to_the_login_and_the_script_is_told(shop: Shop) -> None:
    for route in pages():
        if route.needs == "anyone":
            continue
        answer = shop.client().generic(route.method, route.path)
        assert answer["Location"].startswith("/login")
    told = shop.client().get("/live/part", headers={"X-Requested-With": "fetch"})
    assert told.status_code == 401


def test_other_methods_do_nothing(clients: dict[Role | None, Client]) -> None:
    for pattern in patterns():
        view: Any = pattern.callback
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - set(view.methods):
            path = "/" + filled(str(pattern.pattern))
            assert clients["owner"].generic(method, path).status_code == 405, (method, path)


def test_the_api_has_the_operations_that_are_declared(shop: Shop) -> None:
    documented = {(r.method, r.path, r.needs) for r in operations()}
    declared = set()
    for key, role in API_ROLES.items():
        method, path = key.split(" ")
        declared.add((method, filled("/api/v1" + path), role))
    assert documented == declared
    assert len(documented) > 20


def test_the_pages_about_the_api_need_signing_in(clients: dict[Role | None, Client]) -> None:
    for path in ("/api/v1/docs", "/api/v1/openapi.json"):
        found = [client.get(path).status_code for client in clients.values()]
        assert found == [401, 200, 200, 200]


def fits(who: Role | None, needs: str, status: int) -> bool:
    """Whether an operation's status is what it should be for `who`."""
    if allowed(who, needs):
        return status not in (401, 403) and status < 500
    return status == (401 if who is None else 403)


def test_every_operation_lets_in_whom_it_should(shop: Shop) -> None:
    headers = {who: {} if who is None else shop.bearer(who) for who in WHO}
    wrong = []
    for route in operations():
        for who in WHO:
            answer = shop.client().generic(route.method, route.path, headers=headers[who])
            if not fits(who, route.needs, answer.status_code):
                wrong.append((route, who, answer.status_code))
    assert wrong == []


def test_a_browser_session_needs_the_csrf_token_to_change_anything(shop: Shop) -> None:
    client = shop.client("owner", enforce_csrf_checks=True)
    for route in operations():
        if route.method != "GET":
            assert client.generic(route.method, route.path).status_code == 403, route


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic b3duZXI6eA==", "bearer ls_tok_x", "\xff"]
)
def test_anything_else_is_not_a_token(shop: Shop, header: str) -> None:
    for route in operations():
        answer = shop.client().generic(route.method, route.path, headers={"Authorization": header})
        assert answer.status_code == 401, route


def test_what_is_not_there_is_not_there_for_anybody(clients: dict[Role | None, Client]) -> None:
    for client in clients.values():
        for path in ("/nothing", "/admin/", "/static/../urls.py", "/static/", "/data/secret.key"):
            assert client.get(path).status_code == 404, path


def test_the_walk_would_notice_a_page_for_nobody(shop: Shop) -> None:
    assert not allowed(None, "viewer") and not allowed("viewer", "owner")
    assert allowed("owner", "viewer") and allowed(None, "anyone")
