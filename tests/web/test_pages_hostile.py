"""Whatever is typed into the pages: an answer in words, never a broken page, never raw HTML."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings, strategies as st
from opened_shop import Shop, open_shop

from lettershop.access.models import FailedLogin

FIELDS = ("email", "password", "next", "name", "kind", "role", "days", "do", "prefix", "present")
FIELDS += ("who", "segment", "language", "key", "reason")
PATHS = (
    "/login",
    "/sources/add",
    "/sources/www/key",
    "/sources/www/revoke",
    "/settings/people/add",
    "/settings/people/1/change",
    "/settings/people/99999999999999999999/change",
    "/settings/tokens/add",
    "/settings/tokens/1/revoke",
    "/account/password",
    "/prove/nothing",
    "/test-letter/nothing",
    "/proofs/1/accept",
    "/proofs/1/withdraw",
    "/proofs/1/cancel",
)
TRIES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
words = st.one_of(
    st.sampled_from(["", "\0", "owner", "website", "www", "password", "role", "enable", "-1", "٣"]),
    st.sampled_from(["<img src=x onerror=alert(1)>", "'; DROP TABLE x; --", "{{ 7 }}", "x" * 5000]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("hostile") / "shop", empty_records) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(one_shop: Shop) -> Client:
    return one_shop.client("owner", raise_request_exception=True)


def sound(answer: Any) -> bool:
    return answer.status_code < 500 and b"<img src=x" not in answer.content


@TRIES
@given(path=st.sampled_from(PATHS), form=st.dictionaries(st.sampled_from(FIELDS), words))
def test_forms(owner: Client, one_shop: Shop, path: str, form: dict[str, str]) -> None:
    FailedLogin.objects.all().delete()
    owner.force_login(one_shop.user("owner"))
    assert sound(owner.post(path, form))
    assert sound(owner.get("/settings/people"))


@TRIES
@given(
    path=st.sampled_from(PATHS),
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "\t"]
    ),
)
def test_bodies_that_are_no_forms(owner: Client, path: str, body: bytes, kind: str) -> None:
    assert sound(owner.post(path, body, content_type=kind))


@TRIES
@given(
    path=st.sampled_from(
        ["/", "/live", "/sources", "/content", "/settings/people", "/login", "/static/"]
    ),
    query=st.dictionaries(st.sampled_from(["source", "outcome", "name", "before", "next"]), words),
    tail=words,
)
def test_queries(owner: Client, path: str, query: dict[str, str], tail: str) -> None:
    assert sound(owner.get(path, query))
    assert sound(owner.generic("GET", f"{path}{tail}"))
