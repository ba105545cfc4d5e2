"""Where the file of a look-up is found: beside the mapping, else beside the imported file."""

from pathlib import Path

import duckdb
import pytest

from lettershop.ingest.lookups import Lookups
from lettershop.ingest.mapping import Lookup, Value
from lettershop.model.errors import NotFound

TEAM = Value(column="agent", lookup=Lookup(file="teams.csv", match="agent", take="team"))


def found(folders: list[Path]) -> list[tuple[str, str]]:
    con = duckdb.connect()
    table = Lookups(con, folders)(TEAM)
    return con.table(table).fetchall()


def test_the_first_folder_that_has_the_file_counts(tmp_path: Path) -> None:
    mapping, data = tmp_path / "mapping", tmp_path / "data"
    for folder in (mapping, data):
        folder.mkdir()
    (data / "teams.csv").write_text("agent,team\nEva,East\n", "utf-8")
    assert found([mapping, data]) == [("Eva", "East")]
    (mapping / "teams.csv").write_text("agent,team\nEva,West\n", "utf-8")
    assert found([mapping, data]) == [("Eva", "West")]


def test_an_absent_file_is_named_with_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as error:
        found([tmp_path])
    assert error.value.where == "teams.csv"
    assert "beside" in error.value.hint
