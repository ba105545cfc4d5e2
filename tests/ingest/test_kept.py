"""What did not come through the raw log is kept for `rebuild`, whole or not at all."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lettershop.ingest.kept import Kept, everything, forget_facts, keep_facts, keep_file
from lettershop.model.clock import parse_instant
from lettershop.model.facts import AccountFact, ContactFact, RecordFact

SAID = {"ts": 5, "received_at": 6}
NOVEMBER = parse_instant("2026-11-22")
FACTS = [
    ContactFact(contact="user:1", also=("email:a@b.example",), message_id="a", **SAID),
    AccountFact(
        account="A", traits={"plan": None, "seats": Decimal("0.1")}, message_id="b", **SAID
    ),
    RecordFact(kind="deal", id="D", deleted=True, message_id="c", **SAID),
]


def kept(name: str, at: int = NOVEMBER) -> Kept:
    return Kept(at=at, after=3, name=name)


def names(data: Path) -> list[str]:
    return [said.name for said, _ in everything(data)]


def test_everything_comes_back_as_it_was_said_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("a,b\n1,2\n")
    keep_facts(tmp_path, kept("first"), FACTS)
    keep_file(tmp_path, kept("orders.csv"), file)
    keep_facts(tmp_path, kept("a month later", parse_instant("2026-12-01")), [])
    assert names(tmp_path) == ["first", "orders.csv", "a month later"]
    (_, facts), (_, body), (_, nothing) = everything(tmp_path)
    assert (facts, nothing) == (FACTS, [])
    assert isinstance(body, Path) and (body.suffix, body.read_text()) == (".csv", "a,b\n1,2\n")


def test_what_could_not_be_taken_in_is_forgotten(tmp_path: Path) -> None:
    number = keep_facts(tmp_path, kept("refused"), FACTS)
    keep_facts(tmp_path, kept("taken"), FACTS)
    forget_facts(tmp_path, NOVEMBER, number)
    assert names(tmp_path) == ["taken"]


def test_interrupted_attempts_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep_file(tmp_path, kept("gone.csv"), tmp_path / "gone.csv")
    (tmp_path / "kept" / "000009").mkdir(parents=True)
    keep_facts(tmp_path, kept("whole"), FACTS)
    with (tmp_path / "kept" / "calls-2026-11.jsonl").open("ab") as journal:
        journal.write(b'{"number": 77, "kept": {"at"' + b" " * 70_000)
    assert names(tmp_path) == ["whole"]
    keep_facts(tmp_path, kept("after the crash"), FACTS)
    assert names(tmp_path) == ["whole", "after the crash"]


def test_dates_are_kept_as_text(tmp_path: Path) -> None:
    fact = AccountFact(account="A", traits={"since": date(2026, 1, 2)}, message_id="b", **SAID)
    keep_facts(tmp_path, kept("dates"), [fact])
    ((_, facts),) = everything(tmp_path)
    assert isinstance(facts, list)
    assert [f.traits for f in facts if isinstance(f, AccountFact)] == [{"since": "2026-01-02"}]
