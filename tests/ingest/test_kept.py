"""What did not come through the raw log is kept for `rebuild`, whole or not at all."""

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from lettershop.ingest.kept import Kept, everything, forget, keep_facts, keep_file, read_facts
from lettershop.model.facts import AccountFact, ContactFact, RecordFact

SAID = {"ts": 5, "received_at": 6}


def kept(name: str, kind: Literal["facts", "file"] = "facts") -> Kept:
    return Kept(kind=kind, at=7, after=3, name=name)


def test_facts_come_back_as_they_were_said(tmp_path: Path) -> None:
    facts = [
        ContactFact(contact="user:1", also=("email:a@b.example",), message_id="a", **SAID),
        AccountFact(account="A", traits={"plan": None, "seats": 1.5}, message_id="b", **SAID),
        RecordFact(kind="deal", id="D", deleted=True, message_id="c", **SAID),
    ]
    keep_facts(tmp_path, kept("first"), facts)
    keep_facts(tmp_path, kept("second"), [])
    found = list(everything(tmp_path))
    assert [k.name for k, _ in found] == ["first", "second"]
    assert list(read_facts(found[0][1])) == facts


def test_files_are_copied_and_can_be_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("a,b\n1,2\n")
    folder = keep_file(tmp_path, kept("orders.csv", "file"), file)
    ((_, body),) = everything(tmp_path)
    assert (body.suffix, body.read_text()) == (".csv", "a,b\n1,2\n")
    forget(folder)
    assert list(everything(tmp_path)) == []


def test_an_interrupted_attempt_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep_file(tmp_path, kept("gone.csv", "file"), tmp_path / "gone.csv")
    (tmp_path / "kept" / "000009").mkdir(parents=True)
    keep_facts(tmp_path, kept("later"), [])
    assert [k.name for k, _ in everything(tmp_path)] == ["later"]


def test_dates_are_kept_as_text(tmp_path: Path) -> None:
    fact = AccountFact(account="A", traits={"since": date(2026, 1, 2)}, message_id="b", **SAID)
    keep_facts(tmp_path, kept("dates"), [fact])
    ((_, body),) = everything(tmp_path)
    (read,) = read_facts(body)
    assert isinstance(read, AccountFact) and read.traits == {"since": "2026-01-02"}
