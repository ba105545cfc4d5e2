"""Who may use the API, how often, and what is said to those who may not."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from opened_shop import Shop

from lettershop.access.principal import Principal
from lettershop.model.errors import Unavailable
from lettershop.web.api import PREFIX, api, limits
from lettershop.web.api.auth import limits as in_use
from lettershop.web.api.limits import Limits
from lettershop.web.api.roles import ROLES

PROBLEM = "application/problem+json"


def post(client: Client, path: str, body: object, **headers: str) -> Any:
    return client.post(
        PREFIX + path, json.dumps(body), content_type="application/json", headers=headers
    )


def test_nobody_is_told_anything(shop: Shop) -> None:
    client = shop.client()
    for path in ("/me", "/contacts", "/openapi.json", "/docs"):
        answer = client.get(PREFIX + path)
        assert answer.status_code == 401, path
        assert answer["Content-Type"] == PROBLEM
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "access.anonymous"


def test_three_ways_to_be_somebody(shop: Shop) -> None:
    client = shop.client()
    program = client.get(PREFIX + "/me", headers=shop.bearer("editor", "crm"))
    assert program.json() == {"name": "crm", "role": "editor", "kind": "token"}
    local = {"Authorization": f"Bearer {shop.running.local_token}"}
    command = client.get(PREFIX + "/me", headers=local)
    assert command.json() == {"name": "command line", "role": "owner", "kind": "local"}
    browser = shop.client("viewer").get(PREFIX + "/me")
    assert browser.json() == {"name": "viewer@example.com", "role": "viewer", "kind": "user"}


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer", "Basic eDp5", "ls_tok_x", "Bearer é"]
)
def test_a_wrong_token_is_refused_even_with_a_session(shop: Shop, header: str) -> None:
    answer = shop.client("owner").get(PREFIX + "/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "access.token")


def test_a_browser_needs_its_csrf_token_to_change_something(shop: Shop) -> None:
    client = shop.client("editor", enforce_csrf_checks=True)
    assert client.get(PREFIX + "/me").status_code == 200
    refused = post(client, "/accounts", {"id": "A1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.csrf")
    token = "a" * 32
    client.cookies["csrftoken"] = token
    taken = post(client, "/accounts", {"id": "A1"}, **{"X-CSRFToken": token})
    assert (taken.status_code, taken.json()["new"]) == (200, 1)


def test_roles_are_asked_before_anything_else(shop: Shop) -> None:
    viewer = shop.bearer("viewer")
    client = shop.client()
    refused = client.post(PREFIX + "/records/deal", "{", "application/json", headers=viewer)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.role")
    assert post(client, "/sources", {"name": "www"}, **viewer).status_code == 403
    editor = shop.bearer("editor")
    assert post(client, "/sources", {"name": "www"}, **editor).status_code == 201
    assert post(client, "/sources/www/keys", {}, **editor).status_code == 403
    assert post(client, "/sources/www/keys", {}, **shop.bearer("owner")).status_code == 201


QUESTIONS = (
    "POST /addresses/check",
    "POST /definitions/plan",
    "POST /content/{name}/preview",
    "POST /may-send",
)
"""They change nothing, but are too long for an address."""


def test_every_operation_of_the_document_has_its_role_and_shapes(shop: Shop) -> None:
    document = api.get_openapi_schema()
    told = {
        f"{method.upper()} {path.removeprefix(PREFIX)}": details
        for path, methods in document["paths"].items()
        for method, details in methods.items()
    }
    declared = {key.replace("{path:", "{"): role for key, role in ROLES.items()}
    assert {key: details["x-role"] for key, details in told.items()} == declared
    for key, details in told.items():
        asks = key.startswith(("GET ", "POST /conditions/")) or key in QUESTIONS
        assert asks or details["x-role"] != "viewer", key
        assert details["security"] == [{"Token": []}, {"Session": []}]
        assert details["responses"]["default"]["content"][PROBLEM]["schema"]["$ref"]
    names = set(document["components"]["schemas"])
    used = set(json.dumps(document).split('"#/components/schemas/')[1:])
    assert {text.partition('"')[0] for text in used} <= names


def test_what_is_not_there_is_a_problem_too(shop: Shop) -> None:
    client, owner = shop.client(), shop.bearer("owner")
    absent = client.get(PREFIX + "/nothing/here", headers=owner)
    assert (absent.status_code, absent.json()["code"]) == (404, "request.unknown")
    wrong = client.delete(PREFIX + "/contacts", headers=owner)
    assert (wrong.status_code, wrong.json()["code"]) == (405, "request.method")
    assert wrong["Allow"] == "GET, POST" and wrong["Content-Type"] == PROBLEM


def test_mistakes_in_parameters_are_told_with_their_place(shop: Shop) -> None:
    client, viewer = shop.client(), shop.bearer("viewer")
    for query, code, where in [
        ("limit=0", "request.invalid", "query.limit"),
        ("limit=501", "request.invalid", "query.limit"),
        ("limit=9999999999999999999999", "request.invalid", "query.limit"),
        ("limit=ten", "request.invalid", "query.limit"),
        ("cursor=AAAA", "request.cursor", "cursor"),
        ("cursor=%00%F0", "request.cursor", "cursor"),
        ("cursor=W10", "request.cursor", "cursor"),
    ]:
        answer = client.get(f"{PREFIX}/contacts?{query}", headers=viewer)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["where"]) == (422, code, where), query
        assert problem["type"] == f"urn:lettershop:problem:{code}"
        assert problem["status"] == 422 and problem["title"] and problem["detail"]


def test_a_bucket_empties_and_fills_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    small = Limits(per_second=0.5, burst=2, now=lambda: now[0])
    monkeypatch.setattr(in_use, "take", small.take)
    client, viewer = shop.client(), shop.bearer("viewer")
    first = client.get(PREFIX + "/me", headers=viewer)
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("2", "1")
    assert client.get(PREFIX + "/me", headers=viewer).status_code == 200
    refused = client.get(PREFIX + "/me", headers=viewer)
    assert (refused.status_code, refused.json()["code"]) == (429, "request.too_often")
    assert refused["Retry-After"] == "2"
    assert client.get(PREFIX + "/me", headers=shop.bearer("viewer", "other")).status_code == 200
    now[0] += 2
    assert client.get(PREFIX + "/me", headers=viewer).status_code == 200
    local = {"Authorization": f"Bearer {shop.running.local_token}"}
    assert all(client.get(PREFIX + "/me", headers=local).status_code == 200 for _ in range(5))


def test_buckets_that_are_full_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 3)
    now = [0.0]
    bucket = Limits(per_second=1, burst=1, now=lambda: now[0])
    for name in "abc":
        bucket.take(Principal(name, "viewer", "token"))
        now[0] += 0.6
    bucket.take(Principal("d", "viewer", "token"))  # a is full again and forgotten, c is not
    with pytest.raises(Unavailable):
        bucket.take(Principal("c", "viewer", "token"))
    bucket.take(Principal("a", "viewer", "token"))


def test_the_page_of_the_document_needs_nothing_from_elsewhere(shop: Shop) -> None:
    page = shop.client("viewer").get(PREFIX + "/docs")
    text = page.content.decode()
    assert page.status_code == 200
    for key in ROLES:
        assert key.split(" ")[1].replace("{path:", "{").replace("{", "{") in text
    assert "http://" not in text and "https://" not in text
    scripts = re.findall(r"<script[^>]*>", text)
    assert [tag for tag in scripts if 'src="/static/' not in tag] == []


def test_an_unexpected_error_says_nothing_of_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, most: int = 0) -> None:
        raise RuntimeError("secret things")

    monkeypatch.setattr(type(shop.running.live), "last", fail)
    answer = shop.client("viewer").get(PREFIX + "/live")
    assert (answer.status_code, answer.json()["code"]) == (500, "server.failed")
    assert "secret" not in answer.content.decode()
