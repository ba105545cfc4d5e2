"""Questions asked of Spark over the lake, by the command line, with the answers of DuckDB."""

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sample import TODAY, make_sample
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.engines.duckdb.lake.export import export
from lettershop.lake.storage import Lake

AT = ("--as-of", TODAY)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sail: str) -> Path:
    """The demo's company with a lake and a Spark. Nothing here changes it."""
    folder = make_sample(tmp_path_factory.mktemp("questions") / "shop")
    said = (folder / "lettershop.toml").read_text("utf-8")
    more = f'lake = "lake"\nspark = "{sail}"\n'
    (folder / "lettershop.toml").write_text(said + more, "utf-8")
    with Workspace.open(folder) as workspace:
        export(workspace.store, Lake(str(folder / "lake")), workspace.clock.now())
    return folder


def run(folder: Path, *arguments: str) -> Result:
    found = CliRunner().invoke(app, [*arguments, "--workspace", str(folder)])
    assert found.exit_code == 0, found.stderr
    return found


def both(folder: Path, *arguments: str) -> tuple[Any, Any]:
    """The answers of both engines, as JSON."""
    said = [*arguments, *AT, "--json"]
    one, other = run(folder, *said), run(folder, *said, "--engine", "spark")
    return json.loads(one.stdout), json.loads(other.stdout)


def test_all_segments_are_counted_alike(shop: Path) -> None:
    ours, theirs = both(shop, "segment", "list")
    assert ours == theirs
    assert len(ours["segments"]) > 10 and any(s["size"] for s in ours["segments"])


def test_a_condition_is_counted_without_a_definition(shop: Path) -> None:
    text = 'did "Order Completed" at least 2 times within last 90 days'
    ours, theirs = both(shop, "segment", "count", text)
    assert ours == theirs and 0 < ours["size"] < ours["universe"]


def test_members_are_told_by_name(shop: Path) -> None:
    for name in _names(shop):
        ours, theirs = both(shop, "segment", "members", name, "--limit", "5")
        assert ours == theirs, name


def test_explanations_say_the_same(shop: Path) -> None:
    """Lines, since when, until when, and what would change it."""
    for name, who in _somebody(shop):
        ours, theirs = both(shop, "segment", "explain", name, who)
        assert ours == theirs, (name, who)


def test_the_snapshot_answers_while_somebody_else_has_the_database(shop: Path) -> None:
    with Workspace.open(shop):
        found = run(shop, "segment", "list", "--engine", "spark")
    assert "snapshot 1 of the lake" in found.stderr


def test_features_are_the_same_numbers(shop: Path, tmp_path: Path) -> None:
    """Of contacts, of accounts, and of contacts in accounts."""
    for names in (["gone-quiet", "explorers"], ["quick-buyers"], ["active-admins"]):
        written = []
        for engine in ("duckdb", "spark"):
            file = tmp_path / f"{engine}.parquet"
            run(shop, "features", *names, "--to", str(file), "--engine", engine, *AT)
            written.append(_rows(file))
        (columns, ours), (same, theirs) = written
        assert columns == same and ours == theirs
        place = columns.index(f"in segment {names[0]}")
        listed = run(shop, "segment", "members", names[0], "--limit", "0", "--json", *AT)
        assert sum(row[place] for row in ours) == json.loads(listed.stdout)["size"] > 0


def test_what_speaks_of_accounts_has_a_row_for_each(shop: Path, tmp_path: Path) -> None:
    columns, rows = _features(shop, tmp_path, "trial-ending-alone")
    assert columns[:4] == ["contact_id", "contact", "account_id", "account"]
    assert len({row[0] for row in rows}) == 300 < len(rows)
    assert any(row[2] is None and row[3] is None for row in rows), "somebody without an account"


def test_features_say_what_they_count(shop: Path, tmp_path: Path) -> None:
    columns, rows = _features(shop, tmp_path, "gone-quiet", "explorers", "--members-only")
    assert columns[2:] == [
        "in segment gone-quiet",
        "in segment explorers",
        "count of anything within last 60 days [events]",
        'count of different destination over "Flight Booked" within last 6 months [values]',
    ]
    assert all(row[2] or row[3] for row in rows)
    assert all(row[4] == 0 for row in rows if row[2]), "whoever has gone quiet does nothing"
    assert all(row[5] >= 6 for row in rows if row[3])


def _features(shop: Path, folder: Path, *said: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    file = folder / "numbers.parquet"
    run(shop, "features", *said, "--to", str(file), *AT)
    return _rows(file)


def _rows(file: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    with duckdb.connect() as con:
        found = con.read_parquet(str(file))
        return found.columns, sorted(found.fetchall(), key=repr)


def _names(folder: Path) -> list[str]:
    found = json.loads(run(folder, "segment", "list", "--json", *AT).stdout)
    return [one["name"] for one in found["segments"] if one["size"]][::6]


def _somebody(folder: Path) -> list[tuple[str, str]]:
    """A member of each segment, by the name people use."""
    found = []
    for name in _names(folder):
        said = run(folder, "segment", "members", name, "--limit", "1", "--json", *AT)
        for row in json.loads(said.stdout)["members"]:
            who = row.get("user_id") or row.get("email") or row.get("id") or row["account"]
            found.append((name, f"{who}/{row['account']}" if "role" in row else who))
    assert len(found) > 2
    return found
