"""Bodies and ids that nobody sends on purpose, or somebody very much on purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_client import Crm
from django.test import RequestFactory
from opened_shop import open_shop

from lettershop.model.errors import InputError
from lettershop.web.api.bodies import whole


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Iterator[Crm]:
    with open_shop(tmp_path_factory.mktemp("shop") / "shop", empty_records) as shop:
        yield Crm(shop)


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "where"),
    [
        ("/contacts", b"", 400, "request.json", "body"),
        ("/contacts", b"\xff", 400, "request.json", "body"),
        ("/contacts", b'{"user_id": "\\ud800"}', 400, "request.json", "body"),
        ("/contacts", b"[" * 5_000, 400, "request.json", "body"),
        ("/contacts", b"[]", 400, "items.number", "$"),
        ("/contacts", b"[" + b"{}," * 1_000 + b"{}]", 400, "items.number", "$"),
        ("/contacts", b"{}", 400, "contact.missing", "$[0]"),
        ("/contacts", b'[{"email": "x"}, {}]', 400, "email.invalid", "$[0].email"),
        ("/accounts", b'{"id": " "}', 400, "identity.blocked", "$[0].id"),
        ("/accounts", b'{"id": 1e400}', 400, "item.shape", "$[0].id"),
        ("/records/%20", b'{"id": "1"}', 400, "record.kind", "kind"),
        ("/records/" + "x" * 201, b'{"id": "1"}', 400, "record.kind", "kind"),
        ("/contacts", b'{"user_id": "' + b"x" * 3_000_000 + b'"}', 413, "request.too_large", ""),
    ],
)
def test_bodies_nobody_can_use(
    crm: Crm, path: str, body: bytes, status: int, code: str, where: str
) -> None:
    problem = crm.post(path, body, status)
    assert (problem["code"], problem.get("where", "")) == (code, where)


HOSTILE = (
    "../../etc/passwd",
    "a/timeline/b",
    "<script>alert(1)</script>",
    "'; DROP TABLE contacts; --",
    "100%",
    "ω‮ẛ̣",
    "new\nline",
    "?#&=",
    "null byte \x00 inside",
)


@pytest.mark.parametrize("user", HOSTILE)
def test_ids_of_every_kind_are_found_again(crm: Crm, user: str) -> None:
    assert crm.post("/contacts", {"user_id": user, "traits": {"name": user}})["new"] == 1
    row = crm.get("/contacts")["items"][0]
    from_path = "".join(f"%{byte:02X}" for byte in row["contact"].encode())
    told = crm.get(f"/contacts/{from_path}")
    assert told["contact"] == row["contact"] and told["traits"]["name"]["value"]
    assert crm.get("/contacts", q=row["user_id"])["items"] == [row]
    missing = "".join(f"%{byte:02X}" for byte in f"not {user}".encode())
    assert crm.get(f"/contacts/{missing}", 404)["code"] == "contact.unknown"


def test_a_body_in_chunks_is_not_read_for_ever(crm: Crm) -> None:
    """Without a stated length only what is allowed is read."""
    request = RequestFactory().post("/", b"x" * 2_700_000, content_type="application/json")
    request.META["CONTENT_LENGTH"] = ""
    with pytest.raises(InputError, match="larger than"):
        whole(request)
