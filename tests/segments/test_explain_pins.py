"""Explanations know the pins in force: who said so, why, and until when."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_client import Crm
from opened_shop import NOW, Shop, open_shop

from lettershop.access.audit import LOCAL
from lettershop.cli.register import LocalRegister
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import ContactFact

TOML = """
[[partition]]
name = "plans"
catch_all = "other"

[[partition.segment]]
name = "pro"
where = 'plan = "pro"'

[[partition.segment]]
name = "free"
where = 'plan = "free"'
"""


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        (opened.path / "segments" / "plans.toml").write_text(TOML, "utf-8")
        with opened.engine.write() as workspace:
            load(workspace.store, [fact("ann", "free"), fact("bob", "pro")])
            LocalRegister(workspace, LOCAL).apply()
        yield opened


def fact(name: str, plan: str) -> ContactFact:
    at = parse_instant(NOW) - DAY
    return ContactFact(
        ts=at, received_at=at, message_id=name, contact=f"user:{name}", traits={"plan": plan}
    )


def explained(crm: Crm, name: str) -> dict[str, Any]:
    found: dict[str, Any] = crm.get(f"/segments/{name}/explain", who="ann")
    return found


def test_a_pin_decides_and_says_who_why_and_until_when(shop: Shop) -> None:
    crm = Crm(shop)
    assert (explained(crm, "pro")["member"], explained(crm, "free")["member"]) == (False, True)
    with shop.engine.write() as workspace:
        ends = parse_instant("2026-04-01")
        register = LocalRegister(workspace, LOCAL)
        register.pin("pro", "ann", "a gift", include=True, expires_at=ends)
    pro, free = explained(crm, "pro"), explained(crm, "free")
    assert (pro["member"], pro["decided_by"]) == (True, "pin")
    assert (pro["pin"]["include"], pro["pin"]["reason"]) == (True, "a gift")
    assert (pro["pin"]["by"], pro["pin"]["until"]) == (LOCAL.name, "2026-04-01T00:00Z")
    assert (free["member"], free["decided_by"]) == (False, "pin")
    assert free["pin"]["reason"] == "put into “pro”: a gift"
    assert free["lines"][0]["truth"], "the rule alone still holds"
