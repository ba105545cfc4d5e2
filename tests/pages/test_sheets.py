"""Files that people open in a spreadsheet hold no formulas, whoever made up the names."""

import csv
from io import StringIO
from typing import Any

import pytest
from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.engines.duckdb.refusals import Refused, keep_refusals
from lettershop.model.sheets import harmless

EVIL = '=HYPERLINK("https://evil.example","look")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_is_text(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless("a=1") == "a=1" and harmless(-5) == -5 and harmless("") == ""


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    content = answer.getvalue() if answer.streaming else answer.content
    return list(csv.reader(StringIO(content.decode())))


def harmful(found: list[list[str]]) -> list[str]:
    return [cell for row in found for cell in row if cell.startswith(("=", "@"))]


def test_audited_and_refused_words_are_harmless(shop: Shop) -> None:
    client = shop.client("owner")
    AuditEntry(who=EVIL, kind="user", what="token.create", target=EVIL).save()
    with shop.engine.write() as workspace:
        known = {"source": "www", "code": "event.name", "message": EVIL, "raw": EVIL}
        rest = {"seq": 1, "index": 0, "received_at": 0, "level": "error"}
        with workspace.store.transaction():
            keep_refusals(workspace.store, [Refused(**known, **rest)])
    for address in ("/settings/audit.csv", "/sources/refusals.csv"):
        found = rows(client.get(address))
        assert any(f"'{EVIL}" in row for row in found) and harmful(found) == [], address
