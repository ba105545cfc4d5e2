"""E-mail addresses: judged one by one, and how those of all contacts are."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Query, Router

from lettershop.app import addresses
from lettershop.app.address import AddressExplained, explain_address as explained
from lettershop.app.running import running
from lettershop.profile.hygiene.report import AddressReport
from lettershop.profile.hygiene.verdict import Verdict
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation

router = Router()
MOST = 1_000
"""Addresses in one request."""


class Asked(msgspec.Struct, frozen=True):
    """Up to 1,000 addresses, as somebody typed them."""

    addresses: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST)]


class Verdicts(msgspec.Struct, frozen=True):
    """One verdict per address, in their order."""

    items: list[Verdict]


@operation(router, "POST", "/addresses/check", answer=Verdicts, body=Asked)
def check_addresses(request: HttpRequest) -> Verdicts:
    """Judge addresses: invalid, mistyped (with a suggestion), disposable, role or ok.

    By syntax, lists, and the domains that are frequent in this workspace; no network is asked.
    """
    asked = read_body(request, Asked)
    with running().engine.read() as shop:
        return Verdicts(addresses.check_addresses(shop, asked.addresses))


@operation(router, "GET", "/addresses/report", answer=AddressReport)
def address_report(request: HttpRequest) -> AddressReport:
    """How many contacts have an address in which state, with examples and what to do."""
    with running().engine.read() as shop:
        return addresses.address_report(shop)


@operation(router, "GET", "/addresses/explain", answer=AddressExplained)
def explain_address(
    request: HttpRequest,
    who: Annotated[str, Query(description="A user id, address or identity of a contact.")],
) -> AddressExplained:
    """Why the address of a contact is in its state: the verdict, the evidence, earlier states."""
    with running().engine.read() as shop:
        return explained(shop, who)
