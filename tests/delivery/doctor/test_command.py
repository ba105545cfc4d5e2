"""`lettershop doctor` against a DNS server of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.delivery.dkim import create, dns_record
from lettershop.delivery.doctor.names import tags
from tests.delivery.building.letters import AT
from tests.delivery.doctor.test_stories import TOLD
from tests.delivery.doctor.zones import Zone, zone
from tests.scripted_mail import dns_server

SAID = ("doctor", "Example.com", "--ip", "192.0.2.10")


@pytest.fixture(scope="module")
def known() -> Zone:
    return {}


@pytest.fixture(scope="module")
def port(known: Zone) -> Iterator[int]:
    with dns_server(known) as found:
        yield found


def run(port: int, *said: str) -> Result:
    return CliRunner().invoke(app, [*said, "--resolver", f"127.0.0.1:{port}"])


def checks(result: Result) -> dict[str, Any]:
    return {one["check"]: one for one in json.loads(result.stdout)["checks"]}


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("nowhere")
def test_a_healthy_domain_without_a_workspace(known: Zone, port: int) -> None:
    known.clear()
    known.update(zone(TOLD["healthy"]))
    result = run(port, *SAID, "--selector", "s1", "--json")
    assert result.exit_code == 0, result.stderr
    found = checks(result)
    assert json.loads(result.stdout)["domain"] == "example.com"
    assert found["spf"]["ok"] is True and found["dkim"]["ok"] is True
    assert found["tls"]["ok"] is None and "not in the public network" in found["tls"]["found"]
    assert "public network" in found["mta-sts.policy"]["found"]


@pytest.mark.usefixtures("nowhere")
def test_what_is_wrong_is_told_with_lines_and_the_exit_code(known: Zone, port: int) -> None:
    known.clear()
    known.update(zone(TOLD["healthy"], "_dmarc.example.com TXT"))
    result = run(port, *SAID, "--selector", "s1")
    assert result.exit_code == 1
    line = '_dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"'
    assert f"    {line}\n" in result.stdout
    assert "AUTH-4" in result.stdout and "RFC 9989" in result.stdout
    assert "put right first" in result.stderr


def test_keys_of_the_workspace_are_compared(known: Zone, port: int, tmp_path: Path) -> None:
    Workspace.init(tmp_path / "shop")
    made = create(tmp_path / "shop" / "data" / "dkim", "example.com", "own", now=AT, bits=1024)
    known.clear()
    known.update(zone(TOLD["healthy"]))
    said = (*SAID, "--workspace", str(tmp_path / "shop"), "--json")
    absent = checks(run(port, *said))["dkim.absent"]
    assert (tags(dns_record(made.key)) or {})["p"] in absent["dns"][0].replace('" "', "")
    known.update(zone(f"own._domainkey.example.com TXT {dns_record(made.key)}"))
    assert checks(run(port, *said))["signature"]["ok"] is True
    below = checks(run(port, "doctor", "news.example.com", *said[2:]))
    assert below["signature"]["ok"] is True and below["alignment"]["ok"] is True


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("not a name",), "dkim.name"),
        (("example.com", "--ip", "mail"), "doctor.ip"),
        (("example.com", "--resolver", "dns.example:53"), "doctor.resolver"),
        (("example.com", "--resolver", "127.0.0.1:port"), "doctor.resolver"),
        (("example.com", "--resolver", "[::1]:99999"), "doctor.resolver"),
    ],
)
def test_what_cannot_be_asked(said: tuple[str, ...], code: str) -> None:
    result = CliRunner().invoke(app, ["doctor", *said, "--json"])
    assert result.exit_code in (2, 3)
    assert json.loads(result.stderr)["error"]["code"] == code
