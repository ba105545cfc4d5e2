"""What the setting smtp means, and which pools there are then."""

import asyncio
from pathlib import Path

import pytest
from scripted_mail import dns_server

from lettershop.delivery.providers.knowledge import packaged
from lettershop.delivery.providers.placing import Placed, placed
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.smtp.choosing import is_direct, transport
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.exchanges import NULL, Book, DnsResolver
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.transports import FolderTransport
from lettershop.model.errors import InputError

KINDS = {
    "": FolderTransport,
    "smtp://localhost:2525": SmartHost,
    "smtps://ann:pass@mail.example": SmartHost,
    "mx://mail.example.com": Direct,
}


@pytest.mark.parametrize("setting", KINDS)
def test_the_setting(setting: str, tmp_path: Path) -> None:
    book = Book(DnsResolver(["127.0.0.1"]))
    assert type(transport(setting, tmp_path, packaged(), book)) is KINDS[setting]
    assert is_direct(setting) == (KINDS[setting] is Direct)


@pytest.mark.parametrize("setting", ["mx://", "mx://localhost", "mx://a b.example", "ftp://x.y"])
def test_a_setting_that_means_nothing(setting: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        transport(setting, tmp_path, packaged(), Book(DnsResolver(["127.0.0.1"])))
    assert error.value.code == "settings.smtp"


def test_domains_and_their_pools() -> None:
    zone = {
        ("acme.example", "MX"): ["1 aspmx.l.google.com."],
        ("sister.example", "MX"): ["5 ASPMX.L.google.com."],
        ("bank.example", "MX"): ["10 mx0a-1.pphosted.com."],
        ("small.example", "MX"): ["10 mx.hoster.co.uk."],
        ("null.example", "MX"): ["0 ."],
    }

    async def go(port: int) -> dict[str, Placed]:
        book = Book(DnsResolver(["127.0.0.1"], port, seconds=10))
        return await placed([name for name, _ in zone] * 2, book, Whose(packaged()))

    with dns_server(zone) as port:
        assert asyncio.run(go(port)) == {
            "acme.example": Placed("google"),
            "sister.example": Placed("google"),
            "bank.example": Placed("proofpoint", "proofpoint"),
            "small.example": Placed("hoster.co.uk"),
            "null.example": Placed("null.example", problem=NULL),
        }
