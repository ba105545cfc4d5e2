"""Pins: somebody put into a segment, or kept out of it, by hand."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Path, Query, Router

from lettershop.app.pinning import Pinboard
from lettershop.app.plans import PinAnswer
from lettershop.app.running import running
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.moment import moment
from lettershop.web.api.operations import operation

router = Router()
TAG = "pins"

Number = Annotated[int, Path(ge=0, le=2**63 - 1, description="the number of a pin")]
Ended = Annotated[bool, Query(description="also pins that have ended")]


class NewPin(msgspec.Struct, frozen=True, kw_only=True):
    """`who`: a user id, address or identity; an account; CONTACT/ACCOUNT. `include`: put in, or
    else kept out. `expires`: when it ends by itself; without it, never."""

    who: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    include: bool = True
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    expires: str = ""


class Pins(msgspec.Struct, frozen=True):
    items: tuple[PinAnswer, ...]


@operation(router, "GET", "/pins", answer=Pins)
def list_pins(request: HttpRequest, ended: Ended = False) -> Pins:
    """All pins in force, the oldest first."""
    with running().engine.read() as workspace:
        return Pins(tuple(Pinboard(workspace, principal_of(request)).pins(ended=ended)))


@operation(router, "DELETE", "/pins/{number}", answer=PinAnswer)
def remove_pin(request: HttpRequest, number: Number) -> PinAnswer:
    """End a pin."""
    with running().engine.read() as workspace:
        return Pinboard(workspace, principal_of(request)).unpin(number)


@operation(router, "GET", "/segments/{path:name}/pins", answer=Pins, tag=TAG)
def segment_pins(request: HttpRequest, name: str, ended: Ended = False) -> Pins:
    """The pins of a segment, the oldest first."""
    with running().engine.read() as workspace:
        return Pins(tuple(Pinboard(workspace, principal_of(request)).pins(name, ended=ended)))


@operation(
    router,
    "POST",
    "/segments/{path:name}/pins",
    answer=PinAnswer,
    status=201,
    body=NewPin,
    tag=TAG,
)
def add_pin(request: HttpRequest, name: str) -> PinAnswer:
    """Put somebody into a segment, or keep them out, whatever its rule says."""
    new = read_body(request, NewPin)
    expires = moment(new.expires) if new.expires else None
    with running().engine.read() as workspace:
        return Pinboard(workspace, principal_of(request)).pin(
            name, new.who, new.reason, include=new.include, expires_at=expires
        )
