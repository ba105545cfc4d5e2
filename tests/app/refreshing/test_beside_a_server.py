"""A real server whose segments Spark keeps; commands beside it ask the server."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from publishing import Desk
from serving import Up
from typer.testing import CliRunner

from lettershop.cli import app


def answer(folder: Path, *said: str) -> Any:
    found = CliRunner().invoke(app, [*said, "--json", "-w", str(folder)])
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_a_server_asks_spark_for_itself_and_for_commands(
    on_spark: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_spark.write(high="score >= 7", all="everyone")
    on_spark.apply()
    folder = on_spark.shop.path
    on_spark.shop.engine.close()
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    with Up(folder) as up:
        asked = answer(folder, "refresh", "high")
        again = answer(folder, "refresh", "--engine", "duckdb")
        kept = answer(folder, "segment", "history", "high")
        file = tmp_path / "numbers.parquet"
        numbers = answer(folder, "features", "high", "--to", str(file))
    assert up.process.returncode == 0, up.log()
    assert asked["engine"] == "spark" and asked["snapshot"] >= 1
    assert [(one["name"], one["size"]) for one in asked["segments"]] == [("high", 3)]
    assert again["engine"] == "duckdb" and again["run"] > asked["run"]
    assert kept["points"][-1]["size"] == 3
    assert numbers["rows"] == 10 and file.exists()
    assert [one["name"] for one in numbers["columns"]][-1] == "score >= 7"
