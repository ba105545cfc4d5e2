"""What is known of the data, and the exchange rates amounts are converted with."""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.model.catalog import Catalog
from lettershop.model.clock import format_instant
from lettershop.model.errors import LettershopError
from lettershop.web.api.operations import operation
from lettershop.web.api.uploads import one_file, renamed

router = Router()


class Newest(msgspec.Struct, frozen=True):
    """The time of the newest event, as ISO 8601 and in milliseconds; null when there is none."""

    time: str | None
    instant: int | None


class RatesStored(msgspec.Struct, frozen=True):
    rates: int


@operation(router, "GET", "/catalog", answer=Catalog)
def catalog(request: HttpRequest) -> Catalog:
    """The fields and events conditions can use: types, counts, frequent values."""
    with running().engine.read() as workspace:
        return LocalShop(workspace).catalog()


@operation(router, "GET", "/catalog/newest", answer=Newest)
def newest_event(request: HttpRequest) -> Newest:
    """When the newest event happened."""
    with running().engine.read() as workspace:
        found = LocalShop(workspace).newest()
    return Newest(None if found is None else format_instant(found), found)


@operation(
    router, "POST", "/rates", answer=RatesStored, body=bytes, body_type="multipart/form-data"
)
def replace_rates(request: HttpRequest) -> RatesStored:
    """Replace all exchange rates by those of a CSV file (day,source,target,rate)."""
    file = one_file(request)
    with TemporaryDirectory(prefix="lettershop-") as folder:
        path = Path(folder) / "rates.csv"
        with path.open("wb") as out:
            out.writelines(file.chunks())
        try:
            with running().engine.write() as workspace:
                return RatesStored(LocalShop(workspace).import_rates(path))
        except LettershopError as error:
            raise renamed(error, {str(path): file.name or path.name}) from None
