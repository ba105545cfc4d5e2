"""A person asks what is held, and to be forgotten; lists come and go: on a real workspace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from consent_desk import CONSENT
from opened_shop import Shop, open_shop

from lettershop.access.models import AuditEntry
from lettershop.app import compliance, upserts
from lettershop.app.compliance import Compliance
from lettershop.compliance.consent import NewConsent, history, record
from lettershop.compliance.lists import Imported, export_list, import_list
from lettershop.compliance.models import ConsentProof, KnownAddress, Suppression
from lettershop.compliance.question import Question
from lettershop.compliance.suppression import NewSuppression, listed, suppress
from lettershop.compliance.topics import choose
from lettershop.model.errors import InputError, NotFound, UsageError

ANN, OLD = "ann@example.com", "old@example.com"


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        (opened.path / "consent.toml").write_text(CONSENT, "utf-8")
        yield opened


@pytest.fixture
def desk(shop: Shop) -> Compliance:
    return Compliance(shop.path, shop.engine.workspace.settings, clock=shop.clock)


def may(desk: Compliance, address: str) -> bool:
    asked = Question(address=address, purpose="newsletter")
    return desk.gate.may_send(asked, desk.clock.now()).allowed


def know_ann(shop: Shop, desk: Compliance) -> None:
    """U1, with two addresses, a consent with proof, a choice."""
    said = [
        {"user_id": "U1", "email": OLD, "traits": {"name": "Ann Lee", "city": "Bonn"}},
        {"user_id": "U1", "email": ANN},
    ]
    with shop.engine.write(wait=5) as workspace:
        assert upserts.upsert_contacts(workspace, said).refused == []
    new = NewConsent(address=ANN, purpose="newsletter", method="double", proof={"ip": "192.0.2.1"})
    now = desk.clock.now()
    record(desk.book, desk.policy, new, by="form", at=now)
    choose(desk.book, desk.policy, ANN, {"events": False}, source="page", at=now)
    suppress(desk.book, NewSuppression(address=OLD, reason="bounce", note="Ann"), by="x", at=now)


def test_everything_that_is_held_is_exported(shop: Shop, desk: Compliance) -> None:
    know_ann(shop, desk)
    with shop.engine.read() as workspace:
        found = desk.export(workspace, ANN, shop.principal("owner"))
    held = {one.address: one for one in found.addresses}
    assert {*held} == {ANN, OLD}
    assert held[ANN].consents[0].proof == {"ip": "192.0.2.1"}
    assert held[ANN].topics == {"events": False}
    assert [one.reason for one in held[OLD].suppressions] == ["bounce"]
    assert found.facts is not None
    assert found.facts["contact"]["traits"]["city"]["value"] == "Bonn"
    assert len(found.facts["timeline"]) == 2
    entry = AuditEntry.objects.get(what="person.export")
    assert "@" not in entry.target and "address:" in entry.target


def test_a_forgotten_person_is_never_mailed_again_even_imported_anew(
    shop: Shop, desk: Compliance, tmp_path: Path
) -> None:
    know_ann(shop, desk)
    assert may(desk, ANN)
    with shop.engine.write(wait=5) as workspace:
        done = desk.erase(workspace, "U1", shop.principal("owner"))
    assert done.removed == {"addresses": 2, "proofs": 1, "choices": 1}
    assert len(done.hashes) == 2 and any("facts.duckdb" in one for one in done.remains)
    assert KnownAddress.objects.count() == ConsentProof.objects.count() == 0
    kept = json.dumps([*Suppression.objects.values(), *AuditEntry.objects.values("details")])
    assert not any(personal in kept for personal in (ANN, OLD, "Ann", "192.0.2.1"))

    now = desk.clock.now()
    again = NewConsent(address="ANN@example.com", purpose="newsletter", method="double")
    record(desk.book, desk.policy, again, by="import", at=now)
    (tmp_path / "again.csv").write_text(f"email\n{ANN}\n")
    assert [*import_list(desk.book, tmp_path / "again.csv", by="x", at=now)][-1].new == 1
    assert not may(desk, ANN) and not may(desk, OLD)
    assert KnownAddress.objects.count() == 0  # whose hash it is, is not learnt again
    assert [one.proof for one in history(desk.book.hashed(ANN))] == [None, None]

    with shop.engine.read() as workspace:
        found = desk.export(workspace, ANN, shop.principal("owner"))
    assert found.facts is None or found.facts["contact"]["deleted"]
    assert "Bonn" not in json.dumps(found.facts and found.facts["contact"])


class Letters:
    """A ledger of one letter."""

    def __init__(self) -> None:
        self.known = {ANN}

    def export(self, addresses: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return [{"subject": "Spring", "to": one} for one in addresses if one in self.known]

    def erase(self, addresses: Sequence[str]) -> Sequence[str]:
        self.known -= {*addresses}
        return ["that a letter was sent, without to whom"]


def test_other_rooms_are_asked_too_and_long_timelines_are_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compliance, "PAGE", 1)
    settings, owner = shop.engine.workspace.settings, shop.principal("owner")
    desk = Compliance(shop.path, settings, holders={"letters": Letters()}, clock=shop.clock)
    know_ann(shop, desk)
    with shop.engine.write(wait=5) as workspace:
        found = desk.export(workspace, "U1", owner)
        assert found.others == {"letters": [{"subject": "Spring", "to": ANN}]}
        assert found.facts is not None and len(found.facts["timeline"]) == 2
        assert "that a letter was sent" in desk.erase(workspace, "U1", owner).remains[-1]
        assert desk.export(workspace, "U1", owner).others == {"letters": []}


def test_strangers(shop: Shop, desk: Compliance) -> None:
    owner = shop.principal("owner")
    with shop.engine.write(wait=5) as workspace:
        for who in ("U9", "nobody@example.com"):
            with pytest.raises(NotFound):
                desk.export(workspace, who, owner)
        with pytest.raises(NotFound):
            desk.erase(workspace, "U9", owner)
        done = desk.erase(workspace, "nobody@example.com", owner)  # asked by letter, unknown here
    assert len(done.hashes) == 1 and not may(desk, "nobody@example.com")
    (found,) = listed(at=desk.clock.now(), limit=5)
    with pytest.raises(UsageError, match="forgotten"):
        desk.lift(found.id, owner, "he called", force=False)
    assert desk.lift(found.id, owner, "he called", force=True).lifted_why == "he called"


def test_lists_only_add_and_tell_what_they_cannot_take(
    shop: Shop, desk: Compliance, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(
        "\ufeffEmail,Reason,Scope,Expires,Note\n"
        "a@example.com,unsubscribe,,,\n"
        "A@Example.com,unsubscribe,,,again\n"
        "=b@example.com,,stream:marketing,2027-01-01T00:00Z,\n"
        "\n"
        "nobody,,,,\n"
        "c@example.com,because,,,\n"
        "d@example.com,bounce,somewhere,,\n"
        "e@example.com,bounce,,2020-01-01,\n"
        "f@example.com,bounce,,soon,\n",
        "utf-8",
    )
    done = [*import_list(desk.book, tmp_path / "list.csv", by="x", at=desk.clock.now())]
    assert (done[-1].rows, done[-1].new) == (8, 2)
    assert [one.code for one in done[-1].findings] == [
        "address.unreadable",
        "suppression.reason",
        "suppression.scope",
        "suppression.expired",
        "time.unreadable",
    ]
    assert done[-1].findings[0].message.startswith("line 6: ")
    again = [*import_list(desk.book, tmp_path / "list.csv", by="x", at=desk.clock.now())]
    assert again[-1].new == 0

    with (tmp_path / "out.csv").open("w") as file:
        assert export_list(file, at=desk.clock.now()) == 2
    text = (tmp_path / "out.csv").read_text()
    assert "'=b@example.com" in text
    Suppression.objects.all().delete()
    back: Imported = [*import_list(desk.book, tmp_path / "out.csv", by="x", at=desk.clock.now())][
        -1
    ]
    assert (back.new, back.findings) == (2, ())


@pytest.mark.parametrize("text", ["name\nx\n", "", "\xff"])
def test_a_file_that_is_no_list(shop: Shop, desk: Compliance, tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError):
        [*import_list(desk.book, tmp_path / "list.csv", by="x", at=desk.clock.now())]
