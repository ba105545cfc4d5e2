"""`lettershop send …` on a folder's own records."""

import json
from pathlib import Path

import pytest
from delivery.conftest import Recorded
from delivery.ledger.test_ledger import going, leased, outcome
from opened_shop import with_records
from typer.testing import CliRunner

from lettershop.app import Workspace, records
from lettershop.cli.main import app
from lettershop.delivery.ledger import counting, leasing, planning
from lettershop.delivery.models import Message
from lettershop.model.settings import Settings


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Recorded:
    Workspace.init(tmp_path)
    with_records(tmp_path, empty_records)
    records.connect(tmp_path, Settings())
    return Recorded(tmp_path, Settings())


def said(shop: Recorded, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["send", *arguments, "--workspace", str(shop.folder)])
    records.connect(shop.folder, shop.settings)
    assert result.exit_code == code, result.output
    return result.stdout


def test_a_send_is_watched_stopped_and_proved(shop: Recorded) -> None:
    send = going(5)
    rows = leased(send, 3)
    refused = outcome(rows[1], "refused", code=550, status="5.1.1", bounce_class="dead")
    leasing.settle("one", [outcome(rows[0], "accepted"), refused, outcome(rows[2], "unknown")])
    number = str(send)

    (listed,) = json.loads(said(shop, "status", "--json"))["sends"]
    assert (listed["planned"], listed["open"], listed["states"]["accepted"]) == (5, 2, 1)
    assert "spring" in said(shop, "status", number)

    said(shop, "pause", number, "--reason", "wrong price")
    assert planning.send(send).reason == "wrong price"
    assert "wrong price" in said(shop, "status")
    said(shop, "resume", number)
    assert planning.send(send).state == "sending"
    said(shop, "abort", number, "--yes")

    proof = said(shop, "proof", number, "--list", "unknown")
    assert "It adds up." in proof and "1 dead" in proof and "2 aborted" in proof
    assert rows[2].address in proof and rows[0].address not in proof
    whole = json.loads(said(shop, "proof", number, "--json"))
    assert whole["adds_up"] is True and whole["states"]["suppressed"] == 2


def test_a_proof_that_does_not_add_up_fails(shop: Recorded) -> None:
    send = going(3)
    Message.objects.filter(contact="user:1").delete()
    proof = said(shop, "proof", str(send), code=1)
    assert "does not add up" in proof and "+1 messages" in proof
    assert not counting.counts(send).adds_up


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["pause", "99"], "send.unknown"),
        (["proof", "1", "--list", "lost"], "send.state"),
        (["resume", "1"], "send.holding"),
    ],
)
def test_what_makes_no_sense_is_said(shop: Recorded, arguments: list[str], error: str) -> None:
    planning.begin("campaign:1", kind="campaign", name="spring", stream="marketing", at=1)
    result = CliRunner().invoke(app, ["send", *arguments, "--workspace", str(shop.folder)])
    assert result.exit_code in (2, 5) and error in result.stderr
