"""What account managers should know, over the API."""

import msgspec
from api_client import Crm
from opened_shop import Shop

from lettershop.delivery.returns import noticeboard
from lettershop.delivery.returns.said import Return
from tests.delivery.returns.office import BOB


def test_notices_by_page_and_by_owner(shop: Shop) -> None:
    reply = Return(kind="reply", id="<1@b>", snippet="Yes!")
    for number in range(5):
        owner = "mara@acme.example" if number % 2 else ""
        mailed = msgspec.structs.replace(BOB, row=number + 1)
        noticeboard.put_up(mailed, reply, "somebody answered", owner, shop.clock.now())
    crm = Crm(shop)
    assert [one["message"] for one in crm.all("/notices", 2)] == [5, 4, 3, 2, 1]
    (first, _) = crm.all("/notices", 1, owner="MARA@acme.example")
    assert first == {
        "id": first["id"],
        "at": "2026-03-02T09:00Z",
        "kind": "reply",
        "owner": "mara@acme.example",
        "contact": "user:bob",
        "account": "client",
        "address": "bob@client.example",
        "send": 5,
        "message": 4,
        "why": "somebody answered",
        "said": "Yes!",
    }
    assert crm.get("/notices", owner="nobody")["items"] == []
