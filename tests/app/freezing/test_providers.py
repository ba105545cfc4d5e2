"""Whose servers take the mail: known from DNS where it answers, and never waited for."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import dns.resolver
import pytest

from lettershop.app.freezing import providers
from lettershop.app.freezing.providers import FILE, domain_of, leaves, providers_of
from lettershop.delivery.providers.checking import check
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.smtp.exchanges import NoDomain, Unanswered
from lettershop.model.clock import DAY, HOUR, MINUTE
from lettershop.model.settings import Settings

OUT = Settings(smtp="smtps://mail.example.com")
AT = 1_800_000_000_000


class Names:
    """A Dns of some domains; `asked` counts questions for MX."""

    def __init__(self, known: Mapping[str, str], seconds: float = 0, *, silent: bool = False):
        self._known, self._seconds, self._silent = known, seconds, silent
        self.asked: list[str] = []

    async def mx(self, domain: str) -> Sequence[tuple[int, str]]:
        self.asked.append(domain)
        await asyncio.sleep(self._seconds)
        if self._silent:
            raise Unanswered
        if domain not in self._known:
            raise NoDomain
        return [(10, self._known[domain])]

    async def addresses(self, host: str) -> Sequence[str]:
        return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path


def test_by_the_servers_that_dns_names(folder: Path) -> None:
    names = Names(
        {"acme.example": "acme-example.mail.protection.outlook.com", "b.example": "mx.b.example"}
    )
    domains = ["acme.example", "b.example", "acme.example", "gone.example", ""]
    assert providers_of(folder, OUT, domains, AT, names) == {
        "acme.example": "microsoft",
        "b.example": "b.example",
        "gone.example": "gone.example",
    }
    assert sorted(names.asked) == ["acme.example", "b.example", "gone.example"], "each once"


def test_for_a_day_it_is_known(folder: Path) -> None:
    names = Names({"acme.example": "aspmx.l.google.com"})
    for at, asked in ((AT, 1), (AT + 23 * HOUR, 1), (AT + DAY, 2)):
        assert providers_of(folder, OUT, ["acme.example"], at, names) == {"acme.example": "google"}
        assert len(names.asked) == asked
    (folder / "data" / FILE).write_text("{no json")
    assert providers_of(folder, OUT, ["acme.example"], AT, names) == {"acme.example": "google"}


@pytest.mark.parametrize("smtp", ["", "smtp://localhost:2525", "smtp://127.0.0.1:2525"])
def test_letters_that_stay_here_ask_nobody(folder: Path, smtp: str) -> None:
    names = Names({})
    found = providers_of(folder, Settings(smtp=smtp), ["gmail.com", "b.example"], AT, names)
    assert found == {"gmail.com": "google", "b.example": ""} and names.asked == []
    assert not (folder / "data" / FILE).exists() and not leaves(smtp)


def test_without_dns_what_everybody_knows(folder: Path) -> None:
    """Given up when the first dozens are all in vain, and asked again after a while."""
    names = Names({}, silent=True)
    domains = ["gmx.de", *(f"d{n}.example" for n in range(500))]
    found = providers_of(folder, OUT, domains, AT, names)
    assert found["gmx.de"] == "gmx" and {*found.values()} == {"gmx", ""}
    asked = len(names.asked)
    assert 0 < asked < 200
    for later, more in ((9 * MINUTE, 0), (10 * MINUTE, 1)):
        again = providers_of(folder, OUT, ["gmx.de"], AT + later, names)
        assert again == {"gmx.de": "gmx"} and len(names.asked) == asked + more


def test_a_silent_domain_among_others_stops_nobody(folder: Path) -> None:
    names = Names({f"d{n}.example": "mx.host.example" for n in range(300)})
    found = providers_of(folder, OUT, [f"d{n}.example" for n in range(300)], AT, names)
    assert {*found.values()} == {"host.example"} and len(names.asked) == 300


def test_slow_dns_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "EACH", 0.0)
    begun = time.monotonic()
    found = providers_of(folder, OUT, ["web.de", "b.example"], AT, Names({}, seconds=60))
    assert found == {"web.de": "gmx", "b.example": ""} and time.monotonic() - begun < 2


def test_a_machine_without_resolvers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(**_: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(providers, "DnsResolver", none)
    assert providers_of(folder, OUT, ["web.de"], AT) == {"web.de": "gmx"}


def test_frequent_domains_first(folder: Path) -> None:
    names = Names({"often.example": "mx.often.example"})
    domains = [*(f"d{n}.example" for n in range(60)), "often.example", "often.example"]
    providers_of(folder, OUT, domains, AT, names)
    assert names.asked[0] == "often.example"


def test_domains_as_dns_wants_them() -> None:
    assert domain_of("Ann@Bücher.Example") == "xn--bcher-kva.example"
    assert domain_of("nobody") == domain_of("") == ""


def test_a_workspace_adds_its_own_and_is_told_of_a_slip(folder: Path) -> None:
    usual = 'label = "Ours"\nmx = ["ours.example"]\nsource = "us"\n'
    (folder / "providers.toml").write_text(f'[provider.ours]\n{usual}domains = ["b.example"]\n')
    assert providers_of(folder, Settings(), ["b.example"], AT) == {"b.example": "ours"}
    assert check(of_workspace(folder)) == []
    (folder / "providers.toml").write_text(f'[provider.ours]\n{usual}domains = ["gmail.com"]\n')
    (finding,) = check(of_workspace(folder))
    assert "gmail.com is also ours" in finding.message
