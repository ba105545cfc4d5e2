"""What is remembered of returns, on both databases: bounces by letter, notices by manager."""

import json
from pathlib import Path

import msgspec
import pytest
from delivery.ledger.test_ledger import AT, begun, people
from django.db import connection, transaction
from opened_shop import with_records
from typer.testing import CliRunner

from lettershop.app import Workspace, records
from lettershop.cli.main import app
from lettershop.delivery.ledger import planning
from lettershop.delivery.models import Bounce, Message, Notice
from lettershop.delivery.returns import bounces, noticeboard
from lettershop.delivery.returns.acts import Action
from lettershop.delivery.returns.bounces import Bounces
from lettershop.delivery.returns.correlating import Mailed, Match
from lettershop.delivery.returns.person import ReturnsHolder
from lettershop.delivery.returns.said import Affected, Return
from lettershop.delivery.said import BounceClass
from lettershop.model.clock import DAY, FixedClock
from lettershop.model.settings import Settings
from tests.delivery.returns.office import BOB

ANN = "u0@example.com"


def letter(day: int, state: str, key: str = "", kind: str = "campaign") -> int:
    """To Ann, that day; its row."""
    send = begun(key or f"{kind}:{day}", kind=kind)
    planning.plan(send, people(1), AT)
    row = Message.objects.get(send=send)
    Message.objects.filter(pk=row.pk).update(state=state, attempted_at=AT + day * DAY)
    return row.pk


def counted(row: int, day: int, kind: BounceClass = "full", against: str = "address") -> bool:
    mailed = Mailed(row=row, send=1, stream="marketing", contact="user:0", address="U0@Example.com",
                    at=AT)  # fmt: skip
    match = Match(mailed, "token", Affected(address=ANN, bounce_class=kind))
    action = Action(counts=against, why="x")  # type: ignore[arg-type]
    return bounces.count(match, action, AT + day * DAY + 60_000)


def past(day: int) -> list[int]:
    found = Bounces(FixedClock(AT + day * DAY)).since_success("U0@EXAMPLE.com")
    return [one.row for one in found]


@pytest.mark.usefixtures("recorded")
def test_bounces_of_an_address_since_its_last_letter_that_stayed() -> None:
    assert past(0) == [] and Bounces(FixedClock(AT)).since_success("nonsense") == []
    first = letter(0, "accepted")
    assert counted(first, 0) and not counted(first, 1), "the same bounce is told twice"
    second = letter(5, "refused")
    assert counted(second, 5) and past(6) == [first, second]
    assert counted(letter(6, "refused"), 6, "policy", "stream"), "not theirs"
    assert past(7) == [first, second]
    third = letter(8, "accepted")
    assert past(10) == [first, second], "nobody knows yet whether it stays"
    letter(8, "accepted", kind="test")
    assert past(12) == []
    assert counted(third, 12) and past(13) == [first, second, third], "it did not stay after all"
    assert bounces.by_class(AT + 6 * DAY) == {"policy": 1, "full": 1}


@pytest.mark.usefixtures("recorded")
def test_notices_are_put_up_once_and_forgotten_with_the_person(tmp_path: Path) -> None:
    bounce = Return(kind="bounce", id="<a@b>", affected=(Affected(diagnostic="no\0 such user"),))
    replies = [Return(kind="reply", id=f"<{n}@b>", snippet="Yes! \ud800") for n in (1, 2)]
    found = [bounce, bounce, *replies, *replies]
    new = [noticeboard.put_up(BOB, one, "why", "mara@acme.example", AT) for one in found]
    assert new == [True, False, True, True, False, False]
    noticeboard.put_up(msgspec.structs.replace(BOB, row=72), bounce, "why", "", AT)
    assert [one.owner for one in noticeboard.notices()] == ["", *["mara@acme.example"] * 3]
    mine = noticeboard.notices("Mara@ACME.example\0", limit=2)
    assert [one.said for one in mine] == ["Yes! ?", "Yes! ?"]
    (last,) = noticeboard.notices("mara@acme.example", before=mine[-1].id)
    assert (last.said, last.address) == ("no such user", "bob@client.example")
    holder, him = ReturnsHolder(tmp_path / "returns"), ["bob@client.example"]
    assert len(holder.export(him)) == 4
    assert holder.erase(him) == [] and holder.export(him) == []
    assert Notice.objects.count() == 0


@pytest.mark.usefixtures("recorded")
def test_an_address_is_looked_up_by_an_index() -> None:
    query = str(Bounce.objects.filter(mailbox="x").order_by("-at", "-id").query)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # it would read so small a table whole
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(explain + query.replace("= x", "= 'x'"))
        assert "bounce_mailbox" in str(cursor.fetchall())


def test_the_command_lists_them(tmp_path: Path, empty_records: Path) -> None:
    Workspace.init(tmp_path)
    with_records(tmp_path, empty_records)
    records.connect(tmp_path, Settings())
    reply = Return(kind="reply", id="<1@b>", snippet="Call me [tomorrow]")
    noticeboard.put_up(BOB, reply, "somebody answered", "mara@acme.example", AT)
    command = ["returns", "notices", "--workspace", str(tmp_path)]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0 and "Call me [tomorrow]" in shown.stdout
    (one,) = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)["items"]
    assert (one["owner"], one["kind"], one["message"]) == ("mara@acme.example", "reply", BOB.row)
    none = CliRunner().invoke(app, [*command, "--owner", "nobody", "--json"])
    assert json.loads(none.stdout) == {"items": []}
