"""The stories of `stories_calls.toml`: tracking calls, loaded, and what the shop then holds."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ingest.logged import Logged

from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls import translate
from lettershop.ingest.calls.spec import SPEC

STORIES = tomllib.loads((Path(__file__).parent / "stories_calls.toml").read_text("utf-8"))["story"]


@pytest.mark.parametrize("story", STORIES, ids=[story["title"] for story in STORIES])
def test_story(story: dict[str, Any]) -> None:
    with Store.open(None) as store:
        shop = Logged(store)
        step = shop.load(*story["calls"])
        then = story["then"]
        assert shop.codes() == then.get("codes", [])
        assert step.events == len(story["calls"])
        for key, expected in then.items():
            CHECKS[key](shop, expected)


def contacts(shop: Logged, expected: dict[str, dict[str, Any]]) -> None:
    for identity, traits in expected.items():
        number = shop.store.contact_id(identity)
        assert current(shop, "contacts", f"id = {number}", traits) == traits


def accounts(shop: Logged, expected: dict[str, dict[str, Any]]) -> None:
    for group, traits in expected.items():
        assert current(shop, "accounts", f"identity = '{group}'", traits) == traits


def records(shop: Logged, expected: dict[str, dict[str, dict[str, Any]]]) -> None:
    for kind, rows in expected.items():
        for identity, fields in rows.items():
            assert current(shop, f"record_{kind}", f"identity = '{identity}'", fields) == fields


def current(shop: Logged, table: str, where: str, asked: dict[str, Any]) -> dict[str, Any]:
    columns = ", ".join(f'"{name}"' for name in asked) or "id"
    [row] = shop.rows(f"SELECT {columns} FROM {table} WHERE {where}")  # noqa: S608
    return dict(zip(asked, row, strict=False))


def people(shop: Logged, expected: list[str]) -> None:
    rows = shop.rows(
        "SELECT c.identity || ' in ' || a.identity || coalesce(' as ' || p.role, '')"
        " FROM people AS p"
        " JOIN contacts AS c ON c.id = p.contact JOIN accounts AS a ON a.id = p.account"
        " WHERE p.active ORDER BY 1"
    )
    assert [row[0] for row in rows] == expected


def events(shop: Logged, expected: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in expected.items():
        for found, wanted in zip(shop.events(name, *rows[0]), rows, strict=True):
            assert dict(zip(wanted, found, strict=True)) == wanted


def event_accounts(shop: Logged, expected: dict[str, list[str]]) -> None:
    names = dict(shop.rows("SELECT id, identity FROM accounts"))
    for name, wanted in expected.items():
        assert [names.get(row[0], "") for row in shop.events(name, "account")] == wanted


def same(shop: Logged, expected: list[list[str]]) -> None:
    for identities in expected:
        assert len({shop.store.contact_id(identity) for identity in identities}) == 1


def counts(shop: Logged, expected: dict[str, int]) -> None:
    tables = {"contacts": "count(*) FROM contacts", "accounts": "count(*) FROM accounts"}
    tables["events"] = "coalesce(sum(rows), 0) FROM events"
    for table, number in expected.items():
        assert shop.rows(f"SELECT {tables[table]}")[0][0] == number


CHECKS = {
    "contacts": contacts,
    "accounts": accounts,
    "records": records,
    "people": people,
    "events": events,
    "event_accounts": event_accounts,
    "same": same,
    "counts": counts,
    "codes": lambda shop, expected: None,
}


PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "tracking-calls.md").read_text("utf-8")
SOURCES = Path(translate.__file__).parent.glob("*.py")


def test_the_page_names_every_code_and_every_well_known_event() -> None:
    codes = {c for file in SOURCES for c in re.findall(r'"(call\.[a-z0-9_]+)"', file.read_text())}
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
    assert {name for name in SPEC if f"`{name}`" not in PAGE} == set()


def test_every_well_known_event_has_a_story() -> None:
    told = {call.get("event") for story in STORIES for call in story["calls"]}
    assert set(SPEC) <= told and len(SPEC) == 16
