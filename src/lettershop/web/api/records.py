"""Records of a CRM: deals, subscriptions, tickets, tasks."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router

from lettershop.app import record, upserts
from lettershop.app.items import RecordUpsert
from lettershop.app.record import Record
from lettershop.app.running import running
from lettershop.app.upserts import Upserted
from lettershop.web.api.bodies import WAIT, read_items
from lettershop.web.api.operations import operation

router = Router()

RecordKind = Annotated[str, Path(description="for instance deal, subscription or ticket")]


@operation(
    router, "POST", "/records/{kind}", answer=Upserted, body=RecordUpsert | list[RecordUpsert]
)
def upsert_records(request: HttpRequest, kind: RecordKind) -> Upserted:
    """Write one record, or a list of up to 1,000, of a kind.

    Those that are there are changed, the others are new; a new kind begins with its first record.
    Contacts and accounts they are linked to need not be known yet.
    """
    items = read_items(request)
    with running().engine.write(wait=WAIT) as shop:
        return upserts.upsert_records(shop, kind, items)


@operation(router, "GET", "/records/{kind}/{path:id}", answer=Record)
def get_record(request: HttpRequest, kind: RecordKind, id: str) -> Record:
    """A record with its current fields and links."""
    with running().engine.read() as shop:
        return record.record(shop, kind, id)
