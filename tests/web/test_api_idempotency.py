"""A POST repeated with its Idempotency-Key is done once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from opened_shop import Shop

from lettershop.access.models import IdempotencyKey
from lettershop.web.api import PREFIX, accounts


def post(shop: Shop, path: str, body: object, key: str, token: dict[str, str]) -> Any:
    return shop.client().post(
        PREFIX + path,
        json.dumps(body),
        content_type="application/json",
        headers={**token, "Idempotency-Key": key},
    )


def test_the_first_answer_is_given_again(shop: Shop) -> None:
    owner = shop.bearer("owner")
    first = post(shop, "/sources", {"name": "www"}, "k2", owner)
    again = post(shop, "/sources", {"name": "www"}, "k2", owner)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert post(shop, "/sources", {"name": "www"}, "k3", owner).json()["code"] == "source.exists"


def test_an_answer_with_a_secret_is_not_kept(shop: Shop) -> None:
    owner = shop.bearer("owner")
    post(shop, "/sources", {"name": "www"}, "k1", owner)
    refused = post(shop, "/sources/www/keys", {}, "k2", owner)
    assert (refused.status_code, refused.json()["code"]) == (400, "request.not_repeatable")
    [source] = shop.client().get(PREFIX + "/sources", headers=owner).json()["items"]
    assert source["keys"] == []


def test_a_key_is_for_one_request_of_one_principal(shop: Shop) -> None:
    editor, other = shop.bearer("editor", "one"), shop.bearer("editor", "two")
    assert post(shop, "/accounts", {"id": "A1"}, "k", editor).json()["new"] == 1
    for path, body in [("/accounts", {"id": "A2"}), ("/contacts", {"id": "A1"})]:
        reused = post(shop, path, body, "k", editor)
        assert (reused.status_code, reused.json()["code"]) == (409, "request.key_reused")
    theirs = post(shop, "/accounts", {"id": "A1"}, "k", other)
    assert (theirs.json()["new"], theirs.json()["changed"]) == (0, 1)


def test_what_failed_may_be_tried_again(shop: Shop) -> None:
    editor = shop.bearer("editor")
    refused = post(shop, "/records/deal", [], "k", editor)
    assert (refused.status_code, refused.json()["code"]) == (400, "items.number")
    assert post(shop, "/records/deal", {"id": "D1"}, "k", editor).status_code == 200


def test_while_the_first_is_being_done_the_second_waits(shop: Shop) -> None:
    editor = shop.bearer("editor")
    post(shop, "/accounts", {"id": "A1"}, "k", editor)
    IdempotencyKey.objects.update(status=None)
    waits = post(shop, "/accounts", {"id": "A1"}, "k", editor)
    assert (waits.status_code, waits.json()["code"]) == (409, "request.in_progress")
    assert waits["Retry-After"] == "1"
    IdempotencyKey.objects.update(created=timezone.now() - timedelta(minutes=6))
    assert post(shop, "/accounts", {"id": "A1"}, "k", editor).json()["changed"] == 1


def test_two_at_once_are_done_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = shop.bearer("editor")
    begun, go_on = Event(), Event()
    upsert = accounts.upserts.upsert_accounts

    def slow(*args: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return upsert(*args)

    def first() -> Any:
        try:
            return post(shop, "/accounts", {"id": "A1"}, "k", editor)
        finally:
            connections.close_all()

    monkeypatch.setattr(accounts.upserts, "upsert_accounts", slow)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(first)
        assert begun.wait(20)
        waits = post(shop, "/accounts", {"id": "A1"}, "k", editor)
        go_on.set()
        assert answer.result().json()["new"] == 1
    assert (waits.status_code, waits.json()["code"]) == (409, "request.in_progress")
    again = post(shop, "/accounts", {"id": "A1"}, "k", editor)
    assert again["Idempotency-Replayed"] == "true" and again.json()["new"] == 1


def test_answers_are_forgotten_after_a_day(shop: Shop) -> None:
    editor = shop.bearer("editor")
    post(shop, "/accounts", {"id": "A1"}, "k", editor)
    IdempotencyKey.objects.update(created=timezone.now() - timedelta(hours=25))
    assert post(shop, "/accounts", {"id": "A2"}, "k", editor).json()["new"] == 1


def test_a_key_that_is_none(shop: Shop) -> None:
    for key in ("", "a b", "ä", "x" * 256):
        answer = post(shop, "/accounts", {"id": "A1"}, key, shop.bearer("editor", f"t{len(key)}"))
        assert (answer.status_code, answer.json()["code"]) == (400, "request.idempotency_key")
