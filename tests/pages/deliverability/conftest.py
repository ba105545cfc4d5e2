"""A shop whose doctor asks a table instead of DNS."""

from collections.abc import Iterator

import pytest
from opened_shop import Shop
from pages.deliverability.dns_table import Zone, probe

from lettershop.app.deliverability.doctor import Doctor
from lettershop.app.preflight.domains import Domains


@pytest.fixture
def zone(shop: Shop) -> Iterator[Zone]:
    made = Zone()

    def domains() -> Domains:
        return Domains(shop.clock, lambda: made, probe)  # type: ignore[arg-type, return-value]

    shop.running.doctor = Doctor(shop.path / "data", shop.clock, domains)
    yield made
    shop.running.doctor.wait("example.com", 30)
