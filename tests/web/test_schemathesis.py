"""Every operation of the OpenAPI document, with requests nobody would write by hand: no answer is a
server error, and each is what the document says.

SCHEMATHESIS_SEED and SCHEMATHESIS_EXAMPLES (per operation) ask for other and more requests.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, seed, settings
from opened_shop import open_shop
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)
from lettershop.web.api import PREFIX, api
from lettershop.web.api.limits import limits

SEED = int(os.environ.get("SCHEMATHESIS_SEED", "1"))
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


SCHEMA: Any = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix=PREFIX))
SCHEMA.config.update(base_url="http://localhost")


@cache
def handler() -> Any:
    return get_wsgi_application()


def application(environ: Any, start_response: Any) -> Any:
    """Django, made when the first request comes: then it knows its workspace."""
    return handler()(environ, start_response)


SCHEMA.app = application


@pytest.fixture(scope="module")
def headers(
    tmp_path_factory: pytest.TempPathFactory, empty_records: Path
) -> Iterator[dict[str, str]]:
    """A server with a few facts; a token that may do everything, as often as it likes."""
    with open_shop(tmp_path_factory.mktemp("shop") / "shop", empty_records) as shop:
        with shop.engine.write() as workspace:
            load(workspace.store, facts())
        patch = pytest.MonkeyPatch()
        patch.setattr(limits, "_rate", 1e9)
        yield shop.bearer("owner")
        patch.undo()


def facts() -> list[AnyFact]:
    """Things called “0”, which is what generated requests like to ask for."""
    at: dict[str, Any] = {"ts": 1_000, "received_at": 1_000}
    who: dict[str, Any] = {"contact": "user:0", "account": "0"}
    return [
        ContactFact(**at, message_id="a", contact="user:0", traits={"name": "0", "n": 1}),
        AccountFact(**at, message_id="b", account="0", traits={"name": "Acme"}),
        MembershipFact(**at, message_id="c", **who),
        EventFact(**at, message_id="d", name="0", properties={"p": 1}, **who),
        RecordFact(**at, message_id="e", kind="0", id="0", traits={"p": 1}, **who),
    ]


@SCHEMA.parametrize()
@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation(case: Any, headers: dict[str, str]) -> None:
    if case.headers:
        # Keys are few and small: nearly every request would be told that its key was used before.
        case.headers.pop("Idempotency-Key", None)
    case.call_and_validate(headers=headers, checks=CHECKS)
