"""Addresses at the doors: the command in a folder, beside a server and nowhere; the API."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_client import Crm
from opened_shop import migrated
from served_shop import Served, serve_shop
from typer.testing import CliRunner

from lettershop.app import Workspace
from lettershop.app.addresses import bring_up_to_date
from lettershop.cli import app
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact

ADDRESSES = {
    "ann": "ann@gmial.com",
    "bo": "info@initech.com",
    "cy": "cy@mailinator.com",
    "di": "di@initech.com",
    "ed": "<b>&nobody",
}
LIST = """Company,Mail,Phone
Initech,ann@gmial.com,1
Globex,"lee, bo@globex.com",2
None,,3
Acme,info@acme.com,4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Workspace.init(tmp_path_factory.mktemp("addresses") / "shop")
    facts = [
        ContactFact(
            ts=1, received_at=1, message_id=who, contact=f"user:{who}", traits={"email": address}
        )
        for who, address in ADDRESSES.items()
    ]
    with Workspace.open(path, environ={}) as shop:
        load(shop.store, facts)
    return path


@pytest.fixture(scope="module")
def served(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # the folder is asked first: what is judged then is what the server finds
    said("report", folder)
    with serve_shop(folder, migrated(tmp_path_factory.mktemp("records"))) as found:
        yield found


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["address", *arguments])
    return result.exit_code, result.output


def said(command: str, folder: Path, *arguments: str) -> Any:
    code, output = run(command, *arguments, "--json", "-w", str(folder))
    assert code == 0, output
    return json.loads(output)


def test_the_report_in_a_folder_judges_first(folder: Path) -> None:
    report = said("report", folder)
    assert (report["addresses"], report["waiting"]) == (5, 0)
    assert {s["state"]: s["contacts"] for s in report["states"]} == {
        "invalid": 1,
        "mistyped": 1,
        "outdated": 0,
        "disposable": 1,
        "role": 1,
        "unengaged": 0,
        "ok": 1,
    }
    code, output = run("report", "-w", str(folder))
    assert code == 0
    assert re.search(r"mistyped\s+1\s+20\.0%\s+ann@gmial\.com →\s", output)
    assert "<b>&nobody" in output and "outdated" not in output


def test_a_server_answers_the_same(folder: Path, served: Served) -> None:
    texts = [*ADDRESSES.values(), "ann@gmail.com", "", " x ", "jörg@bücher.de", "a" * 5_000]
    served.paths.clear()
    beside = said("check", folder, *texts), said("report", folder)
    assert served.paths == ["POST /api/v1/addresses/check", "GET /api/v1/addresses/report"]
    alone = json.loads(run("check", *texts, "--json")[1])
    assert beside[0] == alone
    assert [item["address"] for item in alone["items"]] == texts
    assert beside[1]["states"][1]["examples"] == [
        {"address": "ann@gmial.com", "suggestion": "ann@gmail.com"}
    ]


def test_more_than_fit_into_one_request(folder: Path, served: Served) -> None:
    served.paths.clear()
    texts = [f"u{i}@initech.com" for i in range(1_200)]
    items = said("check", folder, *texts)["items"]
    assert [item["address"] for item in items] == texts
    assert len(served.paths) == 3


def test_the_api_judges_and_reports(served: Served) -> None:
    crm = Crm(served.shop)
    items = crm.post("/addresses/check", {"addresses": ["info@gmial.com", "x"]})["items"]
    assert items[0] == {
        "address": "info@gmial.com",
        "state": "mistyped",
        "reasons": [
            {
                "code": "address.slip",
                "message": "“gmial.com” looks like a slip for “gmail.com”",
            }
        ],
        "suggestion": "info@gmail.com",
        "normalised": "info@gmial.com",
        "domain": "gmial.com",
        "role": True,
        "disposable": True,
        "free": False,
    }
    assert (items[1]["state"], items[1]["normalised"]) == ("invalid", None)
    assert crm.get("/addresses/report")["addresses"] == 5
    for wrong in ({"addresses": []}, {"addresses": ["x"] * 1_001}, {"addresses": [1]}, {}):
        assert crm.post("/addresses/check", wrong, status=400)["code"] == "request.shape"


def test_an_address_is_explained(folder: Path, served: Served) -> None:
    told = said("explain", folder, "ann")
    assert (told["address"], told["state"], told["written"]) == ("ann@gmial.com", *["mistyped"] * 2)
    assert told["verdict"]["suggestion"] == "ann@gmail.com"
    assert [rule["counts"] for rule in told["rules"]] == [False] * 4
    assert [change["state"] for change in told["changes"]] == ["mistyped"]
    code, output = run("explain", "di", "-w", str(folder))
    assert code == 0 and "nothing against it" in output and "hard bounced" in output
    code, output = run("explain", "zoe", "-w", str(folder))
    assert code == 5 and "contact.unknown" in output


def test_a_list_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of any workspace: by the packaged lists alone."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "attendees.csv"
    file.write_text(LIST, "utf-8-sig")
    code, output = run("check", str(file))
    assert code == 0
    rows = [line.split()[:2] for line in output.splitlines()[2:] if "@" in line]
    assert rows[0] == ["ann@gmial.com", "mistyped"]
    assert rows[-1] == ["info@acme.com", "role"]
    items = json.loads(run("check", str(file), "--json")[1])["items"]
    assert [item["address"] for item in items] == [
        "ann@gmial.com",
        "lee, bo@globex.com",
        "info@acme.com",
    ]
    result = CliRunner().invoke(app, ["address", "check", "-", "--json"], input=LIST)
    assert json.loads(result.output)["items"] == items


@pytest.mark.parametrize(
    ("content", "code", "exit_code"),
    [(b"name\nann\n", "addresses.nothing", 2), (b"\xff\xfe\x00", "addresses.encoding", 3)],
)
def test_files_without_addresses(tmp_path: Path, content: bytes, code: str, exit_code: int) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    result = run("check", str(file))
    assert result[0] == exit_code and code in result[1]


def test_a_named_workspace_must_be_one(tmp_path: Path) -> None:
    code, output = run("check", "ann@gmial.com", "-w", str(tmp_path))
    assert code == 6 and "workspace.absent" in output


def test_beside_a_server_nothing_is_written_by_the_report(folder: Path, served: Served) -> None:
    before = said("report", folder)
    with served.shop.engine.write() as shop:
        fact = ContactFact(
            ts=2,
            received_at=2,
            message_id="new",
            contact="user:fay",
            traits={"email": "fay@web.de"},
        )
        load(shop.store, [fact])
    report = said("report", folder)
    assert (report["addresses"], report["waiting"]) == (before["addresses"] + 1, 1)
    assert "1 of 6 are not judged yet" in run("report", "-w", str(folder))[1]
    with served.shop.engine.write() as shop:
        bring_up_to_date(shop)
    assert said("report", folder)["waiting"] == 0
