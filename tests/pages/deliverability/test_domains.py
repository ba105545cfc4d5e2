"""Domains: DNS is asked beside the requests, what it said is kept, lines are there to copy."""

import msgspec
from opened_shop import Shop
from pages.deliverability.dns_table import Zone

from lettershop.access.models import AuditEntry
from lettershop.app.deliverability.domains import domains
from lettershop.delivery.dkim import dns_record
from lettershop.delivery.dkim.folder import FOLDER, keys_of
from lettershop.model.clock import DAY

PAGE = "/deliverability/domains/example.com"


def ask(shop: Shop) -> str:
    client = shop.client("editor")
    assert client.post(f"{PAGE}/ask").status_code == 302
    shop.running.doctor.wait("example.com", 30)
    return client.get(PAGE).content.decode()


def test_nobody_asks_dns_by_looking_at_a_page(shop: Shop, zone: Zone) -> None:
    page = shop.client("viewer").get(PAGE).content.decode()
    assert "DNS was not asked about this domain yet" in page
    assert not shop.running.doctor.asking("example.com")
    assert shop.client("viewer").post(f"{PAGE}/ask").status_code == 403


def test_findings_with_the_lines_to_add(shop: Shop, zone: Zone) -> None:
    zone.records[("example.com", "MX")] = ["10 mail.example.com"]
    page = ask(shop)
    assert "put right first" in page and "_dmarc.example.com" in page and "data-copy" in page
    zone.records[("example.com", "TXT")] = ["v=spf1 ip4:192.0.2.7 -all"]
    assert "v=spf1 ip4:192.0.2.7 -all" in ask(shop)
    part = shop.client("viewer").get(f"{PAGE}/checks").content.decode()
    assert "<html" not in part and "hx-trigger" not in part  # it is done


def test_a_report_outlives_the_server(shop: Shop, zone: Zone) -> None:
    ask(shop)
    shop.clock.advance(2 * DAY)
    again = type(shop.running.doctor)(shop.path / "data", shop.clock)
    found = again.report("example.com")
    assert found is not None and found.at == shop.clock.now() - 2 * DAY and found.checks
    (shop.path / "data" / "doctor" / "example.com.json").write_text("{", "utf-8")
    assert again.report("example.com") is None


def test_a_key_is_made_after_a_question_and_rotated_two_days_later(shop: Shop, zone: Zone) -> None:
    owner = shop.client("owner")
    assert "signs at once" in owner.get(f"{PAGE}/key").content.decode()
    assert keys_of(shop.path / "data" / FOLDER) == []
    owner.post(f"{PAGE}/key", {"kind": "rsa"})
    (key,) = keys_of(shop.path / "data" / FOLDER)
    page = owner.get(PAGE).content.decode()
    assert dns_record(key.key) in page and "signs" in page
    assert "two days" in owner.get(f"{PAGE}/key").content.decode()
    owner.post(f"{PAGE}/key", {"kind": "rsa"})
    assert "waits" in owner.get(PAGE).content.decode()
    assert AuditEntry.objects.filter(what="dkim.create").count() == 2
    assert shop.client("editor").post(f"{PAGE}/key").status_code == 403


def test_domains_are_those_that_settings_and_keys_name(shop: Shop, zone: Zone) -> None:
    settings = msgspec.structs.replace(
        shop.engine.workspace.settings,
        sender="The Shop <shop@bücher.example>",
        return_address="back@returns.example.com",
    )
    shop.engine.workspace.settings = settings
    found = domains(shop.path, settings, shop.running.doctor, shop.clock)
    assert [(one.name, one.uses) for one in found] == [
        ("xn--bcher-kva.example", ("sender",)),
        ("returns.example.com", ("returns",)),
    ]
    page = shop.client("viewer").get("/deliverability/domains").content.decode()
    assert "xn--bcher-kva.example" in page


def test_what_is_no_domain(shop: Shop, zone: Zone) -> None:
    client = shop.client("viewer")
    for name in ("localhost", "a..b", "%00.example", "a" * 300 + ".example", "-"):
        assert client.get(f"/deliverability/domains/{name}").status_code == 404
    assert client.get("/deliverability/domains?name=no domain").status_code == 400
    there = client.get("/deliverability/domains?name=News.Example.com")
    assert there.headers["Location"] == "/deliverability/domains/news.example.com"
